import { AppError, isAppError } from '../../contract/errors.ts';
import type { JobInput, JobResult, JobView } from '../../contract/job.ts';
import type { ScheduleEvent, ScheduleRun } from '../../contract/schedule.ts';
import { asAppError } from '../../contract/wire.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Lease } from '../catalog/jobs/leases.ts';
import { isFailure, type Schedule, type ScheduleChange } from '../catalog/schedules/schedule-store.ts';
import { holdLease } from '../jobs/held-lease.ts';
import { alertFacts, tellOfFailure } from '../jobs/schedule-alerts.ts';
import { believable, dueTime, nextTime } from '../jobs/schedule-times.ts';
import { jobsOf } from './schedule-jobs.ts';

/**
 * How long one sleeps at most: after that it is looked anew what time it is, since a machine may have slept and a clock may
 * have been set, and what others have added. Milliseconds.
 */
const LOOK_EVERY = 20_000;

export interface ScheduleDeskOptions {
  readonly catalog: Catalog;
  /** Starts a job, tells its id at once, and how it ended. */
  readonly runJob: (input: JobInput, signal: AbortSignal, started: (job: string) => void) => Promise<JobView>;
}

interface Begun {
  readonly schedule: Schedule;
  readonly run: ScheduleRun;
  /** Until when its times were handled before this one. */
  readonly before: string;
}

/** Runs schedules: each time once, whatever the number of processes. */
export class ScheduleDesk {
  readonly #catalog: Catalog;
  readonly #runJob: ScheduleDeskOptions['runJob'];
  readonly #now: () => Date;

  constructor({ catalog, runJob }: ScheduleDeskOptions) {
    this.#catalog = catalog;
    this.#runJob = runJob;
    this.#now = catalog.now;
  }

  /** Those whose time has come, one after the other. */
  async *runDue(signal: AbortSignal): AsyncGenerator<ScheduleEvent> {
    for (const { name } of this.list()) {
      if (signal.aborted) return;
      try {
        yield* this.#run(name, 'due', signal);
      } catch (error) {
        // Removed, or called otherwise, since it was listed.
        if (!isAppError(error, 'NOT_FOUND')) throw error;
      }
    }
  }

  /** @throws AppError NOT_FOUND; CATALOG_LOCKED when it is running already */
  runNow(name: string, signal: AbortSignal): AsyncGenerator<ScheduleEvent> {
    return this.#run(this.#catalog.schedules.get(name).name, 'asked', signal);
  }

  /** Until it is told to stop. */
  async *keepRunning(signal: AbortSignal): AsyncGenerator<ScheduleEvent> {
    let told: string | undefined = 'nothing yet';
    while (!signal.aborted) {
      yield* this.runDue(signal);
      if (signal.aborted) return;
      const until = this.#nextOfAll();
      const text = until?.toISOString();
      if (text !== told) yield { kind: 'waiting', ...(text !== undefined && { until: text }) };
      told = text;
      const left = until ? until.getTime() - this.#now().getTime() : LOOK_EVERY;
      // One whose time has come although nothing was run is being run by another process.
      await sleep(left > 0 ? Math.min(left, LOOK_EVERY) : 1_000, signal);
    }
  }

  /** With those that died told as such: a run whose lease is gone will not end by itself. */
  list(): Schedule[] {
    return this.#catalog.schedules.list().map((schedule) => this.#noticeDeath(schedule));
  }

  get(name: string): Schedule {
    return this.#noticeDeath(this.#catalog.schedules.get(name));
  }

  /** @throws AppError NOT_FOUND, USAGE; CATALOG_LOCKED where one that runs is to have another name */
  update(change: ScheduleChange): Schedule {
    const { schedules, leases } = this.#catalog;
    if (change.newName === undefined) return schedules.update(change);
    const { name } = schedules.get(change.name);
    // Whoever runs it writes what becomes of the run under the name that it had.
    if (leases.holderOf(leaseName(name))) throw isRunning(name);
    const lease = leases.acquire(leaseName(name), { kind: `renaming of the schedule ${name}` });
    try {
      return schedules.update(change);
    } finally {
      lease.release();
    }
  }

