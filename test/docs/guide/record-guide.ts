/**
 * Records what the commands of the guide print: `node test/docs/guide/record-guide.ts`. What a page has shortened with a
 * line “…” stays so as long as it fits; everything else is put in whole. All ids and times are those of one run.
 */
import { writeFileSync } from 'node:fs';
import { GUIDE, PAGES, readPage, stepsOf } from './pages.ts';
import { firstDifference, refreshed } from './printed.ts';
import { GuideSession } from './session.ts';

await using session = await GuideSession.begin();
for (const name of PAGES) {
  let page = readPage(name);
  let at = 0;
  for (const step of stepsOf(page)) {
    const typed = step.kind === 'command' ? commandIn(page, step.line, at) : undefined;
    const withIds = typed && session.withIds(typed.text);
    const printed = await session.run(step);
    if (step.kind !== 'command' || !typed) continue;
    const fits = firstDifference(step.printed, printed) === undefined;
    if (!fits) console.log(`${name}: ${step.line}`);
    const shown = textOf(step.printed);
    const after = page.slice(typed.from + typed.text.length);
    const block = withIds + textOf(fits ? refreshed(step.printed, printed) : printed);
    page = page.slice(0, typed.from) + block + (shown === '' ? after : after.replace(shown, () => ''));
    at = typed.from + block.length;
  }
  writeFileSync(new URL(name, GUIDE), page);
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** A command as it stands in the page, with its line's end. */
function commandIn(page: string, line: string, after: number): { from: number; text: string } {
  const start = `$ ${line.split(' ', 1)[0]}`;
  for (let from = page.indexOf(start, after); from >= 0; from = page.indexOf(start, from + 1)) {
    const [text = ''] = /^(?:.*\\\n)*.*\n/.exec(page.slice(from)) ?? [];
    const parts = text.slice(2).split('\n');
    const words = parts.map((part) => part.trim().replace(/\\$/, '').trim());
    if (words.join(' ').trim() === line) return { from, text };
  }
  throw new Error(`Not found: ${line}`);
}
