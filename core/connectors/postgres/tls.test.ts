import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { startPostgres, type PostgresServer } from '../../../sandbox/postgres-server.ts';
import { makeAuthority, makeServerCertificate } from '../admin-api/testing/certificates.ts';
import { isAppError } from '../../../contract/errors.ts';
import { addressOf } from './address.ts';
import { closeClient, openClient } from './connect.ts';
import { Databases } from './databases.ts';
import { probeDatabases } from './probe.ts';
import type { PostgresSettings } from './settings.ts';
import { connectAs } from './testing/server-side.ts';

const authority = makeAuthority('ACME Private Root');
const stranger = makeAuthority('Somebody Else');
const forLoopback = makeServerCertificate({ names: ['127.0.0.1'] }, authority);
const forElsewhere = makeServerCertificate({ names: ['db.example.com'], untilDays: 9.5 }, authority);
const ofTheUser = makeServerCertificate({ names: ['opengate'] }, authority);
const never = new AbortController().signal;
let encrypted: PostgresServer;
let misnamed: PostgresServer;
let plain: PostgresServer;
/** The folder of the last one's unix socket. */
let sockets: string;

beforeAll(async () => {
  sockets = await mkdtemp(join(tmpdir(), 'drawbridge-socket-'));
  // Run as root, the server runs as somebody else, who is to make its socket there.
  await chmod(sockets, 0o777);
  const settings = {
    ssl: 'on',
    ssl_cert_file: 'server.crt',
    ssl_key_file: 'server.key',
    ssl_ca_file: 'ca.crt',
    password_encryption: 'scram-sha-256',
  };
  const hba = (how: string): string => `host all all 127.0.0.1/32 ${how}\n`;
  [encrypted, misnamed, plain] = await Promise.all([
    startPostgres({
      settings,
      files: {
        'server.crt': forLoopback.cert,
        'server.key': forLoopback.key,
        'ca.crt': authority.cert,
        'pg_hba.conf': `hostssl template1 all 127.0.0.1/32 cert\n${hba('scram-sha-256').replace('host', 'hostssl')}`,
      },
    }),
    startPostgres({
      settings,
      files: { 'server.crt': forElsewhere.cert, 'server.key': forElsewhere.key, 'ca.crt': authority.cert },
    }),
    startPostgres({
      settings: { unix_socket_directories: `${sockets}, /tmp` },
      files: { 'pg_hba.conf': `local all all password\n${hba('password')}` },
    }),
  ]);
});
afterAll(async () => {
  await Promise.all([encrypted, misnamed, plain].map((server) => server.stop()));
  await rm(sockets, { recursive: true });
});

function settingsFor(
  server: PostgresServer,
  mode: string,
  tls: PostgresSettings['tls'] = {},
  database = 'postgres',
): PostgresSettings {
  const { user, password, port } = server;
  const url = `postgres://${user}:${password}@127.0.0.1:${port}/${database}${mode === '' ? '' : `?sslmode=${mode}`}`;
  return { name: 'target', url, tls };
}

