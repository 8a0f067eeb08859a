import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../../contract/errors.ts';
import { canonicalRecord } from '../model/canonical.ts';
import { compareKeys } from '../model/key-order.ts';
import type { JsonObject } from '../model/record.ts';
import { compareSection, recordsOf } from './compare-section.ts';
import type { Difference } from './difference.ts';
import { recordFinder } from './record-finder.ts';
import { gather, gatherSingly } from './testing/gather.ts';
import { sideOf, type CountedSide } from './testing/in-memory-side.ts';

const username = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 60 }).map((n) => `user${n}`) },
  {
    weight: 2,
    arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }).filter((s) => !s.includes('\0')),
  },
);
const user = fc.record(
  { username, email: fc.constantFrom('a@x', 'b@x', 'c@x'), enabled: fc.boolean() },
  { requiredKeys: ['username', 'email'] },
);
const users = fc.uniqueArray(user, { selector: (u) => u.username, maxLength: 60 });
const average = fc.integer({ min: 1, max: 12 });

async function compared(
  left: CountedSide,
  right: CountedSide,
): Promise<{ records: Difference[]; equal: number }> {
  const records: Difference[] = [];
  let equal = 0;
  for await (const stretch of compareSection(left, right)) {
    if (stretch.kind === 'equal') equal += stretch.count;
    else records.push(...stretch.records);
  }
  return { records, equal };
}

const real = (records: readonly Difference[]): Difference[] => records.filter((d) => d.kind !== 'same');

describe('comparing a section', () => {
  it('finds nothing between a side and itself, and reads nothing', async () => {
    await fc.assert(
      fc.asyncProperty(users, average, async (bodies, averageChunk) => {
        const left = sideOf('users', bodies, { averageChunk });
        const right = sideOf('users', bodies, { averageChunk });
        expect(await compared(left, right)).toEqual({ records: [], equal: bodies.length });
        expect(left.reads() + right.reads()).toBe(0);
      }),
    );
  });

  it('turns one side into the other when its differences are applied, whatever the chunks', async () => {
    await fc.assert(
      fc.asyncProperty(users, users, average, fc.boolean(), async (before, after, averageChunk, asLines) => {
        const left = sideOf('users', before, { averageChunk, asLines });
        const right = sideOf('users', after, { averageChunk, asLines });
        const state = new Map(before.map((u) => [u.username, line(u)]));
        const { records, equal } = await compared(left, right);
        for (const d of records) {
          expect(state.has(d.key)).toBe(d.kind !== 'added');
          if (d.kind === 'removed') state.delete(d.key);
          else state.set(d.key, d.right.toString());
        }
        expect(state).toEqual(new Map(after.map((u) => [u.username, line(u)])));
        const seen = records.filter((d) => d.kind !== 'removed').length + equal;
        expect(seen).toBe(after.length);
      }),
    );
  });

  it('comes in key order, at most 1,000 records at a time, and the same from both sides', async () => {
    await fc.assert(
      fc.asyncProperty(users, users, average, async (before, after, averageChunk) => {
        const options = { averageChunk };
        const there = real(
          (await compared(sideOf('users', before, options), sideOf('users', after, options))).records,
        );
        const back = real(
          (await compared(sideOf('users', after, options), sideOf('users', before, options))).records,
        );
        const keys = there.map((d) => d.key);
        expect(keys).toEqual([...keys].sort(compareKeys));
        expect(back.map(mirrored)).toEqual(there);
      }),
    );
    const many = Array.from({ length: 2_500 }, (_, i) => ({ username: `u${i}` }));
    const stretches = await gatherSingly(
      compareSection(sideOf('users', []), sideOf('users', many, { averageChunk: 5_000 })),
    );
    const lengths = stretches.map((stretch) => (stretch.kind === 'records' ? stretch.records.length : 0));
    expect(Math.max(...lengths)).toBe(1_000);
  });

  it('gives what a comparison without chunks gives', async () => {
    await fc.assert(
      fc.asyncProperty(
        users,
        users,
        average,
        average,
        fc.boolean(),
        async (before, after, one, other, asLines) => {
          const chunked = await compared(
            sideOf('users', before, { averageChunk: one, asLines }),
            sideOf('users', after, { averageChunk: other, asLines: true }),
          );
          const flat = await compared(
            sideOf('users', before, { averageChunk: 1_000_000 }),
            sideOf('users', after, { averageChunk: 1_000_000 }),
          );
          expect(real(chunked.records)).toEqual(real(flat.records));
          expect(chunked.equal + chunked.records.filter((d) => d.kind === 'same').length).toBe(
            flat.equal + flat.records.filter((d) => d.kind === 'same').length,
          );
        },
      ),
    );
  });

  it('reads only around what changed', async () => {
    const before = Array.from({ length: 5_000 }, (_, i) => ({
      username: `user${String(i).padStart(5, '0')}`,
    }));
    const after: JsonObject[] = before.filter((u) => u.username !== 'user02000');
    after[3_000] = { ...after[3_000]!, email: 'new@x' };
    after.push({ username: 'user01000b' });
    const left = sideOf('users', before, { averageChunk: 50 });
    const right = sideOf('users', after, { averageChunk: 50 });
    expect(real((await compared(left, right)).records).map((d) => `${d.kind} ${d.key}`)).toEqual([
      'added user01000b',
      'removed user02000',
      'changed user03001',
    ]);
    expect(left.reads() + right.reads()).toBeLessThanOrEqual(10);
  });

  it('pairs two realms whatever their names', async () => {
    const left = sideOf('realm', [{ name: 'dev', displayName: 'Shop' }]);
    expect(
      (await compared(left, sideOf('realm', [{ name: 'prod', displayName: 'Shop' }]))).records,
    ).toMatchObject([{ kind: 'same', key: 'prod' }]);
    expect(
      (await compared(left, sideOf('realm', [{ name: 'prod', displayName: 'Store' }]))).records,
    ).toMatchObject([{ kind: 'changed', changes: [{ member: 'displayName', from: 'Shop', to: 'Store' }] }]);
  });

  it('stops when it is canceled', async () => {
    const side = sideOf('users', [{ username: 'a' }]);
    const all = async (): Promise<unknown[]> =>
      await gatherSingly(compareSection(side, sideOf('users', []), AbortSignal.abort()));
    await expect(all()).rejects.toSatisfy((error) => isAppError(error, 'CANCELED'));
  });
});

