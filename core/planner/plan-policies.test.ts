import { describe, expect, it } from 'vitest';
import type { SnapshotSides } from '../compare/section-side.ts';
import { gather } from '../compare/testing/gather.ts';
import { sideOf } from '../compare/testing/in-memory-side.ts';
import { REDACTED } from '../model/secret.ts';
import type { Section } from '../model/sections.ts';
import { planItems } from './plan-items.ts';
import { itemAt, plan, type Planned } from './testing/plan-fixture.ts';
import { api, postgres } from './testing/captures.ts';
import { documentedRoute, fullRoute } from './testing/routes.ts';

const realm = [{ name: 'shop', displayName: 'Shop' }];
const act = (planned: Planned, section: Section, key: string): string | undefined => {
  const found = itemAt(planned, section, key);
  return found && `${found.action} ${found.reason}`;
};

describe('a realm that exists', () => {
  const source = api({ realm: [{ name: 'shop', displayName: 'Store' }], users: [{ username: 'new' }] });
  const target = api({ realm, users: [{ username: 'old' }] });

  it('stops the plan by default, which shows what a merge would do', async () => {
    const planned = await plan({ source, target });
    expect(act(planned, 'realm', 'shop')).toBe('conflict realm-exists');
    expect(itemAt(planned, 'realm', 'shop')!.changes).toEqual([
      { member: 'displayName', from: 'Shop', to: 'Store' },
    ]);
    expect(act(planned, 'users', 'new')).toBe('create only-in-source');
    expect(act(planned, 'users', 'old')).toBe('skip only-in-target-kept');
    expect(planned.summary).toMatchObject({ mode: 'merge', blocked: true, destructive: false });
  });

  it('is changed in place by a merge, in what the route can set', async () => {
    const planned = await plan({ source, target, policy: { realm: 'merge' } });
    expect(itemAt(planned, 'realm', 'shop')).toMatchObject({
      action: 'update',
      write: { name: 'shop', displayName: 'Store' },
      promise: { name: 'shop', displayName: 'Store' },
    });
    expect(planned.summary).toMatchObject({ blocked: false, destructive: false, empty: false });
    expect(planned.summary.losses).toEqual({
      users: 0,
      passwordHashes: 0,
      clientSecrets: 0,
      sessions: 0,
      records: {},
    });
  });

  it('is replaced by an overwrite, which states its losses', async () => {
    const planned = await plan({
      source: api({
        realm,
        roles: [{ name: 'a' }],
        clients: [{ clientId: 'kept', clientSecret: REDACTED }],
        users: [{ username: 'both', email: 'x@y' }, { username: 'equal' }, { username: 'new' }],
      }),
      target: api({
        realm,
        roles: [{ name: 'a' }, { name: 'b' }],
        clients: [
          { clientId: 'kept', clientSecret: REDACTED },
          { clientId: 'gone', clientSecret: REDACTED },
        ],
        users: [{ username: 'both' }, { username: 'equal' }, { username: 'old' }],
      }),
      policy: { realm: 'overwrite' },
    });
    expect(act(planned, 'users', 'both')).toBe('update replaced-with-realm');
    expect(act(planned, 'users', 'equal')).toBe('unchanged replaced-with-realm');
    expect(itemAt(planned, 'users', 'equal')!.write).toEqual({ username: 'equal' });
    expect(act(planned, 'users', 'new')).toBe('create replaced-with-realm');
    expect(act(planned, 'users', 'old')).toBe('delete deleted-with-realm');
    expect(itemAt(planned, 'clients', 'kept')).toMatchObject({
      loses: 'clientSecret',
      write: { clientId: 'kept' },
    });
    expect(planned.summary).toMatchObject({
      mode: 'overwrite',
      destructive: true,
      blocked: false,
      losses: {
        users: 1,
        passwordHashes: 2,
        clientSecrets: 1,
        sessions: 'all',
        records: { roles: 1, clients: 1 },
      },
    });
    expect(planned.summary.warnings).toContain(
      'The source does not tell about groups: overwriting the realm deletes those of the target, if there are any.',
    );
    expect(planned.summary.warnings).toContain(
      '1 user will have no password until it is reset: this plan writes none for them.',
    );
  });

  it('tells what is in no snapshot and goes with an overwrite, and what the route lacks', async () => {
    const limits = ['“import” lacks rights: GRANT INSERT ON users TO import;'];
    const told = async (policy: 'merge' | 'overwrite'): Promise<readonly string[]> => {
      const planned = await plan({
        source,
        target,
        policy: { realm: policy },
        route: { ...documentedRoute, limits },
        targetFindings: ['One role mapping points to no user.'],
      });
      return planned.summary.warnings;
    };
    const lost =
      'On the target, in no snapshot, and gone for good with the realm: One role mapping points to no user.';
    expect(await told('overwrite')).toEqual(expect.arrayContaining([...limits, lost]));
    expect(await told('merge')).toEqual(expect.arrayContaining(limits));
    expect(await told('merge')).not.toContain(lost);
  });

  it('tells which members an overwrite empties because the source does not know them', async () => {
    const planned = await plan({
      source: {
        realm: sideOf('realm', realm),
        users: sideOf('users', [{ username: 'a' }], { knows: ['username'] }),
      },
      target: api({ realm, users: [{ username: 'a', firstName: 'Ann' }] }),
      policy: { realm: 'overwrite' },
    });
    expect(itemAt(planned, 'users', 'a')).toMatchObject({
      action: 'update',
      changes: [{ member: 'firstName', from: 'Ann' }],
      notes: [{ kind: 'value-lost', member: 'firstName' }],
    });
  });

  it('cannot be overwritten by a source without the realm’s settings', async () => {
    const planned = await plan({
      source: { users: sideOf('users', [{ username: 'a' }]) },
      target,
      policy: { realm: 'overwrite' },
    });
    expect(act(planned, 'realm', 'shop')).toBe('conflict source-unknown');
    expect(planned.summary.blocked).toBe(true);
  });

  it('cannot be overwritten over a route that cannot', async () => {
    const route = { ...documentedRoute, overwriteRealm: false };
    const planned = await plan({
      source,
      target,
      route,
      policy: { realm: 'overwrite', unsupported: 'skip' },
    });
    expect(act(planned, 'realm', 'shop')).toBe('conflict route-cannot');
  });

  it('is no matter when it is left out', async () => {
    const planned = await plan({ source, target, policy: { exclude: ['realm/shop'] } });
    expect(act(planned, 'realm', 'shop')).toBe('skip excluded');
    expect(planned.summary.blocked).toBe(false);
    const overwriting = await plan({
      source,
      target,
      policy: { realm: 'overwrite', exclude: ['realm/shop'] },
    });
    expect(act(overwriting, 'realm', 'shop')).toBe('conflict excluded');
  });

  it('takes users alone, as the documented users import does, whatever the policy for realms', async () => {
    const planned = await plan({ source: { users: sideOf('users', [{ username: 'new' }]) }, target });
    expect(planned.items.map((item) => `${item.section}/${item.key} ${item.action}`)).toEqual([
      'users/new create',
      'users/old skip',
    ]);
    expect(planned.summary.blocked).toBe(false);
  });
});

