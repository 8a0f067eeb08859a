import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededPassword, type EnvironmentHandle } from '../../sandbox/index.ts';
import { addDatabaseWords, addWords, setStage, type Ran, type Stage } from './sandboxed.ts';

let stage: Stage;
let dev: EnvironmentHandle;
let prod: EnvironmentHandle;
/** Everything that any command of this session printed. */
const everything: string[] = [];

beforeAll(async () => {
  stage = await setStage();
  dev = stage.sandbox.environment('dev');
  prod = stage.sandbox.environment('prod');
});
afterAll(async () => stage[Symbol.asyncDispose]());

async function run(...words: string[]): Promise<Ran> {
  const ran = await stage.run(...words);
  everything.push(ran.out, ran.err);
  return ran;
}

const type = (line: string): Promise<Ran> => run(...line.split(' '));
const CONFIRMED = '--confirm acme --confirm-environment prod';

/** Somebody who changes the table `users` and does not come to an end. */
async function lockUsers({ pgUrl, databases }: EnvironmentHandle): Promise<AsyncDisposable> {
  const client = new pg.Client({ connectionString: pgUrl + databases.user });
  await client.connect();
  await client.query('BEGIN');
  await client.query('LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
  return { [Symbol.asyncDispose]: () => client.end() };
}

/** What the commands here print with `--json`, each a part of it. */
interface Document {
  readonly snapshot: { readonly id: string };
  readonly snapshots: readonly { readonly id: string; readonly counts: Readonly<Record<string, number>> }[];
  readonly matches: readonly { readonly key: string }[];
  readonly job: string;
  readonly undo: string;
  readonly safetySnapshot: string | null;
}

const documentOf = (ran: Ran): Document => ran.json() as unknown as Document;

test('databases are found by their tables, service by service', async () => {
  const added = await run(...addDatabaseWords('dev', '--json'));
  expect(added.code).toBe(0);
  expect(added.json()).toMatchObject({
    environment: { name: 'dev', postgres: { password: true } },
    probe: { usable: true, steps: expect.any(Array) },
  });
  const prodAdded = await run(...addDatabaseWords('prod', '--stage', 'production'));
  expect(prodAdded.code).toBe(0);
  for (const database of Object.values(prod.databases)) expect(prodAdded.out).toContain(database);
  expect((await type('env test prod')).code).toBe(0);
  expect((await type('realms dev')).out).toMatch(/acme +/);
});

test('a backup holds everything, and a second one finds nothing changed', async () => {
  const first = await type('backup dev acme --json');
  expect(first.json()).toMatchObject({
    snapshots: [{ channel: 'postgres', complete: true, missing: [], counts: { users: 300 } }],
  });
  const { snapshots } = documentOf(first);
  for (const section of ['groups', 'policies', 'credentials', 'socialLinks'])
    expect(snapshots[0]!.counts[section]).toBeGreaterThan(0);
  const second = await type('backup dev acme');
  expect(second.out).toMatch(/^Snapshot \w+ of realm “acme” from “dev” over PostgreSQL, /);
  expect(second.out).toContain('Unchanged since snapshot');
  expect((await type('snapshot show latest:dev/acme')).out).toMatch(/State of +20.*, .*database/);
  expect((await type('diff latest:dev/acme dev/acme')).code).toBe(0);
});

test('a backup without credentials says so, and is no whole one', async () => {
  const { snapshot } = documentOf(await type('snapshot show latest:dev/acme --json'));
  const without = await type('backup dev acme --no-credentials --tag spared');
  expect(without.out).toContain('Not whole:');
  expect(without.out).toMatch(/credentials +.*\n/);
  expect((await type('snapshot show latest:dev/acme --json')).json()).toMatchObject({
    snapshot: { id: snapshot.id },
  });
  const [spared] = documentOf(await type('snapshot list --tag spared --json')).snapshots;
  expect(spared!.counts).not.toHaveProperty('credentials');
});

test('records of composite keys are shown by what stands between slashes, and no hash with them', async () => {
  const credential = await type('snapshot show latest:dev/acme --record credentials/alice/PASSWORD --json');
  expect(credential.json()).toMatchObject({
    section: 'credentials',
    key: 'alice/PASSWORD',
    record: { username: 'alice', type: 'PASSWORD' },
  });
  const [group] = documentOf(
    await type('snapshot search latest:dev/acme / --sections groups --limit 1 --json'),
  ).matches;
  for (const key of [group!.key, group!.key.slice(1)])
    expect(await type(`snapshot show latest:dev/acme --record groups/${key}`)).toMatchObject({ code: 0 });
  const [link] = documentOf(
    await type('snapshot search latest:dev/acme a --sections socialLinks --limit 1 --json'),
  ).matches;
  expect(await type(`snapshot show latest:dev/acme --record socialLinks/${link!.key}`)).toMatchObject({
    code: 0,
  });
});

test('a hash leaves in a file only when asked for, and then with a warning', async () => {
  const file = join(stage.folder, 'acme.json');
  const plain = await run('snapshot', 'export', 'latest:dev/acme', '--out', file);
  expect([plain.code, plain.err]).toEqual([0, '']);
  expect(plain.out).toMatch(/In the snapshot, but not in the file: .* groups, .* credentials/);
  expect(readFileSync(file, 'utf8')).not.toMatch(/\$2[aby]\$/);
  const asked = await run(
    'snapshot',
    'export',
    'latest:dev/acme',
    '--out',
    file,
    '--replace',
    '--include-secrets',
  );
  expect(asked.err).toMatch(/^Warning: “.*acme\.json” will hold secrets in plain text/);
  expect(readFileSync(file, 'utf8')).toMatch(/\$2[aby]\$/);
});

let migrated: string;

test('a new realm travels whole: passwords, client secrets, groups; and is removed by a rollback', async () => {
  await type('backup dev field-ops');
  const created = await type('migrate latest:dev/field-ops prod --json');
  expect([created.code, created.json()]).toMatchObject([
    0,
    { status: 'succeeded', verified: true, failures: 0, safetySnapshot: null, undo: expect.any(String) },
  ]);
  expect((await type('diff latest:dev/field-ops prod/field-ops')).code).toBe(0);
  const { undo, job } = documentOf(created);
  expect(undo).toBe(`drawbridge rollback ${job}`);

  const preview = await type(`rollback ${job} --dry-run`);
  expect(preview.out).toContain('there was no realm “field-ops” on “prod” before it.');
  expect(preview.out).toContain('would delete realm “field-ops”');
  expect(preview.out).toContain('60 users will be gone');
  const refused = await type(`rollback ${job}`);
  expect([refused.code, refused.err]).toEqual([
    4,
    expect.stringContaining(`drawbridge rollback ${job} --confirm field-ops --confirm-environment prod`),
  ]);
  const undone = await type(`rollback ${job} --confirm field-ops --confirm-environment prod --json`);
  expect([undone.code, undone.json()]).toMatchObject([0, { verified: true, undid: job }]);
  expect((await type('realms prod')).out).not.toContain('field-ops');
  expect((await type('job list')).out).toMatch(new RegExp(`^${job} +undone`, 'm'));
  expect(await type(`rollback ${job}`)).toMatchObject({ code: 2, err: expect.stringContaining('undone') });
});

test('a merge brings the passwords of new users along', async () => {
  const blocked = await type('plan latest:dev/acme prod');
  const next = /^ {2}drawbridge (plan .*)$/m.exec(blocked.out)![1]!;
  expect((await type(`${next} --json`)).json()).toMatchObject({ blocked: false, destructive: false });
  await type('backup prod acme');
  const before = await dev.checkPassword('acme', 'alice', seededPassword(1));
  const settled = next.replace('plan', 'migrate').replace('--clients skip', '--clients update');
  const merged = await type(settled);
  expect([merged.code, merged.err]).toEqual([0, '']);
  expect(merged.out).toMatch(/Done and verified: [^]*To undo this: drawbridge rollback \w+\n$/);
  migrated = /rollback (\w+)\n$/.exec(merged.out)![1]!;
  expect([before, await prod.checkPassword('acme', 'alice', seededPassword(1))]).toEqual([true, true]);
  expect(await prod.checkClientSecret('acme-backend', seededPassword(3))).toBe(true);
  expect((await type('diff latest:prod/acme prod/acme')).code).toBe(3);
});

test('and is undone to the last hash', async () => {
  const undone = await type(`rollback ${migrated} ${CONFIRMED}`);
  expect([undone.code, undone.err]).toEqual([0, '']);
  expect(undone.out).toContain(`as it was before job ${migrated}.`);
  expect((await type('diff latest:prod/acme prod/acme')).code).toBe(0);
});

test('what overwrites says what it takes, and hashes stay valid', async () => {
  const words = 'migrate latest:dev/acme prod --realm overwrite --conflicts skip';
  const refused = await type(words);
  expect(refused.code).toBe(4);
  expect(refused.err).not.toMatch(/lose the password/);
  const done = await type(`${words} ${CONFIRMED} --json`);
  expect([done.code, done.json()]).toMatchObject([0, { verified: true }]);
  expect(await prod.checkPassword('acme', 'alice', seededPassword(1))).toBe(true);
  const { job } = documentOf(done);
  expect((await type(`rollback ${job} ${CONFIRMED} --json`)).json()).toMatchObject({ verified: true });
  expect((await type('diff latest:prod/acme prod/acme')).code).toBe(0);
});

test('what a deleted realm left behind is a conflict, and the flags that settle it are told', async () => {
  const created = documentOf(await type('migrate latest:dev/field-ops prod --json'));
  expect(created.job).toEqual(expect.any(String));
  await prod.query('realm', `DELETE FROM realms WHERE name = 'field-ops'`);
  const blocked = await type('plan latest:dev/field-ops prod');
  expect(blocked.out).toMatch(/--leftovers adopt +.*\n +--leftovers remove/);
  const adopted = documentOf(await type('migrate latest:dev/field-ops prod --leftovers adopt --json'));
  expect(adopted).toMatchObject({ verified: true, safetySnapshot: expect.any(String) });

  const { job, safetySnapshot: leftovers } = adopted;
  const confirmed = '--confirm field-ops --confirm-environment prod';
  const preview = await type(`rollback ${job} --dry-run`);
  expect(preview.out).toContain('put what a deleted one had left behind in its place');
  const undone = await type(`rollback ${job} ${confirmed}`);
  expect([undone.code, undone.out]).toEqual([0, expect.stringContaining('Undone and verified:')]);
  expect((await type('realms prod')).out).not.toContain('field-ops');

  const restored = await type(`restore ${leftovers} prod --leftovers remove ${confirmed} --json`);
  expect([restored.code, restored.json()]).toMatchObject([0, { verified: true }]);
  expect((await type('realms prod')).out).not.toContain('field-ops');
});

test('no way is advised that ends where it began', async () => {
  const users = documentOf(await type('backup dev field-ops --sections users --json')).snapshots[0]!.id;
  const blocked = await type(`plan ${users} prod`);
  expect(blocked.out).toContain('--realm-name <name>');
  expect(blocked.out).not.toContain('The way that changes least');
});

test('both channels: the plan says what goes through which', async () => {
  const updated = await type(
    `env update prod --api-url ${prod.apiUrl} --client-id ${prod.clientId} --client-secret-env PROD_SECRET`,
  );
  expect(updated.code).toBe(0);
  expect(updated.out).toMatch(/PostgreSQL: [^]*Admin API: /);
  const plan = await type(
    'plan latest:dev/acme prod --realm merge --users merge --clients update --conflicts skip --show update',
  );
  expect(plan.out).toMatch(
    /Written: [\d,]+ records? over the Admin API and [\d,]+ records? over PostgreSQL\./,
  );
  expect(plan.out).toMatch(/realm\/acme \(over the Admin API\)/);
  const { code, out } = await run(
    ...addWords(stage, 'dev').map((word) => (word === 'dev' ? 'dev-api' : word)),
  );
  expect([code, out]).toEqual([0, expect.stringContaining('can be used')]);
});

test.each([
  ['a wrong password', '--pg-password-env WRONG', 'AUTH_FAILED'],
  ['a server that is not there', '--pg-url postgres://opengate@127.0.0.1:1/', 'UNREACHABLE'],
])('%s: kept, exit code 5, and every use says why', async (_what, words, code) => {
  stage.env['WRONG'] = 'not-the-password';
  const url = words.includes('--pg-url') ? '' : '--pg-url-env DEV_DATABASE ';
  const added = await type(`env add broken ${url}${words} --json`);
  expect([added.code, added.json()]).toMatchObject([5, { probe: { usable: false } }]);
  const used = await type('backup broken acme --json');
  expect([used.code, used.json()]).toMatchObject([5, { error: { code, message: expect.any(String) } }]);
  expect((await type('backup broken acme')).err).toMatch(/What to do: /);
  await type('env remove broken');
});

test.each(['no_such_database', 'opengate_realm'])(
  'a database named by mistake (%s): exit code 5, and what is read without it is no whole backup',
  async (name) => {
    const added = await type(`env add mistaken --pg-url-env DEV_DATABASE --pg-database user=${name}`);
    expect([added.code, added.out]).toEqual([5, expect.stringContaining(name)]);
    const backup = await type('backup mistaken acme');
    expect(backup.out).toContain('Not whole:');
    expect(backup.out).toMatch(new RegExp(`users +.*${name}`));
    expect(backup.code).toBe(7);
    expect((await type('snapshot show latest:mistaken/acme')).code).toBe(1);
    await type('env remove mistaken');
  },
);

test('a role without rights is told which it needs', async () => {
  await dev.query('user', `CREATE ROLE reader LOGIN PASSWORD 'reader-canary'`);
  stage.env['READER'] = 'reader-canary';
  const { host } = new URL(dev.pgUrl);
  const added = await type(`env add reader --pg-url postgres://reader@${host}/ --pg-password-env READER`);
  expect([added.code, added.out]).toEqual([5, expect.stringMatching(/FAILED.*\n[^]*cannot be used yet/)]);
  const used = await type('backup reader acme');
  expect([used.code, used.err]).toEqual([5, expect.stringContaining('GRANT ')]);
});

test('a table that may not be read: the rest is kept, exit code 7, and the right that is missing is told', async () => {
  await dev.query('user', `CREATE ROLE narrow LOGIN PASSWORD 'narrow-canary'`);
  for (const service of ['user', 'realm', 'rbac', 'client'] as const)
    await dev.query(service, 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO narrow');
  await dev.query('rbac', 'REVOKE SELECT ON user_role_mappings FROM narrow');
  await dev.query('client', 'REVOKE SELECT ON oauth_clients FROM narrow');
  stage.env['NARROW'] = 'narrow-canary';
  const { host } = new URL(dev.pgUrl);
  await type(`env add narrow --pg-url postgres://narrow@${host}/ --pg-password-env NARROW`);

  const { code, out, err } = await type('backup narrow acme');
  expect(code).toBe(7);
  expect(out).toContain('Not whole:');
  expect(err).toMatch(
    /clients of acme: “narrow” may not read oauth_clients in \S+: GRANT SELECT ON "public"."oauth_clients" TO "narrow";/,
  );
  expect(err).toMatch(
    /users of acme: Without their roles: “narrow” may not .* GRANT SELECT ON "public"."user_role_mappings" TO "narrow";/,
  );
  const json = await type('backup narrow acme --json');
  expect(json.json()).toMatchObject({
    snapshots: [
      {
        complete: false,
        counts: { users: 300 },
        missing: [{ section: 'clients' }, { section: 'users', member: 'roles' }],
      },
    ],
  });
  expect((await type('backup narrow acme --sections realm,groups,credentials')).code).toBe(0);
  await dev.query('realm', 'REVOKE SELECT ON realms FROM narrow');
  expect((await type('backup narrow acme')).code).toBe(7);
  expect((await type('backup narrow no-such-realm')).err).toContain('there is no realm “no-such-realm”');
  for (const service of ['realm', 'rbac', 'client'] as const)
    await dev.query(service, 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO narrow');
  expect((await type('backup narrow acme')).code).toBe(0);
});

test('a service that cannot be read: what can be is kept, exit code 7, and the report has each section', async () => {
  await dev.query('user', `CREATE ROLE half LOGIN PASSWORD 'half-canary'`);
  for (const service of ['realm', 'rbac', 'client'] as const)
    await dev.query(service, 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO half');
  await dev.query('user', `REVOKE CONNECT ON DATABASE ${dev.databases.user} FROM PUBLIC`);
  stage.env['HALF'] = 'half-canary';
  const { host } = new URL(dev.pgUrl);
  await type(`env add half --pg-url postgres://half@${host}/ --pg-password-env HALF`);

  const { code, out, err } = await type('backup half acme');
  expect(code).toBe(7);
  expect(out).toContain('Not whole:');
  const reason = `${dev.databases.user} exists, but this role may not connect to it.`;
  expect(err).toContain(`users, credentials and socialLinks of acme: `);
  expect(err).toContain(reason);
  expect((await type('job list --limit 1 --json')).json()).toMatchObject({
    jobs: [{ kind: 'backup', state: 'succeeded_with_errors' }],
  });
  const again = await type('backup half acme --no-credentials --json');
  expect([again.code, again.json()]).toMatchObject([
    7,
    { snapshots: [{ complete: false }], error: { code: 'ITEM_FAILURES', details: { failures: 2 } } },
  ]);
  expect((await type(`job report ${documentOf(again).job} --json`)).json()).toMatchObject({
    failures: ['users', 'socialLinks'].map((section) => ({
      section,
      key: 'acme',
      reason: expect.stringContaining(reason),
    })),
  });
  expect((await type('backup half acme --sections realm,roles,clients')).code).toBe(0);
  expect((await type('backup half acme --sections roles,users')).code).toBe(7);
  expect((await type('backup half acme no-such-realm --sections realm --json')).json()).toMatchObject({
    error: { code: 'ITEM_FAILURES', details: { failures: 1 } },
  });
  await dev.query('user', `GRANT CONNECT ON DATABASE ${dev.databases.user} TO PUBLIC`);
});

test('a backup says who keeps it waiting, and goes on when it may', async () => {
  await using holder = await lockUsers(dev);
  const backup = type('backup dev acme');
  setTimeout(() => void holder[Symbol.asyncDispose](), 4000);
  const { code, err } = await backup;
  expect(err).toMatch(
    new RegExp(`Waiting for a lock on “users” in ${dev.databases.user}, held by process \\d+ .*; 0 s so far`),
  );
  expect(code).toBe(0);
});

test('a table that somebody else holds is waited for as long as was said; nothing is written then', async () => {
  const source = documentOf(await type('backup dev field-ops --json')).snapshots[0]!.id;
  await type('env update prod --remove-api --pg-lock-timeout 2 --no-test');
  await using holder = await lockUsers(prod);
  const plan = await type(`plan ${source} prod --realm-name locked --json`);
  expect([plan.code, plan.json()]).toMatchObject([5, { error: { code: 'TARGET_LOCKED' } }]);
  await holder[Symbol.asyncDispose]();
  expect(
    (await type(`migrate ${source} prod --realm-name locked --clients skip --conflicts skip --json`)).code,
  ).toBe(0);
});

test('no secret was printed by any of this, and no data reached the terminal unescaped', () => {
  const printed = everything.join('');
  const password = new URL(dev.pgUrl).password;
  for (const secret of [
    password,
    stage.env['PROD_SECRET']!,
    'canary',
    'not-the-password',
    'smtp-password-of-acme',
  ])
    expect(printed.includes(secret)).toBe(false);
  expect(printed).not.toMatch(/\$2[aby]\$\d\d\$/);
  expect(printed.match(/[\p{Cc}\p{Bidi_Control}]/gu)?.filter((character) => character !== '\n')).toEqual([]);
});
