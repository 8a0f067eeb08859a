import { setTimeout as sleep } from 'node:timers/promises';
import { isAppError, throwIfAborted, type AppError } from '../../contract/errors.ts';
import type { FreedView } from '../../contract/retention.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Lease } from '../catalog/jobs/leases.ts';
import { waitMeter } from './job-context.ts';
import type { JournalledContext } from './runner.ts';

/** How long others are waited for at a time: longer than one that was killed counts as running. Milliseconds. */
const PATIENCE = 45_000;
const LOOK_EVERY = 250;
/** So often it begins again after a job that came between. */
const ATTEMPTS = 30;
const BEAT_EVERY = 5_000;
/** What these jobs do stands in nobody's way here, nor do they count on anything that is deleted. */
const HARMLESS: ReadonlySet<string> = new Set(['prune', 'empty-trash']);

export interface FreedSpace {
  readonly freed: FreedView;
  /** Nothing was freed, since nobody knows what a damaged snapshot needs. */
  readonly error?: AppError;
}

/**
 * Deletes snapshots in the trash for good, and what no snapshot needs any more, while no other job runs: a backup counts on
 * what it shares, an export on what it reads. Waits for others, though not for ever; what is left is found by the next one.
 *
 * @param doomed the snapshots to delete: asked again whenever a job was started, which may count on one
 * @param patience milliseconds
 * @throws AppError CANCELED, CATALOG_LOCKED, DISK_FULL, FILE_FAILED
 */
export async function freeSpace(
  job: JournalledContext,
  catalog: Catalog,
  doomed: () => readonly string[],
  patience = PATIENCE,
): Promise<FreedSpace> {
  const { space } = catalog;
  const fileBefore = space.fileSize().bytes;
  const freed = { snapshots: 0, chunks: 0, bytes: 0 };
  const end = (pending?: string): FreedView => ({
    ...freed,
    fileBefore,
    fileAfter: space.fileSize().bytes,
    ...(pending !== undefined && { pending }),
  });
  let lease: Lease;
  try {
    lease = catalog.leases.acquire('the space of the catalog', { job: job.job, kind: 'prune' });
  } catch (error) {
    if (!isAppError(error, 'CATALOG_LOCKED')) throw error;
    return { freed: end(`${error.message} It frees what this one would have.`) };
  }
  const beat = setInterval(() => {
    try {
      lease.heartbeat();
    } catch {
      // Lost, or the catalog cannot be written to: the next step finds that out by itself, and says so.
      clearInterval(beat);
    }
  }, BEAT_EVERY);
  let seq: number | undefined;
  try {
    seq = job.intent('Free what no snapshot needs', {});
    const pending = await untilDone(job, catalog, patience, async (mayDelete) => {
      lease.assertHeld();
      const options = {
        signal: job.signal,
        mayDelete: () => lease.isHeld() && mayDelete(),
        onProgress: ({ chunks }: { chunks: number }) =>
          job.progress({ phase: 'Freeing space', done: freed.chunks + chunks, unit: 'chunks' }),
      };
      const deleted = await space.deleteTrashed(doomed(), options);
      freed.snapshots += deleted.snapshots;
      if (!deleted.finished) return false;
      const reclaimed = await space.reclaim(options);
      freed.chunks += reclaimed.chunks;
      freed.bytes += reclaimed.bytes;
      return reclaimed.finished;
    });
    await space.giveBack(job.signal);
    job.outcome(seq, 'done', { ...freed });
    return { freed: end(pending) };
  } catch (error) {
    if (!isAppError(error) || seq === undefined) throw error;
    job.outcome(seq, 'failed', { ...freed, code: error.code, message: error.message });
    if (error.code !== 'CATALOG_DAMAGED') throw error;
    return { freed: end(nobodyKnows(error)), error };
  } finally {
    clearInterval(beat);
    lease.release();
  }
}

type OtherJob = ReturnType<Catalog['jobs']['underWay']>[number];

/**
 * Does the work again and again until it comes to its end undisturbed.
 *
 * @param work may only delete while `mayDelete`; what it returns tells whether it came to its end
 * @returns why it did not, as a sentence
 */
async function untilDone(
  job: JournalledContext,
  catalog: Catalog,
  patience: number,
  work: (mayDelete: () => boolean) => Promise<boolean>,
): Promise<string | undefined> {
  const others = () =>
    catalog.jobs.underWay().filter(({ id, kind }) => id !== job.job && !HARMLESS.has(kind));
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const other = await outlasting(job, others, patience);
    if (other) return stillRunning(other);
    const newest = catalog.jobs.newest();
    if (await work(() => catalog.jobs.newest() === newest && others().length === 0)) return undefined;
  }
  return 'One job after the other came between: the rest is freed by the next prune.';
}

/** Waits until no other job runs. @returns the one that goes on for too long */
async function outlasting(
  job: JournalledContext,
  others: () => readonly OtherJob[],
  patience: number,
): Promise<OtherJob | undefined> {
  const since = performance.now();
  const tellWait = waitMeter(job);
  for (;;) {
    const [other] = others();
    if (!other || performance.now() - since > patience) return other;
    tellWait(`job ${other.id} (${other.title})`);
    await sleep(LOOK_EVERY, undefined, { signal: job.signal }).catch(() => {});
    throwIfAborted(job.signal);
  }
}

function stillRunning({ id, title }: OtherJob): string {
  return `Job ${id} (${title}) is running, and may count on what would be deleted: the rest is freed by the next prune.`;
}

function nobodyKnows({ message }: AppError): string {
  return `${message} What a damaged snapshot needs cannot be known: nothing is freed until it is whole again, or deleted for good.`;
}