describe('finding records', () => {
  it('finds what is there and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(users, username, average, async (bodies, wanted, averageChunk) => {
        const finder = recordFinder(sideOf('users', bodies, { averageChunk }));
        const sorted = bodies.map((u) => u.username).sort(compareKeys);
        for (const key of [...sorted, wanted]) {
          expect((await finder.find(key))?.key).toBe(sorted.includes(key) ? key : undefined);
          expect((await finder.findFrom(key))?.key).toBe(
            sorted.find((other) => compareKeys(other, key) >= 0),
          );
        }
      }),
    );
  });

  it('reads every chunk once when keys ascend', async () => {
    const bodies = Array.from({ length: 300 }, (_, i) => ({ username: `u${String(i).padStart(4, '0')}` }));
    const side = sideOf('users', bodies, { averageChunk: 10 });
    const finder = recordFinder(side);
    for (const body of bodies) expect((await finder.find(body.username))?.key).toBe(body.username);
    expect(side.reads()).toBe(side.chunks.length);
  });
});

it('lists a side’s records in key order', async () => {
  const side = sideOf('users', [{ username: 'b' }, { username: 'a' }, { username: 'c' }], {
    averageChunk: 2,
  });
  expect((await gather(recordsOf(side))).map((r) => r.key)).toEqual(['a', 'b', 'c']);
});

function line(body: JsonObject): string {
  return canonicalRecord('users', body).line.toString();
}

function mirrored(d: Difference): Difference {
  if (d.kind === 'added') return { kind: 'removed', key: d.key, left: d.right };
  if (d.kind === 'removed') return { kind: 'added', key: d.key, right: d.left };
  if (d.kind === 'same') return { ...d, left: d.right, right: d.left };
  const changes = d.changes.map(({ member, from, to }) => ({
    member,
    ...(to === undefined ? {} : { from: to }),
    ...(from === undefined ? {} : { to: from }),
  }));
  return { ...d, left: d.right, right: d.left, changes };
}
