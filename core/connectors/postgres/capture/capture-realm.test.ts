import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSandbox, type EnvironmentHandle, type Sandbox } from '../../../../sandbox/index.ts';
import { canonicalInstant } from '../../../model/instant.ts';
import { parseLine } from '../../../model/exact-json.ts';
import { compareKeys } from '../../../model/key-order.ts';
import { naturalKey } from '../../../model/natural-key.ts';
import { REDACTED } from '../../../model/secret.ts';
import type { JsonObject } from '../../../model/record.ts';
import { SECTIONS, type Section } from '../../../model/sections.ts';
import type { CaptureFacts } from '../../../model/snapshot.ts';
import type { CaptureOptions } from '../../connector.ts';
import { Databases } from '../databases.ts';
import { connectionsLeft, withOwner } from '../testing/server-side.ts';
import { captureRealm } from './capture-realm.ts';
import type { RoleSetLimits } from './role-sets.ts';

type Source = Parameters<typeof captureRealm>[0];

const never = new AbortController().signal;
const REALM = 'r';

let sandbox: Sandbox;
let target: EnvironmentHandle;
let databases: Databases;

beforeAll(async () => {
  sandbox = await startSandbox({ environments: ['target'], seed: false, bcryptCost: 4 });
  target = sandbox.environment('target');
});
beforeEach(async () => {
  databases = new Databases({ name: 'target', url: target.pgUrl });
  await target.query('realm', 'INSERT INTO realms (name) VALUES ($1)', [REALM]);
});
afterEach(async () => {
  await databases.close();
  await target.query('realm', 'TRUNCATE realms');
  await target.query('user', 'TRUNCATE users CASCADE');
  await target.query('rbac', 'TRUNCATE roles, groups, policies, user_role_mappings CASCADE');
  await target.query('client', 'TRUNCATE oauth_clients');
});
afterAll(() => sandbox.stop());

interface Read {
  readonly facts: CaptureFacts;
  readonly of: Readonly<Record<Section, readonly JsonObject[]>>;
  readonly ordered: ReadonlySet<Section>;
}

async function read(options: CaptureOptions = {}, more: Partial<Source> = {}, realm = REALM): Promise<Read> {
  const capture = captureRealm({ databases, ...more }, realm, options, never);
  const of = Object.fromEntries(SECTIONS.map((section) => [section, []])) as unknown as Record<
    Section,
    JsonObject[]
  >;
  const ordered = new Set<Section>();
  for await (const { section, records, ordered: inOrder } of capture.batches) {
    expect(records.length).toBeGreaterThan(0);
    expect(records.length).toBeLessThanOrEqual(1_000);
    if (inOrder) ordered.add(section);
    else expect(ordered.has(section)).toBe(false);
    for (const { key, line } of records) {
      const body = parseLine(line);
      expect(key).toBe(naturalKey(section, body));
      of[section].push(body);
    }
  }
  for (const section of ordered) {
    const keys = of[section].map((body) => naturalKey(section, body));
    expect(keys).toEqual([...keys].sort(compareKeys));
  }
  return { facts: capture.facts(), of, ordered };
}

async function addUser(username: string, columns: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const row = { realm_name: REALM, username, email: `${username}@x`, ...columns };
  const [added] = await target.query<{ id: string }>(
    'user',
    `INSERT INTO users (${Object.keys(row).join()}) VALUES (${Object.keys(row)
      .map((_, i) => `$${i + 1}`)
      .join()}) RETURNING id`,
    Object.values(row),
  );
  return added!.id;
}

async function addRole(name: string, realm = REALM): Promise<string> {
  const [added] = await target.query<{ id: string }>(
    'rbac',
    'INSERT INTO roles (realm_name, name) VALUES ($1, $2) RETURNING id',
    [realm, name],
  );
  return added!.id;
}

async function map(user: string, role: string, realm = REALM): Promise<void> {
  await target.query(
    'rbac',
    'INSERT INTO user_role_mappings (user_id, role_id, realm_name) VALUES ($1, $2, $3)',
    [user, role, realm],
  );
}