  /**
   * Nobody knows of a run yet that goes on while another is acknowledged.
   *
   * @param until those that began later are not meant: whoever says to know has not been told of them
   */
  acknowledge(name: string | undefined, until: string | undefined): number {
    const isMeant = (run: ScheduleRun) =>
      isFailure(run) && !run.acknowledged && (until === undefined || run.startedAt <= until);
    let count = 0;
    for (const schedule of name === undefined ? this.list() : [this.get(name)])
      this.#catalog.schedules.change(schedule.name, ({ runs }) => {
        const meant = runs.filter(isMeant).length;
        count += meant;
        if (meant === 0) return undefined;
        return { runs: runs.map((run) => (isMeant(run) ? { ...run, acknowledged: true } : run)) };
      });
    return count;
  }

  #nextOfAll(): Date | undefined {
    const times = this.list().flatMap((schedule) =>
      schedule.paused ? [] : (nextTime(schedule, this.#handledUntil(schedule)) ?? []),
    );
    return times.sort((a, b) => a.getTime() - b.getTime())[0];
  }

  #handledUntil({ handledUntil }: Schedule): Date {
    return believable(new Date(handledUntil), this.#now());
  }

  async *#run(name: string, why: 'due' | 'asked', signal: AbortSignal): AsyncGenerator<ScheduleEvent> {
    if (why === 'due' && !this.#isDue(name)) return;
    const lease = this.#lease(name, why);
    if (!lease) return;
    const held = holdLease(lease);
    try {
      const begun = why === 'due' ? unlessRemoved(() => this.#begin(name, why)) : this.#begin(name, why);
      // Another process was quicker, or it was removed.
      if (!begun) return;
      yield { kind: 'begun', schedule: name, run: begun.run };
      const run = await this.#carryOut(begun, AbortSignal.any([signal, held.lost]));
      yield { kind: 'ended', schedule: name, run };
    } finally {
      held.end();
    }
  }

  /** One that was removed while others ran is not. */
  #isDue(name: string): boolean {
    const schedule = unlessRemoved(() => this.#catalog.schedules.get(name));
    if (!schedule || schedule.paused) return false;
    return dueTime(schedule, this.#handledUntil(schedule), this.#now()) !== undefined;
  }

  /** @returns undefined when somebody else runs it, and nobody asked for more */
  #lease(name: string, why: 'due' | 'asked'): Lease | undefined {
    try {
      return this.#catalog.leases.acquire(leaseName(name), { kind: `schedule ${name}` });
    } catch (error) {
      if (why === 'due' && isAppError(error, 'CATALOG_LOCKED')) return undefined;
      throw error;
    }
  }

  /** Takes the time as handled before anything is done: what is killed on the way is told of, and not done twice. */
  #begin(name: string, why: 'due' | 'asked'): Begun | undefined {
    let run: ScheduleRun | undefined;
    let before = '';
    const schedule = this.#catalog.schedules.change(name, (now) => {
      const handledUntil = this.#handledUntil(now);
      const due = now.paused && why === 'due' ? undefined : dueTime(now, handledUntil, this.#now());
      if (why === 'due' && !due) return undefined;
      before = handledUntil.toISOString();
      run = {
        number: (now.runs[0]?.number ?? 0) + 1,
        ...(due && { due: due.at.toISOString() }),
        missed: due?.missed ?? 0,
        startedAt: this.#now().toISOString(),
        state: 'running',
        jobs: [],
        alerts: [],
        acknowledged: false,
      };
      const runs = [run, ...interruptedOf(now.runs, this.#now())];
      return { handledUntil: (due?.at ?? handledUntil).toISOString(), runs };
    });
    return run && { schedule, run, before };
  }

  async #carryOut({ schedule, run, before }: Begun, signal: AbortSignal): Promise<ScheduleRun> {
    const views: JobView[] = [];
    const jobs: string[] = [];
    let ended: ScheduleRun;
    try {
      for (const input of jobsOf(schedule)) {
        const view = await this.#runJob(input, signal, (job) => {
          jobs.push(job);
          // Whoever looks at the schedule can follow what runs.
          this.#store(schedule.name, { ...run, jobs: [...jobs] });
        });
        views.push(view);
        if (view.state !== 'succeeded') break;
      }
      ended = { ...run, ...outcomeOf(views), jobs };
    } catch (error) {
      const { code, message } = asAppError(error);
      ended = {
        ...run,
        state: code === 'CANCELED' ? 'canceled' : 'failed',
        error: { code, message },
        jobs,
      };
    }
    ended = { ...ended, finishedAt: this.#now().toISOString() };
    // Stopped because its host was: it was not done, and is caught up with when a host is there again.
    this.#store(schedule.name, ended, ended.state === 'canceled' && signal.aborted ? before : undefined);
    if (!isFailure(ended)) return ended;
    const told = unlessRemoved(() => ({
      ...(schedule.command && { command: schedule.command }),
      webhookUrl: this.#catalog.schedules.webhookOf(schedule.name),
    }));
    if (!told) return ended;
    const alerts = await tellOfFailure(told, alertFacts(schedule, ended));
    return this.#store(schedule.name, { ...ended, alerts });
  }

  #store(name: string, run: ScheduleRun, handledUntil?: string): ScheduleRun {
    unlessRemoved(() =>
      this.#catalog.schedules.change(name, ({ runs }) => ({
        // It may have been acknowledged while others were told of it.
        runs: runs.map((one) =>
          one.number === run.number ? { ...run, acknowledged: one.acknowledged } : one,
        ),
        ...(handledUntil !== undefined && { handledUntil }),
      })),
    );
    return run;
  }

  #noticeDeath(schedule: Schedule): Schedule {
    const isDead = (one: Schedule) =>
      one.runs.some(({ state }) => state === 'running') &&
      this.#catalog.leases.holderOf(leaseName(one.name)) === undefined;
    if (!isDead(schedule)) return schedule;
    try {
      return this.#catalog.schedules.change(schedule.name, (now) =>
        isDead(now) ? { runs: interruptedOf(now.runs, this.#now()) } : undefined,
      );
    } catch (error) {
      // Told all the same, and noted when there is room again.
      if (!isAppError(error, 'DISK_FULL')) throw error;
      return { ...schedule, runs: interruptedOf(schedule.runs, this.#now()) };
    }
  }
}

function isRunning(name: string): AppError {
  return new AppError('CATALOG_LOCKED', `The schedule “${name}” is running, and keeps its name meanwhile.`, {
    notChanged: 'The schedule was not changed.',
    remedy: 'Wait until the run has ended, then try again.',
    details: { setting: 'name' },
  });
}

/** @returns undefined when the schedule was removed meanwhile: there is nobody left to tell of it but the one who watches */
function unlessRemoved<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isAppError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}

