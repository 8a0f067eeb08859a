import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PolicyInput } from '../../contract/plan.ts';
import { seededPassword } from '../../sandbox/index.ts';
import { startLine, type Line } from './line.ts';
import { serverState } from './server-state.ts';

const USERS = 400;
const SETTLED = { unsupported: 'skip', conflicts: 'skip' } satisfies PolicyInput;
const BOTH_NAMES = (environment: string, realm = 'acme') => ({
  confirm: realm,
  confirmEnvironment: environment,
});

let line: Line;
beforeAll(async () => {
  line = await startLine(USERS, {
    environments: ['dev', 'prod', { name: 'empty', seed: 'none' }],
    addApis: false,
  });
  for (const environment of ['dev', 'prod', 'empty']) await line.add(environment, 'postgres');
  await line.add('prod', 'both');
  await line.add('dev', 'api');
}, 60_000);
afterAll(() => line.close());

const stateOf = (environment: string, realm: string) =>
  serverState(line.sandbox.environment(environment), realm);

/** A plan that undoes a job, applied; the job that applied it. */
async function rollBack(job: string, confirmation = {}): Promise<string> {
  const { result, error } = await line.run({ kind: 'rollback-plan', job });
  if (!result) throw new Error(`No rollback: ${error?.code} ${error?.message}`);
  expect(result.plan).toMatchObject({ blocked: false, undoes: job });
  const applied = await line.run({ kind: 'apply', plan: result.plan.plan, ...confirmation });
  expect(applied.error).toBeUndefined();
  expect(applied.result!.result).toMatchObject({ verified: true, undid: job });
  expect((await line.client.jobs.get({ job })).undoneBy).toBe(applied.view.id);
  return applied.view.id;
}

describe('a realm with everything in it', () => {
  it('goes through the catalog into another installation, and everybody can log in', async () => {
    const backup = await line.run({ kind: 'backup', environment: 'dev-postgres', realms: ['acme'] });
    const [snapshot] = backup.result!.snapshots;
    expect(snapshot).toMatchObject({ channel: 'postgres', complete: true, missing: [] });
    expect(snapshot!.counts).toMatchObject({ realm: 1, users: USERS });
    for (const section of ['credentials', 'socialLinks', 'groups', 'policies'] as const)
      expect(snapshot!.counts[section]).toBeGreaterThan(0);
    expect(snapshot!.window!.from <= snapshot!.window!.to).toBe(true);

    const plan = await line.plan({
      source: 'latest:dev-postgres/acme',
      environment: 'empty-postgres',
      policy: {},
    });
    expect(plan).toMatchObject({ mode: 'create', blocked: false, destructive: false });
    const result = await line.apply(plan.plan);
    expect(result).toMatchObject({ status: 'succeeded', verified: true, safetySnapshot: null });
    expect(await stateOf('empty', 'acme')).toEqual(await stateOf('dev', 'acme'));

    const empty = line.sandbox.environment('empty');
    expect(await empty.checkPassword('acme', 'alice', seededPassword(1))).toBe(true);
    expect(await empty.checkPassword('acme', 'alice', 'wrong')).toBe(false);
    expect(await empty.checkClientSecret('acme-backend', seededPassword(3))).toBe(true);

    const { result: compared } = await line.run({
      kind: 'diff',
      left: 'latest:dev-postgres/acme',
      right: 'empty-postgres/acme',
    });
    expect(compared!.comparison).toMatchObject({ equal: true });
    for (const counts of Object.values(compared!.comparison.sections)) expect(counts.unknown).toBe(false);
  });

  it('has nothing left to do the second time, and nothing is written', async () => {
    const before = await stateOf('empty', 'acme');
    const plan = await line.plan({
      source: 'latest:dev-postgres/acme',
      environment: 'empty-postgres',
      policy: { realm: 'merge', users: 'merge', clients: 'update' },
    });
    expect(plan.empty).toBe(true);
    expect(await line.apply(plan.plan)).toMatchObject({ status: 'nothing-to-do', verified: true });
    expect(await stateOf('empty', 'acme')).toEqual(before);
  });

  it('keeps the same secrets out of a backup without credentials, which is never the latest', async () => {
    const { result } = await line.run({
      kind: 'backup',
      environment: 'dev-postgres',
      realms: ['acme'],
      credentials: false,
    });
    const [snapshot] = result!.snapshots;
    expect(snapshot!.complete).toBe(false);
    expect(snapshot!.missing.map(({ section }) => section)).toContain('credentials');
    const latest = await line.client.snapshots.latest({ environment: 'dev-postgres', realm: 'acme' });
    expect(latest.id).not.toBe(snapshot!.id);
  });
});

