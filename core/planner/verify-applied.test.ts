import { expect, it } from 'vitest';
import type { SnapshotSides } from '../compare/section-side.ts';
import { gather } from '../compare/testing/gather.ts';
import type { JsonObject } from '../model/record.ts';
import { api } from './testing/captures.ts';
import { batched, plan, type Planned } from './testing/plan-fixture.ts';
import { fullRoute } from './testing/routes.ts';
import { unverifiable, verifyApplied, type Deviation } from './verify-applied.ts';

const realm = [{ name: 'shop' }];
const before = api({
  realm,
  roles: [{ name: 'doomed' }],
  users: [
    { username: 'changed', email: 'old@x' },
    { username: 'kept', roles: ['doomed'] },
    { username: 'other' },
  ],
});
const source = api({
  realm,
  users: [
    { username: 'changed', email: 'new@x' },
    { username: 'created', email: 'c@x' },
    { username: 'kept', roles: ['doomed'] },
    { username: 'other' },
  ],
});

async function planned(): Promise<Planned> {
  return await plan({
    source,
    target: before,
    route: fullRoute,
    policy: { realm: 'merge', users: 'merge', extra: 'delete' },
  });
}

async function deviations(
  users: readonly JsonObject[],
  options: { roles?: readonly JsonObject[]; failed?: (section: string, key: string) => boolean } = {},
): Promise<readonly Deviation[]> {
  const { context, entries } = await planned();
  const after = api({ realm, roles: options.roles ?? [], users });
  const { failed } = options;
  return await gather(
    verifyApplied({ context, before, after, entries: batched(entries), ...(failed ? { failed } : {}) }),
  );
}

const asPromised: JsonObject[] = [
  { username: 'changed', email: 'new@x' },
  { username: 'created', email: 'c@x', enabled: true },
  { username: 'kept', roles: [] },
  { username: 'other' },
];

it('finds nothing where the target is as promised, with the server’s defaults and without deleted roles', async () => {
  expect(await deviations(asPromised)).toEqual([]);
});

it('lets go of what the plan’s items hold open, also where it is not read to its end', async () => {
  const { context, entries } = await planned();
  let isOpen = false;
  async function* held() {
    isOpen = true;
    try {
      yield* batched(entries);
    } finally {
      isOpen = false;
    }
  }
  const after = api({ realm, roles: [], users: [] });
  for await (const _ of verifyApplied({ context, before, after, entries: held() })) break;
  expect(isOpen).toBe(false);
  const stop = new AbortController();
  stop.abort();
  const stopped = gather(verifyApplied({ context, before, after, entries: held(), signal: stop.signal }));
  await expect(stopped).rejects.toMatchObject({ code: 'CANCELED' });
  expect(isOpen).toBe(false);
});

it('finds what is missing, what should be gone and what differs', async () => {
  const found = await deviations(
    [
      { username: 'changed', email: 'old@x' },
      { username: 'kept', roles: [], firstName: 'New' },
      { username: 'stranger' },
    ],
    { roles: [{ name: 'doomed' }] },
  );
  expect(found).toEqual([
    { section: 'roles', key: 'doomed', kind: 'unexpected', changes: [] },
    {
      section: 'users',
      key: 'changed',
      kind: 'differs',
      changes: [{ member: 'email', from: 'new@x', to: 'old@x' }],
    },
    { section: 'users', key: 'created', kind: 'missing', changes: [] },
    { section: 'users', key: 'kept', kind: 'differs', changes: [{ member: 'firstName', to: 'New' }] },
    { section: 'users', key: 'other', kind: 'missing', changes: [] },
    { section: 'users', key: 'stranger', kind: 'unexpected', changes: [] },
  ]);
});

it('expects nothing of items that failed', async () => {
  const without = asPromised.filter((user) => user['username'] !== 'created');
  expect(
    await deviations(without, { failed: (section, key) => section === 'users' && key === 'created' }),
  ).toEqual([]);
  expect(await deviations(without)).toHaveLength(1);
});

it('tells what stands there of items that failed', async () => {
  const { context, entries } = await planned();
  const found = async (users: readonly JsonObject[], roles: readonly JsonObject[] = []) => {
    const told: string[] = [];
    const after = api({ realm, roles, users });
    const deviations = verifyApplied({
      context,
      before,
      after,
      entries: batched(entries),
      failed: (section, key) => section !== 'realm' && key !== 'other',
      onFailed: (section, key, standing) => told.push(`${section}/${key} ${standing}`),
    });
    expect(await gather(deviations)).toEqual([]);
    return told;
  };
  expect(await found(asPromised)).toEqual([
    'roles/doomed as-promised',
    'users/changed as-promised',
    'users/created as-promised',
  ]);
  expect(
    await found([{ username: 'changed', email: 'old@x' }, { username: 'kept' }, { username: 'other' }]),
  ).toEqual(['roles/doomed as-promised', 'users/changed as-before', 'users/created absent']);
  expect(
    await found(
      [
        { username: 'changed', email: 'third@x' },
        { username: 'created', email: 'd@x' },
        { username: 'other' },
      ],
      [{ name: 'doomed' }],
    ),
  ).toEqual(['roles/doomed as-before', 'users/changed other', 'users/created other']);
  // There was somebody, and nobody is there now.
  expect(await found([{ username: 'other' }])).toContain('users/changed absent');
});

it('tells nothing of an item that failed where it wrote what cannot be read again', async () => {
  const user = { username: 'created', email: 'c@x' };
  const { context, entries } = await plan({
    source: api({ realm, users: [{ ...user, password: 'canary' }] }),
    target: api({ realm }),
    route: fullRoute,
    policy: { realm: 'merge', users: 'merge' },
  });
  const found = async (users: readonly JsonObject[]) => {
    const told: string[] = [];
    for await (const _ of verifyApplied({
      context,
      before: api({ realm }),
      after: api({ realm, users }),
      entries: batched(entries),
      failed: (section) => section === 'users',
      onFailed: (_section, key, standing) => told.push(`${key} ${standing}`),
    }));
    return told;
  };
  expect(await found([user])).toEqual([]);
  expect(await found([])).toEqual(['created absent']);
  expect(await found([{ ...user, email: 'd@x' }])).toEqual(['created other']);
});

it('names sections that the new capture cannot show', async () => {
  const { summary } = await planned();
  const { users: _users, ...rest } = before;
  const after: SnapshotSides = rest;
  expect(unverifiable(summary, after)).toEqual(['users']);
  expect(unverifiable(summary, before)).toEqual([]);
});
