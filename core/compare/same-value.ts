import { isRawJson } from '../model/exact-json.ts';
import type { Member } from '../model/members.ts';
import type { JsonValue } from '../model/record.ts';
import { isMaskedName } from '../model/secret-name.ts';
import { isRedacted } from '../model/secret.ts';

/**
 * `left`, `right`: that side cannot tell. Two values that would be equal but for a secret which a server hid are such a
 * case: nothing shows that they differ.
 */
export type Verdict = 'same' | 'different' | 'left' | 'right';

/** Nothing in it: null means what absence means, and so does an empty list or object where the member is one. */
export function isEmptyValue(member: Member | undefined, value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return true;
  if (member?.kind === 'textSet' || member?.kind === 'textList')
    return Array.isArray(value) && value.length === 0;
  if (member?.kind === 'object')
    return typeof value === 'object' && !isRawJson(value) && Object.keys(value).length === 0;
  return false;
}

/**
 * Whether two non-empty values mean the same. The lists among the members we know (redirectUris, webOrigins, grantTypes,
 * scopes, roles) are sets in meaning: their order and doubles do not count. Of all else, everything counts.
 */
export function compareValues(
  member: Member | undefined,
  left: JsonValue,
  right: JsonValue,
  name: string,
): Verdict {
  if (member?.kind === 'textSet' || member?.kind === 'textList') {
    if (isTextList(left) && isTextList(right)) return sameSet(left, right) ? 'same' : 'different';
  }
  if (!member && name === 'additional') return compareDeep(withoutIds(left), withoutIds(right), name);
  return compareDeep(left, right, name);
}

/** Further rows of one key carry their ids as the main one does, and these differ between environments as its does. */
function withoutIds(rows: JsonValue): JsonValue {
  if (!Array.isArray(rows)) return rows;
  return rows.map((row) => {
    if (!isContainer(row) || Array.isArray(row)) return row;
    const { id: _id, ...rest } = row;
    return rest;
  });
}

function compareDeep(left: JsonValue, right: JsonValue, name: string): Verdict {
  if (isRedacted(left)) return isRedacted(right) ? 'same' : 'left';
  if (isRedacted(right)) return 'right';
  if (typeof left === 'string' && typeof right === 'string') {
    if (left === right) return 'same';
    return mayBeHashed(name) && looksHashed(left) !== looksHashed(right) ? 'left' : 'different';
  }
  if (!isContainer(left) || !isContainer(right))
    return JSON.stringify(left) === JSON.stringify(right) ? 'same' : 'different';
  if (Array.isArray(left) !== Array.isArray(right)) return 'different';
  let verdict: Verdict = 'same';
  for (const inner of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const innerVerdict = compareInner(
      valueOf(left, inner),
      valueOf(right, inner),
      Array.isArray(left) ? name : inner,
    );
    if (innerVerdict === 'different') return 'different';
    if (verdict === 'same') verdict = innerVerdict;
  }
  return verdict;
}

function compareInner(left: JsonValue | undefined, right: JsonValue | undefined, name: string): Verdict {
  // A hidden secret against none: that side has a secret which cannot be compared.
  const a = left ?? null;
  const b = right ?? null;
  return a === null && b === null ? 'same' : compareDeep(a, b, name);
}

/** Whether one side may hold the secret and the other its hash. What is called a hash is one, whatever it looks like. */
function mayBeHashed(name: string): boolean {
  return isMaskedName(name) && !/hash$/i.test(name);
}

/** Whether a secret's text is a hash rather than the secret itself: the two cannot be compared. */
export function looksHashed(text: string): boolean {
  return (
    /^(?:\{[\w@.-]+\})?\$(?:2[abxy]?|argon2\w*|scrypt|pbkdf2[\w-]*|[156])\$/.test(text) ||
    /^\{[\w@.-]+\}/.test(text)
  );
}

type Container = JsonValue[] | { [member: string]: JsonValue };

function isContainer(value: JsonValue): value is Container {
  return typeof value === 'object' && value !== null && !isRawJson(value);
}

function valueOf(container: Container, name: string): JsonValue | undefined {
  return Object.hasOwn(container, name) ? (container as { [member: string]: JsonValue })[name] : undefined;
}

function isTextList(value: JsonValue): value is string[] {
  return Array.isArray(value) && value.every((element) => typeof element === 'string');
}

function sameSet(left: string[], right: string[]): boolean {
  const a = new Set(left);
  const b = new Set(right);
  return a.size === b.size && right.every((text) => a.has(text));
}