describe('a realm that does not exist', () => {
  it('is created under the name it gets on the way', async () => {
    const source = api({ realm: [{ name: 'dev', displayName: 'Dev' }], users: [{ username: 'a' }] });
    const planned = await plan({ source, targetRealm: 'prod', policy: { realmName: 'prod' } });
    expect(itemAt(planned, 'realm', 'prod')).toMatchObject({
      action: 'create',
      write: { name: 'prod', displayName: 'Dev' },
      changes: [{ member: 'displayName', to: 'Dev' }],
    });
    expect(planned.summary).toMatchObject({ mode: 'create', destructive: false, blocked: false });
  });

  it('cannot be created from users alone', async () => {
    const planned = await plan({ source: { users: sideOf('users', [{ username: 'a' }]) } });
    expect(act(planned, 'realm', 'shop')).toBe('conflict source-unknown');
  });

  it('takes over leftovers of a deleted one, and says so', async () => {
    const source = postgres({ realm, users: [{ username: 'a', email: 'new@x' }] });
    const context = await plan({ source, route: fullRoute, policy: { users: 'merge' } });
    expect(context.summary.warnings.join()).not.toContain('Leftovers');
    const entries = await gather(
      planItems(
        { ...context.context, targetExists: false },
        { source, target: postgres({ users: [{ username: 'a', email: 'old@x' }, { username: 'b' }] }) },
      ),
    );
    expect(entries[0]).toMatchObject({
      text: 'Leftovers of a deleted realm of this name are still on the target (2 users): the new realm takes them over.',
    });
    expect(entries).toContainEqual(expect.objectContaining({ key: 'a', action: 'update' }));
    expect(entries).toContainEqual(
      expect.objectContaining({ key: 'b', action: 'skip', reason: 'only-in-target-kept' }),
    );
  });
});

