import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EnvironmentHandle } from '../../sandbox/index.ts';
import { lastView, startLine, type Line } from './line.ts';

/** Where every record is written for itself, each can fail for itself. */
let line: Line;
let next: EnvironmentHandle;
let folder: string;

beforeAll(async () => {
  line = await startLine(20, { dialect: 'v1.1', environments: [{ name: 'next', seed: 'prod' }] });
  next = line.sandbox.environment('next');
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-counts-'));
  const { apiUrl, authUrl, gatewayUrl, clientId, clientSecret } = next;
  await line.client.environments.add({
    name: 'slow',
    stage: 'development',
    api: { apiUrl, authUrl, gatewayUrl, clientId, clientSecret, limits: { concurrency: 1 } },
  });
});
afterAll(async () => {
  await line?.close();
  rmSync(folder, { recursive: true, force: true });
});

/**
 * @param refused users with an address that the server does not take
 * @param roleless users who are to have no role
 */
function document(
  realm: string,
  usernames: readonly string[],
  refused: readonly string[],
  firstName = 'Some',
  roleless: readonly string[] = [],
): string {
  const path = join(folder, `${realm}.json`);
  writeFileSync(
    path,
    JSON.stringify({
      realm: { id: realm, displayName: realm },
      roles: [{ name: 'reader' }],
      users: usernames.map((username) => ({
        username,
        email: refused.includes(username) ? `${username} has none` : `${username}@example.com`,
        firstName,
        enabled: true,
        roles: roleless.includes(username) ? [] : ['reader'],
      })),
    }),
  );
  return path;
}

async function users(realm: string): Promise<number> {
  const [row] = await next.query<{ n: number }>(
    'user',
    'SELECT count(*)::int AS n FROM users WHERE realm_name = $1',
    [realm],
  );
  return row!.n;
}

const NOTHING = { create: 0, update: 0, delete: 0, skip: 0, unchanged: 0, failed: 0 };

it('counts as created what was created, by section, and a record that failed as that alone', async () => {
  const source = document('counted', ['ann', 'bob', 'carl', 'dora', 'eve'], ['bob', 'dora']);
  const { plan } = await line.plan({ source, environment: 'next', policy: {} });
  const result = await line.apply(plan);
  expect(result).toMatchObject({ status: 'succeeded_with_errors', failures: 2, deviationCount: 0 });
  expect(result.sections).toEqual({
    realm: { ...NOTHING, create: 1 },
    roles: { ...NOTHING, create: 1 },
    users: { ...NOTHING, create: 3, failed: 2 },
  });
  expect(result.counts).toMatchObject({ ...NOTHING, create: 5, failed: 2 });
  expect(await users('counted')).toBe(3);
});

it('counts as deleted what was deleted to be written anew, and could not be', async () => {
  const names = ['ann', 'bob', 'carl'];
  const first = await line.plan({ source: document('again', names, []), environment: 'next', policy: {} });
  await line.apply(first.plan);
  const plan = await line.plan({
    source: document('again', names, ['bob'], 'Other'),
    environment: 'next',
    policy: { realm: 'overwrite' },
  });
  expect(plan.sections.users).toMatchObject({ create: 0, update: 3, delete: 0 });
  const result = await line.apply(plan.plan, { confirm: 'again' });
  expect(result.sections!.users).toEqual({ ...NOTHING, update: 2, delete: 1, failed: 1 });
  expect(result.todo).toContain(
    'Of these, one was deleted to be written anew and is not there now: the safety snapshot has it.',
  );
  expect(await users('again')).toBe(2);
});

it('tells what stands there of what failed, and what is to be done about what was written only', async () => {
  const names = ['ann', 'bob', 'carl', 'dora', 'eve'];
  const { plan, warnings } = await line.plan({
    source: document('found', names, ['dora'], 'Some', ['bob']),
    environment: 'slow',
    policy: {},
  });
  expect(warnings.join()).toContain('5 users will have no password');
  // The second and the third are created, but the answer is lost, and then nobody can look.
  let created = 0;
  let isLost = false;
  line.fault = ({ method, path }) => {
    if (!path.startsWith('/api/users')) return undefined;
    if (isLost && method === 'GET') {
      isLost = false;
      return { kind: 'answer', status: 400 };
    }
    if (isLost || method !== 'POST') return undefined;
    created++;
    isLost = created === 2 || created === 3;
    return isLost ? { kind: 'loseAnswer' } : undefined;
  };
  const { view, result } = await line.run<'apply'>({ kind: 'apply', plan });
  line.fault = undefined;
  expect(view.state).toBe('succeeded_with_errors');
  const failures = await gathered(await line.client.jobs.failures({ job: view.id }));
  expect(failures).toMatchObject([
    { key: 'bob', found: 'as-promised', reason: expect.stringContaining('not known') },
    // The role was not given any more.
    { key: 'carl', found: 'other', reason: expect.stringContaining('not known') },
    { key: 'dora', found: 'absent' },
  ]);
  const items = await gathered(await line.client.jobs.items({ job: view.id }));
  expect(
    items.flatMap(({ section, key, outcome, found }) =>
      section === 'users' ? [`${key} ${outcome} ${found ?? ''}`.trim()] : [],
    ),
  ).toEqual(['ann done', 'bob failed as-promised', 'carl failed other', 'dora failed absent', 'eve done']);
  const csv = (await gathered(await line.client.jobs.reportText({ job: view.id, format: 'csv' }))).join('');
  expect(csv).toContain('Read again afterwards, it is as promised.');
  const todo = result!.result.todo.join('\n');
  expect(todo).toContain('4 users have no password');
  expect(todo).toContain('2 records were not written');
  expect(todo).toContain('One record failed, and was found to be as promised');
  expect(result!.result.counts).toMatchObject({ failed: 3 });
});

async function gathered<T>(batches: AsyncIterable<T | readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(...(Array.isArray(batch) ? (batch as T[]) : [batch as T]));
  return all;
}

it('counts over all attempts of a job that was broken off and resumed', async () => {
  const names = Array.from({ length: 90 }, (_, n) => `user-${String(n).padStart(3, '0')}`);
  const { plan } = await line.plan({
    source: document('resumed', names, ['user-003', 'user-080']),
    environment: 'slow',
    policy: {},
  });
  const { id: job } = await line.client.jobs.start({ kind: 'apply', plan });
  let created = 0;
  line.fault = ({ method, path }) => {
    if (method === 'POST' && path.startsWith('/api/users') && ++created === 40)
      void line.client.jobs.cancel({ job });
    return undefined;
  };
  expect(await lastView(line.client, job)).toMatchObject({ state: 'canceled', resumable: true });
  const before = await users('resumed');
  expect([before > 25, before < 88]).toEqual([true, true]);
  line.fault = undefined;
  await line.client.jobs.resume({ job });
  const resumed = await lastView(line.client, job);
  expect(resumed).toMatchObject({ attempts: 2, state: 'succeeded_with_errors' });
  expect(resumed.result).toMatchObject({
    result: {
      failures: 2,
      deviationCount: 0,
      counts: { create: 90, failed: 2 },
      sections: { users: { ...NOTHING, create: 88, failed: 2 } },
    },
  });
  expect(await users('resumed')).toBe(88);
});
