import { AppError, isAppError } from '../../contract/errors.ts';
import type { JobProgress, JobView } from '../../contract/job.ts';
import type { NewJob } from '../catalog/jobs/job.ts';
import { openMemoryCatalog, type Catalog } from '../catalog/index.ts';
import type { JobStore } from '../catalog/jobs/job-store.ts';
import {
  resumeJob,
  startJob,
  type JobEnd,
  type JournalledContext,
  type StartedJob,
  type StartOptions,
} from '../jobs/runner.ts';
import { jobView } from './job-view.ts';

const WATCH_EVERY = 250;
const LOOKS_A_DEATH = 8;
const FINAL: ReadonlySet<JobView['state']> = new Set([
  'canceled',
  'succeeded',
  'succeeded_with_errors',
  'failed',
  'interrupted',
]);

type Work = (context: JournalledContext) => Promise<JobEnd>;

interface Running {
  readonly started: StartedJob;
  /** Fires when it has ended. A promise that is raced again and again would keep something of each race. */
  readonly over: AbortSignal;
  progress: JobProgress | undefined;
}

/** The jobs that this engine runs, and a window on those of other processes. */
export class JobDesk {
  readonly #jobs: JobStore;
  readonly #running = new Map<string, Running>();
  /** Jobs for which the catalog's disk has no room; they are forgotten when this ends. */
  #unrecorded: { readonly desk: JobDesk; readonly catalog: Catalog } | undefined;
  #closing = false;

  constructor({ jobs }: Pick<Catalog, 'jobs'>) {
    this.#jobs = jobs;
  }

  start(spec: NewJob, work: Work, options?: Pick<StartOptions, 'evenUnrecorded'>): JobView {
    return this.#run((onProgress) => startJob(this.#jobs, spec, work, { ...options, onProgress }));
  }

  /** As `start`, for work that changes nothing: it is done also where the catalog's disk is too full to keep the job. */
  startEvenUnrecorded(spec: NewJob, work: Work): JobView {
    try {
      return this.start(spec, work, { evenUnrecorded: true });
    } catch (error) {
      if (!isAppError(error, 'DISK_FULL')) throw error;
      const catalog = this.#unrecorded?.catalog ?? openMemoryCatalog();
      this.#unrecorded ??= { catalog, desk: new JobDesk(catalog) };
      return unrecorded(this.#unrecorded.desk.start(spec, work));
    }
  }

  /** Whether it is known here alone. */
  isUnrecorded(id: string): boolean {
    return this.#unrecorded?.catalog.jobs.list().some((job) => job.id === id) ?? false;
  }

  /** @throws AppError CATALOG_LOCKED when another process was quicker, USAGE when it has succeeded */
  resume(id: string, work: Work): JobView {
    return this.#run((onProgress) => resumeJob(this.#jobs, id, work, { onProgress }));
  }

  #run(begin: (onProgress: (progress: JobProgress) => void) => StartedJob): JobView {
    if (this.#closing)
      throw new AppError('CANCELED', 'Drawbridge is shutting down.', { notChanged: 'No job was started.' });
    const over = new AbortController();
    const running: Omit<Running, 'started'> = { progress: undefined, over: over.signal };
    const started = begin((progress) => {
      running.progress = progress;
    });
    this.#running.set(started.id, Object.assign(running, { started }));
    void started.ended.then(() => {
      over.abort();
      return this.#running.delete(started.id);
    });
    return this.view(started.id);
  }

  /** Ids of those that run here. */
  get runningJobs(): readonly string[] {
    return [...this.#running.keys(), ...(this.#unrecorded?.desk.runningJobs ?? [])];
  }

  view(idOrPrefix: string): JobView {
    if (this.isUnrecorded(idOrPrefix)) return unrecorded(this.#unrecorded!.desk.view(idOrPrefix));
    const job = this.#jobs.get(idOrPrefix);
    const progress = this.#running.get(job.id)?.progress ?? job.progress;
    return jobView({ jobs: this.#jobs }, progress ? { ...job, progress } : job);
  }

  /** About four times a second while something changes; the last view is that of the job's last state. */
  async *watch(idOrPrefix: string, signal: AbortSignal | undefined): AsyncGenerator<JobView> {
    if (this.isUnrecorded(idOrPrefix)) {
      for await (const view of this.#unrecorded!.desk.watch(idOrPrefix, signal)) yield unrecorded(view);
      return;
    }
    const { id } = this.#jobs.get(idOrPrefix);
    let last = '';
    let looks = 0;
    for (;;) {
      if (signal?.aborted) return;
      // Whoever watches a job of another process wants to know that this one has died.
      if (!this.#running.has(id) && looks++ % LOOKS_A_DEATH === 0) this.#jobs.markInterrupted();
      const running = this.#running.get(id);
      await pause(WATCH_EVERY, running?.over ?? signal);
      const ended = running?.over.aborted ? await running.started.ended : undefined;
      const view = ended ? jobView({ jobs: this.#jobs }, ended) : this.view(id);
      const text = JSON.stringify(view);
      if (text !== last) yield view;
      last = text;
      if (FINAL.has(view.state)) return;
    }
  }

  cancel(idOrPrefix: string): JobView {
    if (this.isUnrecorded(idOrPrefix)) return unrecorded(this.#unrecorded!.desk.cancel(idOrPrefix));
    const { id } = this.#jobs.get(idOrPrefix);
    const isStopped = this.stop(id);
    try {
      this.#jobs.requestCancel(id);
    } catch (error) {
      // What runs here stops without its being noted, and there is room for the note that it has ended.
      if (!isStopped || !isAppError(error, 'DISK_FULL')) throw error;
    }
    return this.view(id);
  }

  /** As `cancel`, where it runs here, and without noting it. @returns whether it does */
  stop(id: string): boolean {
    const running = this.#running.get(id);
    running?.started.cancel(new AppError('CANCELED', 'Canceled on request.'));
    return running !== undefined;
  }

  /** Cancels what runs here and waits until each end is stored. */
  async close(): Promise<void> {
    this.#closing = true;
    const reason = new AppError('CANCELED', 'Drawbridge was closed.');
    const all = [...this.#running.values()];
    for (const { started } of all) started.cancel(reason);
    await Promise.all(all.map(({ started }) => started.ended));
    await this.#unrecorded?.desk.close();
    this.#unrecorded?.catalog.close();
    this.#unrecorded = undefined;
  }
}

function unrecorded(view: JobView): JobView {
  return { ...view, unrecorded: true };
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}
