import { describe, expect, it } from 'vitest';
import { gather } from '../compare/testing/gather.ts';
import { sideOf } from '../compare/testing/in-memory-side.ts';
import type { SnapshotSides } from '../compare/section-side.ts';
import type { JsonObject } from '../model/record.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import { singleItemsOf } from './apply-item.ts';
import type { Policy } from './plan.ts';
import { explain } from './explain.ts';
import { batched, itemAt, plan, type Planned } from './testing/plan-fixture.ts';
import { fullRoute, keepingRoute, knownOver, releasedRoute } from './testing/routes.ts';
import { verifyApplied } from './verify-applied.ts';

type Bodies = Partial<Record<Section, readonly JsonObject[]>>;

/** As a database tells it: everything. */
function source(bodies: Bodies): SnapshotSides {
  return Object.fromEntries(
    SECTIONS.map((section) => [
      section,
      sideOf(section, bodies[section] ?? [], { knows: knownOver(fullRoute, section) }),
    ]),
  );
}

/** As the API of the release tells it. */
function target(bodies: Bodies): SnapshotSides {
  return Object.fromEntries(
    (['realm', 'roles', 'clients', 'users'] as const).map((section) => [
      section,
      sideOf(section, bodies[section] ?? [], { knows: knownOver(releasedRoute, section) }),
    ]),
  );
}

const route = releasedRoute;
const REALM = { realm: [{ name: 'shop', displayName: 'Shop' }] };
const ANN = { username: 'ann', email: 'ann@example.com', id: 'id-of-ann' };
const BOB = { username: 'bob', email: 'bob@example.com', id: 'id-of-bob' };
const MERGE = { realm: 'merge', users: 'merge', unsupported: 'skip' } as const;

function act(planned: Planned, section: Section, key: string): string {
  const item = itemAt(planned, section, key);
  return item ? `${item.action} ${item.reason}` : 'none';
}

const warnings = (planned: Planned, section: Section, key: string): string =>
  itemAt(planned, section, key)?.warnings.join(' ') ?? '';

const ISSUED = {
  issuedAs: (clientId: string) => (clientId === 'web' ? 'client-1234abcd' : undefined),
  issuedFor: (clientId: string) => (clientId === 'client-1234abcd' ? 'web' : undefined),
};

