import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startSandbox, type EnvironmentHandle, type Sandbox } from '../../../../sandbox/index.ts';
import { SCHEMAS } from '../../../../sandbox/schema.ts';
import { wholeContent } from '../../testing/conformance-whole-content.ts';
import type { RealmContent } from '../../testing/conformance-content.ts';
import { capture } from '../../testing/conformance-state.ts';
import type { ApplyItem, Connector } from '../../connector.ts';
import { canonicalBody } from '../../../model/canonical.ts';
import { naturalKey } from '../../../model/natural-key.ts';
import type { JsonObject } from '../../../model/record.ts';
import type { Section } from '../../../model/sections.ts';
import { createPostgresConnector } from '../index.ts';
import { applyAll, creations, failureOf, fingerprints, item, never } from '../testing/applying.ts';
import { plant } from '../testing/plant.ts';
import { withOwner } from '../testing/server-side.ts';

let sandbox: Sandbox;
let target: EnvironmentHandle;
let connector: Connector;
const opened: Connector[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({ environments: ['target'], seed: false, bcryptCost: 4 });
  target = sandbox.environment('target');
  connector = createPostgresConnector({ name: 'target', url: target.pgUrl });
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});
afterAll(async () => {
  await connector.close();
  await sandbox.stop();
});

/** One that has not looked at the tables yet. */
function anew(databases?: Record<string, string>): Connector {
  const fresh = createPostgresConnector({
    name: 'target',
    url: target.pgUrl,
    ...(databases && { databases }),
  });
  opened.push(fresh);
  return fresh;
}

async function records(of: Connector, realm: string, section: Section): Promise<JsonObject[]> {
  const { sections } = await capture(of, realm, [section]);
  return [...sections.get(section)!.values()];
}

const create = (realm: string, items: readonly ApplyItem[]): ApplyItem[] => [
  item('realm', 'create', { name: realm }),
  ...items,
];
const user = (username: string, body: JsonObject = {}): JsonObject => ({
  username,
  email: `${encodeURIComponent(username)}@odd.example`,
  enabled: true,
  emailVerified: false,
  roles: [],
  ...body,
});

it('a realm without a theme has none, whatever the column’s default: as the release creates it', async () => {
  const name = 'themeless';
  await applyAll(connector, { realm: name, mode: 'create' }, create(name, []));
  expect((await records(connector, name, 'realm'))[0]).not.toHaveProperty('loginTheme');
  const [row] = await target.query('realm', 'SELECT login_theme FROM realms WHERE name = $1', [name]);
  expect(row).toEqual({ login_theme: null });
});

describe('values that do not fit', () => {
  const cases: readonly [string, Section, JsonObject, string][] = [
    ['the character NUL', 'users', user('bad', { firstName: 'a\0b' }), 'firstName'],
    ['half a character', 'users', user('bad', { lastName: 'x\uD800' }), 'lastName'],
    ['NUL within JSON', 'realm', { name: 'odd', smtpConfig: { host: 'a\0' } }, 'smtpConfig'],
    ['NUL in a list', 'clients', { clientId: 'bad', scopes: ['ok', 'a\0'] }, 'scopes'],
    ['half a character in a role’s name', 'users', user('bad', { roles: ['\uDC00'] }), 'roles'],
    ['a text that is too long', 'users', user('bad', { firstName: 'x'.repeat(256) }), 'first_name'],
    ['a text for a number', 'realm', { name: 'odd', accessTokenLifespan: 'soon' }, 'token_lifespan_seconds'],
    [
      'an object for a number',
      'realm',
      { name: 'odd', accessTokenLifespan: { a: 1 } },
      'token_lifespan_seconds',
    ],
    ['a list for a text', 'roles', { name: 'bad', description: ['x'] }, 'description'],
    ['no e-mail', 'users', { username: 'bad', enabled: true }, 'email'],
    ['rows beside the main one that are none', 'policies', { name: 'bad', additional: 'x' }, 'additional'],
  ];
  for (const [what, section, body, member] of cases)
    for (const mode of ['create', 'merge'] as const)
      it(`${what}, ${mode}: the record and the member are named, the value is not`, async () => {
        const realm = `odd-${mode}`;
        const before = await fingerprints(target);
        const others: ApplyItem[] =
          section === 'users'
            ? [item('users', 'create', user('good')), item('users', 'create', body)]
            : [item(section, 'create', section === 'realm' ? { ...body, name: realm } : body)];
        if (mode === 'merge' && section === 'realm') others[0] = { ...others[0]!, action: 'update' };
        if (mode === 'merge') await target.query('realm', 'INSERT INTO realms (name) VALUES ($1)', [realm]);
        const merged = mode === 'merge' ? await fingerprints(target) : before;
        const items = mode === 'create' && section !== 'realm' ? create(realm, others) : others;
        const error = await failureOf(applyAll(connector, { realm, mode }, items), 'INVALID_DOCUMENT');
        expect(error.details).toMatchObject({ section, member, outcome: 'refused' });
        expect(error.message).toContain(section === 'realm' ? realm : '“bad”');
        expect(error.message).not.toContain('xxx');
        expect(error.notChanged).toContain('Nothing was written');
        expect(await fingerprints(target)).toEqual(merged);
        await target.query('realm', 'DELETE FROM realms WHERE name = $1', [realm]);
      });
});

