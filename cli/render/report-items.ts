import { failureText } from '../../contract/found-again.ts';
import type { ReportItem } from '../../contract/report.ts';
import type { Paint } from '../terminal/paint.ts';
import { integer } from './numbers.ts';
import { recordLabel } from './record-label.ts';
import { visibleLines } from './visible.ts';

/** As many lines of each kind as a person reads; CSV and JSON have all. */
const MOST_LINES = 100;

const OUTCOMES: Readonly<Record<ReportItem['outcome'], string>> = {
  done: 'done',
  left: 'left as it is',
  failed: 'failed',
  deviates: 'not as promised',
  'not-written': 'not written',
  unknown: 'not known',
};

const TINTS: Partial<Readonly<Record<ReportItem['outcome'], keyof Pick<Paint, 'green' | 'red' | 'yellow'>>>> =
  {
    done: 'green',
    failed: 'red',
    deviates: 'red',
    'not-written': 'yellow',
    unknown: 'yellow',
  };

/**
 * The records of a plan with what became of each, as text in pieces. Those that were left as they are (skipped, or in
 * conflict) come last, so that they do not hide the others; no more than the first of them are in memory.
 */
export async function* itemTexts(
  batches: AsyncIterable<readonly ReportItem[]>,
  paint: Paint,
): AsyncGenerator<string> {
  const left: string[] = [];
  let [leftCount, shown, hidden] = [0, 0, 0];
  for await (const batch of batches) {
    const lines: string[] = [];
    for (const item of batch) {
      if (item.outcome === 'left') {
        leftCount += 1;
        if (left.length < MOST_LINES) left.push(itemLine(item, paint));
      } else if (shown < MOST_LINES) {
        if (shown === 0) lines.push('', 'What became of each record:');
        shown += 1;
        lines.push(itemLine(item, paint));
      } else hidden += 1;
    }
    if (lines.length > 0) yield text(lines);
  }
  yield text([
    ...more(hidden),
    ...(left.length === 0 ? [] : ['', 'Left as they are:', ...left]),
    ...more(leftCount - left.length),
  ]);
}

function itemLine(
  { section, key, action, outcome, text, found, notes = [] }: ReportItem,
  paint: Paint,
): string {
  const tint = TINTS[outcome];
  const became = outcome === 'left' ? '' : `: ${tint ? paint[tint](OUTCOMES[outcome]) : OUTCOMES[outcome]}`;
  const why = [failureText(text, found), ...notes.map((note) => note.text)].join(' ');
  return `  ${action} ${recordLabel(section, key)}${became}. ${visibleLines(why)}`;
}

function more(count: number): string[] {
  return count > 0 ? [`  … and ${integer(count)} more`] : [];
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
