import fc from 'fast-check';
import { expect, it } from 'vitest';
import { gather } from '../compare/testing/gather.ts';
import { compareKeys } from '../model/key-order.ts';
import { claimOf, claimRecord, type Claim } from './claims.ts';
import { CollisionCursor } from './collision-cursor.ts';
import { collisionOf, collisionRecord, findCollisions } from './collisions.ts';
import { batched } from './testing/plan-fixture.ts';

const claim: fc.Arbitrary<Claim> = fc
  .record({
    value: fc.constantFrom('a@x', 'A@x', 'b@x', 'B@X', 'ç@x', 'Ç@x'),
    username: fc.constantFrom('u1', 'u2', 'u3', 'u4', 'u5'),
    side: fc.constantFrom('source' as const, 'target' as const),
  })
  .map((c) => ({ ...c, fold: c.value.toLowerCase() }));

async function collisions(claims: readonly Claim[]): Promise<ReturnType<typeof collisionOf>[]> {
  const records = claims.map(claimRecord).sort((a, b) => compareKeys(a.key, b.key));
  return await gather(findCollisions(batched(records.map(claimOf))));
}

it('finds exactly the users to be written whose address another one has', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(claim, { selector: (c) => `${c.username} ${c.value}` }),
      async (claims) => {
        const found = await collisions(claims);
        const expected = claims.filter(
          (c) => c.side === 'source' && claims.some((o) => o.value === c.value && o.username !== c.username),
        );
        const named = (all: readonly { username: string; value?: string }[]): Set<string> =>
          new Set(all.map((c) => `${c.username} ${c.value}`));
        expect(named(found.filter((c) => c.exact))).toEqual(named(expected));
        for (const collision of found) {
          expect(
            claims.some(
              (o) =>
                o.username === collision.otherUsername &&
                o.side === collision.otherSide &&
                (o.value === collision.value) === collision.exact &&
                o.fold === collision.value.toLowerCase(),
            ),
          ).toBe(true);
        }
      },
    ),
  );
});

it('names the target’s user before one of the source', async () => {
  const names: Claim[] = [
    { fold: 'bob', username: 'BOB', side: 'source' },
    { fold: 'bob', username: 'Bob', side: 'source' },
    { fold: 'bob', username: 'bob', side: 'target' },
  ];
  expect(await collisions(names)).toEqual([
    { username: 'BOB', value: 'BOB', otherUsername: 'bob', otherSide: 'target', exact: false },
    { username: 'Bob', value: 'Bob', otherUsername: 'bob', otherSide: 'target', exact: false },
  ]);
});

it('walks along sorted collisions as names ascend', async () => {
  const all = ['a', 'b', 'b', 'd'].map((username, at) => ({
    username,
    value: 'x',
    otherUsername: `o${at}`,
    otherSide: 'target' as const,
    exact: true,
  }));
  const sorted = all
    .map(collisionRecord)
    .sort((a, b) => compareKeys(a.key, b.key))
    .map(collisionOf);
  const cursor = new CollisionCursor(batched(sorted));
  const others = async (name: string): Promise<string[]> =>
    (await cursor.at(name)).map((c) => c.otherUsername);
  expect(await others('a')).toEqual(['o0']);
  expect(await others('b')).toEqual(['o1', 'o2']);
  expect(await others('c')).toEqual([]);
  expect(await others('z')).toEqual([]);
  expect(await new CollisionCursor(undefined).at('a')).toEqual([]);
});