describe('a rule of the database that a record breaks', () => {
  it.each(['create', 'merge'] as const)('is named with the record, in a %s', async (mode) => {
    await target.query('user', "ALTER TABLE users ADD CONSTRAINT only_here CHECK (email LIKE '%@here')");
    try {
      const others = [item('users', 'create', user('bad', { email: 'bad@there' }))];
      const realm = `ruled-${mode}`;
      if (mode === 'merge') await target.query('realm', 'INSERT INTO realms (name) VALUES ($1)', [realm]);
      const items = mode === 'create' ? create(realm, others) : others;
      const error = await failureOf(applyAll(connector, { realm, mode }, items), 'INVALID_DOCUMENT');
      expect(error.message).toContain(
        '“bad” (users) breaks a rule of the target’s database: constraint “only_here”',
      );
      expect(error.message).not.toContain('there');
    } finally {
      await target.query('user', 'ALTER TABLE users DROP CONSTRAINT only_here');
    }
  });
});

describe('what belongs to others', () => {
  it('an e-mail address, a social link: the constraint is named, nothing is written', async () => {
    await plant(target, wholeContent('owner'));
    await plant(target, wholeContent('taker'));
    const before = await fingerprints(target);
    const email = await failureOf(
      applyAll(connector, { realm: 'taker', mode: 'merge' }, [
        item('users', 'create', user('new', { email: 'u0@taker.example.com' })),
      ]),
      'TARGET_CHANGED',
    );
    expect(email.message).toContain('users_realm_name_email_key');
    const link = await failureOf(
      applyAll(connector, { realm: 'taker', mode: 'merge' }, [
        item('socialLinks', 'create', { provider: 'google', providerUserId: 'owner-1', username: 'bob' }),
      ]),
      'TARGET_CHANGED',
    );
    expect(link.message).toContain('provider');
    expect(await fingerprints(target)).toEqual(before);
  });

  it('ids that nobody refers to give way; those that the plan has decided do not', async () => {
    const source = wholeContent('owner');
    const copy = (change: (section: Section, record: JsonObject) => JsonObject): RealmContent => ({
      realm: 'copy',
      oddUsers: 0,
      sections: Object.fromEntries(
        Object.entries(source.sections).map(([section, all]) => [
          section,
          all.map((record) =>
            change(
              section as Section,
              JSON.parse(JSON.stringify(record).replaceAll('owner', 'copy')) as JsonObject,
            ),
          ),
        ]),
      ),
    });
    const before = await fingerprints(target);
    const taken = copy((_section, record) => record);
    await failureOf(
      applyAll(connector, { realm: 'copy', mode: 'create' }, creations(taken)),
      'TARGET_CHANGED',
    );
    expect(await fingerprints(target)).toEqual(before);
    const free = copy((section, { id, ...record }) =>
      ['credentials', 'socialLinks', 'policies'].includes(section) ? { id: id!, ...record } : record,
    );
    await applyAll(connector, { realm: 'copy', mode: 'create' }, creations(free));
    for (const section of ['credentials', 'socialLinks', 'policies'] as const) {
      const [there, here] = [
        await records(connector, 'owner', section),
        await records(connector, 'copy', section),
      ];
      expect(here).toHaveLength(there.length);
      const ids = new Set(there.map(({ id }) => id));
      expect(here.filter(({ id }) => ids.has(id))).toEqual([]);
    }
  });

  it('owners are found, whatever is asked for', async () => {
    const { owners } = connector;
    expect(await owners!.clientIds('taker', ['owner web', 'taker web', 'nobody’s', 'a\0'], never)).toEqual(
      new Map([['owner web', 'owner']]),
    );
    const key = (id: string) => naturalKey('socialLinks', { provider: 'google', providerUserId: id });
    expect(await owners!.socialLinks('taker', [key('owner-1'), key('taker-1'), key('x')], never)).toEqual(
      new Map([[key('owner-1'), 'owner']]),
    );
    for (const section of ['realm', 'roles', 'groups', 'clients', 'users'] as const) {
      const [record] = wholeContent('owner').sections[section]!;
      const id = record!['id'] as string;
      expect(await owners!.ids(section, [id.toUpperCase(), 'no uuid'], never)).toEqual(
        new Map([[id, { realm: 'owner', key: naturalKey(section, record!) }]]),
      );
    }
  });
});

