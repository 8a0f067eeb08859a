import type { ComparisonView, DifferenceView, MemberChangeView } from '../../contract/comparison.ts';
import { SECTIONS } from '../../contract/sections.ts';
import type { Paint } from '../terminal/paint.ts';
import { integer, theFirst } from './numbers.ts';
import { valueText } from './record.ts';
import { recordLabel } from './record-label.ts';
import { table, type Cell, type Column } from './table.ts';
import { quoted, visible } from './visible.ts';
import { truncate } from './width.ts';

const MOST_COLUMNS_OF_A_VALUE = 100;

const COLUMNS: readonly Column[] = [
  { title: 'Section' },
  { title: 'Added', align: 'right' },
  { title: 'Removed', align: 'right' },
  { title: 'Changed', align: 'right' },
  { title: 'Same', align: 'right' },
  { title: '' },
];

export function comparisonLines(
  comparison: ComparisonView,
  names: { left: string; right: string },
  paint: Paint,
): string[] {
  const sides = `${quoted(names.left)} (${visible(comparison.left)}) and ${quoted(names.right)} (${visible(comparison.right)})`;
  const rows = SECTIONS.flatMap((section): Cell[][] => {
    const counts = comparison.sections[section];
    if (counts === undefined) return [];
    if (counts.unknown) return [[section, '', '', '', '', 'unknown to one side: not compared']];
    return [
      [
        section,
        number(counts.added, paint.green),
        number(counts.removed, paint.red),
        number(counts.changed, paint.yellow),
        number(counts.same, (text) => text),
      ],
    ];
  });
  return [
    comparison.equal
      ? `${paint.green('No difference')} between ${sides}, in everything ${comparison.declaredOnly ? 'the first declares' : 'both sides know'}.`
      : `${paint.yellow('These differ:')} ${sides}${comparison.declaredOnly ? ', in what the first declares' : ''}`,
    '',
    ...table(COLUMNS, rows, '  '),
    ...(comparison.differences.length === 0 ? [] : ['']),
    ...comparison.differences.flatMap((difference) => differenceLines(difference, paint)),
    ...(comparison.truncated
      ? [
          `… ${theFirst(comparison.differences.length, 'difference')}; there are more: raise --limit, or name --sections.`,
        ]
      : []),
  ];
}

function number(value: number, paint: (text: string) => string): Cell {
  return value === 0 ? '–' : { text: integer(value), paint };
}

const MARKS = { added: '+', removed: '-', changed: '~' } as const;

export function differenceLines({ section, key, kind, changes }: DifferenceView, paint: Paint): string[] {
  const tint = { added: paint.green, removed: paint.red, changed: paint.yellow }[kind];
  return [
    `${tint(MARKS[kind])} ${recordLabel(section, key)}`,
    // What an added record consists of is no change of it; `snapshot show --record` shows it.
    ...(kind === 'changed' ? changes.map((change) => `    ${memberChangeText(change, paint)}`) : []),
  ];
}

/** “email: "a@x" → "b@x"”. */
export function memberChangeText({ member, from, to, unknown }: MemberChangeView, paint: Paint): string {
  const name = `${visible(member)}:`;
  if (unknown !== undefined) return `${name} ${paint.dim(`unknown to the ${unknown} side`)}`;
  const [before, after] = [short(from), short(to)];
  // Secrets are shown by their state, and long values cut: what differs may not be seen.
  if (before === after) return `${name} ${before} → another`;
  return `${name} ${paint.red(before)} → ${paint.green(after)}`;
}

function short(value: unknown): string {
  return truncate(valueText(value), MOST_COLUMNS_OF_A_VALUE);
}
