import type { RouteCapabilities } from '../../connectors/connector.ts';
import type { SnapshotSides } from '../../compare/section-side.ts';
import { gather } from '../../compare/testing/gather.ts';
import { compareKeys } from '../../model/key-order.ts';
import type { CanonicalRecord } from '../../model/record.ts';
import type { Section } from '../../model/sections.ts';
import { claimOf, claimRecord, emailClaims, nameClaims } from '../claims.ts';
import { collisionOf, collisionRecord, findCollisions } from '../collisions.ts';
import {
  DEFAULT_POLICY,
  isPlanItem,
  type Collision,
  type PlanContext,
  type PlanEntry,
  type PlanItem,
  type PlanLookups,
  type PlanSummary,
  type Policy,
  type TakenIds,
} from '../plan.ts';
import { preparedPlan, type PlanSides } from '../plan-items.ts';
import { isOfNoRealm, leftoverCounts } from '../section-plan.ts';
import { createSummary } from '../summary.ts';
import { idWishes, TakenIdCollector } from '../taken-ids.ts';
import { documentedRoute } from './routes.ts';

export interface Planned {
  readonly context: PlanContext;
  readonly entries: readonly PlanEntry[];
  readonly items: readonly PlanItem[];
  readonly summary: PlanSummary;
  /** The same, as it is for whoever only writes. */
  readonly lean: readonly PlanEntry[];
  /** All entries from the same preparation. */
  readonly again: () => Promise<readonly PlanEntry[]>;
}

export interface PlanSetup {
  readonly target?: SnapshotSides;
  readonly source: SnapshotSides;
  readonly policy?: Partial<Policy>;
  /** The target is what a deleted realm left behind. */
  readonly leftovers?: true;
  readonly route?: RouteCapabilities;
  readonly targetRealm?: string;
  readonly targetFindings?: readonly string[];
  readonly lookups?: PlanLookups;
  /** Who has which ids (`Owners.ids`). */
  readonly holders?: (section: Section, ids: readonly string[]) => ReadonlyMap<string, Holder>;
}

interface Holder {
  readonly realm: string;
  readonly key: string;
}

/** Plans with collisions found as the engine finds them, but sorted in memory. No target: the realm does not exist. */
export async function plan(setup: PlanSetup): Promise<Planned> {
  const context: PlanContext = {
    policy: { ...DEFAULT_POLICY, ...setup.policy },
    route: setup.route ?? documentedRoute,
    ...(setup.targetFindings && { targetFindings: setup.targetFindings }),
    targetRealm: setup.targetRealm ?? 'shop',
    targetExists: setup.target !== undefined && setup.leftovers !== true,
    ...(isOfNoRealm(setup.source) && { sourceIsOfNoRealm: true }),
    ...(setup.leftovers && { targetLeftovers: leftoverCounts(setup.target ?? {}) }),
  };
  const sides = { target: setup.target ?? {}, source: setup.source };
  const emails = await collisions(emailClaims(context, sides));
  const names = await collisions(nameClaims(context, sides));
  const lookups: PlanLookups = {
    emailCollisions: () => batched(emails),
    nameCollisions: () => batched(names),
    ...(setup.holders && { takenIds: await taken(context, sides, setup.holders) }),
    ...setup.lookups,
  };
  const prepared = preparedPlan(context, sides, lookups);
  const entries = await gather(prepared.entries());
  const summary = createSummary(context);
  summary.add(entries);
  const planned = { context, entries, items: entries.filter(isPlanItem), summary: summary.finish() };
  return {
    ...planned,
    lean: await gather(prepared.entries({ lean: true })),
    again: () => gather(prepared.entries()),
  };
}

async function taken(
  context: PlanContext,
  sides: PlanSides,
  holders: NonNullable<PlanSetup['holders']>,
): Promise<TakenIds> {
  const collector = new TakenIdCollector(context, sides);
  for await (const { section, wishes } of idWishes(context, sides))
    await collector.add(
      section,
      wishes,
      holders(
        section,
        wishes.map(({ id }) => id),
      ),
    );
  return collector.finish();
}

export function itemAt(planned: Planned, section: Section, key: string): PlanItem | undefined {
  return planned.items.find((item) => item.section === section && item.key === key);
}

async function collisions(claims: ReturnType<typeof emailClaims>): Promise<Collision[]> {
  const sortedClaims = sorted((await gather(claims)).map(claimRecord)).map(claimOf);
  const found = await gather(findCollisions(batched(sortedClaims)));
  return sorted(found.map(collisionRecord)).map(collisionOf);
}

function sorted(records: readonly CanonicalRecord[]): CanonicalRecord[] {
  return [...records].sort((a, b) => compareKeys(a.key, b.key));
}

export async function* batched<T>(all: readonly T[]): AsyncIterable<readonly T[]> {
  for (let at = 0; at < all.length; at += 2) yield all.slice(at, at + 2);
}
