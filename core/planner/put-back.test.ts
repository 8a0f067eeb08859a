import { describe, expect, it } from 'vitest';
import { gather } from '../compare/testing/gather.ts';
import { applyItemOf } from './apply-item.ts';
import { postgres } from './testing/captures.ts';
import { batched, itemAt, plan } from './testing/plan-fixture.ts';
import { fullRoute, keepingRoute } from './testing/routes.ts';
import { SimulatedTarget, type RealmState } from './testing/simulated-target.ts';
import { verifyApplied } from './verify-applied.ts';

const realm = [{ name: 'shop' }];
const there: RealmState = {
  realm,
  roles: [{ name: 'stays' }, { name: 'goes' }, { name: 'carried' }],
  groups: [
    { path: '/a', name: 'a', roles: ['carried', 'goes', 'stays'], id: 'i' },
    { path: '/b', name: 'b', roles: ['stays'] },
  ],
  policies: [{ name: 'p', effect: 'ALLOW' }],
  users: [{ username: 'u' }, { username: 'gone' }],
  socialLinks: [
    { provider: 'g', providerUserId: '1', username: 'u' },
    { provider: 'g', providerUserId: '2', username: 'gone' },
  ],
};
const source = postgres({
  realm,
  roles: [{ name: 'stays' }],
  users: [{ username: 'u', roles: ['carried'] }],
});
const setup = {
  source,
  target: postgres(there),
  route: keepingRoute,
  policy: { realm: 'overwrite' },
} as const;

describe('what the source of an overwrite does not tell about', () => {
  it('is put back: policies, groups, social links of users who return', async () => {
    const planned = await plan(setup);
    const kept = { action: 'unchanged', reason: 'kept-through-overwrite' };
    expect(itemAt(planned, 'policies', 'p')).toMatchObject({
      ...kept,
      write: { name: 'p', effect: 'ALLOW' },
    });
    expect(itemAt(planned, 'groups', '/b')).toMatchObject(kept);
    expect(itemAt(planned, 'socialLinks', 'g\u00001')).toMatchObject(kept);
    expect(itemAt(planned, 'socialLinks', 'g\u00002')).toMatchObject({ action: 'delete' });
    expect(planned.summary.losses.records).toEqual({ roles: 1, socialLinks: 1 });
    expect(planned.summary.warnings).toContain(
      'The source does not tell about groups: those of the target are put back as they are.',
    );
  });

  it('loses roles that do not come back, and says so', async () => {
    const planned = await plan(setup);
    expect(itemAt(planned, 'groups', '/a')).toMatchObject({
      action: 'update',
      write: { path: '/a', name: 'a', roles: ['carried', 'stays'], id: 'i' },
      warnings: ['It loses the role “goes”, which goes with the realm.'],
    });
    expect(planned.summary.warnings).toContain('1 group will lose roles that go with the realm.');
  });

  it('is there afterwards as promised, and nothing else', async () => {
    const { context, items, lean } = await plan(setup);
    const server = new SimulatedTarget(keepingRoute, there);
    server.apply(
      items.flatMap((item) => applyItemOf(item, 'overwrite') ?? []),
      'overwrite',
    );
    const after = server.capture();
    expect(
      await gather(verifyApplied({ context, before: setup.target, after, entries: batched(lean) })),
    ).toEqual([]);
    expect(server.bodies('groups')).toHaveLength(2);
  });

  it('goes where the source knows of none, the route would lose it, or leftovers are to be removed', async () => {
    const known = await plan({ ...setup, source: { ...source, ...postgres({ policies: [] }) } });
    expect(itemAt(known, 'policies', 'p')).toMatchObject({ action: 'delete' });
    expect(itemAt(await plan({ ...setup, route: fullRoute }), 'policies', 'p')).toMatchObject({
      action: 'delete',
    });
    const { realm: _realm, ...leftovers } = setup.target;
    const removed = await plan({
      ...setup,
      target: leftovers,
      leftovers: true,
      policy: { leftovers: 'remove' },
    });
    expect(itemAt(removed, 'policies', 'p')).toMatchObject({ action: 'delete' });
  });
});
