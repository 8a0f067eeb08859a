import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EnvironmentInput } from '../../contract/environment.ts';
import { openEngine, type Engine, type EngineClient } from '../../core/engine/index.ts';
import { keys } from './line.ts';

const CANARY = 'c4nary';
const KEY = `-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----\n`;
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

let folder: string;
let engine: Engine;
let environments: EngineClient['environments'];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-environments-'));
  engine = await openEngine({
    catalogDir: join(folder, 'catalog'),
    keys,
    createCatalog: true,
    testing: { scrypt: { n: 1024, r: 8, p: 1 } },
  });
  environments = engine.client.environments;
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  for (const { name } of await environments.list()) await environments.remove({ name });
});

const EVERYTHING = {
  name: 'prod',
  stage: 'production',
  api: { apiUrl: 'https://iam.example:8089', clientId: 'drawbridge', clientSecret: `${CANARY}-api` },
  postgres: {
    url: `postgres://opengate:${CANARY}-in-url@db.example:5433/?sslmode=verify-full`,
    databases: { client: 'og_clients', rbac: `postgres://rbac@db2.example/og?password=${CANARY}-parameter` },
    passwords: { client: `${CANARY}-client` },
    tls: { mode: 'verify-full', caPem: CERTIFICATE, certPem: CERTIFICATE, keyPem: KEY },
    timeouts: { lockMs: 5000 },
  },
} satisfies EnvironmentInput;

describe('an environment with databases', () => {
  it('keeps stored certificates in a channel that is given anew, where that is asked for', async () => {
    await environments.add({ ...EVERYTHING, api: { ...EVERYTHING.api, caPem: CERTIFICATE } });
    const { tls: _, ...postgres } = EVERYTHING.postgres;
    const channels = { api: { apiUrl: EVERYTHING.api.apiUrl, clientId: 'other' }, postgres };
    const kept = await environments.update({
      name: 'prod',
      ...channels,
      keepCertificates: ['api.ca', 'postgres.ca'],
    });
    expect(kept.api).toMatchObject({ clientId: 'other', privateCa: true });
    expect(kept.postgres?.tls).toEqual({ privateCa: true, clientCertificate: false });
    const replaced = await environments.update({ name: 'prod', ...channels });
    expect(replaced.api?.privateCa).toBe(false);
    expect(replaced.postgres?.tls.privateCa).toBe(false);
  });

  it('is shown without any secret, and none stands in the catalog’s files', async () => {
    const added = await environments.add(EVERYTHING);
    expect(added).toMatchObject({
      api: { apiUrl: 'https://iam.example:8089' },
      postgres: {
        url: 'postgres://opengate@db.example:5433/?sslmode=verify-full',
        databases: { client: 'og_clients', rbac: 'postgres://rbac@db2.example/og' },
        password: true,
        passwords: ['rbac', 'client'],
        tls: { mode: 'verify-full', privateCa: true, clientCertificate: true },
        timeouts: { lockMs: 5000 },
      },
    });
    expect(await environments.list()).toEqual([added]);
    expect(JSON.stringify(await environments.list())).not.toContain(CANARY);
    for (const file of readdirSync(join(folder, 'catalog'), { recursive: true, withFileTypes: true }))
      if (file.isFile()) expect(readFileSync(join(file.parentPath, file.name)).includes(CANARY)).toBe(false);
  });

  it('can get, change and lose a channel, and keeps the secrets that are not given anew', async () => {
    const { api, postgres } = EVERYTHING;
    await environments.add({ name: 'prod', stage: 'production', api });
    expect(await environments.update({ name: 'prod', postgres })).toMatchObject({
      postgres: { password: true },
    });
    const moved = await environments.update({
      name: 'prod',
      postgres: {
        url: 'postgres://opengate@db3.example/',
        databases: { rbac: 'postgres://rbac@db4.example/og' },
      },
    });
    expect(moved.postgres).toMatchObject({
      url: 'postgres://opengate@db3.example/',
      password: true,
      passwords: ['rbac'],
      tls: { privateCa: false, clientCertificate: false },
    });
    expect((await environments.update({ name: 'prod', api: null })).api).toBeUndefined();
    await expect(environments.update({ name: 'prod', postgres: null })).rejects.toMatchObject({
      code: 'USAGE',
    });
    expect(await environments.list()).toMatchObject([{ name: 'prod', postgres: {} }]);
  });

  it.each([
    ['neither channel', { name: 'x' }],
    ['another database', { name: 'x', postgres: { url: `mysql://root:${CANARY}@db.example/` } }],
    ['a slash in the password', { name: 'x', postgres: { url: `postgres://u:12/${CANARY}@db.example/` } }],
    [
      'a question mark in the password',
      { name: 'x', postgres: { url: `postgres://u:12?${CANARY}@db.example/` } },
    ],
    ['a hash in the password', { name: 'x', postgres: { url: `postgres://u:12#${CANARY}@db.example/` } }],
    [
      'a percent sign in the password',
      { name: 'x', postgres: { url: `postgres://u:${CANARY}%zz@db.example/` } },
    ],
    [
      'another secret in the address',
      { name: 'x', postgres: { url: `postgres://u@db.example/?sslpassword=${CANARY}` } },
    ],
    [
      'an address that is none as a database',
      {
        name: 'x',
        postgres: { url: 'postgres://u@db.example/', databases: { user: `mysql://u:${CANARY}@db.example/` } },
      },
    ],
    [
      'a key that is none',
      { name: 'x', postgres: { url: 'postgres://u@db.example/', tls: { keyPem: CANARY } } },
    ],
    [
      'an unknown mode of TLS',
      { name: 'x', postgres: { url: 'postgres://u@db.example/', tls: { mode: CANARY } } },
    ],
  ])('is refused with %s, and the refusal repeats no secret', async (_what, input) => {
    const refused: unknown = await environments
      .add(input as EnvironmentInput)
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Error);
    expect(`${String(refused)} ${JSON.stringify(refused)}`).not.toContain(CANARY);
    expect(await environments.list()).toEqual([]);
  });

  it('that cannot be reached says so in its probe and its errors, without a secret', async () => {
    await environments.add({
      name: 'away',
      stage: 'development',
      postgres: { url: `postgres://opengate:${CANARY}@127.0.0.1:9/` },
    });
    const probe = await environments.probe({ name: 'away' });
    expect(probe.usable).toBe(false);
    const refused: unknown = await environments.realms({ name: 'away' }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'UNREACHABLE' });
    expect(`${JSON.stringify(probe)} ${String(refused)} ${JSON.stringify(refused)}`).not.toContain(CANARY);
  });
});
