import { AppError, throwIfAborted } from '../../contract/errors.ts';
import { asAppError } from '../../contract/wire.ts';
import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import type { Connector } from '../connectors/connector.ts';
import { REALM_NAME } from '../model/natural-key.ts';
import type { Section } from '../model/sections.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import { captureRealm } from './capture.ts';
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
}

/**
 * Captures realms one after the other. A realm that fails does not keep the others from being backed up; when it is the
 * only one, its error is the job's.
 *
 * @throws AppError as `captureRealm`, when no realm could be captured; CANCELED
 */
export async function backupRealms(
  job: JournalledContext,
  connector: Connector,
  snapshots: SnapshotStore,
  request: BackupRequest,
): Promise<{ snapshots: SnapshotManifest[]; failed: number }> {
  for (const name of request.realms ?? []) requireName(name);
  const realms = request.realms ?? (await everyRealm(connector, job.signal));
  if (realms.length === 0)
    throw new AppError('NOT_FOUND', `${request.environment} lists no realm.`, {
      notChanged: 'No snapshot was stored.',
      remedy: 'Name the realm, if the client may not list realms.',
    });
  const taken: SnapshotManifest[] = [];
  let lastError: AppError | undefined;
  for (const realm of realms) {
    throwIfAborted(job.signal);
    try {
      taken.push(await captureRealm(job, connector, snapshots, { ...request, realm, purpose: 'backup' }));
    } catch (error) {
      throwIfAborted(job.signal);
      lastError = asAppError(error);
      job.addFailures([{ section: 'realm', key: realm, reason: lastError.message }]);
    }
  }
  if (taken.length === 0) throw lastError!;
  return { snapshots: taken, failed: realms.length - taken.length };
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
