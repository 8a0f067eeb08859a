import { describe, expect, it } from 'vitest';
import type { SnapshotSides } from '../compare/section-side.ts';
import type { JsonObject } from '../model/record.ts';
import { DEFAULT_POLICY, type PlanContext, type Policy } from './plan.ts';
import { postgres } from './testing/captures.ts';
import { itemAt, plan, type Planned } from './testing/plan-fixture.ts';
import { documentedRoute, keepingRoute } from './testing/routes.ts';
import { idWishes, MOST_TAKEN_IDS, TakenIdCollector } from './taken-ids.ts';

const realm = [{ name: 'shop' }];
const A = 'aaaaaaaa-0000-4000-8000-000000000000';
const B = 'bbbbbbbb-0000-4000-8000-000000000000';
const C = 'cccccccc-0000-4000-8000-000000000000';
interface User extends JsonObject {
  readonly username: string;
}
const user = (username: string, id?: string): User => ({
  username,
  ...(id === undefined ? {} : { id }),
});

interface Case {
  readonly source: readonly JsonObject[];
  readonly target?: readonly User[];
  /** Ids in another realm, and whose they are. */
  readonly elsewhere?: Readonly<Record<string, string>>;
  readonly policy?: Partial<Policy>;
}

async function planned({ source, target, elsewhere = {}, policy = {} }: Case): Promise<Planned> {
  return await plan({
    source: postgres({ realm, users: source }),
    ...(target && { target: postgres({ realm, users: target }) }),
    route: keepingRoute,
    policy: { realm: 'merge', users: 'merge', ...policy },
    holders: (section, ids) =>
      new Map(
        (section === 'users' ? ids : []).flatMap((id) => {
          const here = target?.find((body) => body['id'] === id);
          if (here) return [[id, { realm: 'shop', key: here.username }]];
          return elsewhere[id] === undefined ? [] : [[id, { realm: 'dev', key: elsewhere[id] }]];
        }),
      ),
  });
}

const idOf = (of: Planned, name: string): unknown => itemAt(of, 'users', name)!.write!['id'];

describe('an id', () => {
  it('is kept where it is free, in one form, and a new one given where it is none', async () => {
    const found = await planned({
      source: [user('a', A.toUpperCase()), user('b', 'no-uuid'), user('c')],
      target: [],
    });
    expect([idOf(found, 'a'), idOf(found, 'b'), idOf(found, 'c')]).toEqual([A, undefined, undefined]);
    expect(itemAt(found, 'users', 'b')!.notes).toContainEqual({ kind: 'new-id' });
    expect(itemAt(found, 'users', 'c')!.notes).not.toContainEqual({ kind: 'new-id' });
  });

  it('is given anew where another record has it, which is named', async () => {
    const found = await planned({
      source: [user('a', A), user('b', B)],
      target: [user('z', B)],
      elsewhere: { [A]: 'x' },
    });
    expect([idOf(found, 'a'), idOf(found, 'b')]).toEqual([undefined, undefined]);
    expect(itemAt(found, 'users', 'a')!.warnings).toContain(
      'It gets a new id: its own belongs to the user “x” of realm “dev”.',
    );
    expect(found.summary.warnings).toContain(
      '2 users will get a new id: another record has the old one, or it is none.',
    );
  });

  it('is free once the plan deletes its holder', async () => {
    const policy = { extra: 'delete' } as const;
    const found = await planned({ source: [user('b', B)], target: [user('z', B)], policy });
    expect(idOf(found, 'b')).toBe(B);
    const excluded = { ...policy, exclude: ['users/z'] };
    expect(
      idOf(await planned({ source: [user('b', B)], target: [user('z', B)], policy: excluded }), 'b'),
    ).toBeUndefined();
  });

  it('of an existing record stays', async () => {
    const found = await planned({
      source: [{ ...user('a', A), email: 'n@x' }],
      target: [{ ...user('a', B), email: 'o@x' }],
    });
    expect(itemAt(found, 'users', 'a')!.write).toEqual({ username: 'a', email: 'n@x' });
  });
});

