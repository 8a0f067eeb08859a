import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { addWords, setStage, type Ran, type Stage } from './sandboxed.ts';

let stage: Stage;
let realm: string;
let realms = 0;

beforeAll(async () => {
  stage = await setStage(40);
  for (const name of ['dev', 'prod'] as const) await stage.run(...addWords(stage, name));
  await stage.run('backup', 'dev', 'acme');
}, 120_000);
afterAll(() => stage[Symbol.asyncDispose]());
beforeEach(() => {
  realm = `copy-${++realms}`;
  stage.misbehave(undefined);
});

function migrate(...flags: string[]): Promise<Ran> {
  const policy = ['--realm-name', realm, '--clients', 'skip', '--conflicts', 'skip'];
  return stage.run('migrate', 'latest:dev/acme', 'prod', ...policy, ...flags);
}

/** An import whose server goes away before the users. @returns its job */
async function brokenOff(): Promise<string> {
  stage.misbehave(({ path }) => (path.endsWith('/users/import') ? { kind: 'refuse' } : undefined));
  const failed = await migrate('--json');
  stage.misbehave(undefined);
  const { error } = failed.json() as unknown as {
    error: { remedy: string; details: { job: string; resume: string } };
  };
  const { job, resume } = error.details;
  expect(failed.code).toBe(5);
  expect(resume).toBe(`drawbridge job resume ${job}`);
  expect(error.remedy).toContain(resume);
  return job;
}

test('an import that was broken off says how to go on, and goes on', async () => {
  const job = await brokenOff();
  const shown = await stage.run('job', 'show', job);
  expect(shown.out).toContain(`To go on where it stopped: drawbridge job resume ${job}`);
  const listed = await stage.run('job', 'list');
  expect(listed.out).toContain(`To go on with the one that was broken off: drawbridge job resume ${job}`);

  const resumed = await stage.run('job', 'resume', job.slice(0, 8));
  expect([resumed.code, resumed.err]).toEqual([0, expect.any(String)]);
  expect(resumed.out).toContain(`To undo this: drawbridge rollback ${job}`);
  expect((await stage.run('job', 'show', job)).out).toMatch(/Attempts +2/);

  const again = await stage.run('job', 'resume', job, '--json');
  expect(again.code).toBe(2);
  expect(again.json()).toMatchObject({
    error: { code: 'USAGE', message: expect.stringContaining('has ended') },
  });
});

test('a backup of a realm that is not there has nothing to be gone on with', async () => {
  const failed = await stage.run('backup', 'dev', 'nosuch', '--json');
  const { error } = failed.json() as unknown as {
    error: { code: string; remedy: string; details: { job: string } };
  };
  expect([failed.code, error.code]).toEqual([1, 'REALM_NOT_FOUND']);
  expect(error.remedy + JSON.stringify(error.details)).not.toContain('job resume');
  const shown = await stage.run('job', 'show', error.details.job);
  expect(shown.out).not.toContain('job resume');
  expect((await stage.run('job', 'resume', error.details.job)).code).toBe(2);
});

test('a job that has ended is not canceled', async () => {
  const job = await brokenOff();
  const canceled = await stage.run('job', 'cancel', job, '--json');
  expect(canceled.code).toBe(2);
  expect(canceled.json()).toMatchObject({ error: { message: `Job ${job} has come to its end (failed).` } });
});

test('a job of another process is stopped at its next batch, and says how to go on', async () => {
  let reached = (): void => {};
  const inTheMiddle = new Promise<void>((resolve) => (reached = resolve));
  stage.misbehave(async ({ path }) => {
    if (!path.endsWith('/users/import')) return undefined;
    reached();
    // Its heartbeat hears of it meanwhile.
    return await new Promise((resolve) => setTimeout(() => resolve(undefined), 2500));
  });
  const running = migrate();
  await inTheMiddle;
  const { jobs } = (await stage.run('job', 'list', '--limit', '1', '--json')).json() as unknown as {
    jobs: [{ id: string; state: string }];
  };
  const [{ id, state }] = jobs;
  expect(state).toBe('running');
  const canceled = await stage.run('job', 'cancel', id);
  expect([canceled.code, canceled.err]).toEqual([0, '']);
  expect(canceled.out).toContain(`Job ${id} is canceled.\nDone before that:`);
  expect(canceled.out).toContain(`drawbridge job resume ${id}`);
  const { code, err } = await running;
  expect([code, err]).toEqual([1, expect.stringContaining(`drawbridge job resume ${id}`)]);
});

test('what failed in an import is tried again, and nothing else', async () => {
  stage.misbehave(({ path }) =>
    path.endsWith('/users/import')
      ? { kind: 'answer', status: 400, body: '{"error":"BAD_USER","message":"not today"}' }
      : undefined,
  );
  const failed = await migrate('--json');
  stage.misbehave(undefined);
  expect(failed.code).toBe(7);
  const { job, failures } = failed.json() as unknown as { job: string; failures: number };
  expect(failures).toBeGreaterThan(20);

  const preview = await stage.run('job', 'retry', job, '--dry-run', '--json');
  expect(preview.json()).toMatchObject({
    retries: job,
    mode: 'merge',
    sections: { users: { create: failures } },
  });
  const retried = await stage.run('job', 'retry', job, '--json');
  expect([retried.code, retried.err]).toEqual([0, expect.any(String)]);
  expect(retried.json()).toMatchObject({ verified: true, counts: { create: failures, failed: 0 } });

  const nothing = await stage.run('job', 'retry', String(retried.json()['job']));
  expect([nothing.code, nothing.err]).toEqual([2, expect.stringContaining('Nothing failed in job')]);
});

test('a realm that could not be backed up is tried again, without those that were', async () => {
  stage.misbehave(({ path }) =>
    path.includes('/realms/acme/export') ? { kind: 'answer', status: 403, body: '{}' } : undefined,
  );
  const failed = await stage.run('backup', 'dev', '--all', '--json');
  stage.misbehave(undefined);
  expect(failed.code).toBe(7);
  const retried = await stage.run('job', 'retry', String(failed.json()['job']), '--json');
  expect(retried.code).toBe(0);
  expect(retried.json()).toMatchObject({ snapshots: [{ realm: 'acme' }] });
});
