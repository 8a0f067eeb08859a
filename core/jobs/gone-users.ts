import { counted } from '../../contract/numbers.ts';
import { isAppError } from '../../contract/errors.ts';
import type { WrittenView } from '../../contract/job.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Job } from '../catalog/jobs/job.ts';
import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import { compareSection } from '../compare/compare-section.ts';
import { emptySide } from '../compare/section-side.ts';
import type { ApplyTarget, Connector } from '../connectors/connector.ts';
import { parseLine } from '../model/exact-json.ts';
import type { PlanDocument, PlanDraft } from './plan-document.ts';
import { OPEN_STATES, writtenSoFar, type Target } from './settle.ts';
import { snapshotSides } from './snapshot-sides.ts';

/**
 * Users whom work that was broken off may have deleted while their role mappings, in another database, stayed. No capture
 * sees these mappings, for they are read through the users: whoever undoes an earlier job has to know them from the
 * snapshots that were taken before.
 */
export interface GoneUsers {
  /** The safety snapshots that have them. */
  readonly goneUsersIn?: readonly string[];
  /** To stand in the preview. */
  readonly warnings: readonly string[];
}

/** @param undone the job that is to be undone: what was broken off before it is none of its */
export async function goneUsersSince(
  catalog: Catalog,
  connector: Connector,
  draft: PlanDraft,
  undone: string,
  signal: AbortSignal,
): Promise<GoneUsers> {
  const goneUsersIn: string[] = [];
  const warnings: string[] = [];
  for (const { id, applying } of brokenOffAmidUsers(catalog, undone, draft.target)) {
    const snapshot = applying?.safetySnapshot ?? null;
    if (snapshot === null) continue;
    if (!isThere(catalog.snapshots, snapshot)) {
      warnings.push(
        `Job ${id} was broken off when it had written users, but not their role mappings, and snapshot ${snapshot}, the realm as it was before it, was deleted: role mappings of users whom it deleted may be left behind.`,
      );
      continue;
    }
    let count = 0;
    const left = { users: 0, mappings: 0 };
    for await (const ids of usersOnlyIn(catalog.snapshots, snapshot, draft, signal)) {
      count += ids.length;
      for (const mappings of (await connector.danglingMappings?.(ids, signal))?.values() ?? []) {
        left.users++;
        left.mappings += mappings;
      }
    }
    if (count === 0) continue;
    const who = count === 1 ? 'a user' : `up to ${count.toLocaleString('en')} users`;
    const now = leftNow(connector, left);
    if (draft.route.channel === 'postgres') {
      goneUsersIn.push(snapshot);
      warnings.push(
        `Job ${id}, which was broken off, may have deleted ${who} whose role mappings it left behind: these are deleted.${now}`,
      );
    } else
      warnings.push(
        `Job ${id}, which was broken off, may have deleted ${who} whose role mappings it left behind: over this channel they stay. Over PostgreSQL they can be deleted.${now}`,
      );
  }
  return { ...(goneUsersIn.length > 0 && { goneUsersIn }), warnings };
}

/** As counted in the databases, where they can be asked. */
function leftNow(
  connector: Connector,
  { users, mappings }: { readonly users: number; readonly mappings: number },
): string {
  if (!connector.danglingMappings) return '';
  if (mappings === 0) return ' Now there are none.';
  return ` Now there are ${counted(mappings, 'role mapping', 'role mappings')} of ${counted(users, 'user who is gone', 'users who are gone')}.`;
}

/** What the session of a target is told about the work of a plan. */
export function applyTarget(
  snapshots: SnapshotStore,
  document: PlanDocument,
  signal: AbortSignal,
): ApplyTarget {
  const { target, summary, goneUsersIn } = document;
  const to = { realm: target.realm, mode: summary.mode };
  if (!goneUsersIn) return to;
  async function* all(): AsyncGenerator<readonly string[]> {
    for (const snapshot of goneUsersIn!) yield* usersOnlyIn(snapshots, snapshot, document, signal);
  }
  return { ...to, goneUsers: { [Symbol.asyncIterator]: all } };
}

function brokenOffAmidUsers(catalog: Catalog, undone: string, { environment, realm }: Target): Job[] {
  const first = catalog.jobs.get(undone);
  return catalog.jobs.list({ states: OPEN_STATES }).filter((job) => {
    const { id, createdAt, applying, undoneBy } = job;
    if (id === first.id || createdAt < first.createdAt || undoneBy !== undefined) return false;
    if (applying?.environment !== environment || applying.realm !== realm) return false;
    const written = writtenSoFar(catalog, job);
    return written !== undefined && mayLackMappings(written);
  });
}

/** Users are committed first. */
function mayLackMappings({ databases }: WrittenView): boolean {
  const outcomeOf = (service: string) =>
    databases.find(({ services }) => services.includes(service))?.outcome;
  const [users, mappings] = [outcomeOf('user'), outcomeOf('rbac')];
  return users !== undefined && users !== 'aborted' && mappings !== undefined && mappings !== 'committed';
}

function isThere(snapshots: SnapshotStore, id: string): boolean {
  try {
    snapshots.get(id);
    return true;
  } catch (error) {
    if (isAppError(error, 'NOT_FOUND')) return false;
    throw error;
  }
}

/** Ids of the snapshot's users whom the realm, when the plan has been carried out, will not have by these names. */
async function* usersOnlyIn(
  snapshots: SnapshotStore,
  snapshot: string,
  { policy, source }: Pick<PlanDraft, 'policy' | 'source'>,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  const { users: had } = snapshotSides(snapshots, snapshots.get(snapshot));
  if (!had) return;
  const { users } = policy.realm === 'remove' ? {} : snapshotSides(snapshots, snapshots.get(source.snapshot));
  for await (const stretch of compareSection(users ?? emptySide('users'), had, signal)) {
    if (stretch.kind === 'equal') continue;
    const ids = stretch.records.flatMap((d): string[] => {
      if (d.kind === 'removed') return [];
      const { id } = parseLine(d.right);
      const stays = d.kind !== 'added' && parseLine(d.left)['id'] === id;
      return typeof id === 'string' && !stays ? [id] : [];
    });
    if (ids.length > 0) yield ids;
  }
}