describe('undoing', () => {
  it('a created realm removes it, and that can be undone too', async () => {
    const created = await stateOf('empty', 'acme');
    const [job] = (await line.client.jobs.list({})).filter(
      ({ result }) => result?.kind === 'apply' && result.result.status === 'succeeded',
    );
    const undoing = await rollBack(job!.id, BOTH_NAMES('empty-postgres'));
    for (const rows of Object.values(await stateOf('empty', 'acme'))) expect(rows).toEqual([]);
    await rollBack(undoing, BOTH_NAMES('empty-postgres'));
    expect(await stateOf('empty', 'acme')).toEqual(created);
  });

  it.each([
    ['a merge', { realm: 'merge', users: 'merge', clients: 'update', caseVariants: 'create' }],
    [
      'a mirror',
      { realm: 'merge', users: 'merge', clients: 'update', extra: 'delete', caseVariants: 'create' },
    ],
    ['an overwrite', { realm: 'overwrite', caseVariants: 'create' }],
  ] satisfies [string, PolicyInput][])(
    '%s brings everything back: ids, hashes, secrets, mappings',
    async (_what, policy) => {
      const before = await stateOf('prod', 'acme');
      const plan = await line.plan({
        source: 'latest:dev-postgres/acme',
        environment: 'prod-postgres',
        policy: { ...SETTLED, ...policy },
      });
      expect(plan.blocked).toBe(false);
      const { view, result, error } = await line.run({
        kind: 'apply',
        plan: plan.plan,
        ...BOTH_NAMES('prod-postgres'),
      });
      expect(error).toBeUndefined();
      expect(result!.result).toMatchObject({ verified: true });
      expect(await stateOf('prod', 'acme')).not.toEqual(before);
      await rollBack(view.id, BOTH_NAMES('prod-postgres'));
      expect(await stateOf('prod', 'acme')).toEqual(before);
    },
  );

  it('is refused twice, and for a job that wrote nothing', async () => {
    const [undone] = (await line.client.jobs.list({})).filter(({ undoneBy }) => undoneBy !== undefined);
    const twice = await line.client.jobs
      .start({ kind: 'rollback-plan', job: undone!.id })
      .catch((error) => error);
    expect(twice).toMatchObject({ code: 'USAGE', message: expect.stringContaining('undone') });
    const [backup] = (await line.client.jobs.list({ limit: 1000 })).filter(({ kind }) => kind === 'backup');
    const nothing = await line.client.jobs
      .start({ kind: 'rollback-plan', job: backup!.id })
      .catch((error) => error);
    expect(nothing).toMatchObject({ code: 'USAGE', message: expect.stringContaining('nothing to undo') });
  });
});