describe('values', () => {
  it('are those of the columns, and null columns are left out', async () => {
    await addUser('plain', { first_name: '', last_name: null, email_verified: true });
    const { of } = await read();
    expect(of.users).toEqual([
      {
        username: 'plain',
        email: 'plain@x',
        firstName: '',
        enabled: true,
        emailVerified: true,
        roles: [],
        id: expect.any(String) as string,
        createdAt: expect.stringMatching(/Z$/) as string,
        updatedAt: expect.stringMatching(/Z$/) as string,
      },
    ]);
    expect(Object.keys(of.realm[0]!)).not.toContain('displayName');
  });

  it('of time are in canonical form, however far away', async () => {
    const instants = [
      'infinity',
      '-infinity',
      '0044-03-15 12:00:00+00 BC',
      '4713-01-01 00:00:00+00 BC',
      '0001-01-01 00:00:00+00',
      '1582-10-15 00:00:00+00',
      '1857-01-01 00:00:00.000001+00',
      '1999-12-31 23:59:59.999999+00',
      '2000-01-01 00:00:00+00',
      '2000-02-29 01:02:03.1+02',
      '2100-02-28 23:59:59+00',
      '2142-12-31 00:00:00+00',
      '2400-02-29 00:00:00.5+00',
      '9999-12-31 23:59:59.999999+00',
      '10000-01-01 00:00:00+00',
      '294276-12-31 23:59:59.999999+00',
    ];
    for (const [i, at] of instants.entries())
      await addUser(`u${String(i).padStart(2, '0')}`, { created_at: at });
    await target.query(
      'rbac',
      `INSERT INTO roles (realm_name, name, created_at) SELECT $1, 'r' || n, at::timestamptz FROM unnest($2::text[]) WITH ORDINALITY AS all_of (at, n)`,
      [REALM, instants],
    );
    const told = await withOwner(target.pgUrl, 'opengate_user', async (client) => {
      await client.query(`SET TimeZone = 'UTC'`);
      const { rows } = await client.query<{ at: string }>(
        'SELECT to_json(created_at)::text AS at FROM users ORDER BY username COLLATE "C"',
      );
      return rows.map(({ at }) => canonicalInstant(JSON.parse(at) as string));
    });
    const { of } = await read();
    expect(of.users.map((user) => user['createdAt'])).toEqual(told);
    expect(told).toContain('9999-12-31T23:59:59.999999Z');
    expect(new Set(of.roles.map((role) => role['createdAt']))).toEqual(new Set(told));
    // What was read means the same to the server again.
    const again = await target.query<{ same: boolean }>(
      'user',
      'SELECT bool_and(created_at = at::timestamptz) AS same FROM users JOIN unnest($1::text[], $2::text[]) AS told (name, at) ON name = username',
      [of.users.map((user) => user['username']), told],
    );
    expect(again).toEqual([{ same: true }]);
  });

  it('of names are ordered by their bytes, whatever the characters', async () => {
    for (const name of [
      'z',
      'Z',
      'ﬀ',
      '😀',
      'é',
      'e\u0301',
      ' ',
      '"',
      '\\',
      '\u0001',
      '\u007f',
      'a b',
      'a',
      'ab',
    ])
      await addUser(name);
    const { ordered, of } = await read();
    expect(of.users).toHaveLength(14);
    expect(ordered).toEqual(new Set(['users']));
  });
});

describe('the realm', () => {
  it('has its two settings as JSON, and what is no JSON as text', async () => {
    const settings = async (policy: unknown, smtp: unknown): Promise<JsonObject> => {
      await target.query('realm', 'UPDATE realms SET password_policy = $1, smtp_settings = $2', [
        policy,
        smtp,
      ]);
      return (await read({ sections: ['realm'] })).of.realm[0]!;
    };
    expect(await settings('{"b":1,"a":{"z":1,"y":12345678901234567890}}', ' {"host":"h"} ')).toMatchObject({
      passwordPolicy: { a: {}, b: 1 },
      smtpConfig: { host: 'h' },
    });
    expect(await settings('length(8)', '{"host":')).toMatchObject({
      passwordPolicy: 'length(8)',
      smtpConfig: '{"host":',
    });
    expect(await settings(null, null)).not.toHaveProperty('smtpConfig');
  });

  it('has them also where the columns are jsonb still', async () => {
    await target.query(
      'realm',
      `UPDATE realms SET password_policy = '{"min": 8}', smtp_settings = '{"host": "h", "port": 25}'`,
    );
    const text = (type: string, using: string) =>
      target.query(
        'realm',
        `ALTER TABLE realms ALTER password_policy TYPE ${type} USING password_policy::${using}, ALTER smtp_settings TYPE ${type} USING smtp_settings::${using}`,
      );
    const before = await read({ sections: ['realm'] });
    await text('jsonb', 'jsonb');
    const after = new Databases({ name: 'target', url: target.pgUrl });
    try {
      expect((await read({ sections: ['realm'] }, { databases: after })).of).toEqual(before.of);
    } finally {
      await after.close();
      await text('text', 'text');
    }
  });

  it('that is not there is REALM_NOT_FOUND, whatever is asked for; its leftovers can be asked for', async () => {
    await addUser('lost', { realm_name: 'gone' });
    for (const name of ['gone', "'; DROP TABLE users; --", 'back\\slash', 'R', '', 'r\0'])
      await expect(read({ sections: ['users'] }, {}, name)).rejects.toMatchObject({
        code: 'REALM_NOT_FOUND',
      });
    const { of, facts } = await read({ leftovers: true }, {}, 'gone');
    expect(of.realm).toEqual([]);
    expect(of.users).toHaveLength(1);
    expect(facts.sections).toEqual(SECTIONS);
  });
});

