import { expect, it } from 'vitest';
import { EMPTY_FORM, type EnvironmentForm } from './environment-form.ts';
import { withoutSecrets } from './without-secrets.ts';

const { api, postgres } = EMPTY_FORM;

it('puts a form by without any of its secrets, wherever they were typed', () => {
  const pem =
    '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nhush\n';
  const typed: EnvironmentForm = {
    name: 'dev',
    stage: 'staging',
    api: {
      ...api,
      apiUrl: 'https://me:hush@iam.example/api',
      authUrl: 'me:hush@iam.example',
      clientId: 'drawbridge',
      clientSecret: 'hush',
      ca: { pem, stored: false },
    },
    postgres: {
      ...postgres,
      // It is kept although the parts are shown: the other way of naming the server begins with it.
      by: 'parts',
      address: 'postgres://me:hush@db.example:5433/iam?sslmode=verify-full&password=hush',
      host: 'db.example',
      password: 'hush',
      places: {
        user: 'postgres://me:hush@users.example/users',
        rbac: 'opengate_rbac',
        client: 'host=clients.example password=hush',
        realm: 'postgres://me:12#hush@realms.example/realms',
      },
      passwords: { user: 'hush', rbac: '', client: '', realm: '' },
      client: { pem, stored: false },
      key: 'hush',
    },
  };
  const kept = withoutSecrets(typed);
  expect(JSON.stringify(kept)).not.toContain('hush');
  expect(kept).toMatchObject({
    name: 'dev',
    api: { apiUrl: 'https://me@iam.example/api', clientId: 'drawbridge' },
    postgres: {
      address: 'postgres://me@db.example:5433/iam?sslmode=verify-full',
      host: 'db.example',
      places: { user: 'postgres://me@users.example/users', rbac: 'opengate_rbac' },
    },
  });
});

it('leaves a form without secrets as it was typed', () => {
  const typed: EnvironmentForm = {
    ...EMPTY_FORM,
    api: { ...api, apiUrl: 'https://iam.example', ca: { pem: 'half a cert', stored: false } },
    postgres: { ...postgres, host: '::1', address: 'postgres://db' },
  };
  expect(withoutSecrets(typed)).toEqual(typed);
});