describe('what the server cannot set', () => {
  it('shows in creations', async () => {
    const planned = await plan({
      route,
      policy: { unsupported: 'skip' },
      source: source({
        realm: [
          { name: 'shop', enabled: false, smtpConfig: { host: 'mail' }, passwordPolicy: '{"length":8}' },
        ],
        users: [
          { ...ANN, emailVerified: true, password: 'plain-1' },
          { username: 'bob', email: 'bob@example.com', emailVerified: false },
        ],
      }),
    });
    expect(itemAt(planned, 'realm', 'shop')?.cannotSet).toEqual(['enabled', 'passwordPolicy', 'smtpConfig']);
    expect(itemAt(planned, 'users', 'ann')).toMatchObject({
      cannotSet: ['emailVerified'],
      write: { password: 'plain-1' },
    });
    expect(itemAt(planned, 'users', 'ann')?.write).not.toHaveProperty('id');
    expect(itemAt(planned, 'users', 'bob')?.cannotSet).toBeUndefined();
    expect(warnings(planned, 'users', 'bob')).toContain('no password');
    expect(planned.summary.cannotSet).toContainEqual({
      section: 'users',
      member: 'emailVerified',
      records: 1,
    });
  });

  const DISABLED: [how: string, policy: Partial<Policy>, there: Bodies][] = [
    ['is created', {}, {}],
    ['is created anew', { realm: 'overwrite' }, { realm: [{ name: 'shop', enabled: false }] }],
    ['changes in other ways', { realm: 'merge' }, { realm: [{ name: 'shop', enabled: true }] }],
    [
      'changes in no other way',
      { realm: 'merge' },
      { realm: [{ name: 'shop', displayName: 'New', enabled: true }] },
    ],
  ];
  describe.each(DISABLED)('a realm that is disabled in the source and %s', (_how, policy, there) => {
    const setup = {
      route,
      source: source({ realm: [{ name: 'shop', displayName: 'New', enabled: false }] }),
      ...(there.realm && { target: target(there) }),
    };

    it('is a conflict that says what it would be', async () => {
      const planned = await plan({ ...setup, policy });
      expect(act(planned, 'realm', 'shop')).toBe('conflict enabled-there');
      expect(itemAt(planned, 'realm', 'shop')?.cannotSet).toEqual(['enabled']);
      expect(planned.summary.blocked).toBe(true);
      expect(explain('enabled-there', { section: 'realm', action: 'conflict' })).toContain(
        'it will be ENABLED: people can log in',
      );
    });

    it('is told by name, before and after, where that is decided', async () => {
      const { summary } = await plan({ ...setup, policy: { ...policy, unsupported: 'skip' } });
      expect(summary.blocked).toBe(false);
      const told = summary.warnings.find((text) => text.includes('ENABLED'));
      expect(told).toBe(
        'Realm “shop” will be ENABLED, so that people can log in, while the source’s is disabled: this channel cannot disable it.',
      );
      expect(summary.afterwards?.[told!]).toBe(
        'Realm “shop” is enabled; the source’s is disabled. Disable it over PostgreSQL or on the server: until then people can log in.',
      );
    });
  });

  it('says nothing of a realm that is enabled in the source and not on the target', async () => {
    const planned = await plan({
      route,
      policy: { realm: 'merge' },
      source: source({ realm: [{ name: 'shop', displayName: 'New', enabled: true }] }),
      target: target({ realm: [{ name: 'shop', enabled: false }] }),
    });
    expect(act(planned, 'realm', 'shop')).toBe('update differs');
  });

  it('does not count what a new realm is anyway', async () => {
    const planned = await plan({ route, source: source({ realm: [{ name: 'shop', enabled: true }] }) });
    expect(itemAt(planned, 'realm', 'shop')?.cannotSet).toBeUndefined();
  });

  it('shows in updates, and so does a value that cannot be emptied', async () => {
    const planned = await plan({
      route,
      policy: { ...MERGE, extra: 'delete' },
      source: source({ ...REALM, users: [{ ...ANN, lastName: 'New', emailVerified: true }] }),
      target: target({
        ...REALM,
        users: [{ ...ANN, firstName: 'Ann', lastName: 'Old', emailVerified: false }],
      }),
    });
    const ann = itemAt(planned, 'users', 'ann');
    expect(ann).toMatchObject({
      action: 'update',
      cannotSet: ['firstName', 'emailVerified'],
      write: { username: 'ann', lastName: 'New' },
      promise: { firstName: 'Ann', lastName: 'New' },
      targetId: 'id-of-ann',
    });
    expect(singleItemsOf(ann!, 'merge', route).writing).toMatchObject({ was: { lastName: 'Old' } });
    expect(ann?.warnings.join(' ')).toContain(
      '“firstName” stays as it is on the target: this channel cannot empty it',
    );
    expect(planned.summary.warnings.join(' ')).toContain('cannot empty it');
  });

  it('leaves a record out of which nothing else would change, and says why', async () => {
    const of = (description: string) => ({ ...REALM, roles: [{ name: 'buyer', description }] });
    const setup = { route, source: source(of('One')), target: target(of('Other')) };
    const skipped = await plan({ ...setup, policy: MERGE });
    expect(act(skipped, 'roles', 'buyer')).toBe('skip route-cannot');
    expect(warnings(skipped, 'roles', 'buyer')).toContain('“description” cannot be set');
    const stopped = await plan({ ...setup, policy: { ...MERGE, unsupported: 'stop' } });
    expect(act(stopped, 'roles', 'buyer')).toBe('conflict route-cannot');
  });

  it('says of what it should delete and cannot that it stays', async () => {
    const planned = await plan({
      route,
      policy: { ...MERGE, extra: 'delete' },
      source: source(REALM),
      target: target({ ...REALM, roles: [{ name: 'old' }], users: [ANN] }),
    });
    expect(act(planned, 'roles', 'old')).toBe('skip route-cannot');
    expect(planned.summary.warnings.join(' ')).toContain('1 role will stay on the target');
    expect(itemAt(planned, 'users', 'ann')).toMatchObject({ action: 'delete', targetId: 'id-of-ann' });
  });
});

