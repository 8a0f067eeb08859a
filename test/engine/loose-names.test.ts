import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PolicyInput } from '../../contract/plan.ts';
import { startLine, type Line } from './line.ts';

const MERGE = { realm: 'merge', users: 'merge', clients: 'update' } satisfies PolicyInput;

let line: Line;
beforeAll(async () => {
  line = await startLine(20, {
    environments: ['dev', { name: 'loose', seed: 'none' }],
    addApis: false,
  });
  for (const environment of ['dev', 'loose']) await line.add(environment, 'postgres');
  // Neither case nor accents count there.
  const collation = `CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level1', deterministic = false);`;
  const dev = line.sandbox.environment('dev');
  await dev.query(
    'user',
    `${collation} DELETE FROM users a USING users b WHERE a.realm_name = b.realm_name AND a.id > b.id
       AND (a.username = b.username COLLATE loose OR a.email = b.email COLLATE loose)`,
  );
  await line.run({ kind: 'backup', environment: 'dev-postgres', realms: ['acme'] });
  const plan = await line.plan({
    source: 'latest:dev-postgres/acme',
    environment: 'loose-postgres',
    policy: {},
  });
  await line.apply(plan.plan);

  const loose = line.sandbox.environment('loose');
  await loose.query(
    'user',
    `${collation} ALTER TABLE users ALTER username TYPE varchar(255) COLLATE loose,
                                    ALTER email TYPE varchar(255) COLLATE loose`,
  );
  await loose.query(
    'client',
    `${collation} ALTER TABLE oauth_clients ALTER client_id TYPE varchar(255) COLLATE loose`,
  );
  await loose.query('rbac', `${collation} ALTER TABLE roles ALTER name TYPE varchar(255) COLLATE loose`);
  await dev.query(
    'user',
    `INSERT INTO users (realm_name, username, email) VALUES
       ('acme', 'ALICE', 'alice.2@example.com'), ('acme', 'Qöx', 'qox@example.com'), ('acme', 'qox', 'qox.2@example.com'),
       ('acme', 'new', 'new@example.com'), ('acme', 'anew', 'NEW@example.com')`,
  );
  await dev.query(
    'client',
    `INSERT INTO oauth_clients (realm_name, client_id, name) VALUES ('acme', 'Acme-Backend', 'x'), ('acme', 'own', 'x')`,
  );
  await line.run({ kind: 'backup', environment: 'dev-postgres', realms: ['acme'] });
}, 60_000);
afterAll(() => line.close());

async function planned(policy: PolicyInput) {
  const plan = await line.plan({
    source: 'latest:dev-postgres/acme',
    environment: 'loose-postgres',
    policy: { ...MERGE, ...policy },
  });
  const { items } = await line.client.plans.items({ plan: plan.plan, limit: 1000 });
  const written = items
    .filter(({ section }) => section === 'users' || section === 'clients')
    .filter(({ action }) => action !== 'unchanged')
    .map(({ section, key, action, reason, other }) => [`${section}/${key}`, action, reason, other]);
  return { plan, written };
}

it('a plan finds the records whose names or addresses the target takes for the same, and can then be applied', async () => {
  const { plan, written } = await planned({ caseVariants: 'create' });
  expect(plan.blocked).toBe(true);
  expect(written).toEqual([
    ['clients/Acme-Backend', 'conflict', 'same-key-there', 'acme-backend'],
    ['clients/own', 'create', 'only-in-source', undefined],
    ['users/ALICE', 'conflict', 'same-key-there', 'alice'],
    ['users/Qöx', 'conflict', 'same-key-there', 'qox'],
    ['users/anew', 'conflict', 'email-taken', 'new'],
    ['users/new', 'conflict', 'email-taken', 'anew'],
    ['users/qox', 'conflict', 'same-key-there', 'Qöx'],
  ]);
  expect(plan.warnings.join(' ')).toContain('roles.name');

  const settled = await planned({
    caseVariants: 'create',
    conflicts: 'skip',
    exclude: ['users/anew', 'users/qox'],
  });
  expect(settled.plan.blocked).toBe(false);
  expect(await line.apply(settled.plan.plan)).toMatchObject({ status: 'succeeded', verified: true });
  const rows = await line.sandbox
    .environment('loose')
    .query<{ username: string }>(
      'user',
      `SELECT username FROM users WHERE username COLLATE "C" IN ('Qöx', 'new', 'qox', 'anew', 'ALICE') ORDER BY username COLLATE "C"`,
    );
  expect(rows.map(({ username }) => username)).toEqual(['Qöx', 'new']);
}, 30_000);

it('replacing the realm asks about the names of the source among each other', async () => {
  const { written } = await planned({ realm: 'overwrite', caseVariants: 'create' });
  const conflicts = written.filter(([, action]) => action === 'conflict').map(([key]) => key);
  expect(conflicts).toEqual(expect.arrayContaining(['users/ALICE', 'users/alice', 'users/Qöx', 'users/qox']));
}, 30_000);

it('the environment’s test says so', async () => {
  const { steps } = await line.client.environments.probe({ name: 'loose-postgres' });
  const text = steps.find(({ name }) => /user/i.test(name))?.text;
  expect(text).toContain('The collation of users.username, users.email is not deterministic');
});
