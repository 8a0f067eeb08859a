import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { addressOf, namedDatabase, shownServer, type Address } from './address.ts';
import { passwordFor, passwordFromFile } from './password-file.ts';
import type { PostgresSettings } from './settings.ts';
import { planTls } from './tls.ts';

function address(
  url: string,
  environment: NodeJS.ProcessEnv = {},
  more: Partial<PostgresSettings> = {},
): Address {
  return addressOf({ name: 'dev', url, ...more }, undefined, environment);
}

describe('addressOf', () => {
  it('takes what is missing from the environment, as libpq does, and else its defaults', () => {
    expect(address('postgres://')).toMatchObject({
      host: undefined,
      port: 5432,
      user: userInfo().username,
      password: undefined,
      database: undefined,
      applicationName: 'drawbridge',
      connectMs: 10_000,
      local: true,
    });
    const environment = {
      PGHOST: 'db',
      PGPORT: '5433',
      PGUSER: 'app',
      PGPASSWORD: 'hush',
      PGDATABASE: 'x',
      PGSSLMODE: 'require',
      PGSSLROOTCERT: '/ca.pem',
      PGPASSFILE: '/p',
      PGCONNECT_TIMEOUT: '3',
    };
    expect(address('postgres://', environment)).toMatchObject({
      host: 'db',
      port: 5433,
      user: 'app',
      password: 'hush',
      database: 'x',
      passFile: '/p',
      connectMs: 3000,
      tls: { mode: 'require', ca: { file: '/ca.pem' } },
    });
    expect(address('postgres://u:p@other:1/y?sslmode=disable', environment)).toMatchObject({
      host: 'other',
      port: 1,
      user: 'u',
      password: 'p',
      database: 'y',
      tls: { mode: 'disable' },
    });
  });

  it.each(['5433x', '0', '65536', '-1', '5e3'])('PGPORT=%s is refused, not passed over', (port) => {
    expect(() => address('postgres://', { PGPORT: port })).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: 'The environment variable PGPORT is not a number from 1 to 65535.',
      }),
    );
    expect(address('postgres://db:1', { PGPORT: port }).port).toBe(1);
  });

  it('PGSSLMODE is named where it is one that is not known', () => {
    expect(() => address('postgres://', { PGSSLMODE: 'allow' })).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message:
          'The environment variable PGSSLMODE is not one of disable, prefer, require, verify-ca, verify-full.',
      }),
    );
  });

  test.each([
    ['postgres://', 'prefer'],
    ['postgres://localhost', 'prefer'],
    ['postgres://127.0.0.2', 'prefer'],
    ['postgres://[::1]', 'prefer'],
    ['postgres://%2Ftmp', 'prefer'],
    ['postgres://db.example.com', 'verify-full'],
    ['postgres://10.0.0.1', 'verify-full'],
    ['postgres://localhost.example.com', 'verify-full'],
    ['postgres://127.example.com', 'verify-full'],
  ])('where nobody chose, %s is %s', (url, mode) => {
    expect(address(url).tls).toMatchObject({ mode, modeIsDefault: true });
  });

  it('the settings go before the address', () => {
    const own = address(
      'postgres://u:p@db?sslmode=disable',
      {},
      { password: 'q', tls: { mode: 'verify-ca', caPem: 'PEM' } },
    );
    expect(own).toMatchObject({
      password: 'q',
      tls: { mode: 'verify-ca', ca: { text: 'PEM' }, modeIsDefault: false },
    });
  });

  it('a service that stands elsewhere has its own host, user and password, and gets no other one’s', () => {
    const settings: PostgresSettings = {
      name: 'dev',
      url: 'postgres://app@one/x',
      password: 'for one',
      databases: {
        user: 'users',
        rbac: 'postgres://rbac@two:5433/roles',
        client: 'postgres://app:own@two/clients',
        realm: 'postgres://app@one/realms?sslmode=disable',
      },
      passwords: { client: 'given' },
    };
    const of = (service: 'user' | 'rbac' | 'client' | 'realm'): Address => addressOf(settings, service, {});
    expect(of('user')).toMatchObject({ host: 'one', password: 'for one', database: 'x' });
    expect(of('rbac')).toMatchObject({ host: 'two', port: 5433, user: 'rbac', password: undefined });
    expect(of('client')).toMatchObject({ host: 'two', user: 'app', password: 'given' });
    expect(of('realm')).toMatchObject({ host: 'one', password: 'for one', tls: { mode: 'disable' } });
    expect((['user', 'rbac', 'client', 'realm'] as const).map((one) => namedDatabase(settings, one))).toEqual(
      ['users', 'roles', 'clients', 'realms'],
    );
  });

  it('shows servers without user and password', () => {
    const shown = ['postgres://', 'postgres://u:p@db:1', 'postgres://[::1]', 'postgres://%2Ftmp'];
    expect(shown.map((url) => shownServer(address(url)))).toEqual([
      'localhost:5432',
      'db:1',
      '[::1]:5432',
      '/tmp (port 5432)',
    ]);
  });
});