describe('users that exist', () => {
  const source = api({
    users: [{ username: 'a', email: 'new@x', roles: ['r1', 'r2'] }, { username: 'same' }],
  });
  const target = api({
    realm,
    roles: [{ name: 'r1' }, { name: 'r2' }, { name: 'r3' }],
    users: [{ username: 'a', email: 'old@x', firstName: 'Ann', roles: ['r1', 'r3'] }, { username: 'same' }],
  });
  const { realm: _realm, roles: _roles, clients: _clients, ...usersOnly } = source;

  it('are skipped by default', async () => {
    const planned = await plan({ source: usersOnly, target });
    expect(act(planned, 'users', 'a')).toBe('skip exists-policy-skip');
    expect(itemAt(planned, 'users', 'a')!.changes.map((change) => change.member)).toEqual([
      'email',
      'firstName',
      'roles',
    ]);
    expect(planned.summary.sections.users).toMatchObject({ skip: 1, unchanged: 1 });
    expect(planned.summary.empty).toBe(true);
  });

  it('are merged: only what the source has is set, and mappings grow where the route can only add', async () => {
    const planned = await plan({ source: usersOnly, target, policy: { users: 'merge' } });
    expect(itemAt(planned, 'users', 'a')).toMatchObject({
      action: 'update',
      write: { username: 'a', email: 'new@x', roles: ['r1', 'r2', 'r3'] },
      promise: { username: 'a', email: 'new@x', firstName: 'Ann', roles: ['r1', 'r2', 'r3'] },
    });
    expect(itemAt(planned, 'users', 'a')!.write).not.toHaveProperty('firstName');
    expect(planned.summary.warnings).toContain(
      '1 role mapping that only the target has stays (1 user): this channel can only add.',
    );
  });

  it('take the source’s list and lose what it has not, where the target mirrors the source', async () => {
    const policy = { users: 'merge', extra: 'delete' } as const;
    const planned = await plan({ source: usersOnly, target, route: fullRoute, policy });
    expect(itemAt(planned, 'users', 'a')!.write).toEqual({
      username: 'a',
      email: 'new@x',
      firstName: null,
      roles: ['r1', 'r2'],
    });
  });

  it('are left alone in what the target does not tell', async () => {
    const planned = await plan({
      source: { users: sideOf('users', [{ username: 'same', password: 'canary' }]) },
      target,
      policy: { users: 'merge' },
    });
    expect(itemAt(planned, 'users', 'same')).toMatchObject({
      action: 'unchanged',
      notes: [{ kind: 'cannot-tell', member: 'password' }],
    });
    expect(planned.summary).toMatchObject({ empty: true });
  });
});

