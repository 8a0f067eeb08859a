import type pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startSandbox, type EnvironmentHandle, type Sandbox } from '../../../sandbox/index.ts';
import { FLYWAY_TABLE, SCHEMAS } from '../../../sandbox/schema.ts';
import type { ProbeReport } from '../connector.ts';
import { Databases } from './databases.ts';
import { discover } from './discovery.ts';
import type { Layout } from './layout.ts';
import { probeDatabases } from './probe.ts';
import { SERVICES, type Service } from './services.ts';
import type { PostgresSettings } from './settings.ts';
import { asRole, connectionsLeft, withOwner } from './testing/server-side.ts';

const never = new AbortController().signal;
let sandbox: Sandbox;
let target: EnvironmentHandle;
/** Put right again after each test. */
const undo: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({ environments: ['target'], seed: false, bcryptCost: 4 });
  target = sandbox.environment('target');
});
afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each();
});
afterAll(() => sandbox.stop());

function find(more: Partial<PostgresSettings> = {}): Promise<Layout> {
  return discover({ name: 'target', url: target.pgUrl, ...more }, never);
}

async function probe(more: Partial<PostgresSettings> = {}): Promise<ProbeReport> {
  const databases = new Databases({ name: 'target', url: target.pgUrl, ...more });
  const report = await probeDatabases(databases, never);
  await databases.close();
  return report;
}

async function verdict(service: Service, more: Partial<PostgresSettings> = {}): Promise<string> {
  const { steps } = await probe(more);
  const step = steps.find(({ name }) => name === `Service ${service}`);
  return step ? `${step.verdict}: ${step.text}` : JSON.stringify(steps);
}

const owner = (sql: string, database = 'postgres'): Promise<unknown> =>
  withOwner(target.pgUrl, database, (client) => client.query(sql));

/** A further database, gone after the test. */
async function makeDatabase(
  name: string,
  fill: (client: pg.Client) => Promise<unknown>,
  options = '',
): Promise<void> {
  const quoted = `"${name.replaceAll('"', '""')}"`;
  await owner(`CREATE DATABASE ${quoted} ${options}`);
  undo.push(() => owner(`DROP DATABASE ${quoted} WITH (FORCE)`));
  await withOwner(target.pgUrl, name, fill);
}

/** Changes a database for one test. */
async function change(service: Service, sql: string, back: string): Promise<void> {
  undo.push(() => target.query(service, back));
  await target.query(service, sql);
}

const tables = (service: Service): string => SCHEMAS[service].tables + SCHEMAS[service].constraints;

