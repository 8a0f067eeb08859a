import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startSandbox, type EnvironmentHandle, type Sandbox } from '../../../sandbox/index.ts';
import type { ProbeReport } from '../connector.ts';
import { Databases } from './databases.ts';
import { probeDatabases } from './probe.ts';
import { SERVICES, type Service } from './services.ts';
import { documentedRights } from './testing/documented-rights.ts';
import { asRole, withOwner } from './testing/server-side.ts';

const never = new AbortController().signal;
let sandbox: Sandbox;
let target: EnvironmentHandle;
let opened: Databases[] = [];
let grants: Awaited<ReturnType<typeof documentedRights>>;

beforeAll(async () => {
  sandbox = await startSandbox({ environments: ['target'], seed: false, bcryptCost: 4 });
  target = sandbox.environment('target');
  grants = await documentedRights();
  for (const { database, statements } of grants)
    await withOwner(target.pgUrl, database === 'server' ? 'postgres' : database, async (client) => {
      for (const statement of statements) await client.query(statement);
    });
  // What PUBLIC has on a fresh server is not what an administrator may rely on.
  for (const database of Object.values(target.databases))
    await withOwner(target.pgUrl, database, async (client) => {
      await client.query(
        `REVOKE ALL ON DATABASE ${database} FROM PUBLIC; REVOKE ALL ON SCHEMA public FROM PUBLIC`,
      );
    });
});
afterEach(async () => {
  await Promise.all(opened.map((databases) => databases.close()));
  opened = [];
});
afterAll(() => sandbox.stop());

function as(role: 'drawbridge_backup' | 'drawbridge_import'): Databases {
  const password = role === 'drawbridge_backup' ? 'choose one' : 'choose another';
  const databases = new Databases({ name: 'target', url: asRole(target.pgUrl, role, password) });
  opened.push(databases);
  return databases;
}

async function service(databases: Databases, name: Service): Promise<ProbeReport['steps'][number]> {
  const { steps } = await probeDatabases(databases, never);
  return steps.find((step) => step.name === `Service ${name}`)!;
}

describe('with just the documented rights', () => {
  it('a backup role finds and reads everything, and is told to be no more than that', async () => {
    const databases = as('drawbridge_backup');
    const report = await probeDatabases(databases, never);
    expect(report).toMatchObject({ usable: true, dialect: 'flyway client-1 rbac-1 realm-2 user-1' });
    for (const name of SERVICES)
      expect(report.steps.find((step) => step.name === `Service ${name}`)).toMatchObject({
        verdict: 'finding',
        text: expect.stringMatching(
          /It can be read\. The role cannot write it: GRANT INSERT, UPDATE, DELETE ON .* TO "drawbridge_backup"; GRANT TEMPORARY ON DATABASE "opengate_/,
        ) as string,
      });
    const transactions = await databases.begin(SERVICES, 'read', never);
    for (const { session, services } of transactions.databases)
      for (const { tables } of services)
        for (const { sql } of Object.values(tables)) {
          await session.query(`SELECT * FROM ${sql}`);
          await session.run(() => copyAll(session.client, sql));
        }
    await transactions.rollback();
  });

  it('an import role writes everything, and the probe has no objection', async () => {
    const databases = as('drawbridge_import');
    const report = await probeDatabases(databases, never);
    expect(report.steps.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
    const transactions = await databases.begin(SERVICES, 'write', never);
    for (const { session, services } of transactions.databases)
      for (const { tables } of services)
        for (const { sql, name } of Object.values(tables)) {
          const staged = `pg_temp."staged_${name}"`;
          await session.query(
            `CREATE TEMP TABLE "staged_${name}" (LIKE ${sql} INCLUDING DEFAULTS) ON COMMIT DROP`,
          );
          await session.query(`INSERT INTO ${sql} SELECT * FROM ${staged}`);
          await session.query(`UPDATE ${sql} SET id = id`);
          await session.query(`DELETE FROM ${sql}`);
        }
    await transactions.rollback();
  });
});

describe('without one of the documented rights', () => {
  it('the probe names the statement that is missing, and nothing else is refused', async () => {
    const rights = grants.filter(({ role }) => role !== undefined);
    expect(rights).toHaveLength(8);
    for (const { database, role, statements } of rights) {
      const name = SERVICES.find((one) => target.databases[one] === database)!;
      const user = role as 'drawbridge_backup' | 'drawbridge_import';
      for (const statement of statements) {
        const revoke = statement.replace(/^GRANT (.*) TO (\S+)$/s, 'REVOKE $1 FROM $2');
        await withOwner(target.pgUrl, database, (client) => client.query(revoke));
        const step = await service(as(user), name);
        expect(`${step.verdict}: ${step.text}`, revoke).toMatch(expectation(statement, user));
        await withOwner(target.pgUrl, database, (client) => client.query(statement));
      }
    }
  });

  it('each single right to each single table is looked at', async () => {
    for (const [right, verdict] of [
      ['SELECT', 'failed'],
      ['INSERT', 'finding'],
      ['UPDATE', 'finding'],
      ['DELETE', 'finding'],
    ] as const) {
      await target.query('rbac', `REVOKE ${right} ON policies FROM drawbridge_import`);
      const step = await service(as('drawbridge_import'), 'rbac');
      expect(step).toMatchObject({
        verdict,
        text: expect.stringContaining(
          `GRANT ${right} ON "public"."policies" TO "drawbridge_import";`,
        ) as string,
      });
      // A right to some columns only is none.
      if (right !== 'DELETE')
        await target.query('rbac', `GRANT ${right} (id, name) ON policies TO drawbridge_import`);
      expect((await service(as('drawbridge_import'), 'rbac')).verdict).toBe(verdict);
      await target.query('rbac', `GRANT ${right} ON policies TO drawbridge_import`);
    }
    expect((await service(as('drawbridge_import'), 'rbac')).verdict).toBe('ok');
  });

  it('work that needs it is refused with the name of the table', async () => {
    const transactions = await as('drawbridge_backup').begin(['user'], 'write', never);
    await expect(transactions.of('user').query('DELETE FROM public.users')).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringMatching(
        /“drawbridge_backup” lacks a right: permission denied for table users/,
      ) as string,
      remedy: expect.stringContaining('docs/postgres-rights.md') as string,
    });
  });
});

function expectation(statement: string, role: string): RegExp {
  if (statement.startsWith('GRANT CONNECT'))
    return /^failed: The tables of the \S+ service .* were not found/;
  if (statement.startsWith('GRANT USAGE'))
    return new RegExp(`^failed: .*GRANT USAGE ON SCHEMA "public" TO "${role}";`);
  if (statement.startsWith('GRANT SELECT ON flyway')) return /^finding: .*cannot read flyway_schema_history/;
  return new RegExp(`^failed: .*GRANT SELECT ON "public"\\..* TO "${role}";`);
}

/** `COPY … TO STDOUT`, whose rows are dropped. */
function copyAll(client: { query(submittable: never): unknown }, table: string): Promise<void> {
  const quiet = (): void => undefined;
  return new Promise((resolve, reject) => {
    client.query({
      submit: (connection: { query(sql: string): void }) => connection.query(`COPY ${table} TO STDOUT`),
      handleError: reject,
      handleReadyForQuery: resolve,
      handleCopyData: quiet,
      handleCommandComplete: quiet,
    } as never);
  });
}
