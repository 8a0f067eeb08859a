import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlanView, PolicyInput } from '../../contract/plan.ts';
import type { EnvironmentHandle } from '../../sandbox/index.ts';
import { ended, lastView, startLine, type Line } from './line.ts';
import { serverState } from './server-state.ts';

/**
 * Over the API of release v1.1.0 a deleted realm leaves its users, roles and clients behind. Undoing an import that took
 * them over must not take them away: their passwords can be had nowhere else.
 */

type State = Awaited<ReturnType<typeof serverState>>;
type Row = Record<string, unknown>;

const IMPORT = {
  users: 'merge',
  clients: 'update',
  unsupported: 'skip',
  conflicts: 'skip',
  caseVariants: 'create',
  issuedClients: 'create',
} satisfies PolicyInput;
const CONFIRMED = { confirm: 'acme' };

let line: Line;
/** Seeded as `prod` is, but no production: calls to it are not held back. */
let next: EnvironmentHandle;

beforeAll(async () => {
  line = await startLine(60, {
    dialect: 'v1.1',
    environments: ['dev', { name: 'next', seed: 'prod' }],
  });
  next = line.sandbox.environment('next');
  await line.run({ kind: 'backup', environment: 'dev', realms: ['acme'] });
  await next.query('realm', `DELETE FROM realms WHERE name = 'acme'`);
  await next.query(
    'user',
    `UPDATE users SET first_name = 'Left', email = 'left@example.com' WHERE realm_name = 'acme' AND username = 'alice'`,
  );
  await next.query(
    'user',
    `INSERT INTO users (id, realm_name, username, email, enabled) VALUES
      ('aaaaaaaa-0000-4000-8000-000000000001', 'acme', 'only-here', 'only-here@example.com', true)`,
  );
  await next.query(
    'user',
    `INSERT INTO user_credentials (id, user_id, credential_type, secret_hash) VALUES
      (gen_random_uuid(), 'aaaaaaaa-0000-4000-8000-000000000001', 'PASSWORD', '$2a$12$left-behind')`,
  );
}, 60_000);

afterAll(() => line.close());

const stateOf = () => serverState(next, 'acme');

interface Imported {
  readonly job: string;
  readonly plan: PlanView;
  /** What the server held before. */
  readonly before: State;
}

async function imported(leftovers: 'adopt' | 'remove'): Promise<Imported> {
  const before = await stateOf();
  expect(before['realms']).toEqual([]);
  const plan = await line.plan({
    source: 'latest:dev/acme',
    environment: 'next',
    policy: { ...IMPORT, leftovers },
  });
  expect(plan.blocked).toBe(false);
  const { view, result, error } = await line.run<'apply'>({ kind: 'apply', plan: plan.plan, ...CONFIRMED });
  expect(error).toBeUndefined();
  expect(result!.result).toMatchObject({ verified: true });
  expect((await stateOf())['realms']).toHaveLength(1);
  return { job: view.id, plan, before };
}

async function undoing(job: string): Promise<PlanView> {
  const { result, error } = await line.run<'rollback-plan'>({ kind: 'rollback-plan', job });
  expect(error).toBeUndefined();
  expect(result!.plan).toMatchObject({ blocked: false, undoes: job });
  return result!.plan;
}

async function applied({ plan }: PlanView, confirm = 'acme'): Promise<string> {
  const { view, result, error } = await line.run<'apply'>({ kind: 'apply', plan, confirm });
  expect(error).toBeUndefined();
  expect(result!.result).toMatchObject({ verified: true, failures: 0 });
  return view.id;
}

const undone = async (job: string): Promise<string> => await applied(await undoing(job));

const rows = (state: State, table: string): Row[] => state[table] as Row[];
const namesIn = (state: State): unknown[] => rows(state, 'users').map(({ username }) => username);