describe('where the tables are', () => {
  it('one database each, found by their tables', async () => {
    const layout = await find();
    expect(Object.fromEntries(SERVICES.map((service) => [service, layout.services[service]?.place]))).toEqual(
      {
        realm: 'opengate_realm',
        user: 'opengate_user',
        rbac: 'opengate_rbac',
        client: 'opengate_client',
      },
    );
    expect(layout).toMatchObject({ serverVersion: 'PostgreSQL 18.4', problems: {}, unseen: [] });
    const users = layout.services.user?.tables.users;
    expect(users?.sql).toBe('"public"."users"');
    expect(users?.columns.get('username')).toEqual({
      name: 'username',
      type: 'character varying',
      maxLength: 255,
      notNull: true,
      hasDefault: false,
      generated: false,
    });
    expect(layout.services.client?.tables.oauth_clients?.columns.get('scopes')?.type).toBe('text[]');
    expect(await connectionsLeft(target.pgUrl)).toBe(0);
  });

  it('all in one database, one service in a schema of its own: one transaction serves all', async () => {
    await makeDatabase('every"thing', async (client) => {
      await client.query(
        FLYWAY_TABLE +
          SERVICES.filter((service) => service !== 'rbac')
            .map(tables)
            .join(''),
      );
      await client.query(`CREATE SCHEMA "Rôles"; SET search_path = "Rôles"; ${tables('rbac')}`);
    });
    const databases = Object.fromEntries(SERVICES.map((service) => [service, 'every"thing']));
    const layout = await find({ databases });
    expect(layout.services.rbac).toMatchObject({
      schema: 'Rôles',
      database: 'every"thing',
      history: 'missing',
    });
    expect(layout.services.rbac?.tables.groups?.sql).toBe('"Rôles"."groups"');
    expect(layout.dialect).toBe('flyway client-? rbac-? realm-? user-?');
    const opened = new Databases({ name: 'target', url: target.pgUrl, databases });
    const transactions = await opened.begin(SERVICES, 'write', never);
    expect(transactions.databases).toHaveLength(1);
    expect(transactions.of('realm')).toBe(transactions.of('rbac'));
    await transactions.of('rbac').query(`INSERT INTO "Rôles".roles (realm_name, name) VALUES ('r', 'admin')`);
    await opened.close();
  });

  it('twice: says where, and how to choose; the other services can be used all the same', async () => {
    await makeDatabase('copy_of_users', (client) => client.query(tables('user')));
    const databases = new Databases({ name: 'target', url: target.pgUrl });
    await expect(databases.begin(['user'], 'read', never)).rejects.toMatchObject({
      code: 'AMBIGUOUS',
      message: 'The tables of the user service are in several databases: copy_of_users, opengate_user.',
      remedy: 'Say which one is meant: drawbridge env update <env> --pg-database user=<name>.',
    });
    await (await databases.begin(['rbac'], 'read', never)).rollback();
    await databases.close();
    for (const name of ['copy_of_users', 'opengate_user']) {
      const url = new URL(target.pgUrl);
      url.pathname = `/${name}`;
      const { services, problems } = await find({ url: url.href });
      expect(problems).toEqual({});
      expect([services.user?.place, services.rbac?.place]).toEqual([name, 'opengate_rbac']);
    }
    expect((await find({ databases: { user: 'opengate_user' } })).services.user?.place).toBe('opengate_user');
    expect((await find({ databases: { user: 'copy_of_users' } })).services.user?.place).toBe('copy_of_users');
  });

  it('a copy is not taken in place of what has lost a column', async () => {
    await makeDatabase('copy_of_users', (client) => client.query(tables('user')));
    await change(
      'user',
      'ALTER TABLE users RENAME email_verified TO x',
      'ALTER TABLE users RENAME x TO email_verified',
    );
    expect((await find()).errors.user).toMatchObject({ code: 'AMBIGUOUS' });
  });

  it('in two schemas: “public” is preferred, then the one that may be entered; else it is ambiguous', async () => {
    await change(
      'realm',
      `CREATE SCHEMA a; SET search_path = a; ${tables('realm')}; SET search_path = public`,
      'DROP SCHEMA a CASCADE',
    );
    expect((await find()).services.realm?.schema).toBe('public');
    await makeDatabase('two', (client) =>
      client.query(
        `CREATE SCHEMA one; CREATE SCHEMA other; SET search_path = one; ${tables('user')}; SET search_path = other; ${tables('user')}`,
      ),
    );
    expect((await find({ databases: { user: 'two' } })).problems.user).toContain(
      'several schemas of two: "one", "other"',
    );
    await owner(`CREATE ROLE one_only LOGIN PASSWORD 'hush'; GRANT USAGE ON SCHEMA one TO one_only`, 'two');
    undo.push(() => owner('DROP OWNED BY one_only; DROP ROLE one_only', 'two'));
    const settings = { url: asRole(target.pgUrl, 'one_only', 'hush'), databases: { user: 'two' } };
    expect((await find(settings)).services.user?.schema).toBe('one');
  });

  it('on another server: its address is named by hand, and other servers’ databases of the same name are others', async () => {
    await using elsewhere = await startSandbox({ environments: ['other'], seed: false, bcryptCost: 4 });
    const url = new URL(elsewhere.environment('other').pgUrl);
    url.pathname = '/opengate_user';
    const settings = { databases: { user: url.href } };
    const layout = await find(settings);
    expect(layout.services.user).toMatchObject({
      database: `opengate_user on 127.0.0.1:${url.port}`,
      databaseName: 'opengate_user',
    });
    expect(layout.services.rbac?.place).toBe('opengate_rbac');
    expect((await probe(settings)).steps.map(({ name, verdict }) => `${name}: ${verdict}`)).toContain(
      `Login (127.0.0.1:${url.port}): ok`,
    );
    await elsewhere.stop();
    const after = await find(settings);
    expect(after.errors.user).toMatchObject({ code: 'UNREACHABLE' });
    expect(after.services.rbac).toBeDefined();
    const report = await probe(settings);
    expect(report.usable).toBe(false);
    expect(report.steps.map(({ name, verdict }) => `${name}: ${verdict}`)).toEqual([
      expect.stringMatching(/^Address .*: ok$/),
      expect.stringMatching(/^TLS .*: ok$/),
      expect.stringMatching(/^Login .*: ok$/),
      `Address (127.0.0.1:${url.port}): failed`,
      `TLS (127.0.0.1:${url.port}): skipped`,
      `Login (127.0.0.1:${url.port}): skipped`,
      'Server: finding',
      'Service user: failed',
      'Service rbac: ok',
      'Service client: ok',
      'Service realm: ok',
    ]);
    await expect(find({ databases: { user: url.href.replace('/opengate_user', '') } })).rejects.toMatchObject(
      { code: 'USAGE' },
    );
  });

  it('through whatever door is open: without “postgres”, with a database in the address, with names only', async () => {
    await owner('ALTER DATABASE postgres ALLOW_CONNECTIONS false', 'template1');
    undo.push(() => owner('ALTER DATABASE postgres ALLOW_CONNECTIONS true', 'template1'));
    expect(Object.keys((await find()).services)).toHaveLength(4);
    await owner('ALTER DATABASE template1 ALLOW_CONNECTIONS false', 'opengate_user');
    undo.push(() => owner('ALTER DATABASE template1 ALLOW_CONNECTIONS true', 'opengate_user'));
    expect(Object.keys((await find({ url: `${target.pgUrl}opengate_user` })).services)).toHaveLength(4);
    const named = await find({ databases: target.databases });
    expect(Object.keys(named.services)).toHaveLength(4);
    expect((await probe({ databases: target.databases })).usable).toBe(true);
  });
});