describe('clients', () => {
  const CLIENT = {
    clientId: 'web',
    publicClient: false,
    redirectUris: ['https://a'],
    webOrigins: ['https://a'],
  };
  const setup = { route, source: source({ ...REALM, clients: [CLIENT] }), target: target(REALM) };

  it('cannot be brought along: a conflict, or left out, and either way visible', async () => {
    expect(act(await plan({ ...setup, policy: { realm: 'merge' } }), 'clients', 'web')).toBe(
      'conflict key-is-issued',
    );
    expect(act(await plan({ ...setup, policy: MERGE }), 'clients', 'web')).toBe('skip key-is-issued');
    const left = await plan({ ...setup, policy: { realm: 'merge', issuedClients: 'leave' } });
    expect(act(left, 'clients', 'web')).toBe('skip key-is-issued');
    expect(left.summary.blocked).toBe(false);
    expect(explain('key-is-issued', { section: 'clients', action: 'skip' })).toContain(
      'PostgreSQL can bring it',
    );
  });

  it('that exist and differ are not offered to be changed', async () => {
    const differing = { ...setup, target: target({ ...REALM, clients: [{ ...CLIENT, name: 'Other' }] }) };
    for (const clients of ['stop', 'update'] as const) {
      const stopped = await plan({ ...differing, policy: { realm: 'merge', clients } });
      expect(act(stopped, 'clients', 'web')).toBe('conflict exists-unchangeable');
    }
    const skipped = await plan({ ...differing, policy: { ...MERGE, clients: 'update' } });
    expect(act(skipped, 'clients', 'web')).toBe('skip route-cannot');
    const over = await plan({ ...differing, policy: { realm: 'overwrite' } });
    expect(act(over, 'clients', 'web')).toBe('conflict route-cannot');
  });

  it('are created under new keys only if that is wished, with a name, and without what cannot be set', async () => {
    const planned = await plan({
      ...setup,
      source: source({ ...REALM, clients: [{ ...CLIENT, enabled: false, secretHash: '$2a$12$abc' }] }),
      policy: { ...MERGE, issuedClients: 'create' },
    });
    expect(itemAt(planned, 'clients', 'web')).toMatchObject({
      action: 'create',
      reason: 'key-is-issued',
      underNewKey: true,
      write: { clientId: 'web', name: 'web', redirectUris: ['https://a'], webOrigins: ['https://a'] },
      cannotSet: ['enabled', 'secretHash'],
    });
    expect(JSON.stringify(planned.summary)).not.toContain('$2a$');
    expect(planned.summary.warnings.join(' ')).toContain(
      '1 client will get a new client id and a new secret',
    );
  });

  it('that are disabled in the source are created, which enables them, only if that is wished too', async () => {
    const disabled = Array.from({ length: 7 }, (_, i) => ({ ...CLIENT, clientId: `c${i}`, enabled: false }));
    const bodies = { ...REALM, clients: [...disabled, { ...CLIENT, clientId: 'd', enabled: true }] };
    const creating = { ...setup, source: source(bodies) };
    const stopped = await plan({ ...creating, policy: { realm: 'merge', issuedClients: 'create' } });
    expect(act(stopped, 'clients', 'c0')).toBe('conflict enabled-there');
    expect(act(stopped, 'clients', 'd')).toBe('create key-is-issued');
    const { summary } = await plan({ ...creating, policy: { ...MERGE, issuedClients: 'create' } });
    expect(Object.values(summary.afterwards!).join()).toContain(
      'Clients “c0”, “c1”, “c2”, “c3”, “c4” and 2 more are enabled; the source’s are disabled.',
    );
  });

  it('are not created again', async () => {
    const planned = await plan({
      ...setup,
      target: target({ ...REALM, clients: [{ clientId: 'client-1234abcd', name: 'web' }] }),
      policy: { ...MERGE, issuedClients: 'create' },
      lookups: ISSUED,
    });
    expect(itemAt(planned, 'clients', 'web')).toMatchObject({
      reason: 'issued-before',
      other: 'client-1234abcd',
    });
    expect(planned.summary.empty).toBe(true);
  });

  it('are told of once, and what was created for them is not deleted as something that only the target has', async () => {
    const twins = {
      ...setup,
      target: target({
        ...REALM,
        clients: [{ clientId: 'client-1234abcd', name: 'web' }, { clientId: 'x' }],
      }),
      lookups: ISSUED,
    };
    const route = { ...setup.route, sections: { ...setup.route.sections } };
    route.sections.clients = { ...route.sections.clients, delete: true };
    for (const extra of ['keep', 'delete'] as const) {
      const planned = await plan({ ...twins, route, policy: { ...MERGE, issuedClients: 'create', extra } });
      const clients = planned.items.filter(({ section }) => section === 'clients');
      expect(clients.map(({ key, action }) => `${key} ${action}`)).toEqual([
        'web skip',
        extra === 'keep' ? 'x skip' : 'x delete',
      ]);
    }
  });
});

