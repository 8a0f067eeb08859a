import { describe, expect, it } from 'vitest';
import { gather } from '../compare/testing/gather.ts';
import { applyItemOf } from './apply-item.ts';
import { explain } from './explain.ts';
import type { JsonObject } from '../model/record.ts';
import type { Policy } from './plan.ts';
import { batched, itemAt, plan, type Planned, type PlanSetup } from './testing/plan-fixture.ts';
import { postgres } from './testing/captures.ts';
import { fullRoute, keepingRoute } from './testing/routes.ts';
import { verifyApplied } from './verify-applied.ts';

const realm = [{ name: 'shop', displayName: 'Shop' }];
const users: JsonObject[] = [{ username: 'a', email: 'a@x' }, { username: 'b' }];
const credentials = [{ username: 'a', type: 'PASSWORD', secretHash: 'h' }];
const target = postgres({
  realm,
  roles: [{ name: 'r' }],
  clients: [{ clientId: 'c', secretHash: 'h' }],
  users,
  credentials,
});

const remove: Partial<Policy> = { realm: 'remove' };
const writesOf = ({ items, summary }: Planned): unknown =>
  items.flatMap((item) => applyItemOf(item, summary.mode) ?? []);

describe('removing a realm', () => {
  it('deletes every record, counts what is lost, and hands on the realm alone', async () => {
    const planned = await plan({ source: {}, target, route: keepingRoute, policy: remove });
    expect(planned.items.map(({ section, action, reason }) => `${section} ${action} ${reason}`)).toEqual([
      'realm delete deleted-with-realm',
      'roles delete deleted-with-realm',
      'clients delete deleted-with-realm',
      'users delete deleted-with-realm',
      'users delete deleted-with-realm',
      'credentials delete deleted-with-realm',
    ]);
    expect(planned.summary).toMatchObject({
      mode: 'remove',
      destructive: true,
      blocked: false,
      empty: false,
      losses: {
        users: 2,
        passwordHashes: 0,
        clientSecrets: 0,
        sessions: 'all',
        records: { realm: 1, roles: 1, clients: 1 },
      },
    });
    expect(planned.summary.warnings).toContain(
      'The target does not tell about groups: removing the realm deletes those too, if there are any.',
    );
    expect(writesOf(planned)).toEqual([{ section: 'realm', key: 'shop', action: 'delete', body: {} }]);
    expect(explain('deleted-with-realm', { section: 'realm', action: 'delete' })).toContain(
      'everything that bears its name',
    );
  });

  it('takes leftovers without a realm as well, and has nothing to do where nothing is', async () => {
    const { realm: _realm, ...leftovers } = target;
    const setup = { source: {}, route: keepingRoute, policy: remove };
    const planned = await plan({ ...setup, target: leftovers, leftovers: true });
    expect(writesOf(planned)).toEqual([{ section: 'realm', key: 'shop', action: 'delete', body: {} }]);
    expect(planned.summary).toMatchObject({ destructive: true, losses: { users: 2, sessions: 0 } });
    expect((await plan(setup)).summary).toMatchObject({ mode: 'remove', empty: true, destructive: false });
  });

  it('is refused by a route that cannot, and where something is to be left out', async () => {
    const cannot = await plan({ source: {}, target, route: fullRoute, policy: remove });
    expect(itemAt(cannot, 'realm', 'shop')).toMatchObject({ action: 'conflict', reason: 'route-cannot' });
    for (const policy of [{ exclude: ['users/a'] }, { sections: ['users' as const] }]) {
      const partly = await plan({
        source: {},
        target,
        route: keepingRoute,
        policy: { ...remove, ...policy },
      });
      expect(itemAt(partly, 'realm', 'shop')).toMatchObject({ action: 'conflict', reason: 'excluded' });
      expect(writesOf(partly)).toEqual([]);
    }
  });

  it('is verified by nothing being left', async () => {
    const { context, lean } = await plan({ source: {}, target, route: keepingRoute, policy: remove });
    const deviations = async (after: typeof target): Promise<unknown> =>
      await gather(verifyApplied({ context, before: target, after, entries: batched(lean) }));
    const nothing = postgres({ realm: [], roles: [], clients: [], users: [], credentials: [] });
    expect(await deviations(nothing)).toEqual([]);
    const one = postgres({
      realm: [],
      roles: [],
      clients: [],
      users: [users[1]!, { username: 'new' }],
      credentials: [],
    });
    expect(await deviations(one)).toEqual([
      { section: 'users', key: 'b', kind: 'unexpected', changes: [] },
      { section: 'users', key: 'new', kind: 'unexpected', changes: [] },
    ]);
  });
});

