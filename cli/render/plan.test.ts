import { expect, it } from 'vitest';
import type { PlanView } from '../../contract/plan.ts';
import { paintFor } from '../terminal/paint.ts';
import { planLines } from './plan.ts';

const OVER_LEFTOVERS: PlanView = {
  plan: 'plan1',
  createdAt: '2026-03-04T05:06:07.000Z',
  applied: false,
  source: { snapshot: 'snap1', realm: 'acme', environment: 'dev' },
  target: { environment: 'next', stage: 'development', realm: 'acme', exists: false, snapshot: 'snap2' },
  mode: 'overwrite',
  destructive: true,
  blocked: false,
  empty: false,
  losses: { users: 1, passwordHashes: 0, clientSecrets: 0, sessions: 0, records: {} },
  sections: {},
  cannotSet: [],
  warnings: [],
  policy: {},
};

function headline(leftovers: PlanView['leftovers']): string {
  return planLines({ ...OVER_LEFTOVERS, leftovers }, paintFor({}, {}))[0]!;
}

it('of leftovers says what is deleted and what is taken over, and recreates no realm that is not there', () => {
  const where = 'create realm “acme” on “next” (development)';
  expect(headline({ deleted: { users: 61 }, staying: { roles: 5, clients: 1 } })).toBe(
    `Plan plan1 would ${where} and delete 61 users that a deleted one left behind, and take over 5 roles and 1 client, which cannot be deleted,`,
  );
  expect(headline({ deleted: { users: 1, roles: 2 }, staying: {} })).toBe(
    `Plan plan1 would ${where} and delete 2 roles and 1 user that a deleted one left behind,`,
  );
  expect(headline({ deleted: {}, staying: { roles: 5 } })).toBe(
    `Plan plan1 would ${where} and take over 5 roles, which cannot be deleted,`,
  );
});

it('says of a source that it is a pseudonymised copy, and of what', () => {
  const source = (pseudonymized: PlanView['source']['pseudonymized']) =>
    planLines(
      { ...OVER_LEFTOVERS, source: { snapshot: 'snap1', realm: 'acme', pseudonymized } },
      paintFor({}, {}),
    )[1];
  expect(source(undefined)).toBe('  as in snapshot snap1 of “acme” from a file.');
  expect(source({ environment: 'dev' })).toBe(
    '  as in snapshot snap1, a pseudonymised copy of “acme” from “dev”.',
  );
  expect(source({})).toBe('  as in snapshot snap1, a pseudonymised copy of “acme” from a file.');
});
