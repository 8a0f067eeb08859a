import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PolicyInput } from '../../contract/plan.ts';
import type { Engine } from '../../core/engine/index.ts';
import type { EnvironmentHandle } from '../../sandbox/index.ts';
import { ended, lastView, startLine, type Line } from './line.ts';

/** Role mappings of users who are gone are seen by no capture, since they are read through the users. */
const MERGE: PolicyInput = {
  realm: 'merge',
  users: 'merge',
  clients: 'update',
  unsupported: 'skip',
  conflicts: 'skip',
  caseVariants: 'create',
};

let line: Line;
let next: EnvironmentHandle;
let laterEngine: Engine | undefined;

beforeAll(async () => {
  line = await startLine(40, { environments: ['dev', { name: 'next', seed: 'prod' }], addApis: false });
  for (const name of ['dev', 'next']) await line.add(name, 'postgres');
  next = line.sandbox.environment('next');
  await line.run({ kind: 'backup', environment: 'dev-postgres', realms: ['acme'] });
}, 60_000);
afterAll(async () => {
  await laterEngine?.close();
  await line.close();
});

/** Mappings that bear the id of nobody. */
async function dangling(): Promise<{ mappings: number; users: number }> {
  const users = await next.query<{ id: string }>('user', 'SELECT id::text FROM users');
  const [row] = await next.query<{ mappings: number; users: number }>(
    'rbac',
    `SELECT count(*)::int AS mappings, count(DISTINCT user_id)::int AS users FROM user_role_mappings
     WHERE user_id <> ALL ($1::uuid[])`,
    [users.map(({ id }) => id)],
  );
  return row!;
}

it('of users whom an apply deleted, mappings that are kept there are told, and nothing is called verified', async () => {
  const plan = await line.plan({
    source: 'latest:dev-postgres/acme',
    environment: 'next-postgres',
    policy: { ...MERGE, extra: 'delete' },
  });
  expect(plan.sections.users!.delete).toBeGreaterThan(0);
  expect(await dangling()).toEqual({ mappings: 0, users: 0 });
  // As another program might: what is deleted there comes back in the same moment.
  await next.query(
    'rbac',
    `CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$`,
  );
  await next.query(
    'rbac',
    `CREATE TRIGGER keep BEFORE DELETE ON user_role_mappings FOR EACH ROW EXECUTE FUNCTION keep()`,
  );
  const { view, result, error } = await line.run<'apply'>({
    kind: 'apply',
    plan: plan.plan,
    confirm: 'acme',
  });
  await next.query('rbac', 'DROP TRIGGER keep ON user_role_mappings');
  const left = await dangling();
  expect(left.users).toBeGreaterThan(0);
  expect(error).toMatchObject({ code: 'VERIFICATION_FAILED' });
  expect(view.state).toBe('failed');
  const { verified, deviations, todo } = result!.result;
  expect(verified).toBe(false);
  const told = deviations.filter(({ kind, members }) => kind === 'unexpected' && members[0] === 'roles');
  expect(told).toHaveLength(left.users);
  expect(todo.join('\n')).toContain(
    `${left.mappings} role mappings of ${left.users} users whom this import deleted are still in the database of the RBAC service`,
  );
  await next.query('rbac', `DELETE FROM user_role_mappings WHERE realm_name = 'acme'`);
});

it('an apply that deletes users and their mappings leaves none, and looks at no others', async () => {
  await next.query(
    'rbac',
    `INSERT INTO user_role_mappings (user_id, role_id, realm_name)
     SELECT gen_random_uuid(), id, realm_name FROM roles WHERE realm_name = 'acme' LIMIT 1`,
  );
  await next.query(
    'user',
    `INSERT INTO users (id, realm_name, username, email, enabled)
     VALUES ('aaaaaaaa-0000-4000-8000-000000000001', 'acme', 'only-here', 'only-here@example.com', true)`,
  );
  await next.query(
    'rbac',
    `INSERT INTO user_role_mappings (user_id, role_id, realm_name)
     SELECT 'aaaaaaaa-0000-4000-8000-000000000001', id, realm_name FROM roles WHERE realm_name = 'acme'`,
  );
  const plan = await line.plan({
    source: 'latest:dev-postgres/acme',
    environment: 'next-postgres',
    policy: { ...MERGE, extra: 'delete' },
  });
  expect(plan.sections.users!.delete).toBe(1);
  expect(await line.apply(plan.plan, { confirm: 'acme' })).toMatchObject({ verified: true });
  // The stranger's mapping was there before, and was nobody's then.
  expect(await dangling()).toEqual({ mappings: 1, users: 1 });
});

it('the preview of a rollback counts those that a rollback, broken off between its commits, left behind', async () => {
  const before = await dangling();
  await next.query(
    'user',
    `DELETE FROM users WHERE realm_name = 'acme' AND username IN (
       SELECT username FROM users WHERE realm_name = 'acme' ORDER BY username LIMIT 12)`,
  );
  const removed = await dangling();
  await next.query('rbac', `DELETE FROM user_role_mappings WHERE realm_name = 'acme'`);
  expect(removed.users).toBeGreaterThan(before.users);
  const plan = await line.plan({
    source: 'latest:dev-postgres/acme',
    environment: 'next-postgres',
    policy: MERGE,
  });
  const { view } = await line.run<'apply'>({ kind: 'apply', plan: plan.plan });
  expect(view.state).toBe('succeeded');
  const undoing = await line.run<'rollback-plan'>({ kind: 'rollback-plan', job: view.id });
  const script = join(import.meta.dirname, 'doomed-process.ts');
  const { rbac } = next.databases;
  const child = spawn(
    process.execPath,
    [script, line.catalogDir, undoing.result!.plan.plan, `commit ${rbac}`, 'facts', '0'],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  const left = await dangling();
  expect(left.users).toBeGreaterThan(5);

  laterEngine = await line.reopen(31_000);
  const { client } = laterEngine;
  const run = async (input: Parameters<typeof client.jobs.start>[0]) =>
    await lastView(client, (await client.jobs.start(input)).id);
  const again = ended<'rollback-plan'>(await run({ kind: 'rollback-plan', job: view.id }));
  expect(again.result!.plan.warnings.join('\n')).toContain(
    `these are deleted. Now there are ${left.mappings} role mappings of ${left.users} users who are gone.`,
  );
  const applied = ended<'apply'>(
    await run({ kind: 'apply', plan: again.result!.plan.plan, confirm: 'acme' }),
  );
  expect(applied.result!.result).toMatchObject({ verified: true });
  expect(await dangling()).toEqual({ mappings: 0, users: 0 });
});
