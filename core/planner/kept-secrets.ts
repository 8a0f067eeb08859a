import { own } from '../compare/member-changes.ts';
import type { JsonObject } from '../model/record.ts';
import { holdsHidden, withHiddenFrom } from './hidden-values.ts';
import type { PlanNote } from './plan.ts';
import type { SectionPlan } from './section-plan.ts';

export interface WithKept {
  readonly source: JsonObject;
  readonly notes: readonly PlanNote[];
}

/**
 * What a record that returns with an overwritten realm is created from: the source's, with those secrets of the target
 * that the source does not hold, where the route can write them back. Secrets that the source knows not to exist are
 * gone.
 */
export function withKeptSecrets(plan: SectionPlan, target: JsonObject, source: JsonObject): WithKept {
  if (plan.capabilities.overwriteLosesSecrets) return { source, notes: [] };
  const filled = withHiddenFilled(target, source);
  const hash = plan.section === 'clients' ? keptSecretHash(plan, target, source) : undefined;
  if (hash === undefined) return { source: filled, notes: [] };
  return { source: { ...filled, secretHash: hash }, notes: [{ kind: 'client-secret-kept' }] };
}

/** Secrets inside of other members, such as the password of the mail server. */
function withHiddenFilled(target: JsonObject, source: JsonObject): JsonObject {
  let filled = source;
  for (const [name, value] of Object.entries(source)) {
    if (!holdsHidden(value)) continue;
    const whole = withHiddenFrom(own(target, name), value);
    if (whole !== undefined) filled = { ...filled, [name]: whole };
  }
  return filled;
}

/** A client's secret may be known in another form than it can be written in, and then the target's stays as well. */
function keptSecretHash(plan: SectionPlan, target: JsonObject, source: JsonObject): string | undefined {
  const there = own(target, 'secretHash');
  if (typeof there !== 'string' || !isSettable(plan, 'secretHash')) return undefined;
  const names = ['secretHash', 'clientSecret'] as const;
  if (names.some((name) => typeof own(source, name) === 'string' && isSettable(plan, name))) return undefined;
  const knownToBeNone =
    names.every((name) => (own(source, name) ?? null) === null) && knowsSecrets(plan, source);
  return knownToBeNone ? undefined : there;
}

function knowsSecrets({ sourceKnows }: SectionPlan, source: JsonObject): boolean {
  return ['secretHash', 'clientSecret'].some((name) => sourceKnows.has(name) || own(source, name) === null);
}

function isSettable({ route }: SectionPlan, name: string): boolean {
  return route.createMembers !== 'all' && route.createMembers.includes(name);
}
