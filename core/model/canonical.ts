import { canonicalInstant } from './instant.ts';
import { isRawJson } from './exact-json.ts';
import { compareKeys } from './key-order.ts';
import { MEMBERS, memberOf, type Member } from './members.ts';
import { naturalKey } from './natural-key.ts';
import { setMember, type CanonicalRecord, type JsonObject, type JsonValue } from './record.ts';
import { isMaskedName } from './secret-name.ts';
import { isMask, isUnmistakableMask, isRedacted, REDACTED } from './secret.ts';
import type { Section } from './sections.ts';

/**
 * A record in canonical form: members in schema order, then unknown ones by code point; members of nested objects by
 * code point; sets sorted and without doubles; instants in one form; masks of secrets turned into their state. (Names
 * that are whole numbers come first, by number: that is the order of every JavaScript object.)
 *
 * Two bodies that mean the same give the same bytes, and canonicalizing twice changes nothing.
 *
 * @throws AppError INVALID_DOCUMENT when the natural key is missing
 */
export function canonicalRecord(section: Section, body: JsonObject): CanonicalRecord {
  return { key: naturalKey(section, body), line: Buffer.from(JSON.stringify(canonicalBody(section, body))) };
}

export function canonicalBody(section: Section, body: JsonObject): JsonObject {
  const canonical: JsonObject = {};
  let known = 0;
  for (const member of MEMBERS[section]) {
    const value = body[member.name];
    if (value === undefined) continue;
    known++;
    canonical[member.name] = canonicalMember(member, value);
  }
  const names = Object.keys(body);
  if (names.length === known) return canonical;
  for (const name of names.filter((name) => memberOf(section, name) === undefined).sort(compareKeys)) {
    const value = body[name];
    if (value !== undefined) setMember(canonical, name, canonicalNested(name, value));
  }
  return canonical;
}

function canonicalMember(member: Member, value: JsonValue): JsonValue {
  if (member.kind === 'textSet' && Array.isArray(value)) return sortedSet(value);
  if (member.kind === 'instant' && typeof value === 'string') return canonicalInstant(value);
  if (typeof value === 'object' || member.secret) return canonicalNested(member.name, value);
  return value;
}

function canonicalNested(name: string, value: JsonValue): JsonValue {
  if (typeof value === 'string') return isMasked(name, value) ? REDACTED : value;
  if (typeof value !== 'object' || value === null) return value;
  // The state of a secret is canonical already; its own word would be taken for a mask again.
  if (isRedacted(value)) return REDACTED;
  // JSON.rawJSON keeps numbers that a double cannot hold; it must not be taken apart.
  if (isRawJson(value)) return value;
  if (Array.isArray(value)) return value.map((element) => canonicalNested(name, element));
  const sorted: JsonObject = {};
  for (const inner of Object.keys(value).sort(compareKeys)) {
    setMember(sorted, inner, canonicalNested(inner, value[inner]!));
  }
  return sorted;
}

function isMasked(name: string, text: string): boolean {
  return isUnmistakableMask(text) || (isMask(text) && isMaskedName(name));
}

function sortedSet(values: JsonValue[]): JsonValue[] {
  if (!values.every((value) => typeof value === 'string')) return values;
  if (isSortedSet(values)) return values;
  const sorted = values.toSorted(compareKeys);
  return isSortedSet(sorted) ? sorted : [...new Set(sorted)];
}

function isSortedSet(texts: readonly string[]): boolean {
  for (let i = 1; i < texts.length; i++) if (compareKeys(texts[i - 1]!, texts[i]!) >= 0) return false;
  return true;
}
