import type { DifferenceView } from '../../contract/comparison.ts';
import { AppError, isAppError } from '../../contract/errors.ts';
import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import type { Connector, TargetSession } from '../connectors/connector.ts';
import { SECTIONS } from '../model/sections.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import { captureLeftovers, captureRealm, captureSession, type CaptureRequest } from './capture.ts';
import { compareSnapshots } from './compare-snapshots.ts';
import type { JobContext } from './job-context.ts';
import type { PlanDocument } from './plan-document.ts';
import type { JournalledContext } from './runner.ts';

/** Records that a change of the target is told with by name. */
const NAMED = 5;

/** How the target is looked at just before it is changed. */
export interface TargetReader {
  exists(): Promise<boolean>;
  /** @returns undefined when there is nothing */
  capture(exists: boolean): Promise<SnapshotManifest | undefined>;
}

function request({ target: { environment, realm } }: PlanDocument): CaptureRequest {
  return { environment, realm, purpose: 'safety' };
}

/** By the session that writes: what it reads is what is written upon. */
export function sessionReader(
  job: JobContext,
  snapshots: SnapshotStore,
  session: TargetSession,
  document: PlanDocument,
): TargetReader {
  return {
    exists: () => session.exists(job.signal),
    capture: async (exists) =>
      exists || document.route.seesLeftovers
        ? await captureSession(job, session, snapshots, request(document), { exists })
        : undefined,
  };
}

/** For a plan that writes nothing. */
export function connectorReader(
  job: JobContext,
  snapshots: SnapshotStore,
  connector: Connector,
  document: PlanDocument,
): TargetReader {
  return {
    exists: () => connector.realmExists(document.target.realm, job.signal),
    async capture(exists) {
      if (exists) return await captureRealm(job, connector, snapshots, request(document));
      return document.route.seesLeftovers
        ? await captureLeftovers(job, connector, snapshots, request(document))
        : undefined;
    },
  };
}

/**
 * Captures the target once more, just before it is changed: it must still be what the plan was made from, and this is
 * what it can be brought back to. A step of the journal, so that it is found whatever comes after.
 *
 * @returns undefined when there is, as planned, nothing yet
 * @throws AppError TARGET_CHANGED, naming what changed in numbers and the first records; then nothing was written
 */
export async function safetySnapshot(
  job: JournalledContext,
  snapshots: SnapshotStore,
  reader: TargetReader,
  document: PlanDocument,
): Promise<SnapshotManifest | undefined> {
  const seq = job.intent('Snapshot of the target as it is', { kind: 'safety' });
  try {
    const safety = await unchangedTarget(job, snapshots, reader, document);
    job.outcome(seq, 'done', { safetySnapshot: safety?.id ?? null });
    return safety;
  } catch (error) {
    if (isAppError(error)) job.outcome(seq, 'failed', { code: error.code, message: error.message });
    throw error;
  }
}

async function unchangedTarget(
  job: JobContext,
  snapshots: SnapshotStore,
  reader: TargetReader,
  { target }: PlanDocument,
): Promise<SnapshotManifest | undefined> {
  const place = `${target.environment}/${target.realm}`;
  const exists = await reader.exists();
  if (exists !== target.exists)
    throw changed(
      exists ? `${place} exists now; it did not when the plan was made.` : `${place} is gone.`,
      {},
    );
  const now = await reader.capture(exists);
  if ((now === undefined) !== (target.snapshot === undefined))
    throw changed(
      now
        ? `Records of the name “${target.realm}” have appeared on ${target.environment} since the plan was made.`
        : `What a deleted realm “${target.realm}” had left behind on ${target.environment} is gone.`,
      {},
    );
  if (!now || target.snapshot === undefined) return undefined;
  const planned = snapshots.get(target.snapshot);
  if (now.root === planned.root) return now;
  const sides = { left: planned, right: now };
  const comparison = await compareSnapshots(job, snapshots, sides, { limit: NAMED });
  const differences = SECTIONS.flatMap((section) => {
    const counts = comparison.sections[section];
    const sum = counts ? counts.added + counts.removed + counts.changed : 0;
    return sum === 0 ? [] : [[section, sum] as const];
  });
  if (differences.length === 0) return now;
  const listed = differences.map(([section, sum]) => `${sum} of its ${section}`).join(', ');
  const all = differences.reduce((total, [, sum]) => total + sum, 0);
  throw changed(
    `${place} has changed since the plan was made: ${listed}. Other than in the preview: ${named(comparison.differences, all)}.`,
    Object.fromEntries(differences),
  );
}

/** Which records, and which of their members: what these hold may be secret, and is shown by a comparison. */
function named(first: readonly DifferenceView[], all: number): string {
  const records = first.map(({ section, key, kind, changes }) => {
    const members = changes.map(({ member }) => member);
    const what = kind === 'changed' ? members.join(', ') : kind === 'added' ? 'new' : 'gone';
    return `${section}/${key} (${what})`;
  });
  const more = all - records.length;
  return more === 0 ? records.join(', ') : `${records.join(', ')} and ${more.toLocaleString('en')} more`;
}

function changed(message: string, differences: Record<string, number>): AppError {
  return new AppError('TARGET_CHANGED', message, {
    notChanged: 'Nothing was written.',
    remedy: 'Make a new plan and look at its preview.',
    details: { differences },
  });
}
