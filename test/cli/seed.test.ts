import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { captured } from './captured.ts';
import { runCommandLine } from '../../cli/program.ts';
import { addWords, setStage, type Ran, type Stage } from './sandboxed.ts';

const EXECUTABLE = fileURLToPath(new URL('../../cli/drawbridge.mjs', import.meta.url));
const PASSWORD = 'mail-secret-"quoted"\n${HOME}';
const VARIABLES = { STAGE: 'test', SMTP_PASSWORD: PASSWORD, SHOP_HOST: 'shop.example.com' };

let stage: Stage;
let file: string;
let api: string[];
let databases: string[];

beforeAll(async () => {
  stage = await setStage(60);
  file = join(stage.folder, 'realm-seed.json');
  writeFileSync(
    file,
    JSON.stringify({
      realm: {
        id: '${REALM:-shop}',
        displayName: 'Shop ${STAGE}',
        accessTokenLifespan: '${LIFESPAN:-600}',
        smtpConfig: { host: 'smtp.example.com', port: '${SMTP_PORT:-587}', password: '${SMTP_PASSWORD}' },
      },
      roles: [{ name: 'viewer' }],
      clients: [{ clientId: '${REALM:-shop}-web', redirectUris: ['https://${SHOP_HOST}/callback'] }],
      users: [{ username: 'ann', email: 'ann@example.com', roles: ['viewer'] }],
    }),
  );
  const { apiUrl } = stage.sandbox.environment('dev');
  api = ['--api-url', apiUrl, '--client-id', 'admin-cli', '--client-secret-env', 'DEV_SECRET'];
  databases = ['--pg-url-env', 'DEV_DATABASE'];
});
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
});

/** As in a pipeline: with what is needed to get in, and nothing else. */
async function pipeline(words: readonly string[], env: NodeJS.ProcessEnv = VARIABLES): Promise<Ran> {
  const { DEV_SECRET, DEV_DATABASE } = stage.env;
  const around = captured({ DEV_SECRET, DEV_DATABASE, ...env });
  const code = await runCommandLine(words, around);
  return {
    code,
    out: around.out(),
    err: around.err(),
    json: () => JSON.parse(around.out()) as Record<string, never>,
  };
}