describe('clients that exist', () => {
  const clients = (description: string): SnapshotSides => ({
    clients: sideOf('clients', [{ clientId: 'c', description }, { clientId: 'same' }]),
  });
  const planned = async (clientPolicy: 'stop' | 'skip' | 'update'): Promise<Planned> =>
    await plan({
      source: clients('new'),
      target: { ...api({ realm }), ...clients('old') },
      route: fullRoute,
      policy: { clients: clientPolicy },
    });

  it('stop the plan when they differ, and are no matter when they do not', async () => {
    const stopped = await planned('stop');
    expect(act(stopped, 'clients', 'c')).toBe('conflict exists-policy-stop');
    expect(stopped.summary.sections.clients).toMatchObject({ conflict: 1, unchanged: 1 });
  });

  it('are skipped', async () => {
    expect(act(await planned('skip'), 'clients', 'c')).toBe('skip exists-policy-skip');
  });

  it('are updated', async () => {
    expect(itemAt(await planned('update'), 'clients', 'c')).toMatchObject({
      action: 'update',
      write: { clientId: 'c', description: 'new' },
    });
  });
});

describe('what the route cannot write', () => {
  const source = {
    groups: sideOf('groups', [{ path: '/g' }]),
    clients: sideOf('clients', [{ clientId: 'c', description: 'n' }]),
  };
  const target = {
    ...api({ realm }),
    clients: sideOf('clients', [{ clientId: 'c' }]),
    groups: sideOf('groups', []),
  };

  it('is a conflict by default', async () => {
    const planned = await plan({ source, target, policy: { clients: 'update' } });
    expect(act(planned, 'groups', '/g')).toBe('conflict route-cannot');
    expect(act(planned, 'clients', 'c')).toBe('conflict exists-unchangeable');
    expect(planned.summary.cannotSet).toEqual([{ section: 'clients', member: 'description', records: 1 }]);
  });

  it('is left out on demand', async () => {
    const planned = await plan({ source, target, policy: { clients: 'update', unsupported: 'skip' } });
    expect(act(planned, 'groups', '/g')).toBe('skip route-cannot');
    expect(planned.summary.blocked).toBe(false);
  });

  it('is deleted by an overwrite when it is left out', async () => {
    const planned = await plan({
      source: { ...api({ realm }), groups: source.groups },
      target: { ...target, groups: source.groups },
      policy: { realm: 'overwrite', unsupported: 'skip' },
    });
    expect(act(planned, 'groups', '/g')).toBe('delete deleted-with-realm');
    expect(planned.summary.losses.records).toMatchObject({ groups: 1 });
  });

  it('is not guessed at where the target’s side is unknown', async () => {
    const { groups: _groups, ...unknown } = target;
    expect(act(await plan({ source, target: unknown }), 'groups', '/g')).toBe('conflict target-unknown');
  });

  it('is listed by member, without stopping the rest of the record', async () => {
    const route = {
      ...documentedRoute,
      sections: {
        ...documentedRoute.sections,
        users: { ...documentedRoute.sections.users, createMembers: ['username', 'email'] },
      },
    };
    const planned = await plan({
      source: { users: sideOf('users', [{ username: 'a', email: 'a@x', emailVerified: true, id: 'u1' }]) },
      target: api({ realm }),
      route,
    });
    expect(itemAt(planned, 'users', 'a')).toMatchObject({
      action: 'create',
      write: { username: 'a', email: 'a@x' },
      cannotSet: ['emailVerified'],
    });
    expect(itemAt(planned, 'users', 'a')!.warnings).toContain(
      '“emailVerified” cannot be set over the Admin API.',
    );
  });
});