/** The users whom nobody wrote to, as they stand in the database; and their passwords. */
function untouched(state: State, touched: ReadonlySet<unknown>): unknown {
  const users = rows(state, 'users').filter(({ username }) => !touched.has(username));
  const ids = new Set(users.map(({ id }) => id));
  return { users, credentials: rows(state, 'credentials').filter((of) => ids.has(of['user_id'])) };
}

async function usersOf(plan: PlanView, action: 'create' | 'update' | 'delete'): Promise<Set<unknown>> {
  const { items } = await line.client.plans.items({
    plan: plan.plan,
    sections: ['users'],
    actions: [action],
    limit: 1_000,
  });
  return new Set(items.map(({ key }) => key));
}

/** What is put back, and what stays besides for want of a way to delete it. */
function expectPutBack(now: State, before: State, touched: ReadonlySet<unknown>): void {
  expect(now['realms']).toEqual([]);
  expect(namesIn(now)).toEqual(namesIn(before));
  expect(untouched(now, touched)).toEqual(untouched(before, touched));
  expect(rows(now, 'credentials')).toEqual(rows(before, 'credentials'));
  expect(now['roles']).toEqual(expect.arrayContaining(before['roles']!));
  expect(now['clients']).toEqual(expect.arrayContaining(before['clients']!));
  expect(now['userRoles']).toEqual(expect.arrayContaining(before['userRoles']!));
}

describe('removing leftovers first', () => {
  const planOf = async (leftovers?: 'remove') =>
    await line.plan({
      source: 'latest:dev/acme',
      environment: 'next',
      policy: { ...IMPORT, ...(leftovers && { leftovers }) },
    });

  it('is offered with what it would delete, and what stays', async () => {
    const state = await stateOf();
    const { plan, blocked } = await planOf();
    expect(blocked).toBe(true);
    const { items } = await line.client.plans.items({ plan, actions: ['conflict'] });
    const [users, roles, clients] = ['users', 'roles', 'clients'].map((table) => rows(state, table).length);
    expect(items[0]).toMatchObject({
      reason: 'leftovers',
      explanation: expect.stringContaining('or deleted first, as far as this channel can.'),
      warnings: [
        `Over this channel ${users} users can be deleted, and ${roles} roles and ${clients} clients cannot: the new realm takes them over in either case.`,
      ],
    });
  });

  it('says in numbers what is deleted, what stays, and which role mappings point at nobody then', async () => {
    const state = await stateOf();
    const plan = await planOf('remove');
    const [users, roles, clients] = ['users', 'roles', 'clients'].map((table) => rows(state, table).length);
    expect(plan).toMatchObject({
      mode: 'overwrite',
      destructive: true,
      leftovers: { deleted: { users }, staying: { roles, clients } },
    });
    const told = plan.warnings.join('\n');
    expect(told).toContain(`Before the new one is created, these are deleted: ${users} users.`);
    expect(told).toContain(
      `this channel cannot delete ${roles} roles and ${clients} clients: they stay, and the new realm takes them over.`,
    );
    expect(told).not.toContain('of the target stay');
    const mappings = rows(state, 'userRoles').length;
    expect(mappings).toBeGreaterThan(10);
    expect(plan.orphanedRoleMappings).toBe(mappings);
    expect(told).toMatch(
      new RegExp(
        `^${mappings} role mappings of \\d+ users who are deleted, or deleted and created again under a new id, stay and point at nobody`,
        'm',
      ),
    );
  });
});