function leaseName(name: string): string {
  return `schedule ${name}`;
}

function interruptedOf(runs: readonly ScheduleRun[], now: Date): ScheduleRun[] {
  return runs.map((run) =>
    run.state === 'running' ? { ...run, state: 'interrupted', finishedAt: now.toISOString() } : run,
  );
}

function outcomeOf(views: readonly JobView[]): Pick<ScheduleRun, 'state' | 'error'> {
  const last = views.at(-1);
  if (last?.state === 'canceled') return { state: 'canceled' };
  if (last?.state === 'interrupted') return { state: 'interrupted' };
  const failed = views.find(({ state }) => state === 'failed');
  if (failed)
    return {
      state: 'failed',
      error: {
        code: failed.error?.code ?? 'INTERNAL',
        message: failed.error?.message ?? `Job ${failed.id} failed.`,
      },
    };
  const halfway = views.find(({ state }) => state === 'succeeded_with_errors');
  if (halfway)
    return {
      state: 'succeeded_with_errors',
      error: { code: 'ITEM_FAILURES', message: `Not everything could be read: see job ${halfway.id}.` },
    };
  const backups = views.flatMap(({ result }) => (result?.kind === 'backup' ? [result] : []));
  return { state: backups.every(storesNothing) ? 'unchanged' : 'succeeded' };
}

function storesNothing({ snapshots }: Extract<JobResult, { kind: 'backup' }>): boolean {
  return snapshots.length > 0 && snapshots.every(({ unchanged }) => unchanged);
}

/** Resolves as well when it is told to stop. */
function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
