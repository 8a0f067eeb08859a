import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EnvironmentHandle, FaultHook } from '../../sandbox/index.ts';
import { lastView, startLine, type Line } from './line.ts';

/** The published release answers every refusal with a bare 500, at the services' own addresses too. */
describe.each(['coded', 'bare'] as const)('where services refuse %s', (refusals) => {
  /** `next` is seeded as `prod` is, but is no production: calls to it are not held back. */
  let line: Line;
  let next: EnvironmentHandle;
  let folder: string;

  beforeAll(async () => {
    line = await startLine(90, {
      dialect: 'v1.1',
      released: { refusals },
      environments: ['dev', { name: 'next', seed: 'prod' }],
    });
    next = line.sandbox.environment('next');
    folder = mkdtempSync(join(tmpdir(), 'drawbridge-released-line-'));
    await line.run({ kind: 'backup', environment: 'dev', realms: ['acme'] });
  });

  afterAll(async () => {
    await line?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const SETTLED = {
    realm: 'merge',
    users: 'merge',
    clients: 'skip',
    unsupported: 'skip',
    conflicts: 'skip',
  } as const;

  async function count(database: 'user' | 'rbac' | 'client' | 'realm', sql: string): Promise<number> {
    const [row] = await next.query<{ n: number }>(database, `SELECT count(*)::int AS n FROM ${sql}`);
    return row!.n;
  }

  /** Of every seventh call that writes, the answer is lost; others get a 500 before anything is done, or are told to wait. */
  function unreliable(): FaultHook {
    let writes = 0;
    return ({ method, environment, path }) => {
      if (method === 'GET' || environment !== 'next' || path.includes('token')) return undefined;
      writes++;
      if (writes % 7 === 0) return { kind: 'loseAnswer' };
      if (writes % 11 === 0) return { kind: 'answer', status: 500, body: '{"status":500}' };
      if (writes % 13 === 0) return { kind: 'answer', status: 429, headers: { 'retry-after': '0' } };
      return undefined;
    };
  }

  describe('a realm that the target does not have', () => {
    let job: string;

    it('is created, with new clients like those of the source, and verified', async () => {
      const plan = await line.plan({
        source: 'latest:dev/acme',
        environment: 'next',
        policy: {
          realmName: 'acme-two',
          issuedClients: 'create',
          unsupported: 'skip',
          caseVariants: 'create',
        },
      });
      expect(plan).toMatchObject({ mode: 'create', blocked: false });
      const { view, result, error } = await line.run<'apply'>({ kind: 'apply', plan: plan.plan });
      expect(error).toBeUndefined();
      job = view.id;
      expect(result!.result).toMatchObject({
        status: 'succeeded',
        verified: true,
        failures: 0,
        deviationCount: 0,
      });
      expect(await count('user', `users WHERE realm_name = 'acme-two'`)).toBe(plan.sections.users!.create);
      expect(await count('rbac', `roles WHERE realm_name = 'acme-two'`)).toBe(plan.sections.roles!.create);
      expect(await count('client', `oauth_clients WHERE realm_name = 'acme-two'`)).toBe(
        plan.sections.clients!.create,
      );
    });

    it('has the new secrets told until they are forgotten, and nowhere else', async () => {
      const shown = await line.client.jobs.get({ job });
      const clients = await count('client', `oauth_clients WHERE realm_name = 'acme-two'`);
      expect(shown.issued).toHaveLength(clients);
      const report = JSON.stringify(await line.client.jobs.report({ job }));
      const { secrets } = await line.client.jobs.secrets({ job });
      expect(secrets).toHaveLength(shown.secretsKept!);
      expect(secrets.length).toBeGreaterThan(5);
      for (const { key, issued, secret } of secrets) {
        expect(await next.checkClientSecret(issued, secret)).toBe(true);
        expect(shown.issued).toContainEqual({ section: 'clients', key, issued });
        expect(report).not.toContain(secret);
      }
      expect(await line.client.jobs.secrets({ job })).toEqual({ job, secrets });
      expect(await line.client.jobs.forgetSecrets({ job })).toEqual({ forgotten: secrets.length });
      expect(await line.client.jobs.secrets({ job })).toEqual({ job, secrets: [] });
      expect(await line.client.jobs.get({ job })).toMatchObject({ secretsKept: 0 });
    });

    it('leaves nothing to do for a second plan', async () => {
      const plan = await line.plan({
        source: 'latest:dev/acme',
        environment: 'next',
        policy: { ...SETTLED, realmName: 'acme-two', issuedClients: 'create' },
      });
      expect(plan).toMatchObject({ empty: true, blocked: false });
      expect(plan.sections.clients!.skip).toBeGreaterThan(5);
      expect(await line.apply(plan.plan)).toMatchObject({ status: 'nothing-to-do', verified: true });
    });

    it('is removed by a rollback, but for what outlives it', async () => {
      const roles = await count('rbac', `roles WHERE realm_name = 'acme-two'`);
      const { result } = await line.run<'rollback-plan'>({ kind: 'rollback-plan', job });
      const { plan } = result!;
      expect(plan).toMatchObject({ mode: 'remove', blocked: false, destructive: true });
      expect(plan.warnings.join(' ')).toContain(`${roles} roles and`);
      expect(await line.apply(plan.plan, { confirm: 'acme-two' })).toMatchObject({
        status: 'succeeded',
        verified: true,
      });
      expect(await count('realm', `realms WHERE name = 'acme-two'`)).toBe(0);
      expect(await count('user', `users WHERE realm_name = 'acme-two'`)).toBe(0);
      expect(await count('rbac', `roles WHERE realm_name = 'acme-two'`)).toBe(roles);
      // A realm of that name would take these over: that is asked first.
      const again = await line.plan({
        source: 'latest:dev/acme',
        environment: 'next',
        policy: { realmName: 'acme-two', unsupported: 'skip' },
      });
      expect(again.blocked).toBe(true);
    });
  });

  describe('a realm that exists', () => {
    let job: string;

    it('is merged into over a line that fails, with nothing written twice or left out', async () => {
      const plan = await line.plan({
        source: 'latest:dev/acme',
        environment: 'next',
        policy: { ...SETTLED, extra: 'delete' },
      });
      expect(plan.sections.users).toMatchObject({ conflict: 0 });
      const { items: doomed } = await line.client.plans.items({
        plan: plan.plan,
        actions: ['delete'],
        sections: ['users'],
      });
      const names = doomed.map(({ key }) => `'${key}'`).join(', ');
      const left = await next.query<{ id: string }>(
        'user',
        `SELECT id FROM users WHERE realm_name = 'acme' AND username IN (${names})`,
      );
      const ids = left.map(({ id }) => `'${id}'`).join(', ');
      const orphans = async () => await count('rbac', `user_role_mappings WHERE user_id IN (${ids})`);
      expect(plan.orphanedRoleMappings).toBe(await orphans());
      expect(plan.warnings.join('\n')).toMatch(
        new RegExp(`^${await orphans()} role mappings of \\d+ users who are deleted stay`, 'm'),
      );
      const before = await count('user', `users WHERE realm_name = 'acme'`);
      line.fault = unreliable();
      const { view, result, error } = await line.run<'apply'>({
        kind: 'apply',
        plan: plan.plan,
        confirm: 'acme',
      });
      line.fault = undefined;
      expect(error).toBeUndefined();
      job = view.id;
      expect(result!.result).toMatchObject({ status: 'succeeded', verified: true, failures: 0 });
      expect(result!.result.counts.retries).toBeGreaterThan(10);
      expect(await orphans()).toBe(plan.orphanedRoleMappings);
      const { create, delete: deleted } = plan.sections.users!;
      expect(await count('user', `users WHERE realm_name = 'acme'`)).toBe(before + create - deleted);
      expect(
        await count(
          'rbac',
          `(SELECT 1 FROM user_role_mappings GROUP BY user_id, role_id HAVING count(*) > 1) d`,
        ),
      ).toBe(0);
    });

    it('has nothing left to be done', async () => {
      const plan = await line.plan({
        source: 'latest:dev/acme',
        environment: 'next',
        policy: { ...SETTLED, extra: 'delete' },
      });
      expect(plan).toMatchObject({ empty: true, blocked: false });
    });

    it('is put back by a rollback as far as this route can, which is said', async () => {
      const { result } = await line.run<'rollback-plan'>({ kind: 'rollback-plan', job });
      const { plan } = result!;
      expect(plan).toMatchObject({ mode: 'merge', blocked: false });
      // Users who were created go, those deleted come back; without their passwords.
      expect(plan.losses).toMatchObject({ passwordHashes: 0, sessions: 0 });
      expect(plan.sections.users!.delete).toBeGreaterThan(0);
      expect(plan.sections.users!.create).toBeGreaterThan(0);
      expect(plan.warnings.join(' ')).toContain(
        'roles will stay on the target: this channel cannot delete them',
      );
      expect(plan.warnings.join(' ')).toContain('will have no password until it is reset');
      expect(await line.apply(plan.plan, { confirm: 'acme' })).toMatchObject({
        status: 'succeeded',
        verified: true,
        undid: job,
      });
    });

    it('is replaced: its users one by one, and its roles and clients stay', async () => {
      const [roles, clients] = [
        await count('rbac', `roles WHERE realm_name = 'acme'`),
        await count('client', `oauth_clients WHERE realm_name = 'acme'`),
      ];
      const plan = await line.plan({
        source: 'latest:dev/acme',
        environment: 'next',
        policy: { realm: 'overwrite', unsupported: 'skip', conflicts: 'skip' },
      });
      expect(plan).toMatchObject({
        mode: 'overwrite',
        destructive: true,
        losses: { sessions: 'all', records: {} },
      });
      expect(plan.losses.passwordHashes).toBeGreaterThan(10);
      expect(plan.warnings.join(' ')).toContain(`${roles} roles and ${clients} clients of the target stay`);
      line.fault = unreliable();
      const applied = await line.apply(plan.plan, { confirm: 'acme' });
      line.fault = undefined;
      expect(applied).toMatchObject({ status: 'succeeded', verified: true, failures: 0 });
      expect(applied.counts.retries).toBeGreaterThan(10);
      const { create, update, unchanged } = plan.sections.users!;
      expect(await count('user', `users WHERE realm_name = 'acme'`)).toBe(create + update + unchanged);
      expect(await count('rbac', `roles WHERE realm_name = 'acme'`)).toBe(
        roles + plan.sections.roles!.create,
      );
      expect(await count('client', `oauth_clients WHERE realm_name = 'acme'`)).toBe(clients);
    });
  });

  describe('a document', () => {
    it('brings its passwords along, and one user who cannot be written fails alone', async () => {
      const path = join(folder, 'little.json');
      const document = {
        realm: { id: 'little', displayName: 'Little' },
        roles: [{ name: 'reader' }],
        clients: [],
        users: [
          { username: 'ann', email: 'ann@example.com', password: 'a-password', roles: ['reader'] },
          { username: 'bob', email: 'not an address' },
        ],
      };
      writeFileSync(path, JSON.stringify(document));
      const plan = await line.plan({ source: path, environment: 'next', policy: {} });
      const result = await line.apply(plan.plan);
      expect(result).toMatchObject({ status: 'succeeded_with_errors', failures: 1, deviationCount: 0 });
      expect(await next.checkPassword('little', 'ann', 'a-password')).toBe(true);
    });

    it('has a user who failed tried again beside one of the same name in other letters', async () => {
      const path = join(folder, 'twins.json');
      const users = ['Twin', 'twin'].map((username, i) => ({ username, email: `t${i}@example.com` }));
      writeFileSync(path, JSON.stringify({ realm: { id: 'twins' }, roles: [], clients: [], users }));
      const plan = await line.plan({
        source: path,
        environment: 'next',
        policy: { conflicts: 'skip', update: ['users/Twin', 'users/twin'] },
      });
      expect(plan.sections.users).toMatchObject({ create: 2, conflict: 0 });
      let posts = 0;
      line.fault = ({ method, path: asked }) =>
        method === 'POST' && asked.startsWith('/api/users') && ++posts === 2
          ? { kind: 'answer', status: 400, body: '{"status":400}' }
          : undefined;
      const { view, result } = await line.run<'apply'>({ kind: 'apply', plan: plan.plan });
      line.fault = undefined;
      expect(result!.result).toMatchObject({ failures: 1, counts: { create: 2 } });
      const planning = await line.client.jobs.retry({ job: view.id });
      const again = await lastView(line.client, planning.id);
      const retry = again.result?.kind === 'retry-plan' ? again.result.plan : undefined;
      expect(retry?.sections.users).toMatchObject({ create: 1, skip: 0, conflict: 0 });
      // Nothing is said of the one who is there now, and is no part of it.
      expect(retry?.policy.update).toEqual(retry?.policy.only);
      expect(retry?.warnings.join()).not.toContain('was to be updated');
      expect(await line.apply(retry!.plan)).toMatchObject({ verified: true, failures: 0 });
      expect(await count('user', `users WHERE realm_name = 'twins'`)).toBe(2);
    });
  });
});
