import type { RetentionPolicy, RetentionReason } from '../../../contract/retention.ts';
import { seriesKey, seriesOf, takenAt, type Series } from '../../../contract/series.ts';
import type { Section } from '../../model/sections.ts';
import type { SnapshotManifest } from '../../model/snapshot.ts';
import { after, before } from './duration.ts';
import { periodsIn } from './periods.ts';

/** A snapshot as far as a policy looks at it. */
export type Candidate = Pick<
  SnapshotManifest,
  | 'id'
  | 'environment'
  | 'realm'
  | 'finishedAt'
  | 'archived'
  | 'pseudonymized'
  | 'purpose'
  | 'complete'
  | 'inconsistent'
  | 'sections'
  | 'pinned'
  | 'tags'
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
  readonly series: Series;
  /** Newest first. */
  readonly verdicts: readonly Verdict[];
  /** Of the backups that this realm has, none would stay: not one that is whole, where it has any. */
  readonly emptied: boolean;
  /** The newest backup that would go although none that stays has all that it has. */
  readonly irreplaceable?: Candidate;
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
/** How long what an archive brought stays, so that nobody loses what was fetched a moment ago, however old it is. */
const IMPORTED = '14d';

/**
 * Judges every snapshot in the scope: pure, the same for the same input.
 *
 * Newest is what was stored last, as `latest:` has it, whatever a clock said; periods go by the time that is written on the
 * snapshot. Of what archives brought, both go by the time that the archive tells: the order of imports says nothing. One from
 * a time that has not come is kept and counted nowhere: it would push out those whose time is right.
 *
 * A snapshot gives way only to those that have all that it has: the same numbers are counted anew for those that have what
 * others lack, so that a backup without password hashes never stands in the place of one with them. Those that are not
 * whole are counted apart. Those taken around a job or a preview are not counted at all: they go when they have become old.
 *
 * @param candidates all snapshots outside the trash, in the order stored, newest first: also those out of scope, which may
 *   be what a realm has left
 */
export function retain(candidates: readonly Candidate[], request: RetentionRequest): Retention {
  const groups = [...Map.groupBy(candidates, seriesKey).values()]
    .map((group) => judge(newestFirst(group), request))
    .filter(({ verdicts }) => verdicts.length > 0);
  const tags = new Set(groups.flatMap(({ verdicts }) => verdicts.flatMap(({ snapshot }) => snapshot.tags)));
  return { groups, unknownTags: request.policy.keepTags.filter((tag) => !tags.has(tag)) };
}

/** @param group in the order stored */
function newestFirst(group: readonly Candidate[]): readonly Candidate[] {
  return group[0]?.archived ? group.toSorted((a, b) => takenTime(b) - takenTime(a)) : group;
}

