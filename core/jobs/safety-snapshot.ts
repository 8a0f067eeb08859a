import { AppError } from '../../contract/errors.ts';
import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import type { Connector } from '../connectors/connector.ts';
import { SECTIONS } from '../model/sections.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import { captureRealm } from './capture.ts';
import { compareSnapshots } from './compare-snapshots.ts';
import type { JobContext } from './job-context.ts';
import type { PlanDocument } from './plan-document.ts';

/**
 * Captures the target once more, just before it is changed: it must still be what the plan was made from, and this is
 * what it can be restored from.
 *
 * @returns undefined when there is, as planned, no realm yet
 * @throws AppError TARGET_CHANGED, naming what changed in numbers; then nothing was written
 */
export async function safetySnapshot(
  job: JobContext,
  snapshots: SnapshotStore,
  connector: Connector,
  { target }: PlanDocument,
): Promise<SnapshotManifest | undefined> {
  const place = `${target.environment}/${target.realm}`;
  const exists = await connector.realmExists(target.realm, job.signal);
  if (exists !== target.exists)
    throw changed(
      exists ? `${place} exists now; it did not when the plan was made.` : `${place} is gone.`,
      {},
    );
  if (target.snapshot === undefined) return undefined;
  const planned = snapshots.get(target.snapshot);
  const { environment, realm } = target;
  const now = await captureRealm(job, connector, snapshots, { environment, realm, purpose: 'safety' });
  if (now.root === planned.root) return now;
  const comparison = await compareSnapshots(job, snapshots, { left: planned, right: now }, { limit: 0 });
  const differences = SECTIONS.flatMap((section) => {
    const counts = comparison.sections[section];
    const sum = counts ? counts.added + counts.removed + counts.changed : 0;
    return sum === 0 ? [] : [[section, sum] as const];
  });
  if (differences.length === 0) return now;
  const listed = differences.map(([section, sum]) => `${sum} of its ${section}`).join(', ');
  throw changed(`${place} has changed since the plan was made: ${listed}.`, Object.fromEntries(differences));
}

function changed(message: string, differences: Record<string, number>): AppError {
  return new AppError('TARGET_CHANGED', message, {
    notChanged: 'Nothing was written.',
    remedy: 'Make a new plan and look at its preview.',
    details: { differences },
  });
}