describe('tables that are not quite those of v1.1.0', () => {
  it('columns of a newer release are written in every form', async () => {
    await withOwner(target.pgUrl, target.databases.user, (client) =>
      client.query(
        `CREATE TYPE place AS (street text, number int);
         ALTER TABLE users ADD nick_name varchar(20), ADD settings jsonb, ADD scores int[], ADD seen timestamptz,
           ADD home place, ADD tags jsonb[], ADD level int NOT NULL DEFAULT 7, ADD upper_name text GENERATED ALWAYS AS (upper(username)) STORED,
           ADD amount numeric, ADD constructor text;
         ALTER TABLE user_credentials ADD salt bytea`,
      ),
    );
    const newer = anew();
    const odd = user('newer', {
      nickName: 'tab\t{"x"}',
      settings: { a: [1, null, 'NULL'], deep: { b: 'Ω\\' } },
      scores: [3, 1, 2],
      seen: '2025-01-02T03:04:05.678901+00:00',
      home: { street: 'Main “St”, (1)', number: 7 },
      tags: [{ x: 'a"b\\' }, 'text', 3],
      level: 9,
      amount: 1.25,
    });
    const plain = user('plain');
    const credential = { username: 'newer', type: 'PASSWORD', secretHash: 'x', salt: '\\x00ff' };
    for (const mode of ['create', 'merge'] as const) {
      const realm = `newer-${mode}`;
      if (mode === 'merge') {
        await target.query('realm', 'INSERT INTO realms (name) VALUES ($1)', [realm]);
        await target.query(
          'user',
          `INSERT INTO users (realm_name, username, email) VALUES ($1, 'first', 'f@x.example')`,
          [realm],
        );
      }
      const mine = [
        item('users', 'create', odd),
        item('users', 'create', plain),
        item('credentials', 'create', credential),
      ];
      await applyAll(newer, { realm, mode }, mode === 'create' ? create(realm, mine) : mine);
      const users = (await capture(newer, realm)).sections.get('users')!;
      expect(users.get('newer')).toMatchObject(odd);
      expect(users.get('plain')).toMatchObject({ ...plain, level: 7 });
      expect(Object.keys(users.get('plain')!)).not.toContain('constructor');
      expect((await records(newer, realm, 'credentials'))[0]).toMatchObject(credential);
      await applyAll(newer, { realm, mode: 'merge' }, [
        item('users', 'update', {
          username: 'newer',
          nickName: null,
          home: { street: null, number: 1 },
          level: 3,
        }),
        item('users', 'update', { username: 'plain', settings: ['now'], tags: [null] }),
      ]);
      const after = (await capture(newer, realm)).sections.get('users')!;
      expect(after.get('newer')).toMatchObject({
        home: { street: null, number: 1 },
        level: 3,
        scores: [3, 1, 2],
      });
      expect(after.get('newer')).not.toHaveProperty('nickName');
      expect(after.get('plain')).toMatchObject({ settings: ['now'], tags: [null] });
    }
    const { sections } = await newer.capabilities(never);
    expect(sections.users.createMembers).toEqual(expect.arrayContaining(['nickName', 'home']));
    expect(sections.users.createMembers).not.toContain('upperName');
    expect(sections.users.textLimits).toMatchObject({ nickName: 20, email: 255 });
  });

  it('a column that must be filled and that we do not know is required; without it nothing is written', async () => {
    const older = anew();
    await older.capabilities(never);
    await withOwner(target.pgUrl, target.databases.rbac, (client) =>
      client.query(
        `ALTER TABLE policies ADD owner_team text; UPDATE policies SET owner_team = 'x'; ALTER TABLE policies ALTER owner_team SET NOT NULL`,
      ),
    );
    const newer = anew();
    expect((await newer.capabilities(never)).sections.policies.requiredMembers).toEqual(['ownerTeam']);
    const policy = item('policies', 'create', { name: 'p' });
    // One that has looked before the column came hears of it from the server.
    for (const [each, code] of [
      [newer, 'INVALID_DOCUMENT'],
      [older, 'REQUEST_REFUSED'],
    ] as const) {
      const error = await failureOf(applyAll(each, { realm: 'owner', mode: 'merge' }, [policy]), code);
      expect(error.details).toMatchObject({ outcome: 'refused' });
    }
    await applyAll(newer, { realm: 'owner', mode: 'merge' }, [
      item('policies', 'create', { name: 'p', ownerTeam: 'a' }),
    ]);
    await target.query('rbac', 'ALTER TABLE policies DROP owner_team');
  });

  it('jsonb settings of before migration V2', async () => {
    await target.query(
      'realm',
      'ALTER TABLE realms ALTER password_policy TYPE jsonb USING password_policy::jsonb, ALTER smtp_settings TYPE jsonb USING smtp_settings::jsonb',
    );
    const before = anew();
    const realm = { name: 'jsonb', passwordPolicy: 'text', smtpConfig: { host: 'x', list: [1, 'two'] } };
    await applyAll(before, { realm: 'jsonb', mode: 'create' }, [item('realm', 'create', realm)]);
    expect((await records(before, 'jsonb', 'realm'))[0]).toMatchObject(realm);
    await target.query(
      'realm',
      'ALTER TABLE realms ALTER password_policy TYPE text, ALTER smtp_settings TYPE text',
    );
    const after = anew();
    for (const passwordPolicy of ['plain text', '{"text": "that is JSON"}', '123', [1]]) {
      await applyAll(after, { realm: 'jsonb', mode: 'merge' }, [
        item('realm', 'update', { name: 'jsonb', passwordPolicy }),
      ]);
      expect((await records(after, 'jsonb', 'realm'))[0]).toMatchObject({ passwordPolicy });
    }
  });

  it('all services in one database, in schemas of any name', async () => {
    await withOwner(target.pgUrl, 'postgres', (client) => client.query('CREATE DATABASE "all in one"'));
    await withOwner(target.pgUrl, 'all in one', async (client) => {
      for (const { tables, constraints } of Object.values(SCHEMAS)) await client.query(tables + constraints);
    });
    const one = anew({ user: 'all in one', rbac: 'all in one', client: 'all in one', realm: 'all in one' });
    const content = wholeContent('one');
    await applyAll(one, { realm: 'one', mode: 'create' }, creations(content));
    const labels: string[] = [];
    await applyAll(one, { realm: 'one', mode: 'overwrite' }, creations(content), (step) => {
      labels.push(step.label);
      return Promise.resolve();
    });
    expect(labels.filter((label) => label.startsWith('commit'))).toEqual(['commit all in one']);
    await applyAll(one, { realm: 'one', mode: 'merge' }, [
      item('users', 'delete', { username: 'bob' }),
      item('users', 'update', { username: 'carol', roles: ['admin'] }),
    ]);
    const { sections } = await capture(one, 'one');
    expect([...sections.get('users')!.keys()]).toEqual(['alice', 'carol', 'tab\tand "\\N"']);
    expect(sections.get('users')!.get('carol')).toMatchObject({ roles: ['admin'] });
    expect(sections.get('credentials')!.size).toBe(2);
  });
});

