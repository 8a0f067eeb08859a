import type { MemberChange } from '../compare/difference.ts';
import { own } from '../compare/member-changes.ts';
import { isEmptyValue } from '../compare/same-value.ts';
import { shownValue } from '../model/hide-secrets.ts';
import { compareKeys } from '../model/key-order.ts';
import { MEMBERS, memberOf } from '../model/members.ts';
import type { JsonObject, JsonValue } from '../model/record.ts';
import { isSecretName } from '../model/secret-name.ts';
import { isRedacted } from '../model/secret.ts';
import { withHiddenFrom } from './hidden-values.ts';
import { idsDiffer, isIdSection } from './ids.ts';
import type { PlanNote } from './plan.ts';
import type { SectionPlan } from './section-plan.ts';

export interface Update {
  /** The key, and the members to set. */
  readonly write: JsonObject;
  /** What the target has, with the members set. */
  readonly promise: JsonObject;
  /** What will change; empty: nothing would be set. */
  readonly changes: readonly MemberChange[];
  readonly cannotSet: readonly string[];
  readonly notes: readonly PlanNote[];
}

/**
 * What to set on a record that exists, so that it becomes what the source has. A single value that the source knows to
 * be empty stays as it is on the target, unless the target is to mirror the source (`extra: delete`; a secret only where
 * it is to be `exact`); a list becomes the source's list, or grows by it where the route can only add. What the target
 * does not tell is left alone: writing it each time would change what nobody can see, and no second plan would ever find
 * it done.
 */
export function updateOf(plan: SectionPlan, target: JsonObject, source: JsonObject): Update {
  const set: [string, JsonValue][] = [];
  const cannotSet: string[] = [];
  const notes: PlanNote[] = [];
  for (const change of plan.comparer.changesAndUnknowns(target, source)) {
    const name = change.member;
    if (change.unknown) {
      if (change.unknown === 'left' && change.to !== undefined && !isRedacted(own(source, name)))
        notes.push({ kind: 'cannot-tell', member: name });
      continue;
    }
    const wanted = wantedValue(plan, name, own(target, name), own(source, name));
    if (wanted.stays) notes.push(wanted.stays);
    if (!('value' in wanted)) continue;
    if (wanted.value === null && plan.route.canEmpty === false) {
      cannotSet.push(name);
      notes.push({ kind: 'cannot-empty', member: name });
      continue;
    }
    const value = plan.route.updateMembers.includes(name)
      ? withHiddenFrom(own(target, name), wanted.value)
      : undefined;
    if (value === undefined) cannotSet.push(name);
    else set.push([name, value]);
  }
  if (plan.policy.exact && isIdSection(plan.section) && idsDiffer(target, source))
    notes.push({ kind: 'id-stays' });
  const key = MEMBERS[plan.section].flatMap((m): [string, JsonValue][] =>
    m.key ? [[m.name, target[m.name]!]] : [],
  );
  const written = Object.fromEntries(set);
  return {
    write: Object.fromEntries([...key, ...set]),
    promise: promised(plan, target, written),
    changes: set.map(([name, value]) => shownChange(plan, name, own(target, name), value)),
    cannotSet,
    notes,
  };
}

type Wanted = { readonly value: JsonValue; readonly stays?: PlanNote } | { readonly stays: PlanNote };

function wantedValue(
  plan: SectionPlan,
  name: string,
  target: JsonValue | undefined,
  source: JsonValue | undefined,
): Wanted {
  const member = memberOf(plan.section, name);
  const isList = member?.kind === 'textSet' || member?.kind === 'textList';
  if (isList && (source === undefined || source === null || isTexts(source))) {
    const theirs = source ?? [];
    if (!plan.route.addOnlyMembers.includes(name)) return { value: theirs };
    const ours = isTexts(target) ? target : [];
    const staying = ours.filter((text) => !theirs.includes(text)).length;
    const stays: PlanNote = { kind: 'values-stay', member: name, count: staying };
    const union = [...new Set([...ours, ...theirs])];
    if (union.length === ours.length) return { stays };
    const value = member.kind === 'textSet' ? union.sort(compareKeys) : union;
    return staying > 0 ? { value, stays } : { value };
  }
  if (source !== undefined && !isEmptyValue(member, source)) return { value: source };
  // An object that is there and empty was emptied; null and absence only say that the source has none.
  if (source !== undefined && source !== null) return { value: source };
  const secret = member?.secret === true || isSecretName(name);
  if (plan.policy.exact || (plan.policy.extra === 'delete' && !secret)) return { value: null };
  return { stays: { kind: 'value-stays', member: name } };
}

/** A client's secret has two names; the promise must not hold the one that is replaced. */
function promised(plan: SectionPlan, target: JsonObject, set: JsonObject): JsonObject {
  if (plan.section !== 'clients' || !('clientSecret' in set || 'secretHash' in set))
    return { ...target, ...set };
  const { clientSecret: _secret, secretHash: _hash, ...rest } = target;
  return { ...rest, ...set };
}

function shownChange(
  plan: SectionPlan,
  member: string,
  from: JsonValue | undefined,
  to: JsonValue,
): MemberChange {
  return {
    member,
    ...(from === undefined || from === null ? {} : { from: shownValue(plan.section, member, from) }),
    ...(to === null ? {} : { to: shownValue(plan.section, member, to) }),
  };
}

function isTexts(value: JsonValue | undefined): value is string[] {
  return Array.isArray(value) && value.every((element) => typeof element === 'string');
}