describe('what a deleted realm left behind', () => {
  const { realm: _realm, ...leftovers } = target;
  const source = postgres({
    realm,
    roles: [{ name: 'r' }],
    users: [{ username: 'a', email: 'new@x' }],
    credentials,
  });
  const planned = async (policy: Partial<Policy>): Promise<Planned> =>
    await plan({ source, target: leftovers, leftovers: true, route: keepingRoute, policy });

  it('stops the plan, counted', async () => {
    const stopped = await planned({});
    const item = itemAt(stopped, 'realm', 'shop')!;
    expect(item).toMatchObject({
      action: 'conflict',
      reason: 'leftovers',
      other: '1 role, 1 client, 2 users, 1 credential',
    });
    expect(explain(item.reason, item)).toContain('(1 role, 1 client, 2 users, 1 credential)');
    expect(stopped.summary).toMatchObject({ mode: 'create', blocked: true });
  });

  it('is taken over on demand, changed in place', async () => {
    const adopted = await planned({ leftovers: 'adopt', users: 'merge' });
    expect(itemAt(adopted, 'realm', 'shop')).toMatchObject({ action: 'create', reason: 'only-in-source' });
    expect(itemAt(adopted, 'users', 'a')).toMatchObject({ action: 'update' });
    expect(adopted.summary).toMatchObject({ mode: 'create', blocked: false, destructive: false });
    expect(adopted.summary.warnings[0]).toContain('the new realm takes them over');
  });

  it('is deleted on demand, with its losses', async () => {
    const removed = await planned({ leftovers: 'remove' });
    expect(itemAt(removed, 'realm', 'shop')).toMatchObject({ action: 'create', reason: 'only-in-source' });
    expect(itemAt(removed, 'users', 'b')).toMatchObject({ action: 'delete' });
    expect(removed.summary).toMatchObject({
      mode: 'overwrite',
      destructive: true,
      blocked: false,
      losses: { users: 1, sessions: 0, records: { clients: 1 } },
    });
  });

  it('is nothing to ask about where there is none', async () => {
    const created = await plan({
      source,
      target: postgres({ users: [] }),
      leftovers: true,
      route: keepingRoute,
      policy: { leftovers: 'remove' },
    });
    expect(created.summary).toMatchObject({ mode: 'create', blocked: false, destructive: false });
  });
});

describe('a source of what a deleted realm left behind', () => {
  const source = postgres({
    realm: [],
    roles: [{ name: 'r' }],
    users: [{ username: 'a', email: 'a@x' }],
    credentials,
  });
  const planned = async (setup: Partial<PlanSetup> = {}): Promise<Planned> =>
    await plan({ source, route: keepingRoute, ...setup });

  it('comes back without a realm where there is none', async () => {
    const created = await planned();
    expect(created.items.map(({ section, action }) => `${section} ${action}`)).toEqual([
      'roles create',
      'users create',
      'credentials create',
    ]);
    expect(created.summary).toMatchObject({ mode: 'create', blocked: false, leavesNoRealm: true });
    expect(created.summary.warnings.join()).toContain('afterwards the target has no realm “shop”');
  });

  it('takes the place of a realm, which goes, and of other leftovers, as they were', async () => {
    const replaced = await planned({ target, policy: { realm: 'overwrite' } });
    expect(itemAt(replaced, 'realm', 'shop')).toMatchObject({
      action: 'delete',
      reason: 'deleted-with-realm',
    });
    expect(replaced.summary).toMatchObject({
      mode: 'overwrite',
      destructive: true,
      blocked: false,
      leavesNoRealm: true,
      losses: { users: 1, sessions: 'all', records: { realm: 1, clients: 1 } },
    });
    expect(writesOf(replaced)).not.toContainEqual(expect.objectContaining({ section: 'realm' }));
    const { realm: _realm, ...leftovers } = target;
    const over = { target: leftovers, leftovers: true } as const;
    const stopped = await planned(over);
    expect(itemAt(stopped, 'realm', 'shop')).toMatchObject({ action: 'conflict', reason: 'leftovers' });
    const removed = await planned({ ...over, policy: { leftovers: 'remove' } });
    expect(itemAt(removed, 'realm', 'shop')).toBeUndefined();
    expect(removed.summary).toMatchObject({ mode: 'overwrite', blocked: false, leavesNoRealm: true });
    const adopted = await planned({ ...over, policy: { leftovers: 'adopt' } });
    expect(adopted.summary).toMatchObject({ mode: 'create', blocked: false, destructive: false });
  });

  it('is no part of the realm itself in a merge', async () => {
    const merged = await planned({ target, policy: { realm: 'merge', extra: 'delete' } });
    expect(itemAt(merged, 'realm', 'shop')).toBeUndefined();
    expect(merged.summary.leavesNoRealm).toBeUndefined();
  });

  it('is verified by there being no realm', async () => {
    const { context, lean } = await planned({ target, policy: { realm: 'overwrite' } });
    const deviations = async (after: typeof target): Promise<unknown> =>
      await gather(verifyApplied({ context, before: target, after, entries: batched(lean) }));
    const clients: JsonObject[] = [];
    expect(await deviations({ ...source, ...postgres({ clients }) })).toEqual([]);
    expect(await deviations({ ...source, ...postgres({ clients, realm }) })).toEqual([
      { section: 'realm', key: 'shop', kind: 'unexpected', changes: [] },
    ]);
  });

  it('is refused where a route cannot write without a realm, and where that is to stay', async () => {
    const { writesWithoutRealm: _, ...route } = keepingRoute;
    for (const setup of [{}, { target, policy: { realm: 'overwrite' } }] satisfies Partial<PlanSetup>[])
      expect(itemAt(await planned({ ...setup, route }), 'realm', 'shop')).toMatchObject({
        action: 'conflict',
        reason: 'source-unknown',
      });
    const excluded = await planned({ target, policy: { realm: 'overwrite', exclude: ['realm/shop'] } });
    expect(itemAt(excluded, 'realm', 'shop')).toMatchObject({ action: 'conflict', reason: 'excluded' });
  });
});