describe('undoing an import that took leftovers over', () => {
  let job: string;
  let back: string;
  let plan: PlanView;
  let before: State;
  let changed: Set<unknown>;

  it('says in numbers what goes, what changes and what has to stay', async () => {
    const its = await imported('adopt');
    ({ job, before } = its);
    const { users, roles, clients } = its.plan.sections;
    changed = await usersOf(its.plan, 'update');
    expect(changed).toContain('alice');
    expect(changed).not.toContain('only-here');
    plan = await undoing(job);
    expect(plan).toMatchObject({
      mode: 'merge',
      leavesNoRealm: true,
      destructive: true,
      losses: { users: users!.create, passwordHashes: 0, sessions: 'all', records: { realm: 1 } },
      sections: { realm: { delete: 1 }, users: { delete: users!.create, create: 0 } },
    });
    expect(await usersOf(plan, 'delete')).toEqual(await usersOf(its.plan, 'create'));
    const told = plan.warnings.join('\n');
    expect(told).toMatch(
      /only what a deleted one had left behind.*brought back to what they were.*nothing is written to the others/,
    );
    expect(told).toMatch(
      /has no realm “acme”.*roles, groups, clients and policies cannot be deleted over this channel/,
    );
    expect(roles!.create).toBeGreaterThan(0);
    expect(told).toContain(`${roles!.create} roles will stay on the target: this channel cannot delete them`);
    expect(clients!.create).toBeGreaterThan(0);
    expect(told).toContain(
      `${clients!.create} clients will stay on the target: this channel cannot delete them`,
    );
  });

  it('deletes those whom the import created, and nobody else; confirmed, the realm last, and verified', async () => {
    const { error: unconfirmed } = await line.run<'apply'>({ kind: 'apply', plan: plan.plan });
    expect(unconfirmed).toMatchObject({ code: 'CONFIRMATION_NEEDED' });
    expect(unconfirmed!.message).toContain(`${plan.losses.users} users are deleted; every session ends`);
    const writes: string[] = [];
    line.fault = ({ method, path }) => {
      if (method !== 'GET' && !path.includes('token')) writes.push(`${method} ${path}`);
      return undefined;
    };
    back = await applied(plan);
    line.fault = undefined;
    expect(writes.at(-1)).toMatch(/^DELETE .*realms\/acme$/);
    const now = await stateOf();
    expectPutBack(now, before, changed);
    const alice = (state: State) => rows(state, 'users').find(({ username }) => username === 'alice');
    expect(alice(now)).toEqual(alice(before));
    const { result } = ended<'apply'>(await line.client.jobs.get({ job: back }));
    expect(result!.result.todo.join(' ')).toContain(
      'roles stayed on the target: this channel cannot delete them',
    );
    await expect(line.run({ kind: 'rollback-plan', job })).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('can be undone itself: the realm is there again, over the same users, and goes again', async () => {
    const again = await undoing(back);
    expect(again).toMatchObject({ mode: 'create', destructive: false, losses: { users: 0 } });
    expect(again.sections.users!.create).toBe(plan.losses.users);
    const returned = await applied(again);
    const now = await stateOf();
    expect(now['realms']).toHaveLength(1);
    expect(rows(now, 'credentials')).toEqual(expect.arrayContaining(rows(before, 'credentials')));
    await undone(returned);
    expectPutBack(await stateOf(), before, changed);
  });

  it('does the rest where the realm is gone already', async () => {
    const its = await imported('adopt');
    await next.query('realm', `DELETE FROM realms WHERE name = 'acme'`);
    const rest = await undoing(its.job);
    expect(rest).toMatchObject({
      mode: 'create',
      leavesNoRealm: true,
      destructive: true,
      losses: { users: its.plan.sections.users!.create, sessions: 0, records: {} },
    });
    await applied(rest);
    expectPutBack(await stateOf(), its.before, await usersOf(its.plan, 'update'));
  });

  it('can be taken up again where it broke off', async () => {
    const its = await imported('adopt');
    const broken = await undoing(its.job);
    line.fault = ({ method, path }) =>
      method === 'DELETE' && path.endsWith('realms/acme') ? { kind: 'answer', status: 403 } : undefined;
    const { error } = await line.run<'apply'>({ kind: 'apply', plan: broken.plan, ...CONFIRMED });
    line.fault = undefined;
    expect(error).toMatchObject({ details: { itemsDone: expect.any(Number) } });
    expect((await stateOf())['realms']).toHaveLength(1);
    const rest = await undoing(its.job);
    expect(rest).toMatchObject({ mode: 'merge', losses: { users: 0, records: { realm: 1 } } });
    await applied(rest);
    expectPutBack(await stateOf(), its.before, await usersOf(its.plan, 'update'));
  });

  it('goes on where it broke off, also when the realm went just then', async () => {
    const its = await imported('adopt');
    const broken = await undoing(its.job);
    let isCut = false;
    line.fault = ({ method, path }) => {
      if (isCut) return { kind: 'answer', status: 403 };
      if (method !== 'DELETE' || !path.endsWith('realms/acme')) return undefined;
      isCut = true;
      return { kind: 'loseAnswer' };
    };
    const { view } = await line.run<'apply'>({ kind: 'apply', plan: broken.plan, ...CONFIRMED });
    line.fault = undefined;
    expect(view).toMatchObject({ state: 'failed', resumable: true });
    expect((await stateOf())['realms']).toEqual([]);
    const outcomes = new Set<string>();
    for await (const items of await line.client.jobs.items({ job: view.id }))
      for (const { section, action, outcome } of items)
        if (action === 'delete') outcomes.add(`${section} ${outcome}`);
    expect(outcomes).toEqual(new Set(['realm unknown', 'users done']));
    await line.client.jobs.resume({ job: view.id });
    expect(await lastView(line.client, view.id)).toMatchObject({
      state: 'succeeded',
      result: { result: { verified: true, undid: its.job } },
    });
    expectPutBack(await stateOf(), its.before, await usersOf(its.plan, 'update'));
  });

  it('is not called verified where the realm came to be again meanwhile', async () => {
    const its = await imported('adopt');
    const doomed = await undoing(its.job);
    await next.query(
      'realm',
      `CREATE FUNCTION come_again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         INSERT INTO public.realms SELECT OLD.*; RETURN OLD; END $$`,
    );
    await next.query(
      'realm',
      `CREATE TRIGGER come_again AFTER DELETE ON realms FOR EACH ROW EXECUTE FUNCTION come_again()`,
    );
    const { result, error } = await line.run<'apply'>({ kind: 'apply', plan: doomed.plan, ...CONFIRMED });
    await next.query('realm', `DROP FUNCTION come_again CASCADE`);
    expect(error).toMatchObject({ code: 'VERIFICATION_FAILED' });
    expect(result?.result.verified).not.toBe(true);
    await undone(its.job);
    expectPutBack(await stateOf(), its.before, await usersOf(its.plan, 'update'));
  });
});

describe('undoing an import that removed leftovers', () => {
  it('brings them back without their passwords, which is said, and no realm', async () => {
    const { job, plan: its, before } = await imported('remove');
    expect(its.losses.users).toBeGreaterThan(0);
    const plan = await undoing(job);
    expect(plan).toMatchObject({ mode: 'merge', leavesNoRealm: true, destructive: true });
    expect(plan.sections.users!.create).toBe(its.losses.users);
    expect(plan.warnings.join(' ')).toContain('will have no password until it is reset');
    await applied(plan);
    const now = await stateOf();
    expect(now['realms']).toEqual([]);
    expect(namesIn(now)).toEqual(namesIn(before));
  });
});

it('a snapshot of leftovers can be restored under another name, without a realm', async () => {
  const { job, plan: its } = await imported('adopt');
  const { safetySnapshot: snapshot } = await line.client.jobs.get({ job });
  if (snapshot === undefined) throw new Error('No safety snapshot.');
  await undone(job);
  const plan = await line.plan({
    source: snapshot,
    environment: 'next',
    policy: { realmName: 'acme-left', caseVariants: 'create', issuedClients: 'leave', unsupported: 'skip' },
  });
  expect(plan).toMatchObject({ mode: 'create', blocked: false, leavesNoRealm: true });
  await applied(plan, 'acme-left');
  const left = await serverState(next, 'acme-left');
  expect(left['realms']).toEqual([]);
  expect(namesIn(left)).toHaveLength(plan.sections.users!.create);
  expect(plan.sections.users!.create).toBeGreaterThan(its.sections.users!.update);
});
