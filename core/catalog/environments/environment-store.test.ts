import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAppError } from '../../../contract/errors.ts';
import { TestCatalogs } from '../test-catalog.ts';
import type { EnvironmentStore } from './environment-store.ts';
import type { NewEnvironment } from './settings.ts';

const catalogs = new TestCatalogs();
let environments: EnvironmentStore;
beforeEach(async () => {
  ({ environments } = await catalogs.open({ testing: { now: () => new Date('2026-01-02T03:04:05Z') } }));
});
afterEach(() => catalogs.clear());

const PROD: NewEnvironment = {
  name: 'prod',
  stage: 'production',
  api: {
    apiUrl: 'https://iam.example:8089',
    authUrl: 'https://iam.example:8080',
    clientId: 'drawbridge',
    clientSecret: 'api-canary',
    timeouts: { connectMs: 5000 },
  },
  postgres: {
    url: 'postgres://opengate@db.example:5433/',
    password: 'pg-canary',
    databases: { user: 'og_user' },
  },
};

function refusal(work: () => unknown) {
  try {
    work();
  } catch (error) {
    if (isAppError(error)) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

describe('environments', () => {
  it('are shown without their secrets, which connectors get', () => {
    const added = environments.add(PROD);
    expect(added).toEqual({
      name: 'prod',
      stage: 'production',
      createdAt: '2026-01-02T03:04:05.000Z',
      api: {
        apiUrl: 'https://iam.example:8089',
        authUrl: 'https://iam.example:8080',
        clientId: 'drawbridge',
        timeouts: { connectMs: 5000 },
      },
      postgres: { url: 'postgres://opengate@db.example:5433/', databases: { user: 'og_user' } },
      secretStates: { clientSecret: 'present', postgresPassword: 'present' },
    });
    expect(environments.get('prod')).toEqual(added);
    expect(environments.list()).toEqual([added]);
    expect(JSON.stringify(environments.list())).not.toContain('canary');
    expect(environments.secrets('prod')).toEqual({
      clientSecret: 'api-canary',
      postgresPassword: 'pg-canary',
    });
  });

  it('are listed by name, and found in capitals', () => {
    for (const name of ['staging', 'dev', '0-lab']) environments.add({ ...PROD, name });
    expect(environments.list().map(({ name }) => name)).toEqual(['0-lab', 'dev', 'staging']);
    expect(environments.get('Staging').name).toBe('staging');
  });

  it('take a database password out of its address', () => {
    const urls = [
      'postgres://opengate:p%40ss@db.example/app',
      'postgresql://opengate@db.example/app?password=p%40ss&sslmode=require',
    ];
    urls.forEach((url, i) => {
      const { postgres } = environments.add({ name: `db-${i}`, postgres: { url } });
      expect(postgres?.url).not.toContain('p%40ss');
      expect(environments.secrets(`db-${i}`)).toEqual({ postgresPassword: 'p@ss' });
    });
  });

  it('suggest the name that was meant', () => {
    expect(refusal(() => environments.get('prod'))).toMatchObject({
      code: 'NOT_FOUND',
      notChanged: 'No other environment was used instead.',
      remedy: expect.stringContaining('env add'),
    });
    environments.add(PROD);
    environments.add({ ...PROD, name: 'staging' });
    expect(refusal(() => environments.get('prdo')).remedy).toBe('Did you mean “prod”?');
    expect(refusal(() => environments.secrets('stag')).remedy).toBe('Did you mean “staging”?');
    expect(refusal(() => environments.remove('elsewhere')).remedy).toBe('There are: prod, staging.');
  });

  it('are not replaced by adding one of the same name', () => {
    environments.add(PROD);
    expect(refusal(() => environments.add({ ...PROD, stage: 'staging' })).code).toBe('USAGE');
    expect(environments.get('prod').stage).toBe('production');
  });

  it('keep what an update leaves out, secrets too', () => {
    environments.add(PROD);
    expect(environments.update('prod', { stage: 'staging' })).toMatchObject({
      stage: 'staging',
      api: { clientId: 'drawbridge' },
      secretStates: { clientSecret: 'present', postgresPassword: 'present' },
    });
    environments.update('prod', { api: { apiUrl: 'https://new.example', clientId: 'other' } });
    expect(environments.get('prod').api).toEqual({ apiUrl: 'https://new.example', clientId: 'other' });
    expect(environments.secrets('prod').clientSecret).toBe('api-canary');
    environments.update('prod', {
      api: { apiUrl: 'https://new.example', clientId: 'other', clientSecret: 'rotated' },
      postgres: null,
    });
    expect(environments.secrets('prod')).toEqual({ clientSecret: 'rotated' });
    expect(environments.get('prod').postgres).toBeUndefined();
    expect(refusal(() => environments.update('prod', { api: null })).code).toBe('USAGE');
    expect(environments.get('prod').api).toBeDefined();
  });

  it('are gone when removed, with their secrets', () => {
    environments.add(PROD);
    environments.remove('prod');
    expect(environments.list()).toEqual([]);
    expect(refusal(() => environments.secrets('prod')).code).toBe('NOT_FOUND');
  });

  it('are tried with stored secrets at their own addresses only', () => {
    environments.add({ ...PROD, postgres: { ...PROD.postgres!, passwords: { user: 'user-canary' } } });
    const { clientSecret: _, ...api } = PROD.api!;
    const { password: __, ...postgres } = PROD.postgres!;
    const wanted: NewEnvironment = { name: 'edited', api: { ...api, clientId: 'other' }, postgres };
    expect(environments.untried(wanted, 'prod').secrets).toEqual({
      clientSecret: 'api-canary',
      postgresPassword: 'pg-canary',
      postgresPasswords: { user: 'user-canary' },
    });
    const strays: [string, NewEnvironment][] = [
      ['client secret', { ...wanted, api: { ...api, apiUrl: 'https://evil.example' } }],
      ['client secret', { ...wanted, api: { ...api, authUrl: 'https://iam.example:8081' } }],
      ['client secret', { ...wanted, api: { ...api, gatewayUrl: 'https://iam.example' } }],
      ['client secret', { ...wanted, api: { ...api, apiUrl: 'http://iam.example:8089' } }],
      ['password', { name: 'x', postgres: { url: 'postgres://opengate@evil.example:5433/' } }],
      ['password', { name: 'x', postgres: { url: 'postgres://opengate@db.example/' } }],
      ['password', { name: 'x', postgres: { url: `${postgres.url}?host=evil.example` } }],
      [
        '“user”',
        { name: 'x', postgres: { ...postgres, databases: { user: 'postgres://u@evil.example/u' } } },
      ],
    ];
    for (const [secret, stray] of strays) {
      const refused = refusal(() => environments.untried(stray, 'prod'));
      expect(refused).toMatchObject({ code: 'USAGE', message: expect.stringContaining(secret) });
      expect(refused.remedy).toContain('again');
    }
    const given = environments.untried(
      { name: 'x', api: { ...api, apiUrl: 'https://new.example', clientSecret: 'new' } },
      'prod',
    );
    expect(given.secrets).toEqual({ clientSecret: 'new' });
    expect(refusal(() => environments.untried({ name: 'x', api })).code).toBe('USAGE');
    expect(environments.list().map(({ name }) => name)).toEqual(['prod']);
    expect(environments.get('prod').api?.clientId).toBe('drawbridge');
  });

  it.each([
    ['a name with capitals', { ...PROD, name: 'Prod' }, 'INVALID_NAME'],
    ['an empty name', { ...PROD, name: '' }, 'INVALID_NAME'],
    ['a path as a name', { ...PROD, name: '../x' }, 'INVALID_NAME'],
    ['no channel', { name: 'prod' }, 'USAGE'],
    ['an unknown setting', { ...PROD, colour: 'red' }, 'USAGE'],
    ['an unknown stage', { ...PROD, stage: 'live' }, 'USAGE'],
    ['a file as address', { name: 'x', api: { ...PROD.api, apiUrl: 'file:///etc/passwd' } }, 'USAGE'],
    [
      'a password in the address',
      { name: 'x', api: { ...PROD.api, apiUrl: 'https://u:api-canary@iam.example' } },
      'USAGE',
    ],
    [
      'another database’s address',
      { name: 'x', postgres: { url: 'mysql://root:pg-canary@db.example' } },
      'USAGE',
    ],
    ['what is no certificate', { name: 'x', api: { ...PROD.api, caPem: 'api-canary' } }, 'USAGE'],
    ['an empty secret', { name: 'x', api: { ...PROD.api, clientSecret: '' } }, 'USAGE'],
  ])('refuse %s, without repeating it', (_what, input, code) => {
    const refused = refusal(() => environments.add(input as NewEnvironment));
    expect(refused.code).toBe(code);
    expect(
      JSON.stringify([refused.message, refused.remedy, refused.details, refused.notChanged]),
    ).not.toContain('canary');
    expect(environments.list()).toEqual([]);
  });
});
