import fc from 'fast-check';
import { expect, it } from 'vitest';
import { firstLook } from './first-look.ts';
import { OwnerDecisions } from './owner-decisions.ts';
import type { PlanContext } from './plan.ts';
import { planInputs } from './plan-inputs.ts';
import { carriedOut, scenario } from './testing/scenario.ts';

const NAMES = ['U3', ...Array.from({ length: 9 }, (_, n) => `u${n}`)];

it('are the same whether the users are planned once more or only looked at', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (of) => {
      const { planned, before, source } = await carriedOut(of);
      const context: PlanContext = planned.context;
      const inputs = planInputs(context, { source, target: before.exists ? before.capture() : {} });
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
