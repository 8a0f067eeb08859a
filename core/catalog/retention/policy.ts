import type { RetentionPolicy, RetentionReason } from '../../../contract/retention.ts';
import type { SnapshotManifest } from '../../model/snapshot.ts';
import { before } from './duration.ts';
import { periodsIn } from './periods.ts';

/** A snapshot as far as a policy looks at it. */
export type Candidate = Pick<
  SnapshotManifest,
  'id' | 'environment' | 'realm' | 'finishedAt' | 'purpose' | 'complete' | 'pinned' | 'tags'
>;

export interface Scope {
  readonly environment?: string | undefined;
  readonly realm?: string | undefined;
  readonly tag?: string | undefined;
}

export interface RetentionRequest {
  readonly scope: Scope;
  readonly policy: RetentionPolicy;
  readonly now: Date;
  /** Why snapshots must stay whatever the policy says, by id. */
  readonly holds: ReadonlyMap<string, readonly RetentionReason[]>;
}

export interface Verdict {
  readonly snapshot: Candidate;
  readonly keep: boolean;
  readonly reasons: readonly RetentionReason[];
}

export interface RetainedGroup {
  readonly environment?: string;
  readonly realm: string;
  /** Newest first. */
  readonly verdicts: readonly Verdict[];
  /** Of the backups that this realm has, none would stay: not one that is whole, where it has any. */
  readonly emptied: boolean;
}

export interface Retention {
  readonly groups: readonly RetainedGroup[];
  /** Tags to keep by that no snapshot has. */
  readonly unknownTags: readonly string[];
}

/** Clocks of machines that share a catalog differ by less. Milliseconds. */
const TOLERANCE = 5 * 60_000;
/** How long previews' and verifications' snapshots are worth a look. */
const RECENT = '14d';

/**
 * Judges every snapshot in the scope: pure, the same for the same input.
 *
 * Newest is what was stored last, as `latest:` has it, whatever a clock said; periods go by the time that is written on the
 * snapshot. One from a time that has not come is kept and counted nowhere: it would push out those whose time is right.
 * Snapshots that are not whole are counted apart, by the same numbers, so that none stands in the place of one that is.
 * Those taken around a job or a preview are not counted at all: they go when they have become old.
 *
 * @param candidates all snapshots outside the trash, newest first: also those out of scope, which may be what a realm has left
 */
export function retain(candidates: readonly Candidate[], request: RetentionRequest): Retention {
  const byRealm = Map.groupBy(candidates, ({ environment, realm }) =>
    JSON.stringify([environment ?? null, realm]),
  );
  const groups = [...byRealm.values()]
    .map((group) => judge(group, request))
    .filter(({ verdicts }) => verdicts.length > 0);
  const tags = new Set(groups.flatMap(({ verdicts }) => verdicts.flatMap(({ snapshot }) => snapshot.tags)));
  return { groups, unknownTags: request.policy.keepTags.filter((tag) => !tags.has(tag)) };
}

function judge(group: readonly Candidate[], request: RetentionRequest): RetainedGroup {
  const [{ environment, realm }] = group as [Candidate];
  const judged = group.filter((snapshot) => isIn(request.scope, snapshot));
  const reasons = new Map(judged.map((snapshot) => [snapshot.id, ownReasons(snapshot, request)] as const));
  const counted = judged.filter((snapshot) => isListed(snapshot) && !isFuture(snapshot, request.now));
  for (const complete of [true, false])
    addCounted(
      reasons,
      counted.filter((snapshot) => snapshot.complete === complete),
      request.policy,
    );
  const verdicts = judged.map((snapshot): Verdict => {
    const found = reasons.get(snapshot.id)!;
    if (found.length > 0) return { snapshot, keep: true, reasons: found };
    return { snapshot, keep: false, reasons: [{ rule: isListed(snapshot) ? 'unmatched' : 'outlived' }] };
  });
  const gone = new Set(verdicts.filter(({ keep }) => !keep).map(({ snapshot }) => snapshot.id));
  return {
    ...(environment !== undefined && { environment }),
    realm,
    verdicts,
    emptied: isEmptied(group, gone),
  };
}