describe('many', () => {
  const many = 12_000;
  const users = Array.from({ length: many }, (_, i) => `user-${String(i).padStart(6, '0')}`);

  it('users with credentials over several blocks: all arrive, and are removed without hours of triggers', async () => {
    const realm = 'many';
    const items = create(realm, [
      ...users.map((name, i) =>
        item('users', 'create', user(name, { roles: i % 2 === 0 ? ['even', 'all'] : ['all'] })),
      ),
      ...users.map((username, i) =>
        item('credentials', 'create', {
          username,
          type: 'PASSWORD',
          secretHash: `hash ${i}`,
          updatedAt: '2025-01-01T00:00:00Z',
          additional: Array.from({ length: 4 }, (_, n) => ({
            secretHash: `${n} of ${i}`,
            updatedAt: '2024-01-01T00:00:00Z',
          })),
        }),
      ),
    ]);
    await applyAll(connector, { realm, mode: 'create' }, items);
    const captured = await capture(connector, realm);
    expect(captured.sections.get('users')!.size).toBe(many);
    expect(captured.sections.get('roles')!.size).toBe(2);
    expect(captured.sections.get('users')!.get(users[2]!)).toMatchObject({ roles: ['all', 'even'] });
    const credentials = captured.sections.get('credentials')!;
    expect(credentials.size).toBe(many);
    expect(credentials.get(`${users[many - 1]}\u0000PASSWORD`)).toMatchObject({
      secretHash: `hash ${many - 1}`,
    });
    const indexes = () => target.query('user', 'SELECT indexname FROM pg_indexes ORDER BY indexname');
    const before = await indexes();
    // Roles of everybody change, and half of them go.
    await applyAll(
      connector,
      { realm, mode: 'merge' },
      users.map((username, i) =>
        i % 2 === 0
          ? item('users', 'delete', { username })
          : item('users', 'update', { username, roles: ['even', 'third'] }),
      ),
    );
    const after = (await capture(connector, realm)).sections;
    expect(after.get('users')!.size).toBe(many / 2);
    expect(after.get('users')!.get(users[1]!)).toMatchObject({ roles: ['even', 'third'] });
    expect(after.get('credentials')!.size).toBe(many / 2);
    expect(await indexes()).toEqual(before);
    const [mappings] = await target.query<{ n: number }>(
      'rbac',
      'SELECT count(*)::int AS n FROM user_role_mappings WHERE realm_name = $1',
      [realm],
    );
    expect(mappings!.n).toBe(many);
    await applyAll(connector, { realm, mode: 'remove' }, [
      { section: 'realm', key: realm, action: 'delete', body: {} },
    ]);
    expect(await indexes()).toEqual(before);
  });
});

