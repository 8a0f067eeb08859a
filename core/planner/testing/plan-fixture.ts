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
} from '../plan.ts';
import { planItems } from '../plan-items.ts';
import { createSummary } from '../summary.ts';
import { documentedRoute } from './routes.ts';

export interface Planned {
  readonly context: PlanContext;
  readonly entries: readonly PlanEntry[];
  readonly items: readonly PlanItem[];
  readonly summary: PlanSummary;
}

export interface PlanSetup {
  readonly target?: SnapshotSides;
  readonly source: SnapshotSides;
  readonly policy?: Partial<Policy>;
  readonly route?: RouteCapabilities;
  readonly targetRealm?: string;
  readonly lookups?: PlanLookups;
}

/** Plans with collisions found as the engine finds them, but sorted in memory. No target: the realm does not exist. */
export async function plan(setup: PlanSetup): Promise<Planned> {
  const context: PlanContext = {
    policy: { ...DEFAULT_POLICY, ...setup.policy },
    route: setup.route ?? documentedRoute,
    targetRealm: setup.targetRealm ?? 'shop',
    targetExists: setup.target !== undefined,
  };
  const sides = { target: setup.target ?? {}, source: setup.source };
  const emails = await collisions(emailClaims(context, sides));
  const names = await collisions(nameClaims(context, sides));
  const lookups: PlanLookups = {
    emailCollisions: () => batched(emails),
    nameCollisions: () => batched(names),
    ...setup.lookups,
  };
  const entries = await gather(planItems(context, sides, lookups));
  const summary = createSummary(context);
  summary.add(entries);
  return { context, entries, items: entries.filter(isPlanItem), summary: summary.finish() };
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