describe('an environment with both channels', () => {
  it('overwritten from a snapshot of the API keeps what that does not tell: hashes, secrets, groups, policies, links', async () => {
    const prod = line.sandbox.environment('prod');
    const before = await stateOf('prod', 'acme');
    await line.run({ kind: 'backup', environment: 'dev-api', realms: ['acme'] });
    const plan = await line.plan({
      source: 'latest:dev-api/acme',
      environment: 'prod-both',
      policy: { realm: 'overwrite', caseVariants: 'create', ...SETTLED },
    });
    expect(plan).toMatchObject({ mode: 'overwrite', losses: { passwordHashes: 0, clientSecrets: 0 } });
    const { view, error } = await line.run({ kind: 'apply', plan: plan.plan, ...BOTH_NAMES('prod-both') });
    expect(error).toBeUndefined();
    expect(await prod.checkPassword('acme', 'alice', seededPassword(1))).toBe(true);
    expect(await prod.checkClientSecret('acme-backend', seededPassword(3))).toBe(true);
    const after = await stateOf('prod', 'acme');
    for (const section of ['groups', 'policies'] as const) {
      expect(before[section]!.length).toBeGreaterThan(0);
      expect(after[section]).toEqual(before[section]);
    }
    const returned = new Set((after['users'] as { id: string }[]).map(({ id }) => id));
    const links = (before['socialLinks'] as { user_id: string }[]).filter(({ user_id }) =>
      returned.has(user_id),
    );
    expect(links.length).toBeGreaterThan(0);
    expect(after['socialLinks']).toEqual(links);
    await rollBack(view.id, BOTH_NAMES('prod-both'));
    expect(await stateOf('prod', 'acme')).toEqual(before);
  });

  it('merges attributes through the API and the rest through the databases, and says which', async () => {
    const calls: string[] = [];
    line.fault = ({ method, path }) => {
      if (method !== 'GET') calls.push(`${method} ${path}`);
      return undefined;
    };
    const plan = await line.plan({
      source: 'latest:dev-postgres/acme',
      environment: 'prod-both',
      policy: { realm: 'merge', users: 'merge', clients: 'update', caseVariants: 'create', ...SETTLED },
    });
    expect(plan.channels!['admin-api']).toBeGreaterThan(0);
    expect(plan.channels!.postgres).toBeGreaterThan(0);
    const { view, result, error } = await line.run({ kind: 'apply', plan: plan.plan });
    line.fault = undefined;
    expect(error).toBeUndefined();
    expect(result!.result).toMatchObject({ verified: true });
    expect(calls.some((call) => call.startsWith('PUT '))).toBe(true);
    expect(calls.some((call) => call.endsWith('/users/import'))).toBe(true);
    const { steps } = await line.client.jobs.report({ job: view.id });
    expect(steps.some(({ label }) => label.endsWith('(Admin API)'))).toBe(true);
    await rollBack(view.id, BOTH_NAMES('prod-both'));
  });

  it('changes by name a user, with the password, and a client, and leaves all others that are there', async () => {
    const policy = {
      realm: 'merge',
      clients: 'stop',
      caseVariants: 'create',
      exclude: ['clients/partner-sync'],
      ...SETTLED,
    } satisfies PolicyInput;
    const from = { source: 'latest:dev-postgres/acme', environment: 'prod-both' };
    // Everybody has another password there.
    const prod = line.sandbox.environment('prod');
    await prod.query('user', `UPDATE user_credentials SET secret_hash = secret_hash || '.'`);
    const skipping = await line.plan({ ...from, policy });
    const { items } = await line.client.plans.items({
      plan: skipping.plan,
      actions: ['skip', 'conflict'],
      limit: 10_000,
    });
    const leftKeys = (of: string): string[] =>
      items.flatMap(({ section, key, reason }) =>
        section === of && reason.startsWith('exists-policy-') ? [key] : [],
      );
    const withPassword = new Set(leftKeys('credentials'));
    const user = leftKeys('users').find((key) => withPassword.has(`${key}/PASSWORD`))!;
    const clients = leftKeys('clients');
    expect(skipping).toMatchObject({ blocked: true });
    const update = [`users/${user}`, ...clients.map((key) => `clients/${key}`)];
    const plan = await line.plan({ ...from, policy: { ...policy, update } });
    expect(plan).toMatchObject({
      blocked: false,
      sections: {
        users: { update: 1 },
        credentials: { update: 1 },
        clients: { update: clients.length },
      },
    });
    const [source, before] = [await stateOf('dev', 'acme'), await stateOf('prod', 'acme')];
    const { view, result } = await line.run({ kind: 'apply', plan: plan.plan });
    expect(result!.result).toMatchObject({ verified: true, failures: 0 });
    const after = await stateOf('prod', 'acme');
    const rowOf = (state: typeof after, username: string) =>
      (state['users'] as { id: string; username: string; email: string }[]).find(
        (row) => row.username === username,
      )!;
    const hashOf = (state: typeof after, username: string) =>
      (state['credentials'] as { user_id: string; secret_hash: string }[]).find(
        ({ user_id }) => user_id === rowOf(state, username).id,
      )?.secret_hash;
    expect(rowOf(after, user).email).toBe(rowOf(source, user).email);
    expect(hashOf(after, user)).toBe(hashOf(source, user));
    expect(hashOf(after, user)).not.toBe(hashOf(before, user));
    for (const row of before['users'] as { username: string }[]) {
      if (row.username === user) continue;
      expect(rowOf(after, row.username)).toEqual(row);
      expect(hashOf(after, row.username)).toBe(hashOf(before, row.username));
    }
    await rollBack(view.id, BOTH_NAMES('prod-both'));
    expect(await stateOf('prod', 'acme')).toEqual(before);
    await prod.query('user', `UPDATE user_credentials SET secret_hash = rtrim(secret_hash, '.')`);
  });
});

