import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Catalog } from '../index.ts';
import { TestCatalogs } from '../test-catalog.ts';
import type { JobStore } from './job-store.ts';

const catalogs = new TestCatalogs();
let time: number;
let catalog: Catalog;
let jobs: JobStore;
const clock = () => new Date(time);
const later = (seconds: number) => {
  time += seconds * 1000;
};

beforeEach(async () => {
  time = Date.parse('2026-01-01T00:00:00Z');
  catalog = await catalogs.open({ testing: { now: clock } });
  ({ jobs } = catalog);
});
afterEach(() => catalogs.clear());

const NEW = { kind: 'apply', title: 'Apply acme to prod', params: { plan: 'p1' } };
const locked = expect.objectContaining({ code: 'CATALOG_LOCKED' });

describe('jobs', () => {
  it('run from queued to an end, and keep what is known of them', () => {
    const created = jobs.create(NEW);
    expect(created).toMatchObject({ ...NEW, state: 'queued', attempts: 0, cancelRequested: false });
    later(1);
    const run = jobs.acquire(created.id);
    expect(jobs.get(created.id)).toMatchObject({ state: 'running', startedAt: '2026-01-01T00:00:01.000Z' });
    const progress = { phase: 'users', done: 5, of: 10, unit: 'users' as const };
    expect(run.heartbeat(progress)).toEqual({ cancelRequested: false });
    expect(jobs.get(created.id).progress).toEqual(progress);
    later(1);
    const error = {
      code: 'UNREACHABLE' as const,
      message: 'm',
      notChanged: 'n',
      remedy: 'r',
      details: { x: 1 },
    };
    const ended = run.finish('failed', { result: { done: 5 }, error });
    expect(ended).toMatchObject({
      state: 'failed',
      finishedAt: '2026-01-01T00:00:02.000Z',
      result: { done: 5 },
      error,
    });
    expect(jobs.get(created.id.slice(0, 6))).toEqual(ended);
  });

  it('are listed newest first', () => {
    const ids = ['a', 'b', 'c'].map((title) => jobs.create({ ...NEW, title }).id);
    jobs.acquire(ids[1]!);
    expect(jobs.list().map(({ title }) => title)).toEqual(['c', 'b', 'a']);
    expect(jobs.list({ limit: 2 }).map(({ title }) => title)).toEqual(['c', 'b']);
    expect(jobs.list({ states: ['queued'] }).map(({ title }) => title)).toEqual(['c', 'a']);
    expect(() => jobs.get('nothing')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });

  it('run in one process at a time, and once', () => {
    const { id } = jobs.create(NEW);
    const run = jobs.acquire(id);
    expect(() => jobs.acquire(id)).toThrow(locked);
    run.finish('succeeded');
    expect(() => jobs.acquire(id)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    expect(() => run.heartbeat()).toThrow(locked);
  });

  it('that nobody is heard of are interrupted; their old process can do nothing more', () => {
    const { id } = jobs.create(NEW);
    const run = jobs.acquire(id);
    later(20);
    run.heartbeat();
    later(20);
    expect(jobs.markInterrupted()).toEqual([]);
    later(11);
    expect(jobs.markInterrupted().map((job) => job.state)).toEqual(['interrupted']);
    expect(jobs.markInterrupted()).toEqual([]);

    const resumed = jobs.acquire(id);
    const attempts: (() => unknown)[] = [
      () => run.heartbeat(),
      () => run.intent('late', {}),
      () => run.addFailures([{ section: 'users', key: 'u', reason: 'late' }]),
      () => run.finish('succeeded'),
    ];
    for (const attempt of attempts) expect(attempt).toThrow(locked);
    run.release();
    expect(jobs.get(id)).toMatchObject({
      state: 'running',
      attempts: 2,
      startedAt: '2026-01-01T00:00:00.000Z',
      counts: { steps: 0, unsettled: 0, failures: 0 },
    });
    expect(resumed.finish('succeeded').state).toBe('succeeded');
  });

  it('whose machine slept go on, if nobody took them meanwhile', () => {
    const run = jobs.acquire(jobs.create(NEW).id);
    later(3600);
    expect(run.heartbeat()).toEqual({ cancelRequested: false });
    later(29);
    expect(jobs.markInterrupted()).toEqual([]);
  });

  it('marked as interrupted by nobody can be taken up all the same', () => {
    const { id } = jobs.create(NEW);
    jobs.acquire(id);
    later(31);
    expect(jobs.acquire(id).finish('succeeded')).toMatchObject({ state: 'succeeded', attempts: 2 });
  });

  it('given back are interrupted at once', () => {
    const { id } = jobs.create(NEW);
    const run = jobs.acquire(id);
    run.release();
    run.release();
    expect(jobs.get(id).state).toBe('interrupted');
    const again = jobs.acquire(id);
    again.finish('succeeded');
    again.release();
    expect(jobs.get(id).state).toBe('succeeded');
  });

  it('can be asked to stop', () => {
    const running = jobs.create(NEW).id;
    const run = jobs.acquire(running);
    expect(jobs.requestCancel(running).state).toBe('canceling');
    expect(run.heartbeat()).toEqual({ cancelRequested: true });
    expect(run.finish('canceled').state).toBe('canceled');
    expect(jobs.requestCancel(running).state).toBe('canceled');

    expect(jobs.requestCancel(jobs.create(NEW).id).state).toBe('canceled');
    const dead = jobs.create(NEW).id;
    jobs.acquire(dead);
    later(31);
    expect(jobs.requestCancel(dead).state).toBe('canceled');
    const succeeded = jobs.create(NEW).id;
    jobs.acquire(succeeded).finish('succeeded');
    expect(jobs.requestCancel(succeeded).state).toBe('succeeded');
  });

  it('interrupted while canceling start anew when taken up', () => {
    const { id } = jobs.create(NEW);
    jobs.acquire(id);
    jobs.requestCancel(id);
    later(31);
    expect(jobs.markInterrupted()).toHaveLength(1);
    expect(jobs.acquire(id).heartbeat()).toEqual({ cancelRequested: false });
  });
});

describe('a journal', () => {
  it('knows each step’s intent before its outcome', () => {
    const { id } = jobs.create(NEW);
    const run = jobs.acquire(id);
    const first = run.intent('roles', { from: 'a' });
    const second = run.intent('users 1–500', { from: 1 });
    later(1);
    run.outcome(second, 'failed', { reason: 'timeout' });
    expect([...jobs.steps(id)]).toEqual([
      {
        seq: 1,
        label: 'roles',
        intent: { from: 'a' },
        intentAt: '2026-01-01T00:00:00.000Z',
        outcome: null,
        result: null,
        outcomeAt: null,
      },
      {
        seq: 2,
        label: 'users 1–500',
        intent: { from: 1 },
        intentAt: '2026-01-01T00:00:00.000Z',
        outcome: 'failed',
        result: { reason: 'timeout' },
        outcomeAt: '2026-01-01T00:00:01.000Z',
      },
    ]);
    expect(jobs.unsettledSteps(id).map(({ seq }) => seq)).toEqual([first]);
    expect(() => run.outcome(second, 'done')).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    expect(() => run.outcome(99, 'done')).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    expect(jobs.get(id).counts).toEqual({ steps: 2, unsettled: 1, failures: 0 });
  });

  it('is read in pages while it grows', () => {
    const { id } = jobs.create(NEW);
    const run = jobs.acquire(id);
    for (let i = 1; i <= 150; i++) run.outcome(run.intent(`step ${i}`, { i }), 'done');
    let seen = 0;
    for (const step of jobs.steps(id)) {
      expect(step.seq).toBe(++seen);
      if (seen === 1) run.intent('while reading', {});
    }
    expect(seen).toBe(151);
    expect([...jobs.steps(id, 148)].map(({ seq }) => seq)).toEqual([149, 150, 151]);
  });

  it('keeps every failure in order, in bounded batches', () => {
    const { id } = jobs.create(NEW);
    const run = jobs.acquire(id);
    const failure = (i: number) => ({ section: 'users' as const, key: `user-${i}`, reason: 'refused' });
    run.addFailures([]);
    run.addFailures(Array.from({ length: 1234 }, (_, i) => failure(i)));
    run.addFailures([failure(1234)]);
    const batches = [...jobs.failures(id)];
    expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(500);
    expect(batches.flat()).toEqual(Array.from({ length: 1235 }, (_, i) => failure(i)));
    expect(jobs.get(id).counts.failures).toBe(1235);
    expect([...jobs.failures(jobs.create(NEW).id)]).toEqual([]);
  });

  it('learns what stands there of what failed, each in its place, and forgets what it was told before', () => {
    const { id } = jobs.create(NEW);
    const run = jobs.acquire(id);
    const failures = Array.from({ length: 501 }, (_, i) => ({
      section: 'users' as const,
      key: `user-${i}`,
      reason: 'refused',
    }));
    run.addFailures(failures);
    const reading = jobs.failures(id)[Symbol.iterator]();
    expect(reading.next().value).toEqual(failures.slice(0, 500));
    run.noteFound(new Map([['users/user-0', 'absent']]));
    run.noteFound(new Map([['users/user-500', 'as-promised']]));
    const [first, last] = [failures[0], { ...failures[500]!, found: 'as-promised' }];
    expect(reading.next().value).toEqual([last]);
    expect([...jobs.failures(id)].flat()).toEqual([first, ...failures.slice(1, 500), last]);
    expect(jobs.get(id).counts.failures).toBe(501);
  });
});

describe('a lease', () => {
  const apply = (job: string) => catalog.leases.acquire('realm prod/acme', { job, kind: 'apply' });

  it('keeps others away, and says who holds it since when', () => {
    const lease = apply('job1');
    later(10);
    lease.heartbeat();
    expect(() => apply('job2')).toThrow(
      expect.objectContaining({
        code: 'CATALOG_LOCKED',
        message: 'job job1 (apply) has been working on realm prod/acme since 2026-01-01T00:00:00.000Z.',
        details: {
          resource: 'realm prod/acme',
          job: 'job1',
          kind: 'apply',
          since: '2026-01-01T00:00:00.000Z',
        },
      }),
    );
    catalog.leases.acquire('realm prod/other', { kind: 'apply' });
    lease.release();
    expect(catalog.leases.holderOf('realm prod/acme')).toBeUndefined();
    expect(apply('job2')).toBeDefined();
  });

  it('is lost to the next one once it has run out, and then for good', () => {
    const first = apply('job1');
    later(31);
    const second = apply('job2');
    expect(() => first.heartbeat()).toThrow(locked);
    expect(() => first.assertHeld()).toThrow(locked);
    first.release();
    second.assertHeld();
    expect(catalog.leases.holderOf('realm prod/acme')).toMatchObject({ job: 'job2' });
  });

  it('from a time that has not come does not lock for ever', () => {
    later(3600);
    apply('job1');
    later(-3600);
    expect(apply('job2')).toBeDefined();
  });
});