function judge(group: readonly Candidate[], request: RetentionRequest): RetainedGroup {
  const judged = group.filter((snapshot) => isIn(request.scope, snapshot));
  const reasons = new Map(judged.map((snapshot) => [snapshot.id, ownReasons(snapshot, request)] as const));
  const counted = judged.filter((snapshot) => isListed(snapshot) && !isFuture(snapshot, request.now));
  for (const complete of [true, false])
    addForContents(
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
  const backups = thoseThatCount(group);
  const left = backups.filter(({ id }) => !gone.has(id));
  const irreplaceable = backups.find(
    (one) => gone.has(one.id) && !left.some((other) => standsFor(other, one)),
  );
  return {
    series: seriesOf(group[0]!),
    verdicts,
    emptied: backups.length > 0 && left.length === 0,
    ...(irreplaceable && { irreplaceable }),
  };
}

/** What keeps a snapshot, whichever others there are. */
function ownReasons(
  snapshot: Candidate,
  { policy, now, holds }: Omit<RetentionRequest, 'scope'>,
): RetentionReason[] {
  const { id, pinned, tags, purpose, finishedAt, archived } = snapshot;
  const keptFor = (rule: 'safety' | 'recent' | 'imported', duration: string): RetentionReason[] =>
    Date.parse(finishedAt) >= before(now, duration).getTime()
      ? [{ rule, until: after(new Date(finishedAt), duration).toISOString() }]
      : [];
  return [
    ...(pinned ? [{ rule: 'pinned' as const }] : []),
    ...(holds.get(id) ?? []),
    ...policy.keepTags
      .filter((tag) => tags.includes(tag))
      .map((tag) => ({ rule: 'tag' as const, period: tag })),
    ...(isFuture(snapshot, now) ? [{ rule: 'future' as const }] : []),
    ...(purpose === 'safety' ? keptFor('safety', policy.keepSafety) : []),
    ...(purpose === 'target' || purpose === 'verification' ? keptFor('recent', RECENT) : []),
    ...(archived ? keptFor('imported', IMPORTED) : []),
  ];
}

/** Counts for each kind of contents those that have them all, and keeps of these what has no more than them. */
function addForContents(
  reasons: ReadonlyMap<string, RetentionReason[]>,
  snapshots: readonly Candidate[],
  policy: RetentionPolicy,
): void {
  for (const alike of Map.groupBy(snapshots, contentsKey).values()) {
    const [one] = alike as [Candidate];
    const having = one.sections.filter((section) => !snapshots.every((other) => has(other, section)));
    const standing = snapshots.filter((other) => standsFor(other, one));
    addCounted(reasons, { standing, alike: new Set(alike), having }, policy);
  }
}

interface Counted {
  /** Newest first; those that the numbers are counted of. */
  readonly standing: readonly Candidate[];
  /** Those among them that get the reasons: the others have theirs by the same rules, having more. */
  readonly alike: ReadonlySet<Candidate>;
  /** What they have that not all others have. */
  readonly having: readonly Section[];
}

/** What keeps a snapshot among others of its kind. */
function addCounted(
  reasons: ReadonlyMap<string, RetentionReason[]>,
  { standing, alike, having }: Counted,
  policy: RetentionPolicy,
): void {
  const add = (snapshot: Candidate, reason: RetentionReason): void => {
    if (alike.has(snapshot))
      reasons.get(snapshot.id)!.push({ ...reason, ...(having.length > 0 && { having: [...having] }) });
  };
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
    for (const snapshot of standing) {
      const period = periodOf?.(takenAt(snapshot));
      const known = seen.has(period ?? snapshot.id);
      if (!known && seen.size === count) break;
      seen.add(period ?? snapshot.id);
      if (!known) add(snapshot, { rule, ...(period !== undefined && { period }) });
    }
  }
  const { keepWithin } = policy;
  if (keepWithin === undefined || standing.length === 0) return;
  const newest = standing.reduce((latest, snapshot) => Math.max(latest, takenTime(snapshot)), -Infinity);
  const from = before(new Date(newest), keepWithin).getTime();
  for (const snapshot of standing) if (takenTime(snapshot) >= from) add(snapshot, { rule: 'within' });
}

/** Whether nothing is lost of a snapshot as long as there is the other, but what changed between them. */
function standsFor(other: Candidate, one: Candidate): boolean {
  return (
    other.complete === one.complete &&
    (other.inconsistent === undefined || one.inconsistent !== undefined) &&
    one.sections.every((section) => has(other, section))
  );
}

function contentsKey({ inconsistent, sections }: Candidate): string {
  return JSON.stringify([inconsistent === undefined, sections.toSorted()]);
}

function has({ sections }: Candidate, section: Section): boolean {
  return sections.includes(section);
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

function isFuture(snapshot: Candidate, now: Date): boolean {
  return takenTime(snapshot) > now.getTime() + TOLERANCE;
}

/** Milliseconds. */
function takenTime(snapshot: Candidate): number {
  return Date.parse(takenAt(snapshot));
}

/** The backups that a realm must not be left without: the whole ones, where it has any. */
function thoseThatCount(group: readonly Candidate[]): readonly Candidate[] {
  const listed = group.filter(isListed);
  const whole = listed.filter(({ complete }) => complete);
  return whole.length > 0 ? whole : listed;
}