describe('what the server has more of than we know', () => {
  it('is kept: columns of any type, in every section, doubled where null', async () => {
    const columns = `nick_name text, level numeric, born date, seen_at timestamptz, tags text[], extra jsonb, raw json, nothing text, "x y" int`;
    const values = `nick_name = 'N"', level = 12345678901234567890.123, born = '2001-02-03', seen_at = '2020-01-01 00:00:00.5+01', tags = '{a,NULL,"b,c"}', extra = '{"b":1,"a":"******"}', raw = '{"b":1.0,"a":[]}', "x y" = 7`;
    const add = columns
      .split(', ')
      .map((column) => `ADD COLUMN ${column}`)
      .join(', ');
    const drop = columns
      .split(', ')
      .map((column) => `DROP COLUMN ${/^("[^"]*"|\w+)/.exec(column)![0]}`)
      .join(', ');
    const id = await addUser('u');
    await target.query(
      'user',
      `INSERT INTO user_credentials (user_id, credential_type, secret_hash) VALUES ($1, 'PASSWORD', '$2a$x')`,
      [id],
    );
    await target.query(
      'user',
      `INSERT INTO user_social_links (user_id, provider, provider_user_id) VALUES ($1, 'g', '1')`,
      [id],
    );
    await target.query('client', `INSERT INTO oauth_clients (realm_name, client_id) VALUES ($1, 'c')`, [
      REALM,
    ]);
    await addRole('role');
    await target.query('rbac', `INSERT INTO groups (realm_name, name, path) VALUES ($1, 'g', '/g')`, [REALM]);
    await target.query('rbac', `INSERT INTO policies (realm_name, name) VALUES ($1, 'p')`, [REALM]);
    const tables = [
      ['realm', 'realms'],
      ['user', 'users'],
      ['user', 'user_credentials'],
      ['user', 'user_social_links'],
      ['client', 'oauth_clients'],
      ['rbac', 'roles'],
      ['rbac', 'groups'],
      ['rbac', 'policies'],
    ] as const;
    for (const [database, table] of tables) await target.query(database, `ALTER TABLE ${table} ${add}`);
    try {
      for (const [database, table] of tables) await target.query(database, `UPDATE ${table} SET ${values}`);
      const { of, facts } = await read();
      for (const section of SECTIONS) {
        expect(of[section]).toHaveLength(1);
        expect(of[section][0]).toMatchObject({
          nickName: 'N"',
          born: '2001-02-03',
          seenAt: '2019-12-31T23:00:00.5+00:00',
          tags: ['a', null, 'b,c'],
          extra: { a: REDACTED, b: 1 },
          raw: { a: [], b: 1 },
          'x y': 7,
        });
        expect(JSON.stringify(of[section][0])).toContain('"level":12345678901234567890.123');
        expect(of[section][0]).not.toHaveProperty('nothing');
        expect(facts.knows[section]).toEqual(expect.arrayContaining(['nickName', 'level', 'nothing']));
      }
    } finally {
      for (const [database, table] of tables) await target.query(database, `ALTER TABLE ${table} ${drop}`);
    }
  });
});

