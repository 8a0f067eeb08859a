import type { Difference } from '../compare/difference.ts';
import { parseLine } from '../model/exact-json.ts';
import type { JsonObject } from '../model/record.ts';
import { clientSecretState } from '../model/secret.ts';
import { withEnabledFate } from './enabled-there.ts';
import { leftOut, withLoss, withNotes } from './items.ts';
import { sameKey } from './same-keys.ts';
import type { PlanEntry, PlanItem } from './plan.ts';
import { sectionPlan, type PlanInputs, type SectionPlan } from './section-plan.ts';
import { stretchesOf, walkSection } from './walk-section.ts';

/** Clients, whose ids are unique over all realms of a server, and whose secrets may be lost. */
export async function* planClients(inputs: PlanInputs): AsyncIterable<readonly PlanEntry[]> {
  const plan = sectionPlan(inputs, 'clients');
  if (plan.route.createUnderNewKey) {
    yield* planIssuedClients(inputs, plan);
    return;
  }
  yield* walkSection(plan, stretchesOf(plan, inputs.signal), async (decided, d) => {
    if (!decided.write) return withEnabledFate(plan, decided, d);
    const realm = d.kind === 'added' ? await inputs.lookups.clientIdOwner?.(d.key) : undefined;
    if (realm !== undefined)
      return leftOut(plan, d, plan.policy.conflicts, { reason: 'client-id-taken', other: realm });
    const twin = sameKey(inputs, plan, decided);
    if (twin !== undefined)
      return leftOut(plan, d, plan.policy.conflicts, { reason: 'same-key-there', other: twin });
    return withEnabledFate(plan, withSecretsFate(plan, decided, d), d);
  });
}

/**
 * Over a route whose server gives every client an id and a secret of its own. What was created for a client of the source
 * before is not created again.
 */
async function* planIssuedClients(
  inputs: PlanInputs,
  plan: SectionPlan,
): AsyncIterable<readonly PlanEntry[]> {
  // The server demands a name.
  const named: SectionPlan = {
    ...plan,
    prepare: (source) => (isNamed(source) ? source : { ...source, name: source['clientId']! }),
  };
  yield* walkSection(named, stretchesOf(plan, inputs.signal), (decided, d) => {
    // It is told of, once, where the source's stands; and were it deleted, there would be none.
    if (d.kind === 'removed' && inputs.lookups.issuedFor?.(d.key) !== undefined) return undefined;
    if (d.kind !== 'added') return withEnabledFate(plan, decided, d);
    if (decided.action === 'create') return issuedClient(inputs, plan, decided, d);
    if (decided.reason !== 'route-cannot') return decided;
    const decision = plan.policy.issuedClients === 'leave' ? 'skip' : plan.policy.unsupported;
    return leftOut(plan, d, decision, { reason: 'key-is-issued' });
  });
}

function issuedClient(inputs: PlanInputs, plan: SectionPlan, decided: PlanItem, d: Difference): PlanItem {
  const before = inputs.lookups.issuedAs?.(d.key);
  if (before !== undefined) return leftOut(plan, d, 'skip', { reason: 'issued-before', other: before });
  const issued: PlanItem = { ...decided, reason: 'key-is-issued', underNewKey: true };
  return withEnabledFate(plan, withNotes(issued, [{ kind: 'new-key' }]), d);
}

function isNamed({ name }: JsonObject): boolean {
  return typeof name === 'string' && name.trim() !== '';
}

function withSecretsFate(plan: SectionPlan, decided: PlanItem, d: Difference): PlanItem {
  const write = decided.write!;
  if (d.kind === 'added') {
    const issued = isConfidential(write) && clientSecretState(write) !== 'present';
    return issued
      ? withNotes(decided, [
          { kind: plan.capabilities.channel === 'postgres' ? 'no-client-secret' : 'new-client-secret' },
        ])
      : decided;
  }
  if (d.kind === 'removed') return decided;
  if (plan.mode !== 'overwrite')
    return isEmptied(write, 'secretHash') || isEmptied(write, 'clientSecret')
      ? withLoss(decided, 'clientSecret')
      : decided;
  const there = parseLine(d.left);
  const isSeen = clientSecretState(there) !== 'absent';
  const mayHaveOne = isSeen || !knowsSecrets(plan);
  return isConfidential(there) && mayHaveOne && clientSecretState(write) !== 'present'
    ? withLoss(decided, 'clientSecret', isSeen)
    : decided;
}

/** An exact plan takes away a secret that the source knows not to exist. */
function isEmptied(write: JsonObject, name: string): boolean {
  return write[name] === null;
}

function isConfidential(client: JsonObject): boolean {
  return client['publicClient'] !== true;
}

function knowsSecrets(plan: SectionPlan): boolean {
  return plan.targetKnows.includes('clientSecret') || plan.targetKnows.includes('secretHash');
}