describe('replacing a realm', () => {
  const before: Bodies = {
    ...REALM,
    roles: [{ name: 'old' }, { name: 'buyer', description: 'Other' }, { name: 'same' }],
    clients: [{ clientId: 'kept', name: 'Kept' }],
    users: [ANN, BOB],
  };
  const wanted: Bodies = {
    ...REALM,
    roles: [{ name: 'buyer', description: 'One' }, { name: 'same' }, { name: 'new' }],
    users: [{ ...ANN, id: 'another', roles: ['new'] }],
  };
  const setup = {
    route,
    policy: { realm: 'overwrite', unsupported: 'skip' },
    source: source(wanted),
    target: target(before),
  } as const;

  it('counts what outlives it, and merges into that', async () => {
    const planned = await plan(setup);
    expect(planned.summary).toMatchObject({
      mode: 'overwrite',
      destructive: true,
      losses: { users: 1, passwordHashes: 1, records: {} },
    });
    expect(act(planned, 'roles', 'old')).toBe('skip survives');
    expect(act(planned, 'roles', 'buyer')).toBe('skip route-cannot');
    expect(act(planned, 'roles', 'same')).toBe('none');
    expect(act(planned, 'roles', 'new')).toBe('create only-in-source');
    expect(act(planned, 'clients', 'kept')).toBe('skip survives');
    const [first] = planned.summary.warnings;
    expect(first).toContain('3 roles and 1 client of the target stay');
    expect(first).toContain('groups and policies, which cannot be seen');
    expect(first).toContain('role mappings of deleted users');
    expect(planned.summary.warnings.join(' ')).toContain('“passwordPolicy” and “smtpConfig”');
  });

  it('counts nothing that is not there among it', async () => {
    const planned = await plan({ ...setup, target: target({ ...before, clients: [], roles: [] }) });
    expect(planned.summary.warnings[0]).toContain(
      'under its name: its groups and policies, which cannot be seen, stay and the role mappings',
    );
  });

  it('deletes users by id before anything is written, and creates those who return', async () => {
    const { items, summary } = await plan(setup);
    const singly = items.map((item) => singleItemsOf(item, summary.mode, route));
    expect(singly.flatMap(({ deletion }) => deletion ?? [])).toEqual([
      {
        section: 'users',
        key: 'ann',
        action: 'delete',
        body: {},
        targetId: 'id-of-ann',
        was: ANN,
      },
      {
        section: 'users',
        key: 'bob',
        action: 'delete',
        body: {},
        targetId: 'id-of-bob',
        was: BOB,
      },
    ]);
    expect(
      singly.flatMap(({ writing }) =>
        writing ? [`${writing.action} ${writing.section} ${writing.key}`] : [],
      ),
    ).toEqual(['create realm shop', 'create roles new', 'create users ann']);
  });

  it('removes it with its users, and says what stays', async () => {
    const removing = { ...setup, source: {}, policy: { realm: 'remove' } } as const;
    const { items, summary } = await plan(removing);
    expect(summary).toMatchObject({ mode: 'remove', losses: { users: 2, records: { realm: 1 } } });
    const singly = items.map((item) => singleItemsOf(item, summary.mode, route));
    expect(singly.filter(({ deletion }) => deletion)).toHaveLength(2);
    expect(singly.flatMap(({ writing }) => writing ?? [])).toEqual([
      { section: 'realm', key: 'shop', action: 'delete', body: {} },
    ]);
  });

  it('has nothing to remove where only what outlives a realm is left', async () => {
    const { clients, roles } = target(before);
    const { summary } = await plan({
      route,
      policy: { realm: 'remove' },
      source: {},
      target: { clients: clients!, roles: roles! },
      leftovers: true,
    });
    expect(summary).toMatchObject({ empty: true, blocked: false });
  });

  it('stops a new realm that would take over what an old one left, until that is decided', async () => {
    const { realm: _gone, ...left } = target(before);
    const setupOf = (leftovers?: 'adopt' | 'remove') => ({
      route,
      source: source(wanted),
      target: left,
      leftovers: true as const,
      policy: { users: 'merge' as const, unsupported: 'skip' as const, ...(leftovers && { leftovers }) },
    });
    expect(act(await plan(setupOf()), 'realm', 'shop')).toBe('conflict leftovers');
    // Nothing of these could be deleted, and so that is not offered.
    const { roles } = target(before);
    const staying = await plan({ ...setupOf(), target: { roles: roles! } });
    expect(act(staying, 'realm', 'shop')).toBe('conflict leftovers-stay');
    const adopted = await plan(setupOf('adopt'));
    expect(act(adopted, 'users', 'bob')).toBe('skip only-in-target-kept');
    expect(act(adopted, 'roles', 'old')).toBe('skip only-in-target-kept');
    const removed = await plan(setupOf('remove'));
    expect(act(removed, 'users', 'bob')).toBe('delete deleted-with-realm');
    expect(act(removed, 'roles', 'old')).toBe('skip survives');
    expect(adopted.summary.leftovers).toBeUndefined();
    expect(Object.keys(removed.summary.leftovers!.deleted)).toEqual(['users']);
    expect(Object.keys(removed.summary.leftovers!.staying)).toEqual(['roles', 'clients']);
  });

  it('speaks of one record as of one', async () => {
    const one = await plan({
      route,
      policy: { ...MERGE, extra: 'delete' },
      source: source(REALM),
      target: target({ ...REALM, roles: [{ name: 'old' }], users: [{ ...ANN, roles: ['old'] }] }),
    });
    const told = one.summary.warnings.join('\n');
    expect(told).toContain('1 role will stay on the target: this channel cannot delete it.');
    expect(told).toContain(
      '1 role mapping of 1 user who is deleted stays and points at nobody: this channel cannot delete it.',
    );
    const over = await plan({
      route,
      policy: { ...MERGE, realm: 'overwrite' },
      source: source(REALM),
      target: target({ ...REALM, roles: [{ name: 'old' }] }),
    });
    expect(over.summary.warnings.join(' ')).toContain('1 role of the target stays');
  });
});

