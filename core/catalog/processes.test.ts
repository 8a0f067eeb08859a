import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { tellFaults } from '../../test/faults/fault-counts.ts';
import { LEASE_MILLISECONDS } from './jobs/leases.ts';
import { TestCatalogs } from './test-catalog.ts';

const catalogs = new TestCatalogs();
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  catalogs.clear();
});

/** Another process, its JSON lines as they come, and the code it ends with. */
function start(dir: string, part: string, argument = '') {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./test-process.ts', import.meta.url)), dir, part, argument],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  children.push(child);
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => JSON.parse(String((await lines.next()).value));
  return { child, next, code: async () => (await ended)[0] as number | null };
}

describe('several processes with one catalog', () => {
  it('create it at once and write at once, and both succeed', async () => {
    const dir = join(catalogs.newFolder(), 'catalog');
    const writers = ['left', 'right', 'middle'].map((name) => start(dir, 'write', name));
    expect(await Promise.all(writers.map(({ code }) => code()))).toEqual([0, 0, 0]);
    const catalog = await catalogs.open({ dir, create: false });
    catalog.checkIntegrity();
    expect(catalog.environments.list()).toHaveLength(75);
    const jobs = catalog.jobs.list();
    expect(jobs).toHaveLength(75);
    expect(jobs.filter(({ state }) => state !== 'succeeded')).toEqual([]);
    for (const { id } of jobs) expect([...catalog.jobs.steps(id)]).toMatchObject([{ outcome: 'done' }]);
  });

  it('one sees what the other runs, and can ask it to stop', async () => {
    const dir = join(catalogs.newFolder(), 'catalog');
    const other = start(dir, 'run-job');
    const id = String(await other.next());
    const catalog = await catalogs.open({ dir });
    expect(catalog.jobs.get(id).state).toBe('running');
    expect(() => catalog.jobs.acquire(id)).toThrow(
      expect.objectContaining({ code: 'CATALOG_LOCKED', message: expect.stringContaining(id) }),
    );
    expect(catalog.jobs.requestCancel(id).state).toBe('canceling');
    expect(await other.next()).toBe('canceled');
    expect(await other.code()).toBe(0);
    expect(catalog.jobs.get(id)).toMatchObject({ state: 'canceled', cancelRequested: true });
  });

  it('a job whose process was killed is interrupted once its lease has run out, and can be taken up', async () => {
    const dir = join(catalogs.newFolder(), 'catalog');
    const other = start(dir, 'run-job');
    const id = String(await other.next());
    await sleep(2000);
    // Instead of waiting, this process looks from so many milliseconds later.
    let ahead = LEASE_MILLISECONDS - 1000;
    const catalog = await catalogs.open({ dir, testing: { now: () => new Date(Date.now() + ahead) } });
    // Without heartbeats, the lease would have run out a second ago.
    expect(catalog.jobs.get(id).state).toBe('running');

    ahead = 0;
    other.child.kill('SIGKILL');
    await other.code();
    expect(catalog.jobs.markInterrupted()).toEqual([]);
    expect(() => catalog.jobs.acquire(id)).toThrow(expect.objectContaining({ code: 'CATALOG_LOCKED' }));
    ahead = LEASE_MILLISECONDS + 1000;
    expect(catalog.jobs.markInterrupted().map((job) => [job.id, job.state])).toEqual([[id, 'interrupted']]);
    expect(catalog.jobs.unsettledSteps(id)).toMatchObject([
      { seq: 1, label: 'users 1–500', intent: { from: 1, to: 500 }, outcome: null },
    ]);
    const run = catalog.jobs.acquire(id);
    run.outcome(1, 'done');
    expect(run.finish('succeeded')).toMatchObject({ state: 'succeeded', attempts: 2 });
    catalog.checkIntegrity();
  });
});

describe('a process that is killed at any moment', () => {
  it('leaves a catalog that is whole, and holds what it finished', async () => {
    const dir = join(catalogs.newFolder(), 'catalog');
    let kills = 0;
    // From before the folder exists until many jobs are stored.
    for (const [i, delay] of [100, 180, 260, 340, 420, 500, 700].entries()) {
      const other = start(dir, 'write', `killed-${i}`);
      await sleep(delay);
      other.child.kill('SIGKILL');
      kills++;
      await other.code();
      const catalog = await catalogs.open({ dir });
      catalog.checkIntegrity();
      for (const job of catalog.jobs.list({ states: ['succeeded'] })) {
        expect(job).toMatchObject({ counts: { steps: 1, unsettled: 0 }, result: {} });
        expect([...catalog.jobs.steps(job.id)]).toMatchObject([{ outcome: 'done' }]);
      }
      catalog.close();
    }
    tellFaults('writers of a catalog', { kills });
    const survivor = start(dir, 'write', 'survivor');
    expect(await survivor.code()).toBe(0);
  });
});

describe.runIf(process.platform !== 'win32')('a user without the right to write', () => {
  it('can read, and without the right to read is told so', async () => {
    const folder = catalogs.newFolder();
    const dir = join(folder, 'catalog');
    (await catalogs.open({ dir })).close();
    // Root may write everything, so as root the other process becomes the owner of the files, who is somebody else.
    const uid = process.getuid!() || 65_534;
    for (const path of [folder, dir, ...readdirSync(dir).map((name) => join(dir, name))])
      chownSync(path, uid, process.getgid!());

    const outcome = async (mode: number, path: string) => {
      chmodSync(path, mode);
      return start(dir, 'open-unprivileged', String(uid)).next();
    };
    expect(await outcome(0o600, join(dir, 'catalog.db'))).toBe('opened');
    expect(await outcome(0o400, join(dir, 'catalog.db'))).toBe('opened to be read');
    expect(await outcome(0o000, join(dir, 'catalog.db'))).toBe('FILE_FAILED');
    chmodSync(join(dir, 'catalog.db'), 0o600);
    expect(await outcome(0o500, dir)).toBe('opened to be read');
    expect(await outcome(0o000, dir)).toBe('FILE_FAILED');
    chmodSync(dir, 0o700);
  });
});