describe('rows that are one record', () => {
  it('of credentials: the newest, with the others', async () => {
    const alice = await addUser('alice');
    const bob = await addUser('bob');
    const add = (user: string, type: string, hash: string, updated: string, created = updated) =>
      target.query(
        'user',
        'INSERT INTO user_credentials (user_id, credential_type, secret_hash, created_at, updated_at) VALUES ($1, $2, $3, $4, $5)',
        [user, type, hash, created, updated],
      );
    await add(alice, 'PASSWORD', '$middle', '2021-01-01Z');
    await add(alice, 'PASSWORD', '$newest', '2022-01-01Z');
    await add(alice, 'PASSWORD', '$oldest', '2020-01-01Z');
    await add(alice, 'OTP', '$otp', '2020-01-01Z');
    await add(bob, 'PASSWORD', '$second', '2020-01-01Z', '2019-01-02Z');
    await add(bob, 'PASSWORD', '$first', '2020-01-01Z', '2019-01-01Z');
    const { of } = await read();
    expect(of.credentials).toMatchObject([
      { username: 'alice', type: 'OTP', secretHash: '$otp' },
      {
        username: 'alice',
        type: 'PASSWORD',
        secretHash: '$newest',
        additional: [
          { secretHash: '$oldest', createdAt: '2020-01-01T00:00:00Z', updatedAt: '2020-01-01T00:00:00Z' },
          { secretHash: '$middle', createdAt: '2021-01-01T00:00:00Z', updatedAt: '2021-01-01T00:00:00Z' },
        ],
      },
      { username: 'bob', secretHash: '$second', additional: [{ secretHash: '$first' }] },
    ]);
    expect(of.credentials[0]).not.toHaveProperty('additional');
    expect(Object.keys((of.credentials[1]!['additional'] as JsonObject[])[0]!).sort()).toEqual([
      'createdAt',
      'id',
      'secretHash',
      'updatedAt',
    ]);
  });

  it('of credentials, also where batches meet', async () => {
    await target.query(
      'user',
      `INSERT INTO users (realm_name, username, email) SELECT $1, lpad(n::text, 5, '0'), n::text FROM generate_series(1, 3000) AS n`,
      [REALM],
    );
    await target.query(
      'user',
      `INSERT INTO user_credentials (user_id, credential_type, secret_hash, updated_at) SELECT id, 'PASSWORD', '$' || n, timestamptz '2020-01-01Z' + n * interval '1 s' FROM users, generate_series(1, 3) AS n`,
    );
    const { of } = await read();
    expect(of.credentials).toHaveLength(3_000);
    for (const record of of.credentials)
      expect(record).toMatchObject({
        secretHash: '$3',
        additional: [{ secretHash: '$1' }, { secretHash: '$2' }],
      });
  });

  it('of policies: the first, with the others', async () => {
    const add = (name: string, resource: string | null, effect: string, conditions: string | null) =>
      target.query(
        'rbac',
        'INSERT INTO policies (realm_name, name, resource, effect, conditions) VALUES ($1, $2, $3, $4, $5)',
        [REALM, name, resource, effect, conditions],
      );
    await add('b', 'x', 'PERMIT', null);
    await add('a', null, 'DENY', '{"n": 1.50}');
    await add('a', 'z', 'PERMIT', '{"b": 2, "a": 12345678901234567890}');
    await add('a', 'y', 'PERMIT', null);
    const { of } = await read();
    expect(of.policies).toMatchObject([
      {
        name: 'a',
        resource: 'y',
        effect: 'PERMIT',
        additional: [
          { resource: 'z', effect: 'PERMIT' },
          { effect: 'DENY', conditions: { n: 1.5 } },
        ],
      },
      { name: 'b', resource: 'x' },
    ]);
    expect(JSON.stringify(of.policies[0])).toContain('12345678901234567890');
  });

  it('of groups: those of one path, with the roles of both, and a warning', async () => {
    const [admin, viewer] = [await addRole('admin'), await addRole('viewer')];
    const other = await addRole('elsewhere', 'other');
    const add = async (name: string, path: string | null, parent: string | null, roles: string[] = []) => {
      const [row] = await target.query<{ id: string }>(
        'rbac',
        'INSERT INTO groups (realm_name, name, path, parent_id) VALUES ($1, $2, $3, $4) RETURNING id',
        [REALM, name, path, parent],
      );
      for (const role of roles)
        await target.query('rbac', 'INSERT INTO group_role_mappings (group_id, role_id) VALUES ($1, $2)', [
          row!.id,
          role,
        ]);
      return row!.id;
    };
    const top = await add('top', null, null, [viewer, admin]);
    const middle = await add('middle', null, top);
    await add('leaf', null, middle, [admin, other]);
    await add('twin', '/twin', null, [admin]);
    await add('twin', '/twin', null, [viewer]);
    await add('moved', '/elsewhere/moved', top);
    const { of, facts } = await read();
    expect(of.groups).toMatchObject(
      [
        { path: '/elsewhere/moved', name: 'moved', roles: [] },
        { path: '/top', name: 'top', roles: ['admin', 'viewer'] },
        { path: '/top/middle', roles: [] },
        { path: '/top/middle/leaf', roles: ['admin'] },
        { path: '/twin', roles: ['admin', 'viewer'] },
      ].sort((a, b) => compareKeys(a.path, b.path)),
    );
    expect(facts.warnings).toEqual([
      expect.stringMatching(/Roles that are not the realm’s were left out of a group/),
      expect.stringMatching(/More than one group has the path “\/twin”/),
      expect.stringMatching(/does not agree with the groups above \(“\/elsewhere\/moved”\)/),
    ]);
  });

  it('groups that are each other’s parents end somewhere', async () => {
    const rows = await target.query<{ id: string }>(
      'rbac',
      `INSERT INTO groups (realm_name, name) VALUES ($1, 'a'), ($1, 'b') RETURNING id`,
      [REALM],
    );
    await target.query(
      'rbac',
      'UPDATE groups SET parent_id = CASE WHEN id = $1 THEN $2::uuid ELSE $1::uuid END',
      rows.map(({ id }) => id),
    );
    expect((await read()).of.groups).toMatchObject([
      { path: '/a', parent: '/b' },
      { path: '/b', parent: '/a' },
    ]);
  });
});

