import { AppError, isAppError, throwIfAborted } from '../../contract/errors.ts';
import { asAppError } from '../../contract/wire.ts';
import type { Catalog } from '../catalog/index.ts';
import type { JobItemFailure } from '../catalog/jobs/job.ts';
import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import type { Connector } from '../connectors/connector.ts';
import { REALM_NAME } from '../model/natural-key.ts';
import type { Section } from '../model/sections.ts';
import { isToldByDatabases, type Missing, type SnapshotManifest } from '../model/snapshot.ts';
import { captureRealm, type RealmMemory } from './capture.ts';
import type { RealmWatch } from './realm-watch.ts';
import type { JournalledContext } from './runner.ts';

export interface BackupRequest {
  readonly environment: string;
  /** Undefined: every realm that the environment lists. */
  readonly realms?: readonly string[];
  readonly sections?: readonly Section[];
  /** Default true. */
  readonly credentials?: boolean;
  readonly tags: readonly string[];
  readonly note?: string;
  /** What this job had read of a realm when it was broken off: another one begins anew. */
  readonly memoryOf?: (realm: string) => RealmMemory;
  readonly watchOf?: (realm: string) => RealmWatch;
  /** What this job had taken already when it was broken off, by realm. */
  readonly before?: ReadonlyMap<string, SnapshotManifest>;
}

export interface BackupsTaken {
  readonly snapshots: SnapshotManifest[];
  /**
   * Some of what was asked for could not be read, or only in contradictions: each realm and section is a failure of the
   * job, with the reason.
   */
  readonly withErrors: boolean;
}

/**
 * Captures realms one after the other. A realm that fails does not keep the others from being backed up; when it is the
 * only one, its error is the job's. Of a realm that can be read in part, that part is kept.
 *
 * @throws AppError as `captureRealm`, when no realm could be captured; CANCELED
 */
export async function backupRealms(
  job: JournalledContext,
  connector: Connector,
  snapshots: SnapshotStore,
  request: BackupRequest,
): Promise<BackupsTaken> {
  for (const name of request.realms ?? []) requireName(name);
  const { memoryOf, watchOf, before = new Map<string, SnapshotManifest>(), ...common } = request;
  const asked = request.realms ?? (await everyRealm(connector, job.signal));
  const realms = [...new Set([...before.keys(), ...asked])];
  if (realms.length === 0)
    throw new AppError('NOT_FOUND', `${request.environment} lists no realm.`, {
      notChanged: 'No snapshot was stored.',
      remedy: 'Name the realm, if the client may not list realms.',
    });
  const taken: SnapshotManifest[] = [];
  let lastError: AppError | undefined;
  let withErrors = false;
  const fail = (failures: readonly JobItemFailure[]): void => {
    if (failures.length === 0) return;
    withErrors = true;
    job.addFailures(failures);
  };
  for (const realm of realms) {
    throwIfAborted(job.signal);
    try {
      const [memory, watch] = [memoryOf?.(realm), watchOf?.(realm)];
      const snapshot =
        before.get(realm) ??
        (await journalled(
          job,
          realm,
          async () =>
            await captureRealm(job, connector, snapshots, {
              ...common,
              realm,
              purpose: 'backup',
              ...(memory && { memory }),
              ...(watch && { watch }),
            }),
        ));
      taken.push(snapshot);
      fail([...unread(snapshot, request), ...doubtful(snapshot)]);
    } catch (error) {
      throwIfAborted(job.signal);
      lastError = asAppError(error);
      fail([{ section: 'realm', key: realm, reason: lastError.message }]);
    }
  }
  if (taken.length === 0) throw lastError!;
  return { snapshots: taken, withErrors };
}

/** As a step of the job: a backup that is broken off need not take again what it had taken. */
async function journalled(
  job: JournalledContext,
  realm: string,
  capture: () => Promise<SnapshotManifest>,
): Promise<SnapshotManifest> {
  const seq = job.intent(`realm ${realm}`, { kind: 'backup', realm });
  try {
    const snapshot = await capture();
    job.outcome(seq, 'done', { snapshot: snapshot.id });
    return snapshot;
  } catch (error) {
    if (isAppError(error)) job.outcome(seq, 'failed', { code: error.code, message: error.message });
    throw error;
  }
}

/**
 * The snapshots that the attempts before had taken, as far as they are still there, by realm. What had failed is to be
 * tried again, and so is what was under way.
 */
export function backedUpBefore(
  job: JournalledContext,
  { jobs, snapshots }: Pick<Catalog, 'jobs' | 'snapshots'>,
): ReadonlyMap<string, SnapshotManifest> {
  job.forgetFailures();
  for (const { seq } of jobs.unsettledSteps(job.job))
    job.outcome(seq, 'failed', { message: 'It was broken off, and nothing was stored.' });
  const there = new Map(snapshots.list().map((snapshot) => [snapshot.id, snapshot]));
  const taken = new Map<string, SnapshotManifest>();
  for (const { intent, outcome, result } of jobs.steps(job.job)) {
    const [realm, id] = [intent['realm'], result?.['snapshot']];
    if (outcome !== 'done' || typeof realm !== 'string' || typeof id !== 'string') continue;
    const snapshot = there.get(id);
    if (snapshot) taken.set(realm, snapshot);
  }
  return taken;
}

/** Databases tell everything: what was asked for and is missing could not be read. The Admin API has no more. */
function unread({ realm, channel, missing }: SnapshotManifest, request: BackupRequest): JobItemFailure[] {
  if (channel !== 'postgres') return [];
  const asked = ({ section, member }: Missing): boolean =>
    (request.sections?.includes(section) ?? true) &&
    !(request.credentials === false && (section === 'credentials' || member === 'secretHash'));
  return missing
    .filter((one) => isToldByDatabases(one) && asked(one))
    .map(({ section, member, reason }) => ({
      section,
      key: realm,
      reason: member === undefined ? reason : `Without their ${MEMBER_NAMES[member] ?? member}: ${reason}`,
    }));
}

const MEMBER_NAMES: Readonly<Record<string, string>> = { secretHash: 'secrets’ hashes' };

/** Nobody is to find out only when it is needed. */
function doubtful({ realm, inconsistent }: SnapshotManifest): JobItemFailure[] {
  if (inconsistent === undefined) return [];
  return [{ section: 'realm', key: realm, reason: `Its snapshot is not consistent: ${inconsistent}` }];
}

function requireName(name: string): void {
  if (REALM_NAME.test(name)) return;
  throw new AppError(
    'INVALID_NAME',
    `“${name}” cannot be a realm’s name: only a–z, 0–9 and “-” are allowed.`,
    {
      notChanged: 'Nothing was read.',
      remedy: 'See the names with: drawbridge realms <environment>.',
    },
  );
}

async function everyRealm(connector: Connector, signal: AbortSignal): Promise<string[]> {
  const names: string[] = [];
  for await (const realm of connector.listRealms(signal)) names.push(realm.name);
  return names;
}
