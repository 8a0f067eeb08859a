import { expect, it } from 'vitest';
import type { EnvironmentView } from '../../../../contract/environment.ts';
import { EMPTY_FORM, errorsOf, formOf, inputOf, type EnvironmentForm } from './environment-form.ts';

const { api, postgres } = EMPTY_FORM;

it('shows a stored address that cannot be taken apart as it is', () => {
  const url = 'postgres://100%@db.example:5432/iam';
  const stored = {
    name: 'dev',
    stage: 'development',
    postgres: { url, databases: {}, password: true, passwords: [], tls: {}, timeouts: {} },
  } as unknown as EnvironmentView;
  const form = formOf(stored);
  expect(form.postgres).toMatchObject({ by: 'address', address: url });
  expect(inputOf(form).postgres?.url).toBe(url);
});

it('says what is wrong with any of several scopes at their field', () => {
  const typed: EnvironmentForm = {
    ...EMPTY_FORM,
    name: 'dev',
    api: { ...api, apiUrl: 'https://iam.example', clientId: 'c', clientSecret: 's', scopes: 'openid "all"' },
  };
  expect(errorsOf(typed, { taken: [], stored: undefined })).toEqual({
    'api.scopes': 'This should be a scope without blanks.',
  });
});

it('sends the password of a database only to one that stands elsewhere, where there is a field for it', () => {
  const typed = (place: string): EnvironmentForm => ({
    ...EMPTY_FORM,
    postgres: {
      ...postgres,
      used: true,
      host: 'db',
      places: { ...postgres.places, user: place },
      passwords: { ...postgres.passwords, user: 'hush' },
    },
  });
  expect(inputOf(typed('postgres://me@other/users')).postgres).toMatchObject({ passwords: { user: 'hush' } });
  expect(inputOf(typed('users')).postgres).not.toHaveProperty('passwords');
});
