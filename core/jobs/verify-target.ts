import type { FoundAgain } from '../../contract/found-again.ts';
import type { FoundFailures } from '../catalog/jobs/job.ts';
import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import { compareSection } from '../compare/compare-section.ts';
import type { SnapshotSides } from '../compare/section-side.ts';
import type { Connector, IssuedKey, RouteCapabilities } from '../connectors/connector.ts';
import { displayKey } from '../model/natural-key.ts';
import { parseLine } from '../model/exact-json.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import { ID_SECTIONS } from '../planner/ids.ts';
import type { PlanSummary } from '../planner/plan.ts';
import { survives } from '../planner/section-plan.ts';
import { unverifiable, verifyApplied, type Deviation } from '../planner/verify-applied.ts';
import { captureLeftovers } from './capture.ts';
import { mappingsLeftBehind } from './dangling-mappings.ts';
import type { DerivedPlan } from './derive-plan.ts';
import { PhaseMeter, type JobContext } from './job-context.ts';
import type { PlanDocument } from './plan-document.ts';
import { snapshotSides } from './snapshot-sides.ts';

export interface Verification {
  readonly count: number;
  /** The first hundred. */
  readonly first: readonly {
    readonly section: Section;
    readonly key: string;
    readonly kind: string;
    readonly members: readonly string[];
  }[];
  /** What stands there of the records that failed; nothing of one of which that could not be known. */
  readonly found: FoundFailures;
  /** Sections that were written and cannot be read back over this route. */
  readonly unverifiable: readonly Section[];
  /** Users whom the apply deleted while role mappings of theirs stayed; each is among the deviations. */
  readonly left?: { readonly users: number; readonly mappings: number };
}

const SHOWN = 100;

/** Holds the target, captured again, against what the plan promised. */
export async function verifyTarget(
  job: JobContext,
  snapshots: SnapshotStore,
  applied: {
    connector: Connector;
    derived: DerivedPlan;
    summary: PlanSummary;
    after: SnapshotManifest;
    failed: (section: Section, key: string) => boolean;
    /** Records that stand there under keys which the server gave them. */
    issued?: readonly IssuedKey[];
    /** The snapshot that the target was brought back to: then ids are held against it as well. */
    idsOf?: string;
  },
): Promise<Verification> {
  const { connector, derived, summary, after, failed, issued = [] } = applied;
  const sides = snapshotSides(snapshots, after);
  const meter = new PhaseMeter(job, 'Verifying', 'items');
  const first: Deviation[] = [];
  const found = new Map<string, FoundAgain>();
  let count = 0;
  const deviations = verifyApplied({
    context: derived.context,
    before: derived.sides.target,
    after: sides,
    entries: metered(),
    failed,
    onFailed: (section, key, standing) => found.set(`${section}/${key}`, standing),
    issued: (section) =>
      new Map(issued.flatMap((of) => (of.section === section ? [[of.key, of.issued]] : []))),
    signal: job.signal,
  });
  for await (const batch of deviations) {
    count += batch.length;
    first.push(...batch.slice(0, SHOWN - first.length));
  }
  if (applied.idsOf !== undefined) {
    const before = snapshotSides(snapshots, snapshots.get(applied.idsOf));
    for await (const { section, key } of otherIds(before, sides, derived.context.route, job.signal)) {
      count++;
      if (first.length < SHOWN) first.push({ section, key, kind: 'differs', changes: [{ member: 'id' }] });
    }
  }
  const left = { users: 0, mappings: 0 };
  // Where nobody was deleted, nobody's mappings can be left.
  if ((summary.sections.users?.delete ?? 0) > 0)
    for await (const of of mappingsLeftBehind(
      connector,
      { before: derived.sides.target, after: sides },
      job.signal,
    )) {
      if (failed('users', of.username)) continue;
      count++;
      left.users++;
      left.mappings += of.count;
      const changes = [{ member: 'roles' }];
      if (first.length < SHOWN)
        first.push({ section: 'users', key: of.username, kind: 'unexpected', changes });
    }
  return {
    count,
    first: first.map(shown),
    found,
    unverifiable: unverifiable(summary, sides),
    ...(left.users > 0 && { left }),
  };

  async function* metered() {
    for await (const entries of derived.entries()) {
      meter.advance(entries.length);
      yield entries;
    }
  }
}

function shown({ section, key, kind, changes }: Deviation) {
  return { section, key: displayKey(key), kind, members: changes.map(({ member }) => member) };
}

/**
 * Records on both sides whose ids differ: a comparison leaves ids out, but what refers to a user or a client by id wants
 * the old one back. Where the route cannot write ids, none are told.
 */
async function* otherIds(
  before: SnapshotSides,
  after: SnapshotSides,
  route: RouteCapabilities,
  signal: AbortSignal,
): AsyncGenerator<{ readonly section: Section; readonly key: string }> {
  for (const section of ID_SECTIONS) {
    const { createMembers } = route.sections[section];
    const [left, right] = [before[section], after[section]];
    if (!left || !right || (createMembers !== 'all' && !createMembers.includes('id'))) continue;
    for await (const stretch of compareSection(left, right, signal)) {
      if (stretch.kind === 'equal') continue;
      for (const d of stretch.records) {
        if (d.kind === 'added' || d.kind === 'removed') continue;
        const [was, is] = [parseLine(d.left)['id'], parseLine(d.right)['id']];
        if (was !== undefined && was !== is) yield { section, key: d.key };
      }
    }
  }
}

const NOTHING_FAILED: FoundFailures = new Map();

/** That nothing of this name is left, as far as the route can see. */
export async function verifyRemoved(
  job: JobContext,
  snapshots: SnapshotStore,
  connector: Connector,
  { target: { environment, realm }, route }: PlanDocument,
): Promise<Verification> {
  if (await connector.realmExists(realm, job.signal))
    return {
      count: 1,
      first: [{ section: 'realm', key: realm, kind: 'unexpected', members: [] }],
      found: NOTHING_FAILED,
      unverifiable: [],
    };
  if (!route.seesLeftovers) return { count: 0, first: [], found: NOTHING_FAILED, unverifiable: [] };
  const left = await captureLeftovers(job, connector, snapshots, {
    environment,
    realm,
    purpose: 'verification',
  });
  const counts = SECTIONS.flatMap((section) => {
    if (survives(route, section)) return [];
    const count = left?.summaries[section]?.count ?? 0;
    return count === 0 ? [] : [{ section, count }];
  });
  return {
    count: counts.reduce((sum, { count }) => sum + count, 0),
    first: counts.map(({ section }) => ({ section, key: '*', kind: 'unexpected', members: [] })),
    found: NOTHING_FAILED,
    unverifiable: [],
  };
}
