import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SectionSide, SnapshotSides } from '../compare/section-side.ts';
import { sideOf, type CountedSide } from '../compare/testing/in-memory-side.ts';
import type { JsonObject } from '../model/record.ts';
import { SECTIONS } from '../model/sections.ts';
import { planInputs } from './plan-inputs.ts';
import { firstComparison } from './first-comparison.ts';
import { DEFAULT_POLICY, isPlanItem } from './plan.ts';
import type { PlanInputs } from './section-plan.ts';
import { plan } from './testing/plan-fixture.ts';
import { keepingRoute } from './testing/routes.ts';
import { carriedOut, scenario } from './testing/scenario.ts';

/** Such sides are compared record by record, and their users looked up one by one. */
function withoutLines(sides: SnapshotSides): SnapshotSides {
  return Object.fromEntries(
    Object.entries(sides).map(([name, { section, chunks, readChunk, knows }]): [string, SectionSide] => [
      name,
      { section, chunks, readChunk, knows },
    ]),
  );
}

it('makes no difference to the plan', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (of) => {
      const { planned, before, source } = await carriedOut(of);
      const { policy, route } = planned.context;
      const setup = { policy, route, ...(before.exists ? { target: before.capture() } : {}), source };
      const quick = await plan(setup);
      const slow = await plan({
        ...setup,
        source: withoutLines(source),
        ...(setup.target && { target: withoutLines(setup.target) }),
      });
      expect(quick.summary).toEqual(slow.summary);
      expect(quick.items).toEqual(slow.items);
      expect(quick.lean.filter(isPlanItem)).toEqual(slow.lean.filter(isPlanItem));
    }),
    { numRuns: 300 },
  );
});

const user = (n: number): JsonObject => ({ username: `u${String(n).padStart(4, '0')}`, email: `Mail${n}@x` });
const hash = (n: number, secretHash: string): JsonObject => ({
  username: `u${String(n).padStart(4, '0')}`,
  type: 'PASSWORD',
  secretHash,
});
const numbers = Array.from({ length: 1_000 }, (_, n) => n);
const asLines = { averageChunk: 20, asLines: true };

function inputsOf(target: SnapshotSides, source: SnapshotSides): PlanInputs {
  const context = {
    policy: { ...DEFAULT_POLICY, realm: 'merge', users: 'merge' },
    route: keepingRoute,
    targetRealm: 'shop',
    targetExists: true,
  } as const;
  return planInputs(context, { target, source });
}

it('tells on which sides the users are to whom belongs what differs', async () => {
  const odd = (n: number): boolean => n % 100 === 7;
  const target: SnapshotSides = {
    users: sideOf('users', numbers.filter((n) => n !== 107 && n !== 307).map(user), asLines),
    credentials: sideOf(
      'credentials',
      numbers.map((n) => hash(n, 'one')),
      asLines,
    ),
  };
  const source: SnapshotSides = {
    users: sideOf(
      'users',
      numbers
        .filter((n) => n !== 207 && n !== 307)
        .map((n) => (n === 407 ? { ...user(n), email: 'new@x' } : user(n))),
      asLines,
    ),
    credentials: sideOf(
      'credentials',
      numbers.map((n) => hash(n, odd(n) ? 'two' : 'one')),
      asLines,
    ),
  };
  const first = (await firstComparison(inputsOf(target, source)))!;
  const places = numbers.filter(odd).map((n) => first.placeOf(`u${String(n).padStart(4, '0')}`));
  expect(places).toEqual([
    'same',
    'added',
    'removed',
    'nowhere',
    'changed',
    'same',
    'same',
    'same',
    'same',
    'same',
  ]);
  expect(first.placeOf('u0001')).toBeUndefined();
  const emails = (await first.standing('email'))!;
  const names = (await first.standing('name'))!;
  for (const n of numbers) {
    expect(emails.mayHave(`mail${n}@x`)).toBe(n !== 107 && n !== 307);
    expect(names.mayHave(`u${String(n).padStart(4, '0')}`)).toBe(n !== 107 && n !== 307);
  }
  expect(emails.mayHave('new@x')).toBe(false);
});

it('reads no chunk twice but those before the first new address, whatever is asked later', async () => {
  const sides = (changed: string): SnapshotSides => ({
    users: sideOf(
      'users',
      numbers.map((n) => (n % 10 === 0 ? { ...user(n), email: `${changed}${n}@x` } : user(n))),
      asLines,
    ),
    credentials: sideOf(
      'credentials',
      numbers.map((n) => hash(n, n % 10 === 0 ? changed : 'one')),
      asLines,
    ),
  });
  const [target, source] = [sides('one'), sides('two')];
  await plan({
    target,
    source,
    route: keepingRoute,
    policy: { realm: 'merge', users: 'merge', conflicts: 'skip' },
  });
  for (const side of [target, source])
    for (const section of SECTIONS.filter((each) => side[each]))
      expect((side[section] as CountedSide).reads()).toBeLessThanOrEqual(side[section]!.chunks.length + 2);
});

it('gives up at once where much differs, and leaves an overwrite alone', async () => {
  const large = (letter: string): SnapshotSides => ({
    users: sideOf(
      'users',
      numbers.map((n) => ({ ...user(n), firstName: letter.repeat(20_000) })),
      asLines,
    ),
  });
  const [target, source] = [large('a'), large('b')];
  expect(await firstComparison(inputsOf(target, source))).toBeUndefined();
  const reads = (target.users as CountedSide).reads();
  expect(reads).toBeLessThan(target.users!.chunks.length);
  expect(await firstComparison(inputsOf(target, source))).toBeUndefined();
  expect((target.users as CountedSide).reads()).toBe(reads);
  const inputs = inputsOf(
    { users: sideOf('users', [user(1)], asLines) },
    { users: sideOf('users', [], asLines) },
  );
  const { policy } = inputs.context;
  const overwriting = {
    ...inputs,
    context: { ...inputs.context, policy: { ...policy, realm: 'overwrite' as const } },
  };
  expect(await firstComparison(overwriting)).toBeUndefined();
  expect(await firstComparison(inputs)).toBeDefined();
});
