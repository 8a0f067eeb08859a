import type { Difference, MemberChange } from '../compare/difference.ts';
import { memberOf } from '../model/members.ts';
import type { JsonObject } from '../model/record.ts';
import { isRedacted } from '../model/secret.ts';
import { creationOf, shownCreation, unsettableDefaults } from './creation.ts';
import { chosenId, isTaken } from './ids.ts';
import { Bodies, item, leftOut, plainItem, withNotes } from './items.ts';
import { withKeptSecrets } from './kept-secrets.ts';
import { cannotSetSentence } from './notes.ts';
import type { PlanItem, PlanNote, Reason } from './plan.ts';
import type { SectionPlan } from './section-plan.ts';
import { updateOf, type Update } from './update.ts';
import { valueProblem } from './value-checks.ts';

/** What the plan does about one record; undefined: it is equal on both sides and stays, without anything to tell. */
export function decide(plan: SectionPlan, d: Difference): PlanItem | undefined {
  const line = plainLine(plan, d);
  if (line && plan.lean) return decidePlain(plan, d, line);
  const decided = decideWhole(plan, d);
  return line && decided?.write ? { ...decided, line } : decided;
}

/** The source's line, where the record is created just as it stands there, if that can be told at a glance. */
function plainLine(plan: SectionPlan, d: Difference): Buffer | undefined {
  if (!plan.glance || d.kind === 'removed' || d.kind === 'changed') return undefined;
  if (d.kind === 'same' && (plan.mode !== 'overwrite' || !d.left.equals(d.right))) return undefined;
  if (!plan.targetKnown || plan.exclusions.excludes(plan.section, d.key)) return undefined;
  if (isTaken(plan, d.key)) return undefined;
  return plan.glance.isPlain(d.right) ? d.right : undefined;
}

function decidePlain(plan: SectionPlan, d: Difference, line: Buffer): PlanItem {
  const reason = plan.mode === 'overwrite' ? 'replaced-with-realm' : 'only-in-source';
  return plainItem(plan, d.key, { action: d.kind === 'same' ? 'unchanged' : 'create', reason, line });
}

function decideWhole(plan: SectionPlan, d: Difference): PlanItem | undefined {
  if (plan.mode === 'overwrite') return decideInOverwrite(plan, d);
  if (d.kind === 'added') return decideAdded(plan, d);
  if (d.kind === 'removed') return decideRemoved(plan, d);
  return d.kind === 'changed' ? decideChanged(plan, d) : decideSame(plan, d);
}

type Of<K extends Difference['kind']> = Extract<Difference, { kind: K }>;

function decideAdded(plan: SectionPlan, d: Of<'added'>): PlanItem {
  if (plan.exclusions.excludes(plan.section, d.key)) return leftOut(plan, d, 'skip', { reason: 'excluded' });
  if (!plan.targetKnown) return leftOut(plan, d, plan.policy.unsupported, { reason: 'target-unknown' });
  const mapped = plan.mappedRoles?.has(d.key) === true;
  if (plan.creatable === 'no' || (plan.creatable === 'by-mapping' && !mapped))
    return leftOut(plan, d, plan.policy.unsupported, { reason: 'route-cannot' });
  const byMapping = plan.creatable === 'by-mapping';
  return creationItem(
    plan,
    d,
    new Bodies(plan, d).right,
    byMapping ? 'created-by-mapping' : 'only-in-source',
  );
}

export function creationItem(
  plan: SectionPlan,
  d: Exclude<Difference, { kind: 'removed' }>,
  source: JsonObject,
  reason: Reason,
  there?: JsonObject,
): PlanItem {
  const byMapping = plan.creatable === 'by-mapping';
  const settable = byMapping ? [] : plan.route.createMembers;
  const id = plan.keepsIds && !byMapping ? chosenId(plan, d.key, source, there) : undefined;
  const creation = creationOf(plan.section, source, settable, id);
  const problem = valueProblem(plan, d.right, creation.write, byMapping ? 'by-mapping' : 'creation');
  if (problem) return leftOut(plan, d, plan.policy.conflicts, problem);
  return item(plan, d.key, {
    action: 'create',
    reason,
    changes: plan.lean ? [] : shownCreation(plan.section, creation.write),
    write: creation.write,
    promise: creation.write,
    cannotSet: creation.cannotSet,
    notes: creation.notes,
  });
}

function decideRemoved(plan: SectionPlan, d: Of<'removed'>): PlanItem {
  if (plan.survives) return item(plan, d.key, { action: 'skip', reason: 'survives' });
  if (plan.policy.extra === 'keep' || plan.mappedRoles?.has(d.key))
    return item(plan, d.key, { action: 'skip', reason: 'only-in-target-kept' });
  if (plan.exclusions.excludes(plan.section, d.key)) return leftOut(plan, d, 'skip', { reason: 'excluded' });
  if (!plan.route.delete) {
    const stays = leftOut(plan, d, plan.policy.unsupported, { reason: 'route-cannot' });
    return withNotes(stays, [{ kind: 'cannot-delete' }]);
  }
  return plan.absenceInDoubt
    ? item(plan, d.key, { action: 'conflict', reason: 'source-in-doubt' })
    : item(plan, d.key, { action: 'delete', reason: 'only-in-target-deleted' });
}

