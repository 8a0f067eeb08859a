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

it('names sections that the new capture cannot show', async () => {
  const { summary } = await planned();
  const { users: _users, ...rest } = before;
  const after: SnapshotSides = rest;
  expect(unverifiable(summary, after)).toEqual(['users']);
  expect(unverifiable(summary, before)).toEqual([]);
});
