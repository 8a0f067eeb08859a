import type { ComparisonView } from '../../contract/comparison.ts';
import { SECTIONS } from '../../contract/sections.ts';
import { paintFor } from '../terminal/paint.ts';
import { differenceLines } from './comparison.ts';
import { counted } from './numbers.ts';
import type { JunitCase } from './junit.ts';

const PLAIN = paintFor({}, {});

/** What a comparison found, for a JUnit report: one case a section. */
export function driftCases(comparison: ComparisonView, group: string): JunitCase[] {
  return SECTIONS.flatMap((section): JunitCase[] => {
    const counts = comparison.sections[section];
    if (counts === undefined) return [];
    if (counts.unknown)
      return [{ name: section, group, outcome: 'skipped', message: 'unknown to one side: not compared' }];
    const differing = counts.added + counts.removed + counts.changed;
    if (differing === 0) return [{ name: section, group, outcome: 'passed' }];
    const shown = comparison.differences.filter((difference) => difference.section === section);
    const lines = shown.flatMap((difference) => differenceLines(difference, PLAIN));
    if (shown.length < differing) lines.push(`… and ${counted(differing - shown.length, 'more difference')}`);
    return [
      {
        name: section,
        group,
        outcome: 'failed',
        message: `${counted(differing, 'record')} ${differing === 1 ? 'differs' : 'differ'}`,
        type: 'DIFFERENT',
        text: lines.join('\n'),
      },
    ];
  });
}
