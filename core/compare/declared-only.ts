import { isRawJson, parseLine } from '../model/exact-json.ts';
import { memberOf } from '../model/members.ts';
import { setMember, type JsonObject, type JsonValue } from '../model/record.ts';
import { isRedacted } from '../model/secret.ts';
import type { Section } from '../model/sections.ts';
import type { Difference, MemberChange } from './difference.ts';
import { CLIENT_SECRET, own } from './member-changes.ts';
import { compareValues } from './same-value.ts';
import { shownValue } from '../model/hide-secrets.ts';

/**
 * What is left of a difference when only that counts which the left record declares: the members that it has, and within
 * objects those of theirs. What is declared as a list is declared as a whole. A member declared as null is declared to be
 * empty.
 *
 * Undefined: nothing is left of it.
 */
export function declaredDifference(section: Section, difference: Difference): Difference | undefined {
  if (difference.kind !== 'changed') return difference;
  const left = parseLine(difference.left);
  const right = parseLine(difference.right);
  const changes = difference.changes
    .map((change) => declaredChange(section, change, left, right))
    .filter((change) => change !== undefined);
  return changes.length === 0 ? undefined : { ...difference, changes };
}

function declaredChange(
  section: Section,
  change: MemberChange,
  left: JsonObject,
  right: JsonObject,
): MemberChange | undefined {
  const { member } = change;
  const declared = own(left, member);
  // A client's secret is one thing with two names, and the change has that of either side.
  const names = section === 'clients' && CLIENT_SECRET.includes(member) ? CLIENT_SECRET : [member];
  if (!names.some((name) => Object.hasOwn(left, name))) return undefined;
  const there = own(right, member);
  if (declared === undefined || there === undefined || !isObject(declared) || !isObject(there)) return change;
  const part = partOf(there, declared);
  if (compareValues(memberOf(section, member), declared, part, member) !== 'different') return undefined;
  return { ...change, to: shownValue(section, member, part) };
}

/** Of an object what another one names, as far down as that goes. */
function partOf(value: JsonObject, declared: JsonObject): JsonObject {
  const part: JsonObject = {};
  for (const name of Object.keys(declared)) {
    const inner = own(value, name);
    if (inner === undefined) continue;
    const wanted = declared[name]!;
    setMember(part, name, isObject(inner) && isObject(wanted) ? partOf(inner, wanted) : inner);
  }
  return part;
}

function isObject(value: JsonValue): value is JsonObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !isRawJson(value) &&
    !isRedacted(value)
  );
}