function decideChanged(plan: SectionPlan, d: Of<'changed'>): PlanItem {
  if (plan.exclusions.excludes(plan.section, d.key)) return leftOut(plan, d, 'skip', { reason: 'excluded' });
  const existing = existingPolicy(plan, d.key);
  if (existing === 'stop')
    return leftOut(plan, d, 'stop', {
      reason: isUnchangeable(plan) ? 'exists-unchangeable' : 'exists-policy-stop',
    });
  if (existing === 'skip') return leftOut(plan, d, 'skip', { reason: 'exists-policy-skip' });
  const bodies = new Bodies(plan, d);
  const update = updateOf(plan, bodies.left, bodies.right);
  if (update.changes.length > 0) {
    const problem = valueProblem(plan, d.right, update.write, 'update');
    return problem
      ? leftOut(plan, d, plan.policy.conflicts, problem)
      : updateItem(plan, d, update, 'differs');
  }
  if (update.cannotSet.length > 0) {
    const { unsupported } = plan.policy;
    // What was decided of all clients settles nothing where it was this one that was to be changed.
    const isOneOfAll = plan.policy.clients === 'update' && isUnchangeable(plan);
    const cannot = leftOut(plan, d, unsupported, {
      reason: unsupported === 'stop' && isOneOfAll ? 'exists-unchangeable' : 'route-cannot',
    });
    const told = withNotes(cannot, update.notes);
    const sentence = cannotSetSentence(update.cannotSet, plan.capabilities);
    return { ...told, warnings: [...told.warnings, sentence], cannotSet: update.cannotSet };
  }
  return item(plan, d.key, {
    action: 'unchanged',
    reason: 'nothing-to-set',
    changes: d.changes,
    notes: update.notes,
  });
}

/** A client that this route cannot change, so that nobody is asked whether it should: but for what outlives its realm. */
function isUnchangeable({ section, route, survives }: SectionPlan): boolean {
  return section === 'clients' && !survives && route.updateMembers.length === 0;
}

export function updateItem(plan: SectionPlan, d: Difference, update: Update, reason: Reason): PlanItem {
  return item(plan, d.key, {
    action: 'update',
    reason,
    changes: update.changes,
    write: update.write,
    promise: update.promise,
    cannotSet: update.cannotSet,
    notes: update.notes,
  });
}

function decideSame(plan: SectionPlan, d: Of<'same'>): PlanItem | undefined {
  if (d.left.equals(d.right) || existingPolicy(plan, d.key) !== 'update') return undefined;
  if (plan.exclusions.excludes(plan.section, d.key)) return undefined;
  const bodies = new Bodies(plan, d);
  const { notes } = updateOf(plan, bodies.left, bodies.right);
  return notes.length === 0 ? undefined : item(plan, d.key, { action: 'unchanged', reason: 'equal', notes });
}

/** What the administrator decided about a record that exists and differs: about it alone, or about all like it. */
function existingPolicy({ section, policy, updates }: SectionPlan, key: string): 'stop' | 'skip' | 'update' {
  if (section !== 'clients' && section !== 'users') return 'update';
  const ofAll = section === 'clients' ? policy.clients : policy.users;
  if (ofAll === 'merge' || ofAll === 'update' || updates.includes(section, key)) return 'update';
  return ofAll;
}

/** Everything goes and is created again: what the source has comes back, what only the target has is gone. */
function decideInOverwrite(plan: SectionPlan, d: Difference): PlanItem {
  if (d.kind === 'removed') return item(plan, d.key, { action: 'delete', reason: 'deleted-with-realm' });
  if (plan.exclusions.excludes(plan.section, d.key)) return leftOut(plan, d, 'skip', { reason: 'excluded' });
  const byMapping = plan.creatable === 'by-mapping';
  if (plan.creatable === 'no' || (byMapping && !plan.mappedRoles?.has(d.key)))
    return leftOut(plan, d, plan.policy.unsupported, { reason: 'route-cannot' });
  const bodies = new Bodies(plan, d);
  if (d.kind === 'added') return creationItem(plan, d, bodies.right, 'replaced-with-realm');
  const kept = withKeptSecrets(plan, bodies.left, bodies.right);
  const created = creationItem(plan, d, kept.source, 'replaced-with-realm', bodies.left);
  if (!created.write) return created;
  return withNotes(replacedItem(plan, d, bodies, created), kept.notes);
}

/** Changes against what the target has: whatever is not written is gone, apart from secrets, which are counted as losses. */
function replacedItem(plan: SectionPlan, d: Difference, bodies: Bodies, created: PlanItem): PlanItem {
  const changes = changesByReplacing(plan, d, bodies, created.write!);
  const lost = changes
    .filter(({ member, to }) => to === undefined && !plan.sourceKnows.has(member))
    .filter(({ member }) => !created.cannotSet?.includes(member))
    .map((change): PlanNote => ({ kind: 'value-lost', member: change.member }));
  return item(plan, d.key, {
    action: changes.length === 0 ? 'unchanged' : 'update',
    reason: created.reason,
    changes,
    write: created.write!,
    promise: created.promise!,
    cannotSet: created.cannotSet ?? [],
    notes: [...(created.notes ?? []), ...lost],
  });
}

function changesByReplacing(
  plan: SectionPlan,
  d: Difference,
  bodies: Bodies,
  write: JsonObject,
): readonly MemberChange[] {
  // All of an equal record is written: nothing to compare.
  if (d.kind === 'same' && write === bodies.right && d.left.equals(d.right)) return [];
  const kept: JsonObject = { ...unsettableDefaults(plan.section, plan.route.createMembers), ...write };
  for (const [name, value] of Object.entries(bodies.right)) if (isRedacted(value)) kept[name] = value;
  return plan.replacement
    .changes(bodies.left, kept)
    .filter((change) => change.to !== undefined || memberOf(plan.section, change.member)?.secret !== true);
}
