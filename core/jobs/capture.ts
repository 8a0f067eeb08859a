import { isAppError, throwIfAborted, type ErrorCode } from '../../contract/errors.ts';
import type { SnapshotAbout, SnapshotStore, SnapshotWriter } from '../catalog/snapshot-store.ts';
import type {
  Capture,
  CaptureMemory,
  CaptureOptions,
  Connector,
  TargetSession,
} from '../connectors/connector.ts';
import type { SectionBatch } from '../model/record.ts';
import { narrowed, type Section } from '../model/sections.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import { HEAP_GROWTH, withHeapGrowth } from './heap-growth.ts';
import { PhaseMeter, waitMeter, type JobContext } from './job-context.ts';
import type { RealmWatch } from './realm-watch.ts';

export interface CaptureRequest {
  readonly environment: string;
  readonly realm: string;
  readonly purpose: SnapshotManifest['purpose'];
  /** Undefined, or every one: all that the route can read. */
  readonly sections?: readonly Section[];
  /** Default true. */
  readonly credentials?: boolean;
  /** Also where there is no realm: what one of its name left behind, be it nothing. Never a whole backup. */
  readonly leftovers?: true;
  readonly tags?: readonly string[];
  readonly note?: string;
  /**
   * What the same job had read when it was broken off. Only for a backup: whatever a plan or a verification goes by must
   * be as it is now.
   */
  readonly memory?: RealmMemory;
  /** Whether the realm is, just then, half of something: such a snapshot is never a whole backup. */
  readonly watch?: RealmWatch;
}

export interface RealmMemory extends CaptureMemory {
  /** Everything: a capture has come to its end. */
  forget(): void;
}

/** What may be read again from the start: the answer broke off, nothing was stored. */
const BROKEN_OFF: ReadonlySet<ErrorCode> = new Set(['CONNECTION_LOST', 'TIMEOUT']);
const ATTEMPTS = 3;

/**
 * Reads a realm from an environment into a snapshot. An answer that breaks off is read again from the start, since
 * neither an export nor a transaction can be continued; what had been read of it is thrown away, unless there is a
 * memory to keep it.
 *
 * @throws AppError REALM_NOT_FOUND, the connector's errors, DUPLICATE_KEY, DISK_FULL, CANCELED; then nothing is stored
 */
export async function captureRealm(
  job: JobContext,
  connector: Connector,
  snapshots: SnapshotStore,
  request: CaptureRequest,
): Promise<SnapshotManifest> {
  const { sections: chosen, credentials, leftovers, memory, watch, ...about } = request;
  const sections = narrowed(chosen);
  const options: CaptureOptions = {
    ...(sections && { sections }),
    ...(credentials === false && { credentials }),
    ...(leftovers && { leftovers }),
    ...(memory && { memory }),
    onWait: waitMeter(job),
  };
  const complete = isWhole(request, connector);
  const begin = () => connector.capture(request.realm, options, job.signal);
  const snapshot = await repeated(job, begin, async (read) => {
    const capture = watch ? watched(read, watch) : read;
    const stored = () => storeCapture(job, capture, snapshots, { ...about, complete }, phaseOf(request));
    return connector.channel === 'admin-api'
      ? await withHeapGrowth(HEAP_GROWTH.reading, stored)
      : await stored();
  });
  memory?.forget();
  return snapshot;
}

/**
 * As `captureRealm`, of a realm that does not exist: what one of its name left behind.
 *
 * @returns undefined when there is nothing; then nothing is stored
 */
export async function captureLeftovers(
  job: JobContext,
  connector: Connector,
  snapshots: SnapshotStore,
  request: CaptureRequest,
): Promise<SnapshotManifest | undefined> {
  const options = { leftovers: true, onWait: waitMeter(job) } as const;
  return await repeated(
    job,
    () => connector.capture(request.realm, options, job.signal),
    async (capture) =>
      await storeFound(job, capture, snapshots, { ...request, complete: false }, phaseOf(request)),
  );
}

/**
 * Reads the realm that a session has under change; once, since what it read is what it writes upon.
 *
 * @returns undefined when there is no realm and nothing that one of its name left behind
 */