describe('the roles of users', () => {
  const SMALL: RoleSetLimits[] = [
    { users: 4_000_000, sets: 100_000 },
    { users: 3, sets: 100_000 },
    { users: 4_000_000, sets: 2 },
    { users: 1, sets: 1 },
  ];

  it.each(SMALL)('are the same whatever fits into memory: %o', async (limits) => {
    const roles: string[] = [];
    for (const name of ['b', 'a', 'c']) roles.push(await addRole(name));
    const users: string[] = [];
    for (let i = 0; i < 20; i++) users.push(await addUser(`user ${String(i).padStart(2, '0')}`));
    for (const [i, user] of users.entries())
      for (const [r, role] of roles.entries()) if ((i >> r) % 2 === 1) await map(user, role);
    const stranger = '00000000-0000-4000-8000-000000000001';
    await map(stranger, roles[0]!);
    await map(stranger, roles[1]!);
    await map(users[0]!, await addRole('foreign', 'other'));
    await map(users[1]!, roles[2]!, 'other');
    await map(stranger, await addRole('theirs', 'other'), 'other');
    const { of, facts, ordered } = await read({}, { limits });
    const found = [...of.users].sort((a, b) => compareKeys(a['username'] as string, b['username'] as string));
    expect(found.map((user) => user['roles'])).toEqual(
      users.map((_user, i) => ['b', 'a', 'c'].filter((_name, r) => (i >> r) % 2 === 1).sort()),
    );
    expect(ordered.has('users')).toBe(limits.users > 3 && limits.sets > 2);
    expect(new Set(facts.warnings)).toEqual(
      new Set([
        `2 role mappings were left out: no user of the realm has the id that they point to (user ${stranger}).`,
        `One role mapping was left out: they point to roles that are not the realm’s (user ${users[0]}).`,
        `One role mapping was left out: they point to roles of this realm, but bear the name of another, so OpenGate does not count them (user ${users[1]}).`,
      ]),
    );
  });

  it('that point nowhere are counted, and five of them named', async () => {
    const role = await addRole('r');
    await target.query(
      'rbac',
      'INSERT INTO user_role_mappings (user_id, role_id, realm_name) SELECT gen_random_uuid(), $1, $2 FROM generate_series(1, 12)',
      [role, REALM],
    );
    const { facts } = await read();
    expect(facts.warnings).toHaveLength(1);
    expect(facts.warnings[0]).toMatch(
      /^12 role mappings were left out: .* \(users (?:[0-9a-f-]{36}, ){5}…\)\.$/,
    );
  });

  it('are unknown, not empty, where the tables of the rbac service are not found', async () => {
    await addUser('u');
    await target.query('rbac', 'ALTER TABLE roles RENAME TO roles_hidden');
    const without = new Databases({ name: 'target', url: target.pgUrl });
    try {
      const { of, facts } = await read({}, { databases: without });
      expect(of.users).toHaveLength(1);
      expect(of.users[0]).not.toHaveProperty('roles');
      expect(facts.knows.users).not.toContain('roles');
      expect(facts.sections).toEqual(['realm', 'clients', 'users', 'credentials', 'socialLinks']);
      expect(facts.missing.map(({ section, member }) => [section, member])).toEqual([
        ['roles', undefined],
        ['groups', undefined],
        ['policies', undefined],
        ['users', 'roles'],
      ]);
      expect(facts.missing[0]!.reason).toMatch(/\.$/);
      await expect(read({ sections: ['roles'] }, { databases: without })).rejects.toMatchObject({
        code: 'SCHEMA_UNSUPPORTED',
      });
    } finally {
      await without.close();
      await target.query('rbac', 'ALTER TABLE roles_hidden RENAME TO roles');
    }
  });
});

