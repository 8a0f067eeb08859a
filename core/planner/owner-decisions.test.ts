import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseExclusions } from './exclusions.ts';
import { firstLook } from './first-look.ts';
import { OwnerDecisions } from './owner-decisions.ts';
import type { PlanContext } from './plan.ts';
import type { PlanInputs } from './section-plan.ts';
import { carriedOut, scenario } from './testing/scenario.ts';

const NAMES = ['U3', ...Array.from({ length: 9 }, (_, n) => `u${n}`)];

it('are the same whether the users are planned once more or only looked at', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (of) => {
      const { planned, before, source } = await carriedOut(of);
      const context: PlanContext = planned.context;
      const inputs: PlanInputs = {
        context,
        source,
        target: before.exists ? before.capture() : {},
        lookups: {},
        exclusions: parseExclusions(context.policy.exclude),
      };
      const states = async (remembered: number): Promise<unknown> => {
        const look = await firstLook(inputs, { remembered });
        expect(look.unusual === undefined).toBe(remembered < 0);
        return [...(await new OwnerDecisions(inputs, look).statesOf(NAMES))];
      };
      expect(await states(1_000)).toEqual(await states(-1));
    }),
    { numRuns: 150 },
  );
});