export async function captureSession(
  job: JobContext,
  session: Pick<TargetSession, 'capture'>,
  snapshots: SnapshotStore,
  request: CaptureRequest,
  options: { readonly exists: boolean },
): Promise<SnapshotManifest | undefined> {
  const capture = session.capture(options.exists ? {} : { leftovers: true }, job.signal);
  return await storeFound(
    job,
    capture,
    snapshots,
    { ...request, complete: options.exists },
    phaseOf(request),
  );
}

/** Stores whatever delivers batches as one snapshot; leaves nothing behind when it fails. */
export async function storeCapture(
  job: JobContext,
  capture: Capture,
  snapshots: SnapshotStore,
  about: SnapshotAbout,
  phase: string,
): Promise<SnapshotManifest> {
  const writer = snapshots.begin(about);
  try {
    await readInto(writer, job, capture, phase);
    return await writer.commit(capture.facts(), job.signal);
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** As `storeCapture`, unless there is no record at all. */
async function storeFound(
  job: JobContext,
  capture: Capture,
  snapshots: SnapshotStore,
  about: SnapshotAbout,
  phase: string,
): Promise<SnapshotManifest | undefined> {
  const writer = snapshots.begin(about);
  try {
    if ((await readInto(writer, job, capture, phase)) > 0)
      return await writer.commit(capture.facts(), job.signal);
    await writer.abort();
    return undefined;
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

async function readInto(
  writer: SnapshotWriter,
  job: JobContext,
  capture: Capture,
  phase: string,
): Promise<number> {
  const meter = new PhaseMeter(job, phase, 'records');
  let count = 0;
  for await (const { section, records, ordered } of capture.batches) {
    throwIfAborted(job.signal);
    await (ordered ? writer.addOrdered(section, records) : writer.add(section, records));
    count += records.length;
    meter.advance(records.length, capture.expected?.());
  }
  return count;
}

/**
 * Whole is what was not narrowed down. A backup that left out credentials on purpose would, as the newest one, stand in
 * front of those that have them: `latest:` passes it over. The Admin API never tells any, so there nothing was left out.
 */
function isWhole({ sections, credentials, leftovers }: CaptureRequest, { channel }: Connector): boolean {
  const leftOut = credentials === false && channel !== 'admin-api';
  return narrowed(sections) === undefined && !leftOut && !leftovers;
}

function phaseOf({ environment, realm }: CaptureRequest): string {
  return `Reading ${environment}/${realm}`;
}

/** A capture that says so when what it read may be half of what an import was to make of it. */
function watched(capture: Capture, watch: RealmWatch): Capture {
  let doubt: string | undefined;
  async function* batches(): AsyncGenerator<SectionBatch> {
    await watch.begin();
    for await (const batch of capture.batches) {
      watch.seen();
      yield batch;
    }
    doubt = await watch.doubt();
  }
  return {
    ...capture,
    batches: batches(),
    facts() {
      const facts = capture.facts();
      const doubts = [facts.inconsistent, doubt].filter((text) => text !== undefined);
      return doubts.length === 0 ? facts : { ...facts, inconsistent: doubts.join(' ') };
    },
  };
}

/** A capture that was begun again says so among the calls that were repeated. */
function counting(capture: Capture, before: number): Capture {
  if (before === 0) return capture;
  return {
    ...capture,
    facts() {
      const facts = capture.facts();
      return { ...facts, retries: (facts.retries ?? 0) + before };
    },
  };
}

async function repeated<T>(
  job: JobContext,
  begin: () => Capture,
  store: (capture: Capture) => Promise<T>,
): Promise<T> {
  let before = 0;
  for (let attempts = 1; ; attempts++) {
    const capture = begin();
    try {
      return await store(counting(capture, before));
    } catch (error) {
      throwIfAborted(job.signal);
      if (attempts === ATTEMPTS || !isAppError(error) || !BROKEN_OFF.has(error.code)) throw error;
      // With what had been made again before it broke off.
      before += 1 + (capture.retries?.() ?? 0);
    }
  }
}
