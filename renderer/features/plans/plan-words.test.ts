import { expect, it } from 'vitest';
import type { PlanView } from '../../../contract/plan.ts';
import { actionText, countsSentence, lossTexts, namesToType, planSentence } from './plan-words.ts';

const none = { create: 0, update: 0, unchanged: 0, skip: 0, delete: 0, conflict: 0 };
const plan: PlanView = {
  plan: 'p',
  createdAt: '2026-01-01T00:00:00Z',
  applied: false,
  source: { snapshot: 's1', realm: 'acme', environment: 'dev' },
  target: { environment: 'prod', stage: 'production', realm: 'acme', exists: true },
  mode: 'merge',
  destructive: false,
  blocked: false,
  empty: false,
  losses: { users: 0, passwordHashes: 0, clientSecrets: 0, sessions: 0, records: {} },
  sections: {
    realm: { ...none, update: 1 },
    roles: { ...none, create: 1, conflict: 2 },
    users: { ...none, create: 12, delete: 1, unchanged: 3, skip: 1 },
  },
  cannotSet: [],
  warnings: [],
  policy: {},
};

it('says what a plan does in sentences', () => {
  expect(planSentence(plan)).toBe(
    'The realm “acme” on “prod” will be changed in place, towards what “acme” of “dev” was in snapshot s1.',
  );
  const { environment: _, ...source } = plan.source;
  expect(planSentence({ ...plan, source: { ...source, pseudonymized: { environment: 'dev' } } })).toBe(
    'The realm “acme” on “prod” will be changed in place, towards a pseudonymised copy of “acme” of “dev”, snapshot s1.',
  );
  expect(planSentence({ ...plan, mode: 'overwrite' })).toContain('deleted and created again');
  expect(planSentence({ ...plan, mode: 'remove' })).toContain('will be deleted');
  expect(countsSentence(plan)).toBe(
    'Creates 1 role and 12 users. Changes the realm’s settings. Deletes 1 user. 3 records are the same already. 1 record is left out or left alone. 2 conflicts have to be settled first.',
  );
});

it('says that nothing is written while something is in the way', () => {
  const blocked: PlanView = { ...plan, blocked: true };
  expect(planSentence({ ...blocked, policy: { realm: 'merge' } })).toBe(
    'Nothing will be written before the conflicts are settled. Once they are: the realm “acme” on “prod” will be changed in place, towards what “acme” of “dev” was in snapshot s1.',
  );
  for (const policy of [{}, { realm: 'stop' as const }])
    expect(planSentence({ ...blocked, policy })).toBe(
      'Nothing will be written: there is a realm “acme” on “prod” already, and only a realm that is not there was to be created.',
    );
  expect(countsSentence(blocked)).toMatch(
    /^Would create 1 role and 12 users. Would change .* Would delete 1 user\./,
  );
});

it('promises no realm where none will be, and deletes none where none is', () => {
  const gone: PlanView = { ...plan, mode: 'overwrite', target: { ...plan.target, exists: false } };
  const over = { ...gone, leftovers: { deleted: { users: 2 }, staying: { roles: 1 } } };
  expect(planSentence(over)).toBe(
    'The realm “acme” on “prod” will be created from what “acme” of “dev” was in snapshot s1. First 2 users that a deleted one left behind will be deleted. 1 role of it cannot be deleted, and will be taken over.',
  );
  expect(actionText(over)).toBe('Create “acme”');
  expect(actionText({ ...gone, target: plan.target })).toBe('Delete and recreate “acme”');
  for (const mode of ['create', 'merge', 'overwrite'] as const) {
    const undoing: PlanView = { ...plan, mode, leavesNoRealm: true, undoes: 'j' };
    expect(planSentence(undoing)).toMatch(
      /left behind will be .*; afterwards there is no realm of this name\.$/,
    );
    expect(actionText(undoing)).toBe('Bring back what was left of “acme”');
  }
  expect(actionText({ ...plan, mode: 'merge', undoes: 'j' })).toBe('Bring “acme” back');
  // The realm was created by the job that is undone: nothing comes back.
  expect(actionText({ ...plan, mode: 'remove', undoes: 'j' })).toBe('Delete “acme”');
});

it('counts what is lost, users once', () => {
  expect(
    lossTexts({
      losses: {
        users: 2,
        passwordHashes: 1,
        otherCredentials: { TOTP: 3 },
        clientSecrets: 1,
        sessions: 'all',
        records: { users: 2, roles: 1 },
      },
    }),
  ).toEqual([
    '2 users will be gone',
    '1 user stays but loses the password',
    '3 users stay but lose the credential “TOTP”',
    '1 client loses its secret',
    'every session of the realm ends',
    '1 role will be gone',
  ]);
});

it('tells credentials that go with their users, and that nobody knows whether there was a password', () => {
  const losses = {
    users: 2,
    passwordHashes: 4,
    clientSecrets: 2,
    unseen: { passwordHashes: 4, clientSecrets: 1 },
    sessions: 0 as const,
    records: { credentials: 3 },
  };
  expect(lossTexts({ losses })).toEqual([
    '2 users will be gone',
    '4 users stay but lose the password (if there is one, which the target does not tell)',
    '2 clients lose their secrets (of 1: if there is one, which the target does not tell)',
    '3 credentials will be gone',
  ]);
});

it('asks for the realm’s name where something is destroyed or undone, and on production always for the environment’s', () => {
  expect(namesToType(plan)).toEqual({ environment: 'prod' });
  expect(namesToType({ ...plan, mode: 'create' })).toEqual({ environment: 'prod' });
  expect(namesToType({ ...plan, destructive: true })).toEqual({ realm: 'acme', environment: 'prod' });
  expect(namesToType({ ...plan, undoes: 'j' })).toEqual({ realm: 'acme', environment: 'prod' });
  const staging = { ...plan, target: { ...plan.target, stage: 'staging' } };
  expect(namesToType(staging)).toEqual({});
  expect(namesToType({ ...staging, destructive: true })).toEqual({ realm: 'acme' });
  expect(namesToType({ ...staging, undoes: 'j' })).toEqual({ realm: 'acme' });
});
