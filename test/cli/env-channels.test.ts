import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runCommandLine } from '../../cli/program.ts';
import type { EnvironmentView } from '../../contract/environment.ts';
import { captured } from './captured.ts';

const root = mkdtempSync(join(tmpdir(), 'drawbridge-channels-'));
afterAll(() => rmSync(root, { recursive: true }));

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const KEY = '-----BEGIN PRIVATE KEY-----\nkey-canary\n-----END PRIVATE KEY-----\n';
const ca = file('ca file.pem', PEM);
const cert = file('client.pem', PEM);
const key = file('client.key', KEY);

function file(name: string, text: string): string {
  const path = join(root, name);
  writeFileSync(path, text);
  chmodSync(path, 0o600);
  return path;
}

const ENV = {
  DRAWBRIDGE_CATALOG: join(root, 'catalog'),
  DRAWBRIDGE_PASSPHRASE: 'p',
  SECRET: 'secret-canary',
  DB_URL: 'postgres://opengate:pg-canary@db.example:5433/',
  DB_PASSWORD: 'pg-canary',
  DB_KEYWORDS: "host=db.example port=5433 user=opengate password='pg-canary' dbname=iam sslmode=require",
  REALM_URL: 'postgres://other:other-canary@elsewhere.example/realms',
};

const printed: string[] = [];

async function env(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const around = captured(ENV);
  const code = await runCommandLine(['env', ...words], around);
  printed.push(around.out(), around.err());
  return { code, out: around.out(), err: around.err() };
}

/** What is then kept of it. */
async function kept(...words: string[]): Promise<EnvironmentView> {
  const { code, out, err } = await env(...words, '--no-test', '--json');
  expect([code, err]).toEqual([0, '']);
  return (JSON.parse(out) as { environment: EnvironmentView }).environment;
}

const API = ['--api-url', 'https://iam.example', '--client-id', 'admin-cli', '--client-secret-env', 'SECRET'];

test('a file that is no certificate is named by its flag', async () => {
  const { code, err } = await env(
    'add',
    'bad',
    '--pg-url-env',
    'DB_URL',
    '--pg-ca-file',
    file('bad.pem', 'x'),
  );
  expect([code, err]).toEqual([2, expect.stringContaining('(--pg-ca-file): a text in PEM')]);
  expect(err).not.toContain('caPem');
});

test('an address in libpq’s other form is kept as a URL, its password apart', async () => {
  const { postgres } = await kept('add', 'keywords', '--pg-url-env', 'DB_KEYWORDS');
  expect(postgres).toMatchObject({
    url: 'postgres://opengate@db.example:5433/iam?sslmode=require',
    password: true,
  });
  const warned = await env(
    'update',
    'keywords',
    '--pg-url',
    "host=h password='pg-canary x'",
    '--no-test',
    '--json',
  );
  expect([warned.code, warned.err]).toEqual([0, expect.stringMatching(/^Warning: The password in --pg-url/)]);
});

test('an environment of databases alone, of the Admin API alone, and of both', async () => {
  const databases = await kept('add', 'databases', '--pg-url-env', 'DB_URL');
  expect(databases.api).toBeUndefined();
  expect(databases.postgres).toMatchObject({
    url: 'postgres://opengate@db.example:5433/',
    password: true,
    databases: {},
    tls: { privateCa: false, clientCertificate: false },
  });
  const both = await kept('add', 'both', ...API, '--pg-url', 'postgres://opengate@db.example/');
  expect(both).toMatchObject({ api: { apiUrl: 'https://iam.example' }, postgres: { password: false } });
  const { out } = await env('list');
  expect(out).toMatch(
    /^both +development +Admin API +https:\/\/iam\.example +client admin-cli +checked +16 at once\n +PostgreSQL +postgres:\/\/opengate@db\.example\/ +as libpq finds it +by default\n/m,
  );
  expect(out).toMatch(/^databases +development +PostgreSQL +postgres:\S+ +stored password +by default\n/m);
});

