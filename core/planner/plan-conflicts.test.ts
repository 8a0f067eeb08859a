import { describe, expect, it } from 'vitest';
import { isAppError } from '../../contract/errors.ts';
import type { SnapshotSides } from '../compare/section-side.ts';
import { sideOf } from '../compare/testing/in-memory-side.ts';
import type { JsonObject } from '../model/record.ts';
import { REDACTED } from '../model/secret.ts';
import type { Section } from '../model/sections.ts';
import type { PlanItem } from './plan.ts';
import { api, postgres } from './testing/captures.ts';
import { itemAt, plan, type Planned } from './testing/plan-fixture.ts';
import { fullRoute } from './testing/routes.ts';

const realm = [{ name: 'shop', displayName: 'Shop' }];
const act = (planned: Planned, section: Section, key: string): string | undefined => {
  const found = itemAt(planned, section, key);
  return found && `${found.action} ${found.reason}`;
};

describe('conflicts that a look-up by name misses', () => {
  const target = api({
    realm,
    users: [
      { username: 'bob', email: 'b@x' },
      { username: 'Eve', email: 'e@x' },
    ],
  });
  const users = (...bodies: JsonObject[]): SnapshotSides => ({ users: sideOf('users', bodies) });
  const of = (planned: Planned, key: string): PlanItem => itemAt(planned, 'users', key)!;

  it('finds the e-mail address of another user', async () => {
    const source = users({ username: 'ann', email: 'b@x' }, { username: 'zoe', email: 'z@x' });
    const stopped = await plan({ source, target });
    expect(of(stopped, 'ann')).toMatchObject({ action: 'conflict', reason: 'email-taken', other: 'bob' });
    expect(of(stopped, 'zoe').action).toBe('create');
    const skipped = await plan({ source, target, policy: { conflicts: 'skip' } });
    expect(of(skipped, 'ann')).toMatchObject({ action: 'skip', reason: 'email-taken' });
    expect(skipped.summary.blocked).toBe(false);
  });

  it('finds two users of the source with one address, and each names the other', async () => {
    const planned = await plan({
      source: users({ username: 'a', email: 'q@x' }, { username: 'c', email: 'q@x' }),
      target,
    });
    expect(of(planned, 'a')).toMatchObject({ reason: 'email-taken', other: 'c' });
    expect(of(planned, 'c')).toMatchObject({ reason: 'email-taken', other: 'a' });
    const settled = await plan({
      source: users({ username: 'a', email: 'q@x' }, { username: 'c', email: 'q@x' }),
      target,
      policy: { exclude: ['users/a'] },
    });
    expect(of(settled, 'c').action).toBe('create');
  });

  it('takes an address for free once its user is deleted', async () => {
    const source = users({ username: 'ann', email: 'b@x' });
    const planned = await plan({ source, target, route: fullRoute, policy: { extra: 'delete' } });
    expect(of(planned, 'ann').action).toBe('create');
  });

  it('warns of addresses that differ only by case', async () => {
    const planned = await plan({ source: users({ username: 'ann', email: 'B@x' }), target });
    expect(of(planned, 'ann')).toMatchObject({
      action: 'create',
      notes: [{ kind: 'email-case-variant', other: 'bob' }, { kind: 'no-password' }],
    });
  });

  it('stops at a name that differs only by case from one on the target, and lets it pass on demand', async () => {
    const source = users({ username: 'eve' });
    expect(of(await plan({ source, target }), 'eve')).toMatchObject({
      action: 'conflict',
      reason: 'differs-only-by-case',
      other: 'Eve',
    });
    const allowed = await plan({ source, target, policy: { caseVariants: 'create' } });
    expect(of(allowed, 'eve')).toMatchObject({
      action: 'create',
      notes: [{ kind: 'case-variant', other: 'Eve' }, {}],
    });
  });

  it.each([{}, { sections: ['users' as const] }, { extra: 'delete' as const }])(
    'only warns where the source has both names, and so proves that they are two: %o',
    async (policy) => {
      const source = users({ username: 'Eve' }, { username: 'eve' });
      const planned = await plan({ source, target, route: fullRoute, policy });
      expect([of(planned, 'eve').action, planned.summary.blocked]).toEqual(['create', false]);
      expect(of(planned, 'eve').notes).toContainEqual({ kind: 'case-variant', other: 'Eve' });
      // A third, whom only the target has, may be either of them.
      const third = users({ username: 'Eve' }, { username: 'EVE' });
      expect(of(await plan({ source, target: third, route: fullRoute }), 'eve')).toMatchObject({
        action: 'conflict',
        other: 'EVE',
      });
    },
  );

  it('only warns of two names of the source', async () => {
    const planned = await plan({ source: users({ username: 'Kim' }, { username: 'kim' }), target });
    expect([of(planned, 'Kim').action, of(planned, 'kim').action]).toEqual(['create', 'create']);
    expect(planned.summary.warnings).toContain(
      '2 users will have a name that differs from another’s only by upper and lower case.',
    );
  });

  it('asks for the owner of a client id and of a social link in other realms', async () => {
    const planned = await plan({
      source: postgres({
        realm,
        users: [{ username: 'a' }],
        clients: [{ clientId: 'taken' }, { clientId: 'free' }],
        socialLinks: [{ provider: 'g', providerUserId: '1', username: 'a' }],
      }),
      route: fullRoute,
      lookups: {
        clientIdOwner: (clientId) => (clientId === 'taken' ? 'other' : undefined),
        socialLinkOwner: async (provider, id) => await Promise.resolve(`${provider}${id}`),
      },
    });
    expect(itemAt(planned, 'clients', 'taken')).toMatchObject({ reason: 'client-id-taken', other: 'other' });
    expect(itemAt(planned, 'clients', 'free')!.action).toBe('create');
    expect(itemAt(planned, 'socialLinks', 'g\u00001')).toMatchObject({
      reason: 'social-link-taken',
      other: 'g1',
    });
  });
});