it('a group whose parent is not there is created without one, with a warning', async () => {
  const warnings = await applyAll(
    connector,
    { realm: 'alone', mode: 'create' },
    create('alone', [item('groups', 'create', { path: '/no/such', name: 'such' })]),
  );
  expect(warnings).toEqual(['The group above “/no/such” does not exist: it was created without one.']);
  expect(await records(connector, 'alone', 'groups')).toMatchObject([{ path: '/no/such', name: 'such' }]);
});

it('a group whose path does not tell what is above it keeps both, created or changed', async () => {
  const add = async (realm: string, path: string, parent: string | null): Promise<string> => {
    const [added] = await target.query<{ id: string }>(
      'rbac',
      'INSERT INTO groups (realm_name, name, path, parent_id) VALUES ($1, $2, $3, $4) RETURNING id',
      [realm, path.slice(path.lastIndexOf('/') + 1), path, parent],
    );
    return added!.id;
  };
  const rows = (realm: string) =>
    target.query(
      'rbac',
      `SELECT g.path, p.path AS above FROM groups AS g LEFT JOIN groups AS p ON p.id = g.parent_id
       WHERE g.realm_name = $1 ORDER BY g.path COLLATE "C"`,
      [realm],
    );
  await target.query('realm', `INSERT INTO realms (name) VALUES ('placed')`);
  const top = await add('placed', '/top', null);
  const moved = await add('placed', '/elsewhere/moved', top);
  await add('placed', '/elsewhere/moved/below', moved);
  await add('placed', '/top/loose', null);
  const itself = await add('placed', '/round', null);
  await target.query('rbac', 'UPDATE groups SET parent_id = id WHERE id = $1', [itself]);
  await add('placed', '/top/usual', top);
  const there = await rows('placed');
  const source = await records(connector, 'placed', 'groups');
  expect(new Map(source.map((group) => [group['path'], group['parent']]))).toEqual(
    new Map<string, string | undefined>([
      ['/elsewhere/moved', '/top'],
      ['/elsewhere/moved/below', undefined],
      ['/round', '/round'],
      ['/top', undefined],
      ['/top/loose', ''],
      ['/top/usual', undefined],
    ]),
  );
  const bodies = source.map(({ id: _id, ...body }) => body);
  const warnings = await applyAll(
    connector,
    { realm: 'placed-anew', mode: 'create' },
    create(
      'placed-anew',
      bodies.map((body) => item('groups', 'create', body)),
    ),
  );
  expect(warnings).toEqual([]);
  expect(await rows('placed-anew')).toEqual(there);
  // As the paths tell, where nothing else is said; and back to what was said.
  const change = (body: JsonObject) => item('groups', 'update', body);
  await applyAll(connector, { realm: 'placed-anew', mode: 'merge' }, [
    change({ path: '/round', parent: null }),
    change({ path: '/top/loose', parent: null }),
  ]);
  expect(await rows('placed-anew')).toEqual(
    expect.arrayContaining([
      { path: '/round', above: null },
      { path: '/top/loose', above: '/top' },
    ]),
  );
  await applyAll(connector, { realm: 'placed-anew', mode: 'merge' }, [
    change({ path: '/round', parent: '/round' }),
    change({ path: '/top/loose', parent: '' }),
  ]);
  expect(await rows('placed-anew')).toEqual(there);
  expect(
    await applyAll(connector, { realm: 'placed-anew', mode: 'merge' }, [
      change({ path: '/top/usual', parent: '/no/such' }),
    ]),
  ).toEqual([
    'The group “/no/such”, below which “/top/usual” belongs, does not exist: it was written without one above.',
  ]);
  await failureOf(
    applyAll(connector, { realm: 'placed-anew', mode: 'merge' }, [change({ path: '/top', parent: 7 })]),
    'INVALID_DOCUMENT',
  );
  const { sections } = await connector.capabilities(never);
  expect(sections.groups.createMembers).toContain('parent');
  expect(sections.groups.updateMembers).toContain('parent');
});