describe('rows without a name', () => {
  it('are left out with what belongs to them, and counted; the realm is read', async () => {
    const [nobody, alice] = [await addUser('', { email: 'n@x' }), await addUser('alice')];
    const others = await target.query<{ id: string }>(
      'client',
      `INSERT INTO oauth_clients (realm_name, client_id) VALUES ($1, ''), ($1, 'web') RETURNING id`,
      [REALM],
    );
    const policies = await target.query<{ id: string }>(
      'rbac',
      `INSERT INTO policies (realm_name, name, effect) SELECT $1, '', 'DENY' FROM generate_series(1, 4) RETURNING id`,
      [REALM],
    );
    await target.query('rbac', `INSERT INTO policies (realm_name, name, effect) VALUES ($1, 'p', 'DENY')`, [
      REALM,
    ]);
    const [role, admin] = [await addRole(''), await addRole('admin')];
    for (const user of [nobody, alice]) for (const each of [role, admin]) await map(user, each);
    await target.query(
      'rbac',
      `WITH g AS (INSERT INTO groups (realm_name, name, path) VALUES ($1, 'g', '/g') RETURNING id)
       INSERT INTO group_role_mappings (group_id, role_id) SELECT g.id, r.id FROM g, roles AS r`,
      [REALM],
    );
    const odd = '00000000-0000-4000-8000-00000000000a';
    await target.query(
      'user',
      `INSERT INTO user_credentials (id, user_id, credential_type, secret_hash)
       VALUES (gen_random_uuid(), $1, 'PASSWORD', '$a'), (gen_random_uuid(), $1, 'PASSWORD', '$b'),
              (gen_random_uuid(), $2, 'PASSWORD', '$c'), ($3, $2, '', '$d')`,
      [nobody, alice, odd],
    );
    await target.query(
      'user',
      `INSERT INTO user_social_links (user_id, provider, provider_user_id) VALUES ($1, 'github', '1'), ($2, 'github', '2')`,
      [nobody, alice],
    );
    const wholly = await read();
    const inPieces = await read({}, { limits: { users: 1, sets: 1 } });
    for (const { of } of [wholly, inPieces]) {
      expect(of.users).toMatchObject([{ username: 'alice', roles: ['admin'] }]);
      expect(of.roles).toMatchObject([{ name: 'admin' }]);
      expect(of.clients).toMatchObject([{ clientId: 'web' }]);
      expect(of.policies).toMatchObject([{ name: 'p' }]);
      expect(of.policies[0]).not.toHaveProperty('additional');
      expect(of.groups).toMatchObject([{ path: '/g', roles: ['admin'] }]);
      expect(of.credentials).toMatchObject([{ username: 'alice', type: 'PASSWORD', secretHash: '$c' }]);
      expect(of.socialLinks).toMatchObject([{ providerUserId: '2', username: 'alice' }]);
    }
    const [client] = others;
    const { warnings } = wholly.facts;
    expect(warnings).toHaveLength(7);
    expect(warnings).toEqual(
      expect.arrayContaining([
        `1 user has an empty name and is not in this snapshot (id ${nobody}), nor what belongs to it: 2 credentials, 1 social link.`,
        `1 role has an empty name and is not in this snapshot (id ${role}).`,
        `1 client has an empty client id and is not in this snapshot (id ${client!.id}).`,
        `1 credential has an empty type and is not in this snapshot (id ${odd}).`,
        expect.stringMatching(
          /^2 role mappings were left out: they point to roles with an empty name \(users /,
        ),
        expect.stringMatching(/^Roles with an empty name were left out of a group /),
      ]),
    );
    const policyWarning = warnings.find((warning) => warning.startsWith('4 policies have an empty name'))!;
    expect(policyWarning).toMatch(/are not in this snapshot \(ids (?:[0-9a-f-]{36}, ){3}…\)\.$/);
    expect(policies.filter(({ id }) => policyWarning.includes(id))).toHaveLength(3);
    const alone = await read({ sections: ['credentials', 'socialLinks'] });
    expect(alone.facts.warnings).toContain(
      'What belongs to users with an empty name is not in this snapshot: 2 credentials, 1 social link.',
    );
  });
});

describe('without credentials', () => {
  it('no hash is read, and the state of client secrets is told', async () => {
    const id = await addUser('u');
    await target.query(
      'user',
      `INSERT INTO user_credentials (user_id, credential_type, secret_hash) VALUES ($1, 'PASSWORD', 'canary')`,
      [id],
    );
    await target.query(
      'client',
      `INSERT INTO oauth_clients (realm_name, client_id, client_secret_hash) VALUES ($1, 'with', 'canary'), ($1, 'without', NULL)`,
      [REALM],
    );
    const { of, facts } = await read({ credentials: false });
    expect(JSON.stringify(of)).not.toContain('canary');
    expect(of.clients).toMatchObject([{ clientId: 'with', clientSecret: REDACTED }, { clientId: 'without' }]);
    expect(of.clients[1]).not.toHaveProperty('clientSecret');
    expect(facts.sections).not.toContain('credentials');
    expect(facts.missing).toContainEqual({
      section: 'credentials',
      reason: 'Password hashes were left out, as asked for.',
    });
    expect(facts.knows.clients).toContain('clientSecret');
    expect(facts.knows.clients).not.toContain('secretHash');
    const all = await read();
    expect(all.of.clients).toMatchObject([
      { clientId: 'with', secretHash: 'canary' },
      { clientId: 'without' },
    ]);
    expect(all.facts.knows.clients).toContain('secretHash');
  });
});

describe('the facts', () => {
  it('tell channel, version, window and what was not asked for; and not before the end', async () => {
    const capture = captureRealm({ databases }, REALM, { sections: ['users', 'roles'] }, never);
    expect(() => capture.facts()).toThrow(/before its end/);
    const { facts } = await read({ sections: ['users', 'roles'] });
    expect(facts).toMatchObject({
      realm: REALM,
      channel: 'postgres',
      dialect: expect.stringContaining('flyway') as string,
      serverVersion: expect.stringContaining('PostgreSQL') as string,
      sections: ['roles', 'users'],
      warnings: [],
    });
    expect(Date.parse(facts.window!.from)).toBeLessThanOrEqual(Date.parse(facts.window!.to));
    expect(facts.missing).toContainEqual({ section: 'clients', reason: 'It was not asked for.' });
    expect(facts.missing).toHaveLength(6);
  });
});

describe('within transactions that are given', () => {
  async function fill(): Promise<void> {
    await target.query(
      'user',
      `INSERT INTO users (realm_name, username, email) SELECT $1, 'user ' || n, n::text FROM generate_series(1, 8000) AS n`,
      [REALM],
    );
    await target.query(
      'user',
      `INSERT INTO user_credentials (user_id, credential_type, secret_hash) SELECT id, 'PASSWORD', '$2a$' FROM users`,
    );
    const role = await addRole('r');
    const users = await target.query<{ id: string }>('user', 'SELECT id FROM users');
    await target.query(
      'rbac',
      'INSERT INTO user_role_mappings (user_id, role_id, realm_name) SELECT id::uuid, $1, $2 FROM unnest($3::text[]) AS id',
      [role, REALM, users.map(({ id }) => id)],
    );
  }

  it('they see what these have written, and stay open', async () => {
    const transactions = await databases.begin(['user', 'rbac', 'client', 'realm'], 'write', never);
    try {
      await transactions
        .of('user')
        .query(
          `INSERT INTO ${(await databases.layout(never)).services.user!.tables.users!.sql} (realm_name, username, email) VALUES ('${REALM}', 'mine', 'm@x')`,
        );
      expect((await read({}, { within: transactions })).of.users).toHaveLength(1);
      expect((await read({}, {})).of.users).toHaveLength(0);
      expect((await read({}, { within: transactions })).of.users).toHaveLength(1);
    } finally {
      await transactions.rollback();
    }
  });

  it('they stay usable when the iteration is left, wherever that is', async () => {
    await fill();
    for (const leaveAt of ['realm', 'roles', 'users', 'credentials'] as const) {
      const transactions = await databases.begin(['user', 'rbac', 'client', 'realm'], 'write', never);
      try {
        for await (const { section } of captureRealm({ databases, within: transactions }, REALM, {}, never)
          .batches)
          if (section === leaveAt) break;
        for (const service of ['user', 'rbac', 'realm'] as const)
          expect(await transactions.of(service).query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
      } finally {
        await transactions.rollback();
      }
    }
  });

  it('of their own are closed when the iteration is left, and no connection stays', async () => {
    await fill();
    for (const leaveAt of ['realm', 'users', 'credentials'] as const) {
      for await (const { section } of captureRealm({ databases }, REALM, {}, never).batches)
        if (section === leaveAt) break;
      expect(await connectionsLeft(target.pgUrl)).toBe(0);
    }
  });

  it('a cancellation ends it at once', async () => {
    await fill();
    const abort = new AbortController();
    const work = (async () => {
      for await (const { section } of captureRealm({ databases }, REALM, {}, abort.signal).batches)
        if (section === 'users') abort.abort();
    })();
    await expect(work).rejects.toMatchObject({ code: 'CANCELED' });
  });

  it('a connection that breaks off is told, with how much had arrived', async () => {
    await fill();
    const work = (async () => {
      for await (const { section } of captureRealm({ databases }, REALM, {}, never).batches)
        if (section === 'users')
          await target.query(
            'user',
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'drawbridge'`,
          );
    })();
    await expect(work).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      message: expect.stringMatching(
        /^Could not read realm “r”: .*\. [\d,]+ records had arrived\.$/,
      ) as string,
      notChanged: 'No snapshot was made of what had arrived; nothing was changed.',
    });
  });
});

describe('services that lie in one database', () => {
  it('are read one after the other over one connection, in whatever pieces of the roles', async () => {
    const { SCHEMAS, FLYWAY_TABLE } = await import('../../../../sandbox/schema.ts');
    await withOwner(target.pgUrl, 'postgres', (client) => client.query('CREATE DATABASE one'));
    await withOwner(target.pgUrl, 'one', async (client) => {
      await client.query(FLYWAY_TABLE);
      for (const { tables, constraints } of Object.values(SCHEMAS)) await client.query(tables + constraints);
      await client.query(`
        INSERT INTO realms (name) VALUES ('${REALM}');
        INSERT INTO roles (realm_name, name) SELECT '${REALM}', 'role ' || n FROM generate_series(1, 3) AS n;
        INSERT INTO users (realm_name, username, email) SELECT '${REALM}', 'user ' || n, n::text FROM generate_series(1, 3000) AS n;
        INSERT INTO user_credentials (user_id, credential_type, secret_hash) SELECT id, 'PASSWORD', '$2a$' FROM users;
        INSERT INTO user_role_mappings (user_id, role_id, realm_name)
          SELECT users.id, roles.id, '${REALM}' FROM users, roles WHERE roles.name <> 'role 2' OR users.email LIKE '%7'`);
    });
    const databasesOf = { user: 'one', rbac: 'one', client: 'one', realm: 'one' };
    const one = new Databases({ name: 'target', url: target.pgUrl, databases: databasesOf });
    try {
      for (const limits of [
        { users: 4_000, sets: 100 },
        { users: 100, sets: 100 },
      ]) {
        const { of, facts } = await read({}, { databases: one, limits });
        expect(facts.warnings).toEqual([]);
        expect(of.credentials).toHaveLength(3_000);
        expect(of.users).toHaveLength(3_000);
        for (const { email, roles } of of.users)
          expect(roles).toEqual(
            (email as string).endsWith('7') ? ['role 1', 'role 2', 'role 3'] : ['role 1', 'role 3'],
          );
      }
    } finally {
      await one.close();
      await withOwner(target.pgUrl, 'postgres', (client) => client.query('DROP DATABASE one'));
    }
  });
});

describe('a database that checks no encoding', () => {
  it('with bytes that are no UTF-8: table, column and id are named; the others are read', async () => {
    await withOwner(target.pgUrl, 'postgres', (client) =>
      client.query(`CREATE DATABASE ascii_user TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'`),
    );
    const { SCHEMAS, FLYWAY_TABLE } = await import('../../../../sandbox/schema.ts');
    const id = await withOwner(target.pgUrl, 'ascii_user', async (client) => {
      await client.query(FLYWAY_TABLE + SCHEMAS.user.tables + SCHEMAS.user.constraints);
      await client.query(
        `INSERT INTO users (realm_name, username, email) VALUES ('${REALM}', 'ü', 'fine@x')`,
      );
      const { rows } = await client.query<{ id: string }>(
        `INSERT INTO users (realm_name, username, email) VALUES ('${REALM}', E'caf\\xe9', 'canary') RETURNING id`,
      );
      return rows[0]!.id;
    });
    const ascii = new Databases({ name: 'target', url: target.pgUrl, databases: { user: 'ascii_user' } });
    try {
      await expect(read({}, { databases: ascii })).rejects.toMatchObject({
        code: 'UNEXPECTED_ANSWER',
        message: expect.stringContaining(
          `column username of table users is not valid UTF-8: the row with id ${id}`,
        ) as string,
      });
      await withOwner(target.pgUrl, 'ascii_user', (client) =>
        client.query('DELETE FROM users WHERE id = $1', [id]),
      );
      expect((await read({}, { databases: ascii })).of.users).toMatchObject([{ username: 'ü' }]);
    } finally {
      await ascii.close();
      await withOwner(target.pgUrl, 'postgres', (client) => client.query('DROP DATABASE ascii_user'));
    }
  });

  it('another encoding is converted, and what is not in the order of UTF-8 says so', async () => {
    const { SCHEMAS, FLYWAY_TABLE } = await import('../../../../sandbox/schema.ts');
    for (const [encoding, ordered] of [
      ['LATIN1', true],
      ['EUC_JP', false],
    ] as const) {
      await withOwner(target.pgUrl, 'postgres', (client) =>
        client.query(`CREATE DATABASE other_user TEMPLATE template0 ENCODING '${encoding}' LOCALE 'C'`),
      );
      const names = encoding === 'LATIN1' ? ['zoé', 'ÿ', 'ascii'] : ['役割', 'あ', 'ascii', '～'];
      await withOwner(target.pgUrl, 'other_user', async (client) => {
        await client.query(FLYWAY_TABLE + SCHEMAS.user.tables + SCHEMAS.user.constraints);
        for (const name of names)
          await client.query(`INSERT INTO users (realm_name, username, email) VALUES ('${REALM}', $1, $1)`, [
            name,
          ]);
      });
      const other = new Databases({ name: 'target', url: target.pgUrl, databases: { user: 'other_user' } });
      try {
        const found = await read({}, { databases: other });
        expect(new Set(found.of.users.map((user) => user['username']))).toEqual(new Set(names));
        expect(found.ordered.has('users')).toBe(ordered);
      } finally {
        await other.close();
        await withOwner(target.pgUrl, 'postgres', (client) => client.query('DROP DATABASE other_user'));
      }
    }
  });
});
