import { readdirSync, readFileSync } from 'node:fs';
import type { ElectronApplication, Page } from '@playwright/test';
import { answerQuestions, questions } from './electron-questions.ts';
import { expect, test } from './fixtures.ts';
import { engineBehind } from './engine-client.ts';
import { SilentServer } from '../silent-server.ts';

let silent: SilentServer;
test.beforeAll(async () => {
  silent = await SilentServer.start();
});
test.afterAll(() => silent.stop());

/** A backup that comes to no end by itself. */
async function startEndlessJob(page: Page): Promise<Awaited<ReturnType<typeof engineBehind>>> {
  await expect(page.getByRole('navigation')).toBeVisible();
  const engine = await engineBehind(page);
  await engine.engine.environments.add({
    name: 'silent',
    stage: 'development',
    api: { apiUrl: silent.url, authUrl: silent.url, clientId: 'drawbridge', clientSecret: 'not a secret' },
  });
  const job = await engine.engine.jobs.start({ kind: 'backup', environment: 'silent', realms: ['acme'] });
  await expect.poll(async () => (await engine.engine.jobs.get({ job: job.id })).state).toBe('running');
  return engine;
}

test('quitting while a job runs asks, and cancels the job only when that is wished', async ({
  electron,
  drawbridge,
}) => {
  const { app, page } = await electron.start();
  const engine = await startEndlessJob(page);
  await answerQuestions(app, 0);
  await app.evaluate(({ app }) => app.quit());
  await expect.poll(() => questions(app)).toHaveLength(1);
  const [question] = await questions(app);
  expect(question).toMatchObject({ message: 'A job is running.', defaultId: 0, cancelId: 0 });
  expect(question?.buttons[0]).toBe('Keep running');
  expect(await engine.workspace.running()).toEqual({ jobs: 1 });

  // Closed by its window: it goes on without it, and the program comes back with it.
  await answerQuestions(app, 1);
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  await expect
    .poll(() =>
      app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((one) => one.isVisible())),
    )
    .toEqual([false]);
  expect(await engine.workspace.running()).toEqual({ jobs: 1 });
  await app.evaluate(({ app, BrowserWindow }) => {
    // Also while its page is drawn anew.
    BrowserWindow.getAllWindows()[0]?.reload();
    app.emit('activate');
  });
  await expect
    .poll(() =>
      app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((one) => one.isVisible())),
    )
    .toEqual([true]);

  const ended = new Promise((resolve) => app.process().once('exit', resolve));
  await app.evaluate(({ app }) => app.quit());
  expect(await ended).toBe(0);
  const { jobs } = JSON.parse(await drawbridge('job list --json')) as { jobs: { state: string }[] };
  expect(jobs.map(({ state }) => state)).toEqual(['canceled']);
});

test('an engine that dies in a job is told of, and comes back without going on by itself', async ({
  electron,
}) => {
  const { app, page } = await electron.start();
  await startEndlessJob(page);
  const [engine] = enginesOf(app);
  process.kill(engine!, 'SIGKILL');
  await expect(page.getByText('The engine stopped')).toBeVisible();
  await expect(page.getByText('The engine stopped')).toBeHidden();
  expect(enginesOf(app)).toHaveLength(1);
  expect(enginesOf(app)).not.toEqual([engine]);
  // It answers the same page, and nothing runs.
  const next = await engineBehind(page);
  // It is taken for dead when it was not heard of for half a minute.
  await expect
    .poll(async () => (await next.engine.jobs.list({})).map(({ state }) => state), { timeout: 60_000 })
    .toEqual(['interrupted']);
  expect(await next.workspace.running()).toEqual({ jobs: 0 });
  await page.getByRole('link', { name: 'Jobs', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible();
});

test('an engine whose program was killed ends, and journals the end of what ran', async ({
  electron,
  drawbridge,
}) => {
  const { app, page } = await electron.start();
  await startEndlessJob(page);
  const [engine] = enginesOf(app);
  // As the end of a session tells every process of it: what it does is left to the program.
  process.kill(engine!, 'SIGTERM');
  app.process().kill('SIGKILL');
  await expect.poll(() => isAlive(engine!)).toBe(false);
  const { jobs } = JSON.parse(await drawbridge('job list --json')) as { jobs: { state: string }[] };
  expect(jobs.map(({ state }) => state)).toEqual(['canceled']);
});

/** The engine's processes among the children of the program. */
function enginesOf(app: ElectronApplication): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === app.process().pid && /engine\.mjs/.test(commandOf(pid)));
}

function parentOf(pid: number): number {
  return Number(/\) \S (\d+)/.exec(read(`/proc/${pid}/stat`))?.[1]);
}

function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`);
}

function isAlive(pid: number): boolean {
  // A process that nobody waits for any more is there in name only.
  return / [^Z] \d+/.test(read(`/proc/${pid}/stat`).replace(/^.*\)/, ''));
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // The process has just ended.
    return '';
  }
}
