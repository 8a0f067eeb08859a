import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PolicyInput } from '../../contract/plan.ts';
import { startLine, type Line } from './line.ts';
import { serverState } from './server-state.ts';

/** What a deleted realm left behind is all that is left of its people: it must come back whole. */

const CONFIRMED = { confirm: 'acme', confirmEnvironment: 'lab-postgres' };
const EXISTING = { users: 'merge', clients: 'update', caseVariants: 'create' } satisfies PolicyInput;

let line: Line;
let leftovers: Awaited<ReturnType<typeof stateOf>>;

beforeAll(async () => {
  line = await startLine(60, { environments: ['dev', { name: 'lab', seed: 'none' }], addApis: false });
  for (const environment of ['dev', 'lab']) await line.add(environment, 'postgres');
  await line.run({ kind: 'backup', environment: 'dev-postgres', realms: ['acme'] });
  const plan = await line.plan({
    source: 'latest:dev-postgres/acme',
    environment: 'lab-postgres',
    policy: {},
  });
  await line.apply(plan.plan);
  const lab = line.sandbox.environment('lab');
  await lab.query('realm', `DELETE FROM realms WHERE name = 'acme'`);
  // Other than in the source: names, secrets, and who is there at all.
  await lab.query(
    'user',
    `UPDATE users SET first_name = 'Left', email = 'left@example.com' WHERE username = 'alice'`,
  );
  await lab.query(
    'user',
    `INSERT INTO users (id, realm_name, username, email, enabled) VALUES
      ('aaaaaaaa-0000-4000-8000-000000000001', 'acme', 'only-here', 'only-here@example.com', true)`,
  );
  await lab.query(
    'user',
    `INSERT INTO user_credentials (id, user_id, credential_type, secret_hash) VALUES
      (gen_random_uuid(), 'aaaaaaaa-0000-4000-8000-000000000001', 'PASSWORD', '$2a$12$left-behind')`,
  );
  await lab.query(
    'rbac',
    `INSERT INTO roles (id, realm_name, name) VALUES ('bbbbbbbb-0000-4000-8000-000000000001', 'acme', 'only-here')`,
  );
  await lab.query(
    'rbac',
    `INSERT INTO user_role_mappings (id, user_id, role_id, realm_name) VALUES (gen_random_uuid(),
      'aaaaaaaa-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000001', 'acme')`,
  );
  await lab.query('client', `DELETE FROM oauth_clients WHERE client_id = 'acme-backend'`);
  leftovers = await stateOf();
}, 60_000);
afterAll(() => line.close());

const stateOf = () => serverState(line.sandbox.environment('lab'), 'acme');

async function applied(policy: PolicyInput, source = 'latest:dev-postgres/acme'): Promise<string> {
  const plan = await line.plan({ source, environment: 'lab-postgres', policy });
  expect(plan.blocked).toBe(false);
  const { view, result, error } = await line.run({ kind: 'apply', plan: plan.plan, ...CONFIRMED });
  expect(error).toBeUndefined();
  expect(result!.result).toMatchObject({ verified: true });
  return view.id;
}

async function undone(job: string): Promise<string> {
  const { result } = await line.run({ kind: 'rollback-plan', job });
  expect(result!.plan).toMatchObject({ blocked: false, undoes: job });
  const {
    view,
    result: ended,
    error,
  } = await line.run({
    kind: 'apply',
    plan: result!.plan.plan,
    ...CONFIRMED,
  });
  expect(error).toBeUndefined();
  expect(ended!.result).toMatchObject({ verified: true, undid: job });
  return view.id;
}

describe('undoing an import over leftovers', () => {
  it.each(['adopt', 'remove'] as const)('with “%s” brings them back whole, and no realm', async (choice) => {
    expect(leftovers['realms']).toEqual([]);
    const job = await applied({ leftovers: choice, ...EXISTING });
    const imported = await stateOf();
    expect(imported['realms']).toHaveLength(1);
    expect(imported).not.toEqual(leftovers);

    const { result } = await line.run({ kind: 'rollback-plan', job });
    expect(result!.plan).toMatchObject({ mode: 'overwrite', destructive: true, leavesNoRealm: true });
    expect(result!.plan.warnings.join('\n')).toMatch(
      /only what a deleted one had left behind.*that comes back/,
    );
    const undoing = await undone(job);
    expect(await stateOf()).toEqual(leftovers);

    const again = await undone(undoing);
    expect(await stateOf()).toEqual(imported);
    await undone(again);
    expect(await stateOf()).toEqual(leftovers);
  });

  it('is not called verified where the realm came to be again meanwhile', async () => {
    const job = await applied({ leftovers: 'adopt', ...EXISTING });
    const { result } = await line.run({ kind: 'rollback-plan', job });
    const lab = line.sandbox.environment('lab');
    // Between the last commit and the verification, or as if the deletion had not been done.
    await lab.query(
      'realm',
      `CREATE FUNCTION come_again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         INSERT INTO public.realms SELECT OLD.*; RETURN OLD; END $$`,
    );
    await lab.query(
      'realm',
      `CREATE TRIGGER come_again AFTER DELETE ON realms FOR EACH ROW EXECUTE FUNCTION come_again()`,
    );
    const { error } = await line.run({ kind: 'apply', plan: result!.plan.plan, ...CONFIRMED });
    await lab.query('realm', `DROP FUNCTION come_again CASCADE`);
    expect(error).toMatchObject({ code: 'VERIFICATION_FAILED' });
    await undone(job);
    expect(await stateOf()).toEqual(leftovers);
  });
});

describe('a snapshot of leftovers', () => {
  it('can be restored: beside nothing, over others, and into a realm', async () => {
    const job = await applied({ leftovers: 'remove', ...EXISTING });
    const { safetySnapshot: snapshot } = await line.client.jobs.get({ job });
    if (snapshot === undefined) throw new Error('No safety snapshot.');

    const merged = await line.plan({
      source: snapshot,
      environment: 'lab-postgres',
      policy: { realm: 'merge', ...EXISTING },
    });
    expect(merged).toMatchObject({ mode: 'merge', blocked: false });
    expect(merged.leavesNoRealm).toBeUndefined();

    await applied({ realm: 'overwrite', ...EXISTING }, snapshot);
    expect(await stateOf()).toEqual(leftovers);

    const stopped = await line.plan({ source: snapshot, environment: 'lab-postgres', policy: {} });
    expect(stopped.blocked).toBe(true);
    const { items } = await line.client.plans.items({ plan: stopped.plan, actions: ['conflict'] });
    expect(items.map(({ reason }) => reason)).toEqual(['leftovers']);

    await applied({ leftovers: 'adopt', ...EXISTING }, snapshot);
    expect(await stateOf()).toEqual(leftovers);

    const removed = await line.plan({
      source: snapshot,
      environment: 'lab-postgres',
      policy: { realm: 'remove' },
    });
    await line.apply(removed.plan, CONFIRMED);
    expect((await stateOf())['users']).toEqual([]);
    await applied({}, snapshot);
    expect(await stateOf()).toEqual(leftovers);
  });
});