describe('leaving records out', () => {
  const source = postgres({
    users: [{ username: 'test-1' }, { username: 'test-2' }, { username: 'real' }],
    credentials: [
      { username: 'test-1', type: 'PASSWORD', secretHash: 'x' },
      { username: 'real', type: 'PASSWORD', secretHash: 'x' },
    ],
  });
  const target = postgres({ realm, users: [], credentials: [] });

  it('leaves out single records and whole ranges, with what belongs to them', async () => {
    const planned = await plan({ source, target, route: fullRoute, policy: { exclude: ['users/test-*'] } });
    expect(planned.items.map((item) => `${item.key} ${item.action}`.replace('\u0000', '/'))).toEqual([
      'real create',
      'test-1 skip',
      'test-2 skip',
      'real/PASSWORD create',
      'test-1/PASSWORD skip',
    ]);
    expect(act(planned, 'credentials', 'test-1\u0000PASSWORD')).toBe('skip excluded');
  });

  it('does not bring a role back through a group that has it', async () => {
    const planned = await plan({
      source: postgres({
        realm,
        roles: [{ name: 'new' }, { name: 'kept' }],
        groups: [{ path: '/a', roles: ['kept', 'new'] }],
        users: [{ username: 'u', roles: ['new'] }],
      }),
      target: postgres({ realm, roles: [{ name: 'kept' }], groups: [], users: [] }),
      route: fullRoute,
      policy: { realm: 'merge', exclude: ['roles/new', 'roles/kept'] },
    });
    expect(itemAt(planned, 'groups', '/a')).toMatchObject({
      action: 'create',
      promise: { roles: ['kept'] },
      warnings: ['The role “new” is not given, because it is excluded.'],
    });
    expect(planned.summary.warnings).toContain('Roles that are excluded are not given (1 group).');
  });

  it('takes along what belongs to a user who was chosen, unless that is left out by name', async () => {
    const linked = postgres({
      users: [{ username: 'ann' }, { username: 'bob' }],
      credentials: [
        { username: 'ann', type: 'PASSWORD', secretHash: 'x' },
        { username: 'ann', type: 'TOTP', secretHash: 'y' },
        { username: 'bob', type: 'PASSWORD', secretHash: 'x' },
      ],
      socialLinks: [
        { provider: 'g', providerUserId: '1', username: 'ann' },
        { provider: 'g', providerUserId: '2', username: 'bob' },
      ],
    });
    const planned = await plan({
      source: linked,
      target: postgres({ realm, users: [], credentials: [], socialLinks: [] }),
      route: fullRoute,
      policy: { realm: 'merge', only: ['users/ann'], exclude: ['credentials/ann/TOTP'] },
    });
    expect(planned.items.map((item) => `${item.key} ${item.action}`.replace('\u0000', '/'))).toEqual([
      'ann create',
      'bob skip',
      'ann/PASSWORD create',
      'ann/TOTP skip',
      'bob/PASSWORD skip',
      'g/1 create',
      'g/2 skip',
    ]);
  });

  it('takes along the roles that are missing and needed by what was chosen, and no other', async () => {
    const source = postgres({
      realm,
      roles: [
        { name: 'both', description: 'of the source' },
        { name: 'chosen', description: 'of the source' },
        { name: 'of-ann' },
        { name: 'of-bob' },
        { name: 'of-staff' },
        { name: 'of-teams' },
      ],
      users: [
        { username: 'ann', roles: ['both', 'of-ann'] },
        { username: 'bob', roles: ['of-bob'] },
      ],
      groups: [
        { path: '/staff', name: 'staff', roles: ['of-staff'] },
        { path: '/teams', name: 'teams', roles: ['of-teams'] },
      ],
    });
    const target = postgres({
      realm,
      roles: [{ name: 'both', description: 'of the target' }, { name: 'chosen' }, { name: 'of-the-target' }],
      users: [],
      groups: [],
    });
    const only = ['users/ann', 'groups//staff', 'roles/chosen', 'users/b*'];
    const policy = { realm: 'merge', extra: 'delete', only } as const;
    const planned = await plan({ source, target, route: fullRoute, policy });
    const roles = planned.items.filter(({ section }) => section === 'roles');
    expect(roles.map(({ key, action }) => `${key} ${action}`)).toEqual([
      'both skip',
      'chosen update',
      'of-ann create',
      'of-bob skip',
      'of-staff create',
      'of-teams skip',
      'of-the-target skip',
    ]);
    expect(itemAt(planned, 'users', 'ann')).toMatchObject({ write: { roles: ['both', 'of-ann'] } });
    expect(planned.summary.warnings).toContain('“users/b*” was chosen, but neither side has such a record.');
    const anew = await plan({ source, target, route: fullRoute, policy: { realm: 'overwrite', only } });
    expect(
      anew.items.filter(({ section }) => section === 'roles').map(({ key, action }) => `${key} ${action}`),
    ).toEqual([
      'both update',
      'chosen update',
      'of-ann create',
      'of-bob skip',
      'of-staff create',
      'of-teams skip',
      'of-the-target delete',
    ]);
  });

  it('names what matches nothing, and refuses what names nothing', async () => {
    const exclude = ['users/nobody', 'users/test-1', 'credentials/real/PASS*', 'groups//none'];
    const planned = await plan({ source, target, route: fullRoute, policy: { exclude } });
    expect(planned.summary.warnings.slice(0, 2)).toEqual([
      '“users/nobody” was to be left out, but neither side has such a record.',
      '“groups//none” was to be left out, but neither side has such a record.',
    ]);
    const many = Array.from({ length: 1_001 }, (_, at) => `users/u${at}`);
    for (const wrong of ['users', 'users/', 'persons/a'])
      for (const policy of [{ exclude: [wrong] }, { only: [wrong] }, { only: [...many, wrong] }])
        await expect(plan({ source, target, policy })).rejects.toSatisfy((e) => isAppError(e, 'USAGE'));
  });

  it('does not say of roles that only users carry that there are none', async () => {
    const carrying = api({ realm, users: [{ username: 'new', roles: ['test-a', 'test-b', 'kept'] }] });
    const planned = await plan({
      source: carrying,
      target: api({ realm }),
      route: fullRoute,
      policy: { exclude: ['roles/test-*', 'roles/kept', 'roles/other-*'] },
    });
    expect(itemAt(planned, 'users', 'new')).toMatchObject({ write: { roles: [] } });
    expect(planned.summary.warnings.filter((text) => text.includes('was to be left out'))).toEqual([
      '“roles/other-*” was to be left out, but neither side has such a record.',
    ]);
  });

  it('deletes what is left out of an overwrite, and says so', async () => {
    const planned = await plan({
      source: api({ realm, users: [{ username: 'a' }, { username: 'b' }] }),
      target: api({ realm, users: [{ username: 'a' }] }),
      policy: { realm: 'overwrite', exclude: ['users/*'] },
    });
    expect(itemAt(planned, 'users', 'a')).toMatchObject({
      action: 'delete',
      warnings: ['It is excluded, yet overwriting the realm deletes it.'],
    });
    expect(act(planned, 'users', 'b')).toBe('skip excluded');
    expect(planned.summary.losses.users).toBe(1);
  });

  it('plans only the sections that were selected', async () => {
    const planned = await plan({
      source: api({ realm, roles: [{ name: 'r' }], users: [{ username: 'a' }] }),
      target: api({ realm }),
      policy: { sections: ['users'] },
    });
    expect(Object.keys(planned.summary.sections)).toEqual(['users']);
    expect(planned.summary.blocked).toBe(false);
  });
});

