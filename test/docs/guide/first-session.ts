import { readFileSync } from 'node:fs';

const PAGE = new URL('../../../docs/cli.md', import.meta.url);

/**
 * The commands of “A first session” in docs/cli.md, each on one line and without its comment.
 *
 * @throws Error when the page has no such block any more
 */
export function firstSession(): string[] {
  const [, block] = /^## A first session\n+```sh\n([^]*?)^```$/m.exec(readFileSync(PAGE, 'utf8')) ?? [];
  if (block === undefined) throw new Error('docs/cli.md has no first session.');
  return block
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}

/**
 * A command with the ids that it leaves open, as its reader finds them in what was printed before: `<plan>` in the advice to
 * apply it, `<job>` in that to undo it.
 */
export function named(line: string, printed: readonly string[]): string {
  const advised = (what: RegExp): string => what.exec(printed.at(-1) ?? '')?.[1] ?? '';
  return line
    .replace('<plan>', () => advised(/^ {2}drawbridge apply (\w+)$/m))
    .replace('<job>', () => advised(/^To undo this: drawbridge rollback (\w+)$/m));
}