/** What keeps a snapshot, whichever others there are. */
function ownReasons(
  snapshot: Candidate,
  { policy, now, holds }: Omit<RetentionRequest, 'scope'>,
): RetentionReason[] {
  const { id, pinned, tags, purpose, finishedAt } = snapshot;
  const isAfter = (duration: string) => Date.parse(finishedAt) >= before(now, duration).getTime();
  return [
    ...(pinned ? [{ rule: 'pinned' as const }] : []),
    ...(holds.get(id) ?? []),
    ...policy.keepTags
      .filter((tag) => tags.includes(tag))
      .map((tag) => ({ rule: 'tag' as const, period: tag })),
    ...(isFuture(snapshot, now) ? [{ rule: 'future' as const }] : []),
    ...(purpose === 'safety' && isAfter(policy.keepSafety) ? [{ rule: 'safety' as const }] : []),
    ...((purpose === 'target' || purpose === 'verification') && isAfter(RECENT)
      ? [{ rule: 'recent' as const }]
      : []),
  ];
}

/** What keeps a snapshot among others of its kind. @param snapshots newest first */
function addCounted(
  reasons: ReadonlyMap<string, RetentionReason[]>,
  snapshots: readonly Candidate[],
  policy: RetentionPolicy,
): void {
  const { hour, day, week, month, year } = periodsIn(policy.timeZone);
  const rules = [
    { rule: 'last', count: policy.keepLast, periodOf: undefined },
    { rule: 'hourly', count: policy.keepHourly, periodOf: hour },
    { rule: 'daily', count: policy.keepDaily, periodOf: day },
    { rule: 'weekly', count: policy.keepWeekly, periodOf: week },
    { rule: 'monthly', count: policy.keepMonthly, periodOf: month },
    { rule: 'yearly', count: policy.keepYearly, periodOf: year },
  ] as const;
  for (const { rule, count, periodOf } of rules) {
    const seen = new Set<string>();
    for (const { id, finishedAt } of snapshots) {
      const period = periodOf?.(finishedAt);
      const known = seen.has(period ?? id);
      if (!known && seen.size === count) break;
      seen.add(period ?? id);
      if (!known) reasons.get(id)!.push({ rule, ...(period !== undefined && { period }) });
    }
  }
  const { keepWithin } = policy;
  if (keepWithin === undefined || snapshots.length === 0) return;
  const newest = snapshots.reduce((latest, { finishedAt }) => Math.max(latest, Date.parse(finishedAt)), 0);
  const from = before(new Date(newest), keepWithin).getTime();
  for (const { id, finishedAt } of snapshots)
    if (Date.parse(finishedAt) >= from) reasons.get(id)!.push({ rule: 'within' });
}

function isIn({ environment, realm, tag }: Scope, snapshot: Candidate): boolean {
  return (
    (environment === undefined || snapshot.environment === environment) &&
    (realm === undefined || snapshot.realm === realm) &&
    (tag === undefined || snapshot.tags.includes(tag))
  );
}

/** What people made to keep, as against what was taken around a job. */
function isListed({ purpose }: Candidate): boolean {
  return purpose === 'backup' || purpose === 'import';
}

function isFuture({ finishedAt }: Candidate, now: Date): boolean {
  return Date.parse(finishedAt) > now.getTime() + TOLERANCE;
}

function isEmptied(group: readonly Candidate[], gone: ReadonlySet<string>): boolean {
  const listed = group.filter(isListed);
  const whole = listed.filter(({ complete }) => complete);
  const counts = whole.length > 0 ? whole : listed;
  return counts.length > 0 && counts.every(({ id }) => gone.has(id));
}