describe('secrets', () => {
  it('keeps the target’s where the server hid the source’s', async () => {
    const smtp = (host: string, password: string | JsonObject): JsonObject => ({
      name: 'shop',
      smtpConfig: { host, password },
    });
    const planned = await plan({
      source: { realm: sideOf('realm', [smtp('new', REDACTED)]) },
      target: { realm: sideOf('realm', [smtp('old', 'canary')]) },
      route: fullRoute,
      policy: { realm: 'merge' },
    });
    const found = itemAt(planned, 'realm', 'shop')!;
    expect(found.write).toEqual({ name: 'shop', smtpConfig: { host: 'new', password: 'canary' } });
    expect(JSON.stringify([found.changes, found.warnings])).not.toContain('canary');
  });

  it('does not touch a member whose hidden secret it would destroy', async () => {
    const smtp = (host: string): JsonObject => ({ name: 'shop', smtpConfig: { host, password: REDACTED } });
    const planned = await plan({
      source: { realm: sideOf('realm', [smtp('new')]) },
      target: { realm: sideOf('realm', [smtp('old')]) },
      route: fullRoute,
      policy: { realm: 'merge', unsupported: 'skip' },
    });
    expect(itemAt(planned, 'realm', 'shop')).toMatchObject({ action: 'skip', cannotSet: ['smtpConfig'] });
  });

  it('counts a secret that an overwrite loses as a loss, not as a change', async () => {
    const planned = await plan({
      source: {
        realm: sideOf('realm', realm),
        clients: sideOf('clients', [{ clientId: 'c' }], { knows: ['clientId'] }),
      },
      target: postgres({ realm, clients: [{ clientId: 'c', secretHash: '$2a$12$h' }] }),
      route: fullRoute,
      policy: { realm: 'overwrite' },
    });
    expect(itemAt(planned, 'clients', 'c')).toMatchObject({
      action: 'unchanged',
      changes: [],
      loses: 'clientSecret',
    });
  });

  it('promises one secret of a client, under whatever name', async () => {
    const planned = await plan({
      source: { clients: sideOf('clients', [{ clientId: 'c', clientSecret: '$2a$12$new' }]) },
      target: postgres({ realm, clients: [{ clientId: 'c', secretHash: '$2a$12$old' }] }),
      route: fullRoute,
      policy: { clients: 'update' },
    });
    expect(itemAt(planned, 'clients', 'c')!.promise).toEqual({ clientId: 'c', clientSecret: '$2a$12$new' });
  });

  it('says which clients get a new one, and which users have no password', async () => {
    const planned = await plan({
      source: postgres({
        realm,
        clients: [
          { clientId: 'hidden', clientSecret: REDACTED },
          { clientId: 'open', publicClient: true },
          { clientId: 'k', secretHash: 'h' },
        ],
        users: [{ username: 'with' }, { username: 'without' }],
        credentials: ['with', 'without'].map((username) => ({ username, type: 'PASSWORD', secretHash: 'h' })),
      }),
      route: fullRoute,
      policy: { exclude: ['credentials/without/*'] },
    });
    expect(planned.summary.warnings).toEqual([
      '1 client will have no client secret until one is issued on the server: the source does not hold the old one.',
      '1 user will have no password until it is reset: this plan writes none for them.',
    ]);
    expect(itemAt(planned, 'clients', 'hidden')!.write).toEqual({ clientId: 'hidden' });
  });
});