describe('what is not as it should be', () => {
  it('a missing service: says where it was looked for, and what comes nearest', async () => {
    await change('rbac', 'ALTER TABLE policies RENAME TO p', 'ALTER TABLE p RENAME TO policies');
    const layout = await find();
    expect(layout.problems.rbac).toContain('were not found in opengate_client, opengate_rbac');
    expect(layout.problems.rbac).toContain('opengate_rbac comes nearest, but the table policies is missing');
    expect(layout.errors.rbac).toMatchObject({
      code: 'SCHEMA_UNSUPPORTED',
      remedy: expect.stringContaining('--pg-database rbac=') as string,
    });
    expect((await find({ databases: { rbac: 'none' } })).errors.rbac).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('a database that this role may not connect to: named where a service is missing, and only then', async () => {
    const may = `GRANT CONNECT ON DATABASE "opengate_user" TO "visi tor"`;
    await owner(`CREATE ROLE "visi tor" LOGIN PASSWORD 'hush'`);
    undo.push(() => owner('DROP ROLE "visi tor"'));
    await owner('REVOKE CONNECT ON DATABASE opengate_user FROM PUBLIC');
    undo.push(() => owner('GRANT CONNECT ON DATABASE opengate_user TO PUBLIC'));
    const settings = { url: asRole(target.pgUrl, 'visi%20tor', 'hush') };
    const layout = await find(settings);
    expect(layout.problems.user).toContain('; opengate_user exists, but this role may not connect to it.');
    expect(layout.errors.user?.remedy).toContain(`The role needs CONNECT on the database: ${may}.`);
    expect(layout.unseen).toEqual([{ place: 'opengate_user', reason: 'This role may not connect to it.' }]);
    expect(Object.keys(layout.services)).toEqual(['rbac', 'client', 'realm']);
    expect(await verdict('user', settings)).toContain('opengate_user exists');
    await makeDatabase('of_others', (client) =>
      client.query('REVOKE CONNECT ON DATABASE of_others FROM PUBLIC'),
    );
    expect((await find(settings)).problems.user).toContain(
      '; of_others, opengate_user exist, but this role may not connect to them.',
    );
    await owner(may);
    undo.push(() => owner('REVOKE CONNECT ON DATABASE opengate_user FROM "visi tor"'));
    expect(await find(settings)).toMatchObject({ problems: {}, unseen: [] });
  });

  it('missing and changed columns: refused, with the list', async () => {
    await change(
      'user',
      'ALTER TABLE users RENAME email_verified TO a; ALTER TABLE user_credentials RENAME secret_hash TO b; ALTER TABLE users ALTER enabled DROP DEFAULT, ALTER enabled TYPE text',
      'ALTER TABLE users RENAME a TO email_verified; ALTER TABLE user_credentials RENAME b TO secret_hash; ALTER TABLE users ALTER enabled TYPE boolean USING true, ALTER enabled SET DEFAULT true',
    );
    const text = await verdict('user');
    expect(text).toMatch(/^failed: The tables of the user service in opengate_user cannot be used: /);
    for (const part of [
      'users.email_verified is missing',
      'user_credentials.secret_hash is missing',
      'users.enabled is text and not boolean',
    ])
      expect(text).toContain(part);
    await expect(
      new Databases({ name: 'target', url: target.pgUrl }).begin(['user'], 'read', never),
    ).rejects.toMatchObject({
      code: 'SCHEMA_UNSUPPORTED',
      message: expect.stringContaining('users.email_verified is missing') as string,
    });
  });

  it('what changes after it was found is looked for again when that shows', async () => {
    const databases = new Databases({ name: 'target', url: target.pgUrl });
    const first = await databases.layout(never);
    expect(await databases.layout(never)).toBe(first);
    await change(
      'realm',
      'ALTER TABLE realms RENAME login_theme TO theme',
      'ALTER TABLE realms RENAME theme TO login_theme',
    );
    const transactions = await databases.begin(['realm'], 'read', never);
    await expect(
      transactions.of('realm').query('SELECT login_theme FROM public.realms'),
    ).rejects.toMatchObject({ code: 'SCHEMA_UNSUPPORTED', details: { sqlState: '42703' } });
    expect((await databases.layout(never)).problems.realm).toContain('realms.login_theme is missing');
    await databases.close();
  });

  it('unknown columns are kept; one that needs a value and has none is a finding', async () => {
    await change(
      'user',
      `CREATE DOMAIN phone AS varchar(20) NOT NULL; ALTER TABLE users ADD phone phone, ADD nick_name text DEFAULT 'x' NOT NULL, ADD shout text GENERATED ALWAYS AS (upper(username)) STORED, ADD serial int GENERATED ALWAYS AS IDENTITY`,
      'ALTER TABLE users DROP phone, DROP nick_name, DROP shout, DROP serial; DROP DOMAIN phone',
    );
    const { services } = await find();
    expect(services.user?.tables.users?.unknown).toMatchObject([
      {
        name: 'phone',
        member: 'phone',
        type: 'character varying',
        maxLength: 20,
        notNull: true,
        hasDefault: false,
        generated: false,
      },
      { name: 'nick_name', member: 'nickName', notNull: true, hasDefault: true, generated: false },
      { name: 'shout', generated: true, hasDefault: true },
      { name: 'serial', generated: true, hasDefault: true },
    ]);
    const text = await verdict('user');
    expect(text).toMatch(/^finding: Found in opengate_user, version 1\. It can be read and written\. /);
    expect(text).toContain('are kept: users.phone, users.nick_name, users.shout, users.serial.');
    expect(text).toContain('users.phone must have a value, has no default and is not known');
    expect(text).not.toContain('nick_name must');
  });

  it('jsonb columns of before migration V2, partitioned tables and other collations are accepted', async () => {
    await change(
      'realm',
      'ALTER TABLE realms ALTER password_policy TYPE jsonb USING NULL, ALTER smtp_settings TYPE jsonb USING NULL',
      'ALTER TABLE realms ALTER password_policy TYPE text, ALTER smtp_settings TYPE text',
    );
    await makeDatabase('partitioned', (client) =>
      client.query(
        SCHEMAS.client.tables
          .replace(
            /\);\s*$/,
            ') PARTITION BY LIST (realm_name); CREATE TABLE rest PARTITION OF oauth_clients DEFAULT;',
          )
          .replace('name varchar(255)', 'name varchar(255) COLLATE "unicode"'),
      ),
    );
    const layout = await find({ databases: { client: 'partitioned' } });
    expect(layout.problems).toEqual({});
    expect(layout.services.realm?.tables.realms?.columns.get('smtp_settings')?.type).toBe('jsonb');
  });

  it('a view and hidden rows are refused', async () => {
    await makeDatabase('views', (client) =>
      client.query(
        `${SCHEMAS.client.tables.replace('oauth_clients', 'c')} CREATE VIEW oauth_clients AS SELECT * FROM c`,
      ),
    );
    expect(await verdict('client', { databases: { client: 'views' } })).toContain(
      'oauth_clients is not a table',
    );
    await change(
      'user',
      `CREATE ROLE tenant LOGIN PASSWORD 'hush'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO tenant; ALTER TABLE users ENABLE ROW LEVEL SECURITY`,
      'ALTER TABLE users DISABLE ROW LEVEL SECURITY; DROP OWNED BY tenant; DROP ROLE tenant',
    );
    expect(await verdict('user', { url: asRole(target.pgUrl, 'tenant', 'hush') })).toMatch(
      /^failed: .*row level security on users would hide rows/,
    );
    expect(await verdict('user')).toMatch(/^ok: /);
  });

  it('the history of migrations may be missing, or tell of failed ones; repeatable ones have no version', async () => {
    await change(
      'rbac',
      `INSERT INTO flyway_schema_history VALUES (2, '2', 'd', 'SQL', 's', 1, 'u', now(), 1, false), (3, NULL, 'd', 'SQL', 's', 1, 'u', now(), 1, true)`,
      'DELETE FROM flyway_schema_history WHERE installed_rank > 1',
    );
    expect(await verdict('rbac')).toMatch(
      /^finding: Found in opengate_rbac, version 1\. .*Flyway notes as failed: migration 2\.$/,
    );
    await target.query(
      'rbac',
      `INSERT INTO flyway_schema_history VALUES (4, '2', 'd', 'SQL', 's', 1, 'u', now(), 1, true)`,
    );
    expect(await verdict('rbac')).toMatch(/^ok: Found in opengate_rbac, version 2\./);
    await change(
      'rbac',
      'ALTER TABLE flyway_schema_history RENAME TO f',
      'ALTER TABLE f RENAME TO flyway_schema_history',
    );
    expect(await verdict('rbac')).toMatch(
      /^finding: Found in opengate_rbac\. .*There is no flyway_schema_history/,
    );
  });

  it('an encoding that does not hold every text is a finding', async () => {
    await makeDatabase(
      'latin',
      (client) => client.query(tables('user')),
      `ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`,
    );
    expect(await verdict('user', { databases: { user: 'latin' } })).toMatch(/^finding: .*encoding is LATIN1/);
  });

  it('names of somebody else’s tables confuse nobody', async () => {
    await makeDatabase('shop', (client) =>
      client.query(
        'CREATE TABLE users (id int, mail text); CREATE TABLE roles (id int); CREATE TABLE oauth_clients (id int, a int, name text)',
      ),
    );
    const layout = await find();
    expect(layout.problems).toEqual({});
    expect(layout.services.client?.place).toBe('opengate_client');
  });
});