describe('bringing back what a deleted realm had left behind', () => {
  const before: Bodies = { roles: [{ name: 'buyer' }], users: [ANN] };
  const policy = {
    ...MERGE,
    clients: 'update',
    extra: 'delete',
    exact: true,
    leftovers: 'adopt',
  } as const;
  const setup = {
    route,
    policy,
    source: target(before),
    target: target({
      ...REALM,
      roles: [{ name: 'buyer' }, { name: 'seller' }],
      clients: [{ clientId: 'client-1', name: 'Shop' }],
      users: [{ ...ANN, email: 'new@example.com' }, BOB],
    }),
  };

  it('deletes the realm alone, and what is not of before as far as it can be deleted', async () => {
    const planned = await plan(setup);
    expect(act(planned, 'realm', 'shop')).toBe('delete only-in-target-deleted');
    expect(act(planned, 'users', 'ann')).toBe('update differs');
    expect(act(planned, 'users', 'bob')).toBe('delete only-in-target-deleted');
    expect(act(planned, 'roles', 'seller')).toBe('skip route-cannot');
    expect(planned.summary).toMatchObject({
      mode: 'merge',
      leavesNoRealm: true,
      destructive: true,
      blocked: false,
      losses: { users: 1, passwordHashes: 0, sessions: 'all', records: { realm: 1 } },
    });
    expect(planned.summary.warnings.join(' ')).toMatch(
      /no realm “shop”, only these records under its name\. What has come since of roles, .* and policies cannot be deleted over this channel: it stays as well, without a realm,/,
    );
    const { context, lean } = planned;
    const deviations = async (realm: readonly JsonObject[]): Promise<unknown> =>
      await gather(
        verifyApplied({
          context,
          before: setup.target,
          after: target({
            realm,
            roles: [{ name: 'buyer' }, { name: 'seller' }],
            clients: [{ clientId: 'client-1', name: 'Shop' }],
            users: [ANN],
          }),
          entries: batched(lean),
        }),
      );
    expect(await deviations([])).toEqual([]);
    expect(await deviations(REALM.realm)).toEqual([
      { section: 'realm', key: 'shop', kind: 'unexpected', changes: [] },
    ]);
  });

  it('does the same where the realm is gone already', async () => {
    const { realm: _, ...rest } = setup.target;
    const planned = await plan({ ...setup, target: rest, leftovers: true });
    expect(itemAt(planned, 'realm', 'shop')).toBeUndefined();
    expect(act(planned, 'users', 'bob')).toBe('delete only-in-target-deleted');
    expect(itemAt(planned, 'users', 'ann')).toMatchObject({ action: 'update', targetId: ANN.id });
    expect(planned.summary).toMatchObject({
      mode: 'create',
      leavesNoRealm: true,
      losses: { users: 1, sessions: 0, records: {} },
    });
  });

  it('leaves a realm alone that is only merged into, or whose route cannot delete it without the rest', async () => {
    const { exact: _, ...merge } = policy;
    const merged = await plan({ ...setup, policy: merge });
    expect(itemAt(merged, 'realm', 'shop')).toBeUndefined();
    expect(merged.summary.leavesNoRealm).toBeUndefined();
    const whole = await plan({ ...setup, route: keepingRoute });
    expect(itemAt(whole, 'realm', 'shop')).toBeUndefined();
    expect(whole.summary.leavesNoRealm).toBeUndefined();
  });
});