const seed = (realm: string, more: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Ran> =>
  pipeline(['seed', file, ...api, '--json', ...more], { ...VARIABLES, REALM: realm, ...env });

const rows = (database: 'realm' | 'user' | 'client', sql: string): Promise<Record<string, unknown>[]> =>
  stage.sandbox.environment('dev').query(database, sql);

test('a pipeline seeds a realm twice with a secret from its environment, which shows nowhere', async () => {
  const junit = join(stage.folder, 'seed.xml');
  const first = await seed('shop', ['--junit', junit]);
  expect([first.code, first.json()]).toMatchObject([
    0,
    {
      status: 'succeeded',
      environment: 'target',
      verified: true,
      undo: null,
      variables: [
        { name: 'LIFESPAN', default: true },
        { name: 'REALM', default: false },
        { name: 'SHOP_HOST', default: false },
        { name: 'SMTP_PASSWORD', default: false },
        { name: 'SMTP_PORT', default: true },
        { name: 'STAGE', default: false },
      ],
    },
  ]);
  // What was foreseen is told as done.
  const { todo } = first.json() as unknown as { todo: string[] };
  expect(todo).toContain(
    '1 client (“shop-web”) got a new client secret, since the source does not hold the old one: give it to whoever uses this client.',
  );
  expect(todo.join(' ')).not.toContain(' will ');
  const [realm] = await rows('realm', `SELECT * FROM realms WHERE name = 'shop'`);
  expect(realm).toMatchObject({ display_name: 'Shop test', token_lifespan_seconds: 600 });
  expect(JSON.parse(String(realm!['smtp_settings']))).toMatchObject({ port: 587, password: PASSWORD });

  const second = await seed('shop');
  expect([second.code, second.json()]).toMatchObject([0, { status: 'exists', verified: false, todo: [] }]);
  expect(await rows('realm', `SELECT * FROM realms WHERE name = 'shop'`)).toEqual([realm]);

  const report = readFileSync(junit, 'utf8');
  expect(report).toMatch(/<testcase name="[^"]*" classname="drawbridge\.seed\.job"/);
  expect(report).toContain('Realm: target/shop');
  expect(report).toContain('Variable: SMTP_PASSWORD');
  expect(report).toContain('Variable: LIFESPAN (not set: default)');
  expect(report).toMatch(/classname="drawbridge\.seed\.verification"[^>]*\/>/);
  for (const text of [first.out, first.err, second.out, second.err, report])
    expect(text).not.toContain('mail-secret');
});

test('with a catalog, nothing that it shows has the secret either', async () => {
  await stage.run(...addWords(stage, 'dev'));
  const around = stage.surroundings();
  Object.assign(around.env, VARIABLES, { REALM: 'kept' });
  const seeded = await stage.begin(around, 'seed', file, 'dev', '--json');
  expect([seeded.code, seeded.json()]).toMatchObject([0, { status: 'succeeded' }]);
  for (const name of Object.keys(VARIABLES)) delete stage.env[name];
  const { job } = seeded.json() as unknown as { job: string };
  const shown = await Promise.all([
    stage.run('job', 'report', job, '--format', 'json'),
    stage.run('job', 'show', job, '--json'),
    stage.run('snapshot', 'list', '--all', '--json'),
    stage.run('snapshot', 'search', 'latest:dev/kept', 'mail', '--json'),
  ]);
  expect(JSON.stringify(shown)).not.toContain('mail-secret');
  expect(readFileSync(join(stage.folder, 'catalog', 'catalog.db')).includes('mail-secret')).toBe(false);
  expect(shown[0].json()).toMatchObject({ job: { result: { result: { variables: expect.any(Array) } } } });
});

test('other commands expand variables only when they are asked to', async () => {
  const small = join(stage.folder, 'small.json');
  writeFileSync(small, JSON.stringify({ realm: { id: 'kept', displayName: '${STAGE}' } }));
  stage.env['STAGE'] = 'elsewhere';
  const plan = ['plan', small, 'dev', '--realm', 'merge', '--show', 'update', '--json'];
  expect((await stage.run(...plan)).out).toContain('"to":"${STAGE}"');
  expect((await stage.run(...plan, '--env-vars')).out).toContain('"to":"elsewhere"');
  const imported = await stage.run('snapshot', 'import', small, '--env-vars', '--json');
  const { id } = (imported.json() as unknown as { snapshot: { id: string } }).snapshot;
  expect((await stage.run('snapshot', 'show', id, '--record', 'realm/kept')).out).toContain('elsewhere');
  const typed = await stage.run('snapshot', 'import', file);
  expect([typed.code, typed.err]).toEqual([1, expect.stringContaining('--env-vars')]);
  delete stage.env['STAGE'];
});

test('what is not set is told all at once, before the server is asked anything', async () => {
  let calls = 0;
  stage.misbehave(() => void calls++);
  const refused = await pipeline(['seed', file, ...api, '--wait', '30s', '--json'], { STAGE: 'x' });
  stage.misbehave(undefined);
  expect([refused.code, refused.json(), calls]).toMatchObject([
    2,
    { error: { code: 'VARIABLE_UNDEFINED', details: { variables: ['SMTP_PASSWORD', 'SHOP_HOST'] } } },
    0,
  ]);
});

test('--if-exists: fail fails, merge changes what differs and writes nothing when nothing does', async () => {
  await seed('merged');
  const fails = await seed('merged', ['--if-exists', 'fail']);
  expect([fails.code, fails.json()]).toMatchObject([1, { error: { code: 'REALM_EXISTS' } }]);

  let writes = 0;
  stage.misbehave(({ method, path }) => void (method !== 'GET' && !path.includes('/token') && writes++));
  const same = await seed('merged', ['--if-exists', 'merge']);
  expect([same.code, same.json(), writes]).toMatchObject([0, { status: 'nothing-to-do' }, 0]);
  stage.misbehave(undefined);

  const changed = await seed('merged', ['--if-exists', 'merge'], {
    LIFESPAN: '900',
    SHOP_HOST: 'new.example.com',
  });
  // The documented API cannot change a client; the rest is merged, and that is said.
  expect([changed.code, changed.json()]).toMatchObject([
    7,
    {
      status: 'succeeded',
      counts: { update: 1 },
      leftOut: { count: 1, asked: 0, first: [{ section: 'clients', key: 'merged-web' }] },
      error: { code: 'ITEM_FAILURES', details: { leftOut: 1 } },
    },
  ]);
  expect(changed.out).toContain('Left out: 1 client (“merged-web”).');
  const uris = `SELECT redirect_uris FROM oauth_clients WHERE client_id = 'merged-web'`;
  expect(await rows('client', uris)).toEqual([{ redirect_uris: ['https://shop.example.com/callback'] }]);
  const both = await seed('merged', [...databases, '--if-exists', 'merge'], {
    LIFESPAN: '900',
    SHOP_HOST: 'new.example.com',
  });
  expect([both.code, both.json()]).toMatchObject([0, { status: 'succeeded', todo: [] }]);
  expect(await rows('client', uris)).toEqual([{ redirect_uris: ['https://new.example.com/callback'] }]);

  const created = await seed('merged-too', ['--if-exists', 'merge']);
  expect([created.code, created.json()]).toMatchObject([0, { status: 'succeeded', counts: { create: 4 } }]);
});

test('a merge that leaves out what the file has does not say that all is as promised, unless it was asked to', async () => {
  const [realm, env] = ['left-out', { SHOP_HOST: 'new.example.com' }];
  await seed(realm);
  const junit = join(stage.folder, 'left-out.xml');
  const words = ['seed', file, ...api, '--if-exists', 'merge', '--junit', junit];
  const left = await pipeline(words, { ...VARIABLES, REALM: realm, ...env });
  expect(left.code).toBe(7);
  expect(left.out).toContain(
    'Nothing was written, and 1 record of the file was left out: realm “left-out” on “target” was already as promised in everything else.',
  );
  expect(left.out).toContain('Left out: 1 client (“left-out-web”).');
  expect(left.out).not.toContain('was already as promised.');
  expect(left.err).toContain('1 record of the file was left out');
  expect(left.err).toContain('--unsupported skip');
  expect(readFileSync(junit, 'utf8')).toMatch(
    /name="all that the file has is there"[^]*<failure type="ITEM_FAILURES"[^>]*>clients\/left-out-web</,
  );

  const asked = await pipeline([...words, '--unsupported', 'skip'], { ...VARIABLES, REALM: realm, ...env });
  expect([asked.code, asked.err]).toEqual([0, expect.not.stringContaining('Error')]);
  expect(asked.out).toContain('Nothing was written, and 1 record of the file was left out:');
  expect(readFileSync(junit, 'utf8')).toMatch(/name="all that the file has is there"[^]*<skipped /);
  const settings = await seed(realm, ['--if-exists', 'merge', '--unsupported', 'skip'], {
    ...env,
    LIFESPAN: '900',
  });
  expect([settings.code, settings.json()]).toMatchObject([
    0,
    { status: 'succeeded', verified: true, leftOut: { count: 1, asked: 1 } },
  ]);

  // A file may have passwords, which the documented API neither tells nor takes.
  const secrets = join(stage.folder, 'with-passwords.json');
  const credentials = [{ username: 'ann', type: 'PASSWORD', secretHash: 'argon2$abc' }];
  const content = { realm: { id: realm }, users: [{ username: 'ann' }], credentials };
  writeFileSync(secrets, JSON.stringify(content));
  const unread = await pipeline(['seed', secrets, ...api, '--if-exists', 'merge', '--json']);
  expect([unread.code, unread.json()]).toMatchObject([
    7,
    { leftOut: { count: 1, sections: { credentials: 1 } } },
  ]);
});

test('over the databases alone, and what stands in the way is told without a catalog to look it up in', async () => {
  const words = ['seed', file, 'lab', ...databases, '--json'];
  const first = await pipeline(words, { ...VARIABLES, REALM: 'by-pg' });
  expect([first.code, first.json()]).toMatchObject([0, { status: 'succeeded', environment: 'lab' }]);
  const taken = join(stage.folder, 'taken.json');
  writeFileSync(taken, JSON.stringify({ realm: { id: 'taken' }, clients: [{ clientId: 'by-pg-web' }] }));
  const blocked = await pipeline(['seed', taken, ...databases, '--json']);
  expect([blocked.code, blocked.json()]).toMatchObject([1, { error: { code: 'PLAN_BLOCKED' } }]);
  expect(blocked.out).toContain('clients/by-pg-web: The realm “by-pg” of the same server');
});

test.each(['api', 'databases'] as const)(
  'two pipelines at once are both successful, over the %s',
  async (way) => {
    const words = ['seed', file, ...(way === 'api' ? api : databases), '--json', '--quiet'];
    for (const round of [1, 2, 3]) {
      const env = { ...VARIABLES, REALM: `race-${way}-${round}` };
      const both = await Promise.all([1, 2, 3].map(() => pipeline(words, env)));
      expect(
        both.map(({ code }) => code),
        both.map(({ out }) => out).join(''),
      ).toEqual([0, 0, 0]);
      const found = both.map((ran) => String(ran.json()['status']));
      expect(found.toSorted()).toEqual(['exists', 'exists', 'succeeded']);
    }
  },
);

test('waits until the server answers, and no longer than it was told', async () => {
  const { apiUrl } = stage.sandbox.environment('dev');
  // In front of the real one, something that answers as a proxy does while nothing stands behind it.
  let ready = false;
  const proxy = createServer((request, response) => {
    if (!ready) return void response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad Gateway');
    const { method, headers, url = '/' } = request;
    const passed = forward(apiUrl + url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(passed);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const words = [
    'seed',
    file,
    '--api-url',
    address,
    '--client-id',
    'admin-cli',
    '--client-secret-env',
    'DEV_SECRET',
  ];
  try {
    const late = await pipeline([...words, '--wait', '1s', '--json'], { ...VARIABLES, REALM: 'late' });
    expect([late.code, late.json()]).toMatchObject([5, { error: { details: { waitedSeconds: 1 } } }]);
    expect(late.out).toContain('was not ready within a second');
    setTimeout(() => {
      ready = true;
    }, 1500);
    const waited = await pipeline([...words, '--wait', '60'], { ...VARIABLES, REALM: 'late' });
    expect([waited.code, waited.err]).toEqual([0, expect.stringContaining('Waiting for “target”: ')]);
    const wrong = await pipeline([...words, '--wait', '60s', '--json'], {
      ...VARIABLES,
      DEV_SECRET: 'wrong',
    });
    expect([wrong.code, wrong.json()]).toMatchObject([5, { error: { code: 'AUTH_FAILED' } }]);
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
});

test('drift is what differs from what the file declares, and nothing else', async () => {
  await seed('drift');
  const junit = join(stage.folder, 'drift.xml');
  const check = (...more: string[]): Promise<Ran> =>
    pipeline(
      [
        'diff',
        file,
        'target/drift',
        ...api,
        '--declared-only',
        '--env-vars',
        '--exit-code',
        '--json',
        ...more,
      ],
      { ...VARIABLES, REALM: 'drift' },
    );
  const none = await check();
  expect([none.code, none.json()]).toMatchObject([0, { equal: true, declaredOnly: true }]);

  // What the file does not declare may change.
  await rows('realm', `UPDATE realms SET refresh_token_lifespan_seconds = 7 WHERE name = 'drift'`);
  await rows(
    'user',
    `INSERT INTO users (realm_name, username, email) VALUES ('drift', 'guest', 'guest@example.com')`,
  );
  expect((await check()).code).toBe(0);
  // A file that is held against a realm is a declaration; who means all of it says so.
  const plain = ['diff', file, 'target/drift', ...api, '--env-vars', '--exit-code'];
  const byItself = await pipeline(plain, { ...VARIABLES, REALM: 'drift' });
  expect([byItself.code, byItself.out]).toEqual([
    0,
    expect.stringContaining('in everything the first declares'),
  ]);
  expect(byItself.err).toContain('To compare everything: --whole.');
  const whole = await pipeline([...plain, '--whole', '--json'], { ...VARIABLES, REALM: 'drift' });
  expect([whole.code, whole.json()]).toMatchObject([3, { sections: { users: { added: 1 } } }]);
  expect(whole.json()).not.toHaveProperty('declaredOnly');
  const extra = await check('--include-extra');
  expect([extra.code, extra.json()]).toMatchObject([3, { sections: { users: { added: 1 } } }]);

  await rows(
    'user',
    `UPDATE users SET email = 'other@example.com' WHERE realm_name = 'drift' AND username = 'ann'`,
  );
  const found = await check('--junit', junit);
  expect([found.code, found.json()]).toMatchObject([
    3,
    {
      differences: [
        {
          section: 'users',
          key: 'ann',
          changes: [{ member: 'email', from: 'ann@example.com', to: 'other@example.com' }],
        },
      ],
    },
  ]);
  const report = readFileSync(junit, 'utf8');
  expect(report).toMatch(/tests="5" failures="1"/);
  expect(report).toMatch(
    /<testcase name="users" classname="drawbridge\.diff\.target\/drift" time="0\.000">\s*<failure type="DIFFERENT" message="0 added, 0 removed, 1 changed\."/,
  );
  expect(report).toContain('email: &quot;ann@example.com&quot; → &quot;other@example.com&quot;');

  const gone = await pipeline([
    'diff',
    file,
    'target/nowhere',
    ...api,
    '--declared-only',
    '--env-vars',
    '--json',
  ]);
  expect([gone.code, gone.json()]).toMatchObject([1, { error: { code: 'REALM_NOT_FOUND' } }]);
});

test.each([
  ['its job failed', './nowhere.json', {}, 'FILE_FAILED'],
  ['it was refused before a job began', undefined, { DEV_SECRET: '' }, 'USAGE'],
])('a seeding that fails has a report with the error: %s', async (_, path, env, code) => {
  const junit = join(stage.folder, 'failed.xml');
  const words = ['seed', path ?? file, ...api, '--json', '--junit', junit];
  const failed = await pipeline(words, { ...VARIABLES, ...env });
  expect(failed.json()).toMatchObject({ error: { code } });
  const report = readFileSync(junit, 'utf8');
  expect(report).toMatch(/tests="1" failures="1"[^]*classname="drawbridge\.seed\.job"/);
  expect(report).toContain(`<failure type="${code}"`);
});

test.each([
  [['seed', 'x.json'], 'No environment is given'],
  [['seed', 'x.json', 'dev', '--stage', 'staging'], '--stage belongs to'],
  [
    ['seed', 'x.json', '--catalog', '/tmp/x', '--pg-url', 'postgres://x'],
    'A catalog is named, but with --pg-url',
  ],
  [['seed', 'x.json', '--issued-clients', 'create', '--pg-url', 'postgres://x'], 'New secrets of clients'],
  [['seed', 'x.json', 'dev', '--wait', 'soon'], 'It has to be a time'],
  [['seed', 'x.json', 'dev', '--wait', '25h'], 'at most 24 hours'],
  [
    ['diff', 'x.json', 'a/x', '--whole', '--declared-only', '--pg-url', 'postgres://x'],
    'cannot be used with',
  ],
  [['diff', 'x.json', 'y.json', '--pg-url', 'postgres://x'], 'neither side is read from it'],
  [['diff', 'a/x', 'b/x', '--pg-url', 'postgres://x'], 'the two sides are read from two'],
  [['diff', 'a/x', 'x.json', '--include-extra', '--pg-url', 'postgres://x'], 'adds to --declared-only'],
])('%j is refused', async (words, said) => {
  const refused = await pipeline(words);
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining(said)]);
});

test('a report that cannot be written is told before anything is done', async () => {
  const refused = await seed('unwritten', ['--junit', join(stage.folder, 'nowhere', 'x.xml')]);
  expect([refused.code, refused.json()]).toMatchObject([1, { error: { code: 'FILE_FAILED' } }]);
  expect(await rows('realm', `SELECT * FROM realms WHERE name = 'unwritten'`)).toEqual([]);
});

test('a report takes the place of earlier reports only, and of nothing that the command reads', async () => {
  const link = join(stage.folder, 'link.json');
  symlinkSync(file, link);
  const text = readFileSync(file, 'utf8');
  for (const place of [file, link, join(stage.folder, '.', 'realm-seed.json')]) {
    const refused = await seed('unwritten', ['--junit', place]);
    expect([refused.code, refused.json()]).toMatchObject([2, { error: { code: 'USAGE' } }]);
    const compared = await pipeline(['diff', file, 'target/acme', ...api, '--junit', place]);
    expect([compared.code, compared.err]).toEqual([2, expect.stringContaining('read by the same command')]);
  }
  const other = join(stage.folder, 'other.json');
  writeFileSync(other, 'precious');
  const taken = await seed('unwritten', ['--junit', other]);
  expect([taken.code, taken.json()]).toMatchObject([1, { error: { code: 'FILE_FAILED' } }]);
  expect([readFileSync(file, 'utf8'), readFileSync(other, 'utf8')]).toEqual([text, 'precious']);

  // A catalog that this command does not use.
  const catalog = join(stage.folder, 'idle', 'catalog.db');
  mkdirSync(join(stage.folder, 'idle'));
  writeFileSync(catalog, '');
  const env = { DRAWBRIDGE_CATALOG: join(stage.folder, 'idle') };
  expect((await seed('unwritten', ['--junit', catalog], env)).code).toBe(2);
  expect(await rows('realm', `SELECT * FROM realms WHERE name = 'unwritten'`)).toEqual([]);
});

test('the executable seeds with an empty environment, and leaves no file behind, not even when it is killed', async () => {
  const temporary = join(stage.folder, 'tmp');
  const empty = join(stage.folder, 'empty');
  mkdirSync(temporary);
  mkdirSync(empty);
  const env = { ...VARIABLES, TMPDIR: temporary, DEV_SECRET: stage.env['DEV_SECRET'], REALM: 'alone' };
  const words = [EXECUTABLE, 'seed', file, ...api, '--json'];
  const run = (): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      execFile(process.execPath, words, { env, cwd: empty }, (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code), out, err }),
      );
    });

  // Killed in the middle of a call to the server; what it did not finish is found and told by the next one.
  const child = execFile(process.execPath, words, { env, cwd: empty });
  await new Promise<void>((resolve) => {
    stage.misbehave(({ path }) => void (path.includes('/admin/realms') && resolve()));
  });
  child.kill('SIGKILL');
  await once(child, 'exit');
  stage.misbehave(undefined);
  expect([readdirSync(temporary), readdirSync(empty)]).toEqual([[], []]);

  const [first, second] = [await run(), await run()];
  expect([first.code, first.err], first.out).toMatchObject([0, '']);
  expect([second.code, JSON.parse(second.out)]).toMatchObject([0, { status: 'exists', realm: 'alone' }]);
  expect([readdirSync(temporary), readdirSync(empty)]).toEqual([[], []]);
  expect(existsSync(join(stage.folder, '.local'))).toBe(false);
});
