import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlanItemView } from '../../../contract/plan.ts';
import { recordFinder } from '../../compare/record-finder.ts';
import { displayKey } from '../../model/natural-key.ts';
import { SECTIONS } from '../../model/sections.ts';
import { explain } from '../../planner/explain.ts';
import type { PlanItem } from '../../planner/plan.ts';
import { carriedOut, scenario } from '../../planner/testing/scenario.ts';
import { PlanEntryMaker, planItemView } from './plan-entries.ts';

/** An item of a whole plan, as the contract shows it. */
function viewOf(item: PlanItem): PlanItemView {
  const { section, key, action, reason, other, changes, warnings, channels } = item;
  return {
    section,
    key: displayKey(key),
    action,
    reason,
    explanation: explain(reason, item),
    ...(other !== undefined && { other: displayKey(other) }),
    changes: changes.map((change) => ({ ...change })),
    warnings: [...warnings],
    ...(channels && { channels: [...channels] }),
  };
}

describe('recorded items of a plan', () => {
  it('show the same as the plan’s own, which tells everything', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (of) => {
        const { planned, source } = await carriedOut(of);
        const lines = new Map<string, Buffer>();
        for (const section of SECTIONS) {
          const side = source[section];
          for (const { key } of planned.items.filter((item) => side && item.section === section)) {
            const found = await recordFinder(side!).find(key);
            if (found) lines.set(`${section} ${key}`, found.line);
          }
        }
        // Written and read back, as a file has them.
        const entries = JSON.parse(
          JSON.stringify(new PlanEntryMaker().entriesOf(planned.lean)),
        ) as ReturnType<PlanEntryMaker['entriesOf']>;
        const shown = entries.map((entry) =>
          planItemView(entry, (section, key) => lines.get(`${section} ${key}`)),
        );
        expect(shown).toEqual(JSON.parse(JSON.stringify(planned.items.map(viewOf))));
      }),
      { numRuns: 200 },
    );
  });
});