describe('an environment with both channels, of whose databases only some can be used', () => {
  it('is read over both, and written over the Admin API as if that were alone', async () => {
    const prod = line.sandbox.environment('prod');
    await prod.query('user', `CREATE ROLE users_only LOGIN PASSWORD 'canary'`);
    await prod.query(
      'user',
      'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO users_only',
    );
    for (const service of ['realm', 'rbac', 'client'] as const)
      await prod.query('user', `REVOKE CONNECT ON DATABASE ${prod.databases[service]} FROM PUBLIC`);
    const url = new URL(prod.pgUrl);
    [url.username, url.password] = ['users_only', 'canary'];
    await line.add('prod', 'both', { as: 'prod-some', postgres: { url: url.href, password: 'canary' } });
    await line.add('prod', 'api');

    const probe = await line.client.environments.probe({ name: 'prod-some' });
    expect(probe.usable).toBe(true);
    expect(probe.steps.find(({ name }) => name === 'PostgreSQL: Service realm')).toMatchObject({
      verdict: 'finding',
      text: expect.stringContaining('everything is written over it alone'),
    });
    expect((await line.client.environments.realms({ name: 'prod-some' })).map(({ name }) => name)).toContain(
      'acme',
    );

    const whole = await backedUp('prod-postgres');
    const some = await backedUp('prod-some');
    expect(some.complete).toBe(false);
    expect(some.counts).toMatchObject(
      Object.fromEntries(
        (['realm', 'roles', 'clients', 'users', 'credentials'] as const).map((name) => [
          name,
          whole.counts[name],
        ]),
      ),
    );
    expect(some.missing.map(({ section, member }) => [section, member])).not.toContainEqual([
      'users',
      'roles',
    ]);
    const compared = await line.run({
      kind: 'diff',
      left: some.id,
      right: whole.id,
      sections: ['users', 'credentials'],
    });
    expect(compared.result!.comparison).toMatchObject({ equal: true });

    const request = {
      source: 'latest:dev-postgres/acme',
      policy: { realm: 'merge', users: 'merge', clients: 'skip', caseVariants: 'create', ...SETTLED },
    } as const;
    const alone = await line.plan({ ...request, environment: 'prod-api' });
    const plan = await line.plan({ ...request, environment: 'prod-some' });
    expect(plan.blocked).toBe(false);
    expect(plan.sections.users).toEqual(alone.sections.users);
    expect(plan.warnings.join()).toMatch(
      new RegExp(`written over the Admin API, and nothing to the databases.*${prod.databases.rbac}`),
    );
    const applied = await line.run({ kind: 'apply', plan: plan.plan });
    expect(applied.error).toBeUndefined();
    expect(applied.result!.result).toMatchObject({ verified: true });
    const created = await line.plan({
      ...request,
      environment: 'prod-some',
      policy: { ...request.policy, realmName: 'fresh' },
    });
    expect(created.sections.realm).toMatchObject({ create: 1 });
  });
});

async function backedUp(environment: string) {
  const { result } = await line.run({ kind: 'backup', environment, realms: ['acme'] });
  return result!.snapshots[0]!;
}
