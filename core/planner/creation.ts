import type { MemberChange } from '../compare/difference.ts';
import { isEmptyValue } from '../compare/same-value.ts';
import { shownValue } from '../model/hide-secrets.ts';
import { memberOf } from '../model/members.ts';
import type { JsonObject, JsonValue } from '../model/record.ts';
import { isRedacted } from '../model/secret.ts';
import type { Section } from '../model/sections.ts';
import { holdsHidden, withoutHidden } from './hidden-values.ts';
import type { ChosenId } from './ids.ts';
import type { PlanNote } from './plan.ts';

export interface Creation {
  readonly write: JsonObject;
  readonly cannotSet: readonly string[];
  readonly notes: readonly PlanNote[];
}

/** What a record is when nothing is said (OpenGate v1.1.0, the entities of its services). */
const DEFAULTS: Partial<Record<Section, Readonly<Record<string, JsonValue>>>> = {
  realm: { enabled: true },
  roles: { composite: false },
  clients: { enabled: true },
  users: { emailVerified: false },
};

/** Of a record to be created, what it will be in members that cannot be set. */
export function unsettableDefaults(section: Section, settable: readonly string[] | 'all'): JsonObject {
  if (settable === 'all') return {};
  const defaults = Object.entries(DEFAULTS[section] ?? {});
  return Object.fromEntries(defaults.filter(([name]) => !settable.includes(name)));
}

/**
 * What a route that takes everything takes only if it says so by name: what only a database can hold. Given to an API as
 * a member that it does not know, a hash would be dropped at best.
 */
export const NOT_BY_ALL: Partial<Record<Section, readonly string[]>> = {
  clients: ['secretHash'],
  credentials: ['secretHash', 'additional'],
  policies: ['additional'],
};

/**
 * What to write to create a record: its key, and of the rest what the route can set. Secrets that a server hid are left
 * out, at any depth.
 *
 * @param chosen where the plan decides about ids: the one to write
 */
export function creationOf(
  section: Section,
  source: JsonObject,
  settable: readonly string[] | 'all',
  chosen?: ChosenId,
): Creation {
  const refused = settable === 'all' ? (NOT_BY_ALL[section] ?? []) : [];
  // The usual case of a large import, worth no copy.
  if (
    settable === 'all' &&
    !refused.some((name) => source[name] !== undefined) &&
    !Object.values(source).some((value) => value === null || holdsHidden(value))
  )
    return { write: source, cannotSet: [], notes: [] };
  const write: [string, JsonValue][] = [];
  const cannotSet: string[] = [];
  const notes: PlanNote[] = [];
  for (const [name, value] of Object.entries(source)) {
    const member = memberOf(section, name);
    if (member?.key) {
      write.push([name, value]);
      continue;
    }
    if (value === null || isRedacted(value) || (chosen && name === 'id')) continue;
    if (settable === 'all' ? refused.includes(name) : !settable.includes(name)) {
      if (!member?.volatile && !isEmptyValue(member, value) && DEFAULTS[section]?.[name] !== value)
        cannotSet.push(name);
      continue;
    }
    const visible = withoutHidden(value);
    if (visible.left) notes.push({ kind: 'inner-secret-missing', member: name });
    write.push([name, visible.value]);
  }
  if (chosen?.id !== undefined) write.push(['id', chosen.id]);
  return { write: Object.fromEntries(write), cannotSet, notes: [...notes, ...(chosen?.notes ?? [])] };
}

/** A new record's members as changes from nothing. */
export function shownCreation(section: Section, write: JsonObject): MemberChange[] {
  const changes: MemberChange[] = [];
  for (const [name, value] of Object.entries(write)) {
    const member = memberOf(section, name);
    if (member?.key || member?.volatile || isEmptyValue(member, value)) continue;
    changes.push({ member: name, to: shownValue(section, name, value) });
  }
  return changes;
}