test('scopes and limits: set, kept by an update, in force by stage where not set, and shown', async () => {
  const plain = await kept('add', 'limited', ...API);
  expect(plain.api).toMatchObject({
    scopes: [],
    limits: {},
    limitsInForce: { concurrency: 16, requestsPerSecond: null },
  });
  const production = await kept('update', 'limited', '--stage', 'production');
  expect(production.api!.limitsInForce).toEqual({ concurrency: 4, requestsPerSecond: 50 });
  const words = '--api-concurrency 7 --api-rate 0 --api-scope openid --api-scope admin';
  await kept('update', 'limited', ...words.split(' '));
  expect((await kept('update', 'limited', '--client-id', 'other')).api).toMatchObject({
    scopes: ['openid', 'admin'],
    limits: { concurrency: 7, requestsPerSecond: 0 },
    limitsInForce: { concurrency: 7, requestsPerSecond: null },
  });
  const { out } = await env('show', 'limited');
  expect(out).toMatch(/scopes +openid admin\n.*limits +7 at once\n/s);
  expect(out).toMatch(/Stage +production\n/);
  expect(out).not.toContain('canary');
  expect((await kept('update', 'limited', '--api-scope', '')).api!.scopes).toEqual([]);
  const slow = await kept('update', 'limited', '--api-rate', '0.5');
  expect(slow.api!.limitsInForce).toEqual({ concurrency: 7, requestsPerSecond: 0.5 });
  for (const wrong of [
    ['--api-rate', '0.001'],
    ['--api-concurrency', '65'],
    ['--api-concurrency', '0'],
    ['--api-rate', '-1'],
    ['--api-scope', 'a"b'],
  ])
    expect((await env('update', 'limited', ...wrong, '--no-test')).code, wrong.join(' ')).toBe(2);
});

test('a gateway alone is an address of the Admin API too', async () => {
  const { api } = await kept('add', 'gateway-only', '--gateway-url', ...API.slice(1));
  expect(api).toMatchObject({ apiUrl: 'https://iam.example', gatewayUrl: 'https://iam.example' });
});

test('everything that can be said of databases', async () => {
  const words = `add full --pg-url postgres://opengate@db.example/?sslmode=require --pg-password-env DB_PASSWORD
    --pg-sslmode verify-ca --pg-lock-timeout 300 --pg-database user=og_user --pg-database realm=env:REALM_URL`;
  const files = ['--pg-ca-file', ca, '--pg-cert-file', cert, '--pg-key-file', key];
  const { postgres } = await kept(...words.split(/\s+/), ...files);
  expect(postgres).toMatchObject({
    password: true,
    databases: { user: 'og_user', realm: 'postgres://other@elsewhere.example/realms' },
    passwords: ['realm'],
    tls: { mode: 'verify-ca', privateCa: true, clientCertificate: true },
    timeouts: { lockMs: 300_000 },
  });
  const { out } = await env('list');
  expect(out).toMatch(/verify-ca, own authority, client certificate\n/);
  expect(out).toMatch(/– realm +postgres:\/\/other@elsewhere\.example\/realms +stored password\n/);
});

test('certificate files that the address names are read now', async () => {
  const url = `postgres://opengate@db.example/?sslrootcert=${encodeURIComponent(ca)}&sslmode=verify-full&sslcert=${cert}&sslkey=${key}`;
  const { postgres } = await kept('add', 'files', '--pg-url', url);
  expect(postgres).toMatchObject({
    url: 'postgres://opengate@db.example/?sslmode=verify-full',
    tls: { privateCa: true, clientCertificate: true },
  });
});

test('a password on the command line is taken, and warned about', async () => {
  const url = 'postgres://opengate:pg-canary@db.example/';
  const words = ['add', 'argued', '--pg-url', url, '--pg-database', `realm=${url}`, '--no-test', '--quiet'];
  const { code, err } = await env(...words);
  expect(code).toBe(0);
  expect(err).toMatch(
    /^Warning: The password in --pg-url is on the command line: .* give --pg-url-env VARIABLE\.$/m,
  );
  expect(err).toMatch(/^Warning: The password in --pg-database .* --pg-database realm=env:VARIABLE\.$/m);
});

