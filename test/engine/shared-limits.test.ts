import { afterAll, beforeAll, expect, it } from 'vitest';
import { lastView, startLine, type Line } from './line.ts';

/** Two jobs of one process ask an environment no harder than one. */
let line: Line;
let most = 0;
let calls: number[] = [];

beforeAll(async () => {
  line = await startLine(120, { dialect: 'v1.1', environments: ['dev'], addApis: false });
  const { apiUrl, authUrl, gatewayUrl, clientId, clientSecret } = line.sandbox.environment('dev');
  const api = { apiUrl, authUrl, gatewayUrl, clientId, clientSecret };
  await line.client.environments.add({ name: 'few', api: { ...api, limits: { concurrency: 2 } } });
  await line.client.environments.add({
    name: 'slow',
    api: { ...api, limits: { concurrency: 16, requestsPerSecond: 40 } },
  });
  let now = 0;
  line.fault = async ({ path }) => {
    if (path.includes('token') || path.includes('well-known')) return undefined;
    most = Math.max(most, ++now);
    calls.push(performance.now());
    // As long as this takes, the call is under way.
    await new Promise((resolve) => {
      setTimeout(resolve, 3);
    });
    now--;
    return undefined;
  };
});
afterAll(() => line.close());

async function backups(environment: string, count: number): Promise<string[]> {
  most = 0;
  calls = [];
  const jobs = await Promise.all(
    Array.from({ length: count }, () =>
      line.client.jobs.start({ kind: 'backup', environment, realms: ['acme'] }),
    ),
  );
  const ends = await Promise.all(jobs.map(({ id }) => lastView(line.client, id)));
  return ends.map(({ state }) => state);
}

it('calls at a time are those of all jobs', async () => {
  expect(await backups('few', 3)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  expect(most).toBe(2);
  expect(calls.length).toBeGreaterThan(3 * 100);
}, 60_000);

it('calls in a second are those of all jobs', async () => {
  expect(await backups('slow', 2)).toEqual(['succeeded', 'succeeded']);
  const seconds = (calls.at(-1)! - calls[0]!) / 1000;
  expect(calls.length / seconds).toBeLessThan(40 * 1.1);
}, 60_000);

it('a job that ended badly leaves the others their places', async () => {
  const started = line.client.jobs.start({ kind: 'backup', environment: 'few', realms: ['acme'] });
  const { id } = await started;
  await line.client.jobs.cancel({ job: id });
  await lastView(line.client, id);
  expect(await backups('few', 2)).toEqual(['succeeded', 'succeeded']);
  expect(most).toBe(2);
}, 60_000);
