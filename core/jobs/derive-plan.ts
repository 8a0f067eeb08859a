import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import type { SnapshotSides } from '../compare/section-side.ts';
import type { ApplyItem, LooseSection } from '../connectors/connector.ts';
import { applyItemOf, singleItemsOf } from '../planner/apply-item.ts';
import { naturalKey } from '../model/natural-key.ts';
import { NOT_ASKED_FOR, type Missing, type SnapshotManifest } from '../model/snapshot.ts';
import {
  isPlanItem,
  type PlanContext,
  type PlanEntry,
  type PlanItem,
  type PlanLookups,
  type PlanSummary,
} from '../planner/plan.ts';
import { preparedPlan } from '../planner/plan-items.ts';
import { isOfNoRealm, leftoverCounts, planMode, type PlanMode } from '../planner/section-plan.ts';
import { createSummary } from '../planner/summary.ts';
import { collisionsOf } from './collisions.ts';
import type { JobContext } from './job-context.ts';
import type { PlanDraft } from './plan-document.ts';
import { snapshotSides } from './snapshot-sides.ts';

/** A plan's items, derived from what the plan was made from, as often as they are needed. */
export interface DerivedPlan {
  readonly context: PlanContext;
  readonly sides: { readonly target: SnapshotSides; readonly source: SnapshotSides };
  /** Notices, then items in the order of sections and keys, in bounded batches. Lean: see `preparedPlan`. */
  entries(): AsyncIterable<readonly PlanEntry[]>;
  /** All that is to be told of them. */
  items(): AsyncIterable<readonly PlanItem[]>;
  /** What is to be written, in order. */
  writes(): AsyncIterable<readonly ApplyItem[]>;
  /** @param onEntries is shown every batch */
  summarize(onEntries?: (batch: readonly PlanEntry[]) => void | Promise<void>): Promise<PlanSummary>;
}

/**
 * What the items of a plan follow from; the same draft gives the same items.
 *
 * @param known the sides of another plan from the same snapshots: what was found out about them need not be found again
 */
export function derivePlan(
  job: JobContext,
  catalog: { readonly snapshots: SnapshotStore; readonly stagingDir: string },
  draft: PlanDraft,
  known?: DerivedPlan['sides'],
): DerivedPlan {
  const { snapshots, stagingDir } = catalog;
  const { policy, route, target, clientIdOwners, socialLinkOwners, takenIds, sameKeys, issuedAs } = draft;
  const removes = policy.realm === 'remove';
  const sides = known ?? {
    source: removes ? {} : snapshotSides(snapshots, snapshots.get(draft.source.snapshot)),
    target: target.snapshot === undefined ? {} : snapshotSides(snapshots, snapshots.get(target.snapshot)),
  };
  const lacks = removes ? [] : lackedBy(snapshots.get(draft.source.snapshot));
  const context: PlanContext = {
    policy,
    route,
    targetRealm: target.realm,
    targetExists: target.exists,
    ...(!removes && snapshots.get(draft.source.snapshot).inconsistent && { sourceInDoubt: true }),
    ...(lacks.length > 0 && { sourceLacks: lacks }),
    ...(isOfNoRealm(sides.source) && { sourceIsOfNoRealm: true }),
    ...(!target.exists && { targetLeftovers: leftoverCounts(sides.target) }),
    ...(target.snapshot !== undefined && { targetFindings: snapshots.get(target.snapshot).warnings }),
  };
  const search = { stagingDir, context, sides, signal: job.signal };
  const lookups: PlanLookups = {
    emailCollisions: collisionsOf('email', search),
    nameCollisions: collisionsOf('name', search),
    clientIdOwner: (clientId) => own(clientIdOwners, clientId),
    socialLinkOwner: (provider, providerUserId) =>
      socialLinkOwners === 'all'
        ? 'another realm'
        : own(socialLinkOwners, naturalKey('socialLinks', { provider, providerUserId })),
    ...(takenIds && { takenIds }),
    ...(sameKeys && {
      sameKey(section: LooseSection, key: string) {
        const keys = sameKeys[section] ?? {};
        return keys === 'all' ? 'another one' : own(keys, key);
      },
    }),
    ...(issuedAs && issuedLookups(issuedAs)),
  };
  const plan = preparedPlan(context, sides, lookups, job.signal);
  const entries = () => plan.entries({ lean: true });

  /**
   * Over a route that deletes record by record, deletions first: what they free can be taken by what is written. A realm
   * that is not to be there any more goes last: where the work breaks off, it can still be seen.
   */
  async function* singly(mode: PlanMode): AsyncGenerator<readonly ApplyItem[]> {
    const last: ApplyItem[] = [];
    const deletes = mode === 'overwrite' || mode === 'remove' || policy.extra === 'delete';
    for (const pass of deletes ? (['deletion', 'writing'] as const) : (['writing'] as const))
      for await (const batch of entries()) {
        const items = batch
          .filter(isPlanItem)
          .flatMap((item) => singleItemsOf(item, mode, route)[pass] ?? []);
        const now = items.filter((item) => !isRealmDeletion(item));
        if (now.length < items.length) last.push(...items.filter(isRealmDeletion));
        if (now.length > 0) yield now;
      }
    if (last.length > 0) yield last;
  }

  return {
    context,
    sides,
    entries,
    async *items() {
      for await (const batch of plan.entries()) yield batch.filter(isPlanItem);
    },
    async *writes() {
      const mode = planMode(context);
      if (route.survivors) {
        yield* singly(mode);
        return;
      }
      for await (const batch of entries()) {
        const writes = batch.filter(isPlanItem).flatMap((item) => applyItemOf(item, mode) ?? []);
        if (writes.length > 0) yield writes;
      }
    },
    async summarize(onEntries) {
      const summary = createSummary(context);
      for await (const batch of entries()) {
        summary.add(batch);
        await onEntries?.(batch);
      }
      return summary.finish();
    },
  };
}

/** What is not in a file, nobody declared; what was not asked for, nobody wanted. */
function lackedBy({ channel, missing }: SnapshotManifest): Missing[] {
  return channel === 'file' ? [] : missing.filter(({ reason }) => reason !== NOT_ASKED_FOR);
}

/** The writes, to be iterated as often as a session wants. */
export function repeatedly(derived: DerivedPlan): ReturnType<DerivedPlan['writes']> {
  return { [Symbol.asyncIterator]: () => derived.writes()[Symbol.asyncIterator]() };
}

function isRealmDeletion({ section, action }: ApplyItem): boolean {
  return section === 'realm' && action === 'delete';
}

/** Both ways: which one of the target's was created for a client of the source, and for which one it was. */
function issuedLookups(
  issuedAs: Readonly<Record<string, string>>,
): Pick<PlanLookups, 'issuedAs' | 'issuedFor'> {
  const sources = new Map(Object.entries(issuedAs).map(([key, issued]) => [issued, key]));
  return { issuedAs: (clientId) => own(issuedAs, clientId), issuedFor: (clientId) => sources.get(clientId) };
}

/** What is in it by this name; not what every object has ("constructor"). */
function own(record: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