describe('an unknown role in a mapping', () => {
  const target = api({ realm, roles: [{ name: 'old' }], users: [{ username: 'there', roles: ['old'] }] });
  const users = sideOf('users', [{ username: 'a', roles: ['old', 'new', 'described'] }]);

  it('is created with the user who carries it, by its name only', async () => {
    const roles = sideOf('roles', [
      { name: 'described', description: 'D', composite: false },
      { name: 'unused' },
    ]);
    const planned = await plan({ source: { roles, users }, target, policy: { unsupported: 'skip' } });
    expect(itemAt(planned, 'roles', 'new')).toMatchObject({
      action: 'create',
      reason: 'created-by-mapping',
      write: { name: 'new' },
    });
    expect(itemAt(planned, 'roles', 'described')).toMatchObject({
      reason: 'created-by-mapping',
      write: { name: 'described' },
      cannotSet: ['description'],
    });
    expect(act(planned, 'roles', 'unused')).toBe('skip route-cannot');
    expect(act(planned, 'roles', 'old')).toBe('skip only-in-target-kept');
  });

  it('is not created for a user who is left out', async () => {
    const planned = await plan({ source: { users }, target, policy: { exclude: ['users/a'] } });
    expect(planned.items.filter((item) => item.section === 'roles')).toEqual([]);
  });

  it('is taken from the user when it is excluded, but not when the target has it', async () => {
    const planned = await plan({
      source: { users },
      target,
      policy: { exclude: ['roles/new', 'roles/old'] },
    });
    expect(itemAt(planned, 'users', 'a')!.write).toMatchObject({ roles: ['described', 'old'] });
    expect(itemAt(planned, 'users', 'a')!.warnings).toContain(
      'The role “new” is not given, because it is excluded.',
    );
    expect(itemAt(planned, 'roles', 'new')).toBeUndefined();
    expect(planned.summary.warnings.join()).not.toContain('neither side');
  });

  it('stays where it would be deleted, as long as a user carries it', async () => {
    const policy = { extra: 'delete', users: 'merge' } as const;
    const planned = await plan({
      source: { roles: sideOf('roles', []), users },
      target,
      route: fullRoute,
      policy,
    });
    expect(act(planned, 'roles', 'old')).toBe('skip only-in-target-kept');
  });

  it('comes back with the users when the realm is overwritten', async () => {
    const planned = await plan({
      source: { ...api({ realm }), roles: sideOf('roles', []), users },
      target,
      policy: { realm: 'overwrite' },
    });
    expect(act(planned, 'roles', 'new')).toBe('create created-by-mapping');
    expect(act(planned, 'roles', 'old')).toBe('unchanged replaced-with-realm');
  });
});

describe('what only the target has', () => {
  const source = { users: sideOf('users', [{ username: 'a' }]) };
  const target = postgres({
    realm,
    users: [{ username: 'a' }, { username: 'b' }],
    credentials: [{ username: 'b', type: 'PASSWORD', secretHash: 'x' }],
    groups: [{ path: '/g' }],
  });

  it('stays by default', async () => {
    expect(act(await plan({ source, target, route: fullRoute }), 'users', 'b')).toBe(
      'skip only-in-target-kept',
    );
  });

  it('is deleted on demand, counted, and takes along what belongs to it', async () => {
    const planned = await plan({ source, target, route: fullRoute, policy: { extra: 'delete' } });
    expect(act(planned, 'users', 'b')).toBe('delete only-in-target-deleted');
    expect(act(planned, 'credentials', 'b\u0000PASSWORD')).toBe('delete only-in-target-deleted');
    expect(planned.summary).toMatchObject({
      destructive: true,
      losses: { users: 1, passwordHashes: 0, sessions: 0 },
    });
    expect(planned.summary.warnings).toContain(
      'The source does not tell about groups: those of the target are left alone.',
    );
    expect(planned.items.some((item) => item.section === 'groups')).toBe(false);
  });

  it('cannot be deleted over a route that cannot', async () => {
    const planned = await plan({ source, target, policy: { extra: 'delete' } });
    expect(act(planned, 'users', 'b')).toBe('conflict route-cannot');
  });
});