describe('in an overwrite, an id', () => {
  const policy = { realm: 'overwrite' } as const;

  it('is the source’s, also where users exchanged theirs', async () => {
    const found = await planned({
      source: [user('a', A), user('b', B)],
      target: [user('a', B), user('b', A)],
      policy,
    });
    expect([idOf(found, 'a'), idOf(found, 'b')]).toEqual([A, B]);
  });

  it('stays the target’s where the source has none, or another realm has it', async () => {
    const found = await planned({
      source: [user('a'), user('b', B), user('c', C)],
      target: [user('a', A), user('b', 'dddddddd-0000-4000-8000-000000000000')],
      elsewhere: { [B]: 'x', [C]: 'y' },
      policy,
    });
    expect([idOf(found, 'a'), idOf(found, 'b'), idOf(found, 'c')]).toEqual([
      A,
      'dddddddd-0000-4000-8000-000000000000',
      undefined,
    ]);
    expect(itemAt(found, 'users', 'b')!.notes).toContainEqual({ kind: 'id-stays' });
  });

  it('is given to one record only', async () => {
    // “a” has none in the source and keeps its own, which the source has for “b”.
    const kept = await planned({ source: [user('a'), user('b', A)], target: [user('a', A)], policy });
    expect([idOf(kept, 'a'), idOf(kept, 'b')]).toEqual([A, undefined]);
    // “a” cannot have what the source has for it, and its own goes to “b”.
    const given = await planned({
      source: [user('a', C), user('b', A)],
      target: [user('a', A)],
      elsewhere: { [C]: 'x' },
      policy,
    });
    expect([idOf(given, 'a'), idOf(given, 'b')]).toEqual([undefined, A]);
  });
});

describe('what is asked and remembered', () => {
  const context = (policy: Partial<Policy>, route = keepingRoute): PlanContext => ({
    policy: { ...DEFAULT_POLICY, realm: 'merge', ...policy },
    route,
    targetRealm: 'shop',
    targetExists: true,
  });
  const sides = (
    source: readonly JsonObject[],
    target: readonly JsonObject[],
  ): { source: SnapshotSides; target: SnapshotSides } => ({
    source: postgres({ realm, users: source }),
    target: postgres({ realm, users: target }),
  });

  it('is only what could be given, and not over the API', async () => {
    const of = sides([user('a', A), user('b', B), user('c', C), user('d')], [user('a', A), user('b', C)]);
    const asked = async (policy: Partial<Policy>, route = keepingRoute): Promise<string[]> => {
      const keys: string[] = [];
      for await (const { wishes } of idWishes(context(policy, route), of))
        keys.push(...wishes.map(({ key }) => key));
      return keys;
    };
    expect(await asked({})).toEqual(['c']);
    expect(await asked({ exclude: ['users/c'] })).toEqual([]);
    expect(await asked({ realm: 'overwrite' })).toEqual(['b', 'c']);
    expect(await asked({}, documentedRoute)).toEqual([]);
  });

  it('is bounded: beyond that, the whole section gets new ids', async () => {
    const collector = new TakenIdCollector(context({}), sides([], []));
    const ids = Array.from({ length: MOST_TAKEN_IDS + 1 }, (_, n) => ({ key: `u${n}`, id: `id-${n}` }));
    await collector.add('users', ids.slice(1), new Map(ids.map(({ id }) => [id, { realm: 'dev', key: id }])));
    expect(Object.keys(collector.finish().users!)).toHaveLength(MOST_TAKEN_IDS);
    await collector.add('users', ids.slice(0, 1), new Map([['id-0', { realm: 'dev', key: 'x' }]]));
    expect(collector.finish()).toEqual({ users: 'all' });

    const all = await plan({
      source: postgres({ realm, users: [user('a', A)] }),
      route: keepingRoute,
      lookups: { takenIds: { users: 'all' } },
    });
    expect(idOf(all, 'a')).toBeUndefined();
    expect(all.summary.warnings[0]).toMatch(/^More than 100,000 ids of users belong to other records/);
  });
});
