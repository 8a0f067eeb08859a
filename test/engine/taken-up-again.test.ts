import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { JobInput } from '../../contract/job.ts';
import type { EnvironmentHandle } from '../../sandbox/index.ts';
import { ended, lastView, startLine, type Line } from './line.ts';

/** A backup of release v1.1.0, a call a user, that is broken off, and what becomes of what it had read. */
const USERS = 600;
let line: Line;
let dev: EnvironmentHandle;
let asked = 0;

beforeAll(async () => {
  line = await startLine(USERS, { dialect: 'v1.1', environments: ['dev', { name: 'next', seed: 'prod' }] });
  dev = line.sandbox.environment('dev');
}, 180_000);
afterAll(() => line?.close());
beforeEach(() => {
  line.fault = undefined;
});

const BACKUP: Extract<JobInput, { kind: 'backup' }> = {
  kind: 'backup',
  environment: 'dev',
  realms: ['acme'],
};

/** @returns the job of a backup whose server refuses to go on behind so many users */
async function brokenOff(): Promise<string> {
  let answered = 0;
  line.fault = ({ environment, path }) =>
    environment === 'dev' && path.endsWith('/role-mappings') && ++answered > 400
      ? { kind: 'answer', status: 400, body: '{}' }
      : undefined;
  const { view } = await line.run(BACKUP);
  expect(view).toMatchObject({ state: 'failed', resumable: true });
  counting();
  return view.id;
}

function counting(): void {
  asked = 0;
  line.fault = ({ path }) => {
    if (path.endsWith('/role-mappings')) asked++;
    return undefined;
  };
}

/** All mappings of the realm's users are taken away on the server. */
async function revoke(): Promise<void> {
  await dev.query('rbac', `DELETE FROM user_role_mappings WHERE realm_name = 'acme'`);
}

it('is gone on with by the same job, which says from when its answers are, and so does a plan made of it', async () => {
  const job = await brokenOff();
  const first = (await line.client.jobs.get({ job })).startedAt!;
  const { id } = await line.client.jobs.resume({ job });
  const { view, result } = ended<'backup'>(await lastView(line.client, id));
  expect(view).toMatchObject({ id: job, state: 'succeeded' });
  expect(asked).toBeLessThan(USERS - 200);
  const [snapshot] = result!.snapshots;
  const [warning] = snapshot!.warnings;
  expect(warning).toMatch(/^Taken up again: the roles of \d+ users are those that an earlier attempt/);
  const shown = await line.client.snapshots.get({ snapshot: snapshot!.id });
  expect(Date.parse(shown.window!.from)).toBeGreaterThanOrEqual(Date.parse(first));
  expect(Date.parse(shown.window!.from)).toBeLessThan(Date.parse(snapshot!.startedAt));

  const plan = await line.plan({
    source: snapshot!.id,
    environment: 'next',
    policy: { realmName: 'copy', unsupported: 'skip', issuedClients: 'leave', conflicts: 'skip' },
  });
  expect(plan.warnings).toContain(`The source’s snapshot says: ${warning}`);
});

it('names the user about whom the server cannot tell', async () => {
  const [user] = await dev.query<{ id: string }>(
    'user',
    `SELECT id FROM users WHERE realm_name = 'acme' AND username = 'alice'`,
  );
  line.fault = ({ path }) =>
    path.includes(`${user!.id}/role-mappings`) ? { kind: 'answer', status: 500, body: '{}' } : undefined;
  const { view, error } = await line.run(BACKUP);
  expect(view.state).toBe('failed');
  expect(error!.code).toBe('SERVER_ERROR');
  expect(error!.message).toContain(
    `Could not read the roles of user “alice” (id ${user!.id}) of realm “acme”`,
  );
});

it('is begun anew by another backup, so that roles that were taken away meanwhile do not come back', async () => {
  const job = await brokenOff();
  await revoke();
  const { view, result } = await line.run(BACKUP);
  expect(view.state).toBe('succeeded');
  const [snapshot] = result!.snapshots;
  expect(snapshot!.warnings.join()).not.toContain('Taken up again');
  expect(asked).toBeGreaterThanOrEqual(snapshot!.counts.users!);
  const { records } = await line.client.snapshots.records({
    snapshot: snapshot!.id,
    section: 'users',
    limit: 500,
  });
  expect(records).toHaveLength(500);
  expect(records.filter(({ record }) => (record['roles'] as string[]).length > 0)).toEqual([]);

  // What the first one had read is older than that by now: it begins anew as well.
  counting();
  const { id } = await line.client.jobs.resume({ job });
  const resumed = ended<'backup'>(await lastView(line.client, id));
  expect(asked).toBeGreaterThanOrEqual(snapshot!.counts.users!);
  expect(resumed.result!.snapshots[0]!.warnings.join()).not.toContain('Taken up again');
  expect(resumed.result!.snapshots[0]!.root).toBe(snapshot!.root);
});