describe('the password file', () => {
  const login = { host: 'db', port: 5432, database: 'x', user: 'app' };
  test.each([
    ['db:5432:x:app:hush', 'hush'],
    ['# db:5432:x:app:no\n\nother:*:*:*:no\n*:*:*:app:hush\n*:*:*:*:later', 'hush'],
    ['db:5432:x:app:a\\:b\\\\c:d', 'a:b\\c:d'],
    ['db:5433:*:*:no\r\ndb:*:y:*:no\r\ndb:*:*:u:no', undefined],
    ['db:5432:x:app:', undefined],
    ['', undefined],
  ])('%j', (text, password) => {
    expect(passwordFor(text, login)).toBe(password);
  });

  it('“localhost” is also for unix sockets', () => {
    expect(passwordFor('localhost:*:*:*:hush', { ...login, host: '/var/run/postgresql' })).toBe('hush');
    expect(passwordFor('localhost:*:*:*:hush', { ...login, host: undefined })).toBe('hush');
  });

  it('is not taken where others may read it, and may be missing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drawbridge-pgpass-'));
    const file = join(folder, 'pgpass');
    await writeFile(file, '*:*:*:*:hush', { mode: 0o600 });
    expect(await passwordFromFile(file, login)).toBe('hush');
    await chmod(file, 0o644);
    expect(await passwordFromFile(file, login)).toBeUndefined();
    expect(await passwordFromFile(join(folder, 'none'), login)).toBeUndefined();
    await rm(folder, { recursive: true });
  });
});

describe('planTls', () => {
  const plan = (url: string, more: Partial<PostgresSettings> = {}): ReturnType<typeof planTls> =>
    planTls(address(url, {}, more));

  it('follows libpq’s modes', async () => {
    expect(await plan('postgres://db?sslmode=disable')).toEqual({ ssl: false, mayBePlain: true });
    expect(await plan('postgres://%2Ftmp?sslmode=require')).toEqual({ ssl: false, mayBePlain: true });
    expect(await plan('postgres://db?sslmode=prefer')).toMatchObject({
      ssl: { rejectUnauthorized: false },
      mayBePlain: true,
    });
    expect(await plan('postgres://db?sslmode=require')).toMatchObject({
      ssl: { rejectUnauthorized: false },
      mayBePlain: false,
    });
    const verified = await plan('postgres://db?sslmode=verify-ca');
    expect(verified).toMatchObject({
      ssl: { rejectUnauthorized: true, checkServerIdentity: expect.anything() as unknown },
    });
    const full = await plan('postgres://db');
    expect(full).toMatchObject({ ssl: { rejectUnauthorized: true }, mayBePlain: false });
    expect(full.ssl).not.toHaveProperty('checkServerIdentity');
  });

  it('names a certificate that cannot be read or is none', async () => {
    await expect(plan('postgres://db?sslrootcert=%2Fnone%2Fca.pem')).rejects.toMatchObject({
      code: 'FILE_FAILED',
      message: expect.stringContaining('/none/ca.pem') as string,
    });
    await expect(plan('postgres://db', { tls: { caPem: 'nonsense' } })).rejects.toMatchObject({
      code: 'TLS_FAILED',
    });
    await expect(
      plan('postgres://db', { tls: { certPem: 'nonsense', keyPem: 'hush' } }),
    ).rejects.toMatchObject({
      code: 'TLS_FAILED',
      message: expect.not.stringContaining('hush') as string,
    });
  });
});