test.each([
  [[], /No channel to the installation is given\./, /--api-url and --client-id.*--pg-url or --pg-url-env/],
  [['--api-url', 'https://iam.example'], /no client is named/, /--client-id/],
  [['--client-id', 'x'], /With --client-id an Admin API is meant, but its address is not given/, /--api-url/],
  [['--pg-url-env', 'DB_URL', '--ca-file', ca], /With --ca-file an Admin API is meant/, /begins with --pg-/],
  [['--pg-sslmode', 'require'], /With --pg-sslmode databases are meant, but no server is named/, /--pg-url/],
  [[...API, '--pg-lock-timeout', '5'], /With --pg-lock-timeout databases are meant/, /--pg-url/],
  [['--pg-url-env', 'NOWHERE'], /variable “NOWHERE” is not set/, /address of the PostgreSQL server/],
  [['--pg-url', 'postgres://h/', '--pg-url-env', 'DB_URL'], /cannot be used with/, /--help/],
  [['--pg-url', 'mysql://h/'], /What --pg-url holds is no address of PostgreSQL/, /postgres:\/\/user@host/],
  [['--pg-url-env', 'DB_PASSWORD'], /What “DB_PASSWORD” holds is no address/, /postgres:\/\/user@host/],
  [['--pg-url', 'postgres://h/', '--pg-cert-file', cert], /without its key/, /--pg-key-file/],
  [
    ['--pg-url', 'postgres://h/', '--pg-database', 'users=x'],
    /the roles are user, rbac, client and realm/,
    /--help/,
  ],
  [['--pg-url', 'postgres://h/', '--pg-database', 'user='], /It is written role=name/, /--help/],
  [
    ['--pg-url', 'postgres://h/', '--pg-database', 'user=a', '--pg-database', 'user=b'],
    /The database of “user” is given twice/,
    /--help/,
  ],
  [
    ['--pg-url', 'postgres://h/', '--pg-database', 'user=env:NOWHERE'],
    /“NOWHERE” is not set/,
    /address of “user”/,
  ],
  [['--pg-url', 'postgres://h/', '--pg-sslmode', 'allow'], /disable, prefer, require/, /--help/],
])('%j: exit code 2, and what is missing', async (words, complaint, remedy) => {
  const { code, err } = await env('add', 'halves', ...words);
  expect([code, err]).toEqual([2, expect.stringMatching(complaint)]);
  expect(err.slice(err.indexOf('What to do:'))).toMatch(remedy);
});

test('a channel is added, changed in one thing, and removed; secrets stay', async () => {
  await kept('add', 'growing', ...API, '--auth-url', 'https://auth.example');
  expect(await kept('update', 'growing', '--pg-url-env', 'DB_URL', '--pg-database', 'user=u')).toMatchObject({
    api: { authUrl: 'https://auth.example' },
    postgres: { password: true, databases: { user: 'u' } },
  });
  expect(
    await kept(
      'update',
      'growing',
      '--pg-lock-timeout',
      '7',
      '--pg-database',
      'rbac=r',
      '--stage',
      'staging',
    ),
  ).toMatchObject({
    stage: 'staging',
    postgres: {
      url: 'postgres://opengate@db.example:5433/',
      password: true,
      databases: { user: 'u', rbac: 'r' },
      timeouts: { lockMs: 7000 },
    },
  });
  expect(await kept('update', 'growing', '--client-id', 'other')).toMatchObject({
    api: { apiUrl: 'https://iam.example', authUrl: 'https://auth.example', clientId: 'other' },
  });
  expect((await kept('update', 'growing', '--remove-pg')).postgres).toBeUndefined();
  expect(await env('update', 'growing', '--remove-api')).toMatchObject({ code: 2 });
  expect(await env('update', 'growing', '--remove-api', '--api-url', 'https://x')).toMatchObject({
    code: 2,
    err: expect.stringContaining('cannot be used with'),
  });
  expect(await env('update', 'growing')).toMatchObject({
    code: 2,
    err: expect.stringContaining('Nothing is given that should change.'),
  });
  expect(await env('update', 'growin', '--remove-pg')).toMatchObject({
    code: 1,
    err: expect.stringContaining('Did you mean “growing”?'),
  });
});

test('what cannot be told back is asked for again rather than dropped', async () => {
  await kept('add', 'sealed', ...API, '--ca-file', ca, '--pg-url-env', 'DB_URL', '--pg-ca-file', ca);
  const api = await env('update', 'sealed', '--client-id', 'x', '--no-test');
  expect([api.code, api.err]).toEqual([
    2,
    expect.stringContaining('Name the authority’s file again: --ca-file'),
  ]);
  const databases = await env('update', 'sealed', '--pg-lock-timeout', '9', '--no-test');
  expect([databases.code, databases.err]).toEqual([2, expect.stringContaining('--pg-ca-file')]);
  expect(await kept('update', 'sealed', '--pg-lock-timeout', '9', '--pg-ca-file', ca)).toMatchObject({
    postgres: { tls: { privateCa: true }, timeouts: { lockMs: 9000 } },
  });
});

test('no password, secret or key was printed by any of this', () => {
  expect(printed.join('')).not.toContain('canary');
});