it('a group without a path of its own keeps its key when what is above it goes, moves or is renamed', async () => {
  const add = async (name: string, parent: string | null): Promise<string> => {
    const [added] = await target.query<{ id: string }>(
      'rbac',
      `INSERT INTO groups (realm_name, name, path, parent_id) VALUES ('untold', $1, NULL, $2) RETURNING id`,
      [name, parent],
    );
    return added!.id;
  };
  await target.query('realm', `INSERT INTO realms (name) VALUES ('untold')`);
  for (const top of ['gone', 'moved', 'named']) await add('below', await add(top, null));
  const onto = await add('onto', null);
  await add('stays', onto);
  const before = await records(connector, 'untold', 'groups');
  await applyAll(connector, { realm: 'untold', mode: 'merge' }, [
    item('groups', 'delete', { path: '/gone' }),
    item('groups', 'update', { path: '/moved', parent: '/onto' }),
    item('groups', 'update', { path: '/named', name: 'anew' }),
  ]);
  const changed: Record<string, JsonObject> = { '/moved': { parent: '/onto' }, '/named': { name: 'anew' } };
  expect(await records(connector, 'untold', 'groups')).toEqual(
    before
      .filter(({ path }) => path !== '/gone')
      .map((group) => canonicalBody('groups', { ...group, ...changed[group['path'] as string] })),
  );
  // What nothing has happened to is as it was.
  expect(
    await target.query(
      'rbac',
      `SELECT name, path FROM groups WHERE realm_name = 'untold' AND path IS NULL ORDER BY name`,
    ),
  ).toEqual([
    { name: 'onto', path: null },
    { name: 'stays', path: null },
  ]);
});

it('ids of rows beside the main one come back where they are free', async () => {
  const content = wholeContent('again');
  await plant(target, content);
  const before = await records(connector, 'again', 'credentials');
  const policies = await records(connector, 'again', 'policies');
  const body = before.find(({ additional }) => additional)!;
  const policy = policies.find(({ additional }) => additional)!;
  const others = (record: JsonObject) =>
    (record['additional'] as JsonObject[]).map(({ id: _id, ...rest }) => rest);
  expect((body['additional'] as JsonObject[]).every(({ id }) => typeof id === 'string')).toBe(true);
  const { username, type } = body;
  const write = async (credential: JsonObject, named: JsonObject) =>
    await applyAll(connector, { realm: 'again', mode: 'merge' }, [
      item('policies', 'update', { name: policy['name']!, ...named }),
      item('credentials', 'update', { username: username!, type: type!, ...credential }),
    ]);
  await write({ additional: null }, { additional: null });
  await write({ additional: others(body) }, { additional: others(policy) });
  const found = async (section: Section, key: string) =>
    (await capture(connector, 'again', [section])).sections.get(section)!.get(key)!;
  const renewed = await found('credentials', naturalKey('credentials', body));
  expect(others(renewed)).toEqual(others(body));
  expect(renewed['additional']).not.toEqual(body['additional']);
  await write({ additional: body['additional']! }, { additional: policy['additional']! });
  expect((await found('credentials', naturalKey('credentials', body)))['additional']).toEqual(
    body['additional'],
  );
  expect((await found('policies', policy['name'] as string))['additional']).toEqual(policy['additional']);
});
