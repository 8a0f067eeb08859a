import { readFileSync } from 'node:fs';

/** The pages of the guide with commands in them, in the order in which they are read: each goes on where the last ended. */
export const PAGES = [
  'first-backup.md',
  'promote.md',
  'restore.md',
  'large-user-base.md',
  'ci.md',
  'schedules.md',
  'security.md',
  'limits.md',
] as const;

export const GUIDE = new URL('../../../docs/guide/', import.meta.url);

/** What a page has its reader type, or save as a file. */
export type Step =
  | { readonly kind: 'command'; readonly line: string; readonly printed: readonly string[] }
  | { readonly kind: 'file'; readonly name: string; readonly text: string };

/**
 * The steps of a page. Its fences are `console` (commands behind `$`, with what they print), `json <file>`, and `text` for what
 * is not to be run. What stands behind a fence's language is seen by nobody who reads the page: the page says it, too.
 *
 * @throws Error on any other fence: a shell command that nobody runs may be wrong
 */
export function stepsOf(page: string): Step[] {
  return fencesOf(page).flatMap(({ info, body }): Step[] => {
    const [language, first] = info.split(' ');
    if (language === 'text') return [];
    if (language === 'console') return commandsOf(body);
    if (language === 'json' && first !== undefined)
      return [{ kind: 'file', name: first, text: body.join('\n') }];
    throw new Error(`A fence of this kind is not known: ${info}`);
  });
}

export function readPage(name: string): string {
  return readFileSync(new URL(name, GUIDE), 'utf8');
}

function fencesOf(page: string): { info: string; body: string[] }[] {
  return [...page.matchAll(/^```(.*)\n([^]*?)^```$/gm)].map(([, info = '', body = '']) => ({
    info,
    body: body.split('\n').slice(0, -1),
  }));
}

function commandsOf(lines: readonly string[]): Step[] {
  const steps: { kind: 'command'; line: string; printed: string[] }[] = [];
  let continued = false;
  for (const line of lines) {
    const last = steps.at(-1);
    const typed = line.startsWith('$ ') ? line.slice(2) : undefined;
    if (continued && last) last.line += ` ${line.trim().replace(/\\$/, '').trim()}`;
    else if (typed !== undefined)
      steps.push({ kind: 'command', line: typed.replace(/\\$/, '').trim(), printed: [] });
    else last?.printed.push(line);
    continued = (continued || typed !== undefined) && line.endsWith('\\');
  }
  return steps.map((step) => ({ ...step, printed: withoutBlanks(step.printed) }));
}

/** Blank lines before and after what a command prints are the page's. */
function withoutBlanks(lines: readonly string[]): string[] {
  const from = lines.findIndex((line) => line !== '');
  const to = lines.findLastIndex((line) => line !== '');
  return from < 0 ? [] : lines.slice(from, to + 1);
}