/** "encrypted", "plain", or the error's code. */
async function reach(...given: Parameters<typeof settingsFor>): Promise<string> {
  const address = addressOf(settingsFor(...given), undefined, {});
  try {
    const { client } = await openClient(address, address.database!, never);
    const { rows } = await client.query<{ ssl: boolean }>(
      'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    );
    await closeClient(client);
    return rows[0]!.ssl ? 'encrypted' : 'plain';
  } catch (error) {
    if (!isAppError(error)) throw error;
    return error.code;
  }
}

const caPem = authority.cert;

describe('sslmode', () => {
  // For each: a server with the right certificate, one with a certificate for another name, one without TLS.
  test.each([
    ['disable', {}, ['AUTH_FAILED', 'plain', 'plain']],
    ['', {}, ['encrypted', 'encrypted', 'plain']],
    ['prefer', {}, ['encrypted', 'encrypted', 'plain']],
    ['prefer', { caPem: stranger.cert }, ['TLS_FAILED', 'TLS_FAILED', 'plain']],
    ['require', {}, ['encrypted', 'encrypted', 'TLS_FAILED']],
    ['require', { caPem }, ['encrypted', 'encrypted', 'TLS_FAILED']],
    ['require', { caPem: stranger.cert }, ['TLS_FAILED', 'TLS_FAILED', 'TLS_FAILED']],
    ['verify-ca', {}, ['TLS_FAILED', 'TLS_FAILED', 'TLS_FAILED']],
    ['verify-ca', { caPem }, ['encrypted', 'encrypted', 'TLS_FAILED']],
    ['verify-full', {}, ['TLS_FAILED', 'TLS_FAILED', 'TLS_FAILED']],
    ['verify-full', { caPem }, ['encrypted', 'TLS_FAILED', 'TLS_FAILED']],
    ['verify-full', { caPem: stranger.cert }, ['TLS_FAILED', 'TLS_FAILED', 'TLS_FAILED']],
  ])('“%s” %o', async (mode, tls, outcomes) => {
    const reached: string[] = [];
    for (const server of [encrypted, misnamed, plain]) reached.push(await reach(server, mode, tls));
    expect(reached).toEqual(outcomes);
  });

  it('a client certificate takes the place of a password', async () => {
    const tls = { caPem, certPem: ofTheUser.cert, keyPem: ofTheUser.key };
    expect(await reach(encrypted, 'verify-full', tls, 'template1')).toBe('encrypted');
    expect(await reach(encrypted, 'verify-full', { caPem }, 'template1')).toMatch(/^(?:AUTH|TLS)_FAILED$/);
  });

  it('what is wrong is said with what to do about it', async () => {
    const failure = async (...given: Parameters<typeof settingsFor>): Promise<string> => {
      const address = addressOf(settingsFor(...given), undefined, {});
      const error: unknown = await openClient(address, 'postgres', never).catch((cause: unknown) => cause);
      return isAppError(error) ? `${error.message} ${error.remedy}` : 'none';
    };
    expect(await failure(encrypted, 'verify-full')).toMatch(
      /not trusted here.*sslrootcert.*sslmode=require/s,
    );
    expect(await failure(misnamed, 'verify-full', { caPem })).toMatch(/for another name.*verify-ca/s);
    expect(await failure(plain, 'require')).toMatch(/offers no encryption.*sslmode=disable/s);
    expect(await failure(encrypted, 'disable')).toMatch(/no encryption.*sslmode=require/s);
  });

  it('a unix socket needs no TLS, whatever the mode', async () => {
    const { user, password, port } = plain;
    for (const url of [
      `postgres://${user}:${password}@${encodeURIComponent(sockets)}:${port}/postgres?sslmode=verify-full`,
      `postgres://${user}:${password}@:${port}/postgres?host=${sockets}`,
      // Found where libpq looks for it, since no host is named.
      `postgres://${user}:${password}@:${port}/postgres?sslmode=require`,
    ]) {
      const { client } = await openClient(addressOf({ name: 'x', url }, undefined, {}), 'postgres', never);
      const { rows } = await client.query('SELECT inet_client_addr() IS NULL AS local');
      expect(rows).toEqual([{ local: true }]);
      const work = client.query('SELECT pg_sleep(20)').catch((error: unknown) => error);
      await closeClient(client);
      expect(await work).toBeInstanceOf(Error);
    }
  });

  it('a server that nobody chose a mode for is not spoken to in plain text, unless it is this computer', async () => {
    const address = addressOf({ name: 'x', url: settingsFor(plain, '').url }, undefined, {});
    const elsewhere = { ...address, local: false, tls: { ...address.tls, mode: 'verify-full' as const } };
    await expect(openClient(elsewhere, 'postgres', never)).rejects.toMatchObject({
      code: 'TLS_FAILED',
      remedy: expect.stringMatching(
        /sslmode=disable.*Nobody chose an sslmode, so it is verify-full/s,
      ) as string,
    });
  });
});

describe('a session over TLS', () => {
  it('ends its statement on the server when it is aborted', async () => {
    const address = addressOf(settingsFor(encrypted, 'verify-full', { caPem }), undefined, {});
    const { client } = await openClient(address, 'postgres', never);
    const work = client.query('SELECT pg_sleep(20)').catch((error: unknown) => error);
    const watcher = await connectAs(
      settingsFor(encrypted, 'disable').url.replace('sslmode=disable', 'sslmode=no-verify'),
      'postgres',
    );
    const sleeping = async (): Promise<number> =>
      (await watcher.query(`SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(20)'`)).rows.length;
    while ((await sleeping()) === 0);
    await closeClient(client);
    expect(await work).toBeInstanceOf(Error);
    for (const until = Date.now() + 2_000; (await sleeping()) > 0 && Date.now() < until;);
    expect(await sleeping()).toBe(0);
    await watcher.end();
  });
});

describe('the probe', () => {
  async function tlsStep(
    ...given: Parameters<typeof settingsFor>
  ): Promise<{ verdict: string; text: string }> {
    const databases = new Databases(settingsFor(...given));
    const report = await probeDatabases(databases, never);
    await databases.close();
    return report.steps.find(({ name }) => name === 'TLS')!;
  }

  it('tells how the connection is protected', async () => {
    expect(await tlsStep(plain, 'prefer')).toMatchObject({
      verdict: 'ok',
      text: expect.stringContaining('Not encrypted, on this computer') as string,
    });
    expect(await tlsStep(encrypted, 'verify-full', { caPem })).toMatchObject({
      verdict: 'ok',
      text: expect.stringMatching(
        /^TLSv1\.3, certificate from ACME Private Root, verified, valid until \d{4}-/,
      ) as string,
    });
    expect(await tlsStep(misnamed, 'verify-ca', { caPem })).toMatchObject({
      verdict: 'finding',
      text: expect.stringContaining('expires in 9 days') as string,
    });
    expect(await tlsStep(misnamed, 'verify-full', { caPem })).toMatchObject({ verdict: 'failed' });
  });

  it('a step that fails leaves the later ones out', async () => {
    const databases = new Databases(settingsFor(misnamed, 'verify-full'));
    const report = await probeDatabases(databases, never);
    expect(report.usable).toBe(false);
    expect(report.steps.map(({ name, verdict }) => `${name}: ${verdict}`)).toEqual([
      'Address: ok',
      'TLS: failed',
      'Login: skipped',
      'Services: skipped',
    ]);
  });
});
