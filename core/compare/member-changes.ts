import { parseLine } from '../model/exact-json.ts';
import { compareKeys } from '../model/key-order.ts';
import { memberOf, MEMBERS } from '../model/members.ts';
import type { JsonObject, JsonValue } from '../model/record.ts';
import { isRedacted } from '../model/secret.ts';
import type { Section } from '../model/sections.ts';
import type { MemberChange } from './difference.ts';
import { compareValues, isEmptyValue, looksHashed, type Verdict } from './same-value.ts';
import { shownValue } from '../model/hide-secrets.ts';

export interface RecordComparer {
  /** The members that differ for certain. Empty: the records mean the same, as far as both sides can tell. */
  changes(left: JsonObject, right: JsonObject): readonly MemberChange[];
  /** As `changes`, and with `unknown` also the members of which one side has a value and the other cannot tell. */
  changesAndUnknowns(left: JsonObject, right: JsonObject): readonly MemberChange[];
  /** `changes` of two canonical lines; equal bytes are not even parsed. */
  changesOfLines(left: Buffer, right: Buffer): readonly MemberChange[];
}

/** The members a side tells everything about; `all`: what it does not have is not there, of whatever name. */
export type Knows = readonly string[] | 'all';

interface Knowledge {
  has(name: string): boolean;
}

function knowledge(knows: Knows): Knowledge {
  return knows === 'all' ? { has: () => true } : new Set(knows);
}

/** A client's secret has two names: the secret itself and its hash. They are one thing and compared as one. */
export const CLIENT_SECRET: readonly string[] = ['clientSecret', 'secretHash'];

/**
 * Compares records of one section, given what each side's source knows. Ids and timestamps are left out, as they differ
 * between environments; so is the natural key, which is what pairs the records (a realm may be renamed on the way).
 *
 * Null and absence mean the same. A member that is absent where its source does not tell about it is unknown, and no
 * difference; so is a secret that a server hid (hidden on both sides, nothing speaks for a difference), and a secret of
 * which one side has only a hash. Secrets never stand in a change: only their state does.
 */
export function recordComparer(section: Section, leftKnows: Knows, rightKnows: Knows): RecordComparer {
  const known = { left: knowledge(leftKnows), right: knowledge(rightKnows) };
  const unified: readonly string[] = section === 'clients' ? CLIENT_SECRET : [];
  const members = MEMBERS[section].filter((m) => !m.key && !m.volatile && !unified.includes(m.name));

  function compareMember(name: string, left: JsonObject, right: JsonObject): Verdict {
    const member = memberOf(section, name);
    const a = own(left, name);
    const b = own(right, name);
    const aEmpty = isEmptyValue(member, a);
    const bEmpty = isEmptyValue(member, b);
    if (aEmpty && bEmpty) return 'same';
    if (isRedacted(a) && isRedacted(b)) return 'same';
    if (a === undefined && !known.left.has(name)) return 'left';
    if (b === undefined && !known.right.has(name)) return 'right';
    if (isRedacted(a)) return 'left';
    if (isRedacted(b)) return 'right';
    if (aEmpty || bEmpty) return 'different';
    return compareValues(member, a!, b!, name);
  }

  function collect(left: JsonObject, right: JsonObject, withUnknowns: boolean): MemberChange[] {
    const found: MemberChange[] = [];
    const add = (verdict: Verdict, name: string): void => {
      if (verdict === 'same' || (verdict !== 'different' && !withUnknowns)) return;
      found.push(memberChange(section, name, own(left, name), own(right, name), verdict));
    };
    for (const member of members) add(compareMember(member.name, left, right), member.name);
    if (section === 'clients') {
      const secret = compareClientSecrets(clientSecret(left, known.left), clientSecret(right, known.right));
      add(secret.verdict, secret.member);
    }
    for (const name of unlistedNames(section, left, right)) add(compareMember(name, left, right), name);
    return found;
  }

  return {
    changes: (left, right) => collect(left, right, false),
    changesAndUnknowns: (left, right) => collect(left, right, true),
    changesOfLines: (left, right) =>
      left.equals(right) ? [] : collect(parseLine(left), parseLine(right), false),
  };
}

/** Names that only a newer server knows, of both sides, each once, by code point. */
function unlistedNames(section: Section, left: JsonObject, right: JsonObject): string[] {
  const ofLeft = Object.keys(left).filter((name) => !memberOf(section, name));
  const ofRight = Object.keys(right).filter((name) => !memberOf(section, name) && !Object.hasOwn(left, name));
  return [...ofLeft, ...ofRight].sort(compareKeys);
}

function memberChange(
  section: Section,
  member: string,
  from: JsonValue | undefined,
  to: JsonValue | undefined,
  verdict: Exclude<Verdict, 'same'>,
): MemberChange {
  return {
    member,
    ...(from === undefined || from === null ? {} : { from: shownValue(section, member, from) }),
    ...(to === undefined || to === null ? {} : { to: shownValue(section, member, to) }),
    ...(verdict === 'different' ? {} : { unknown: verdict }),
  };
}

interface ClientSecret {
  readonly kind: 'hash' | 'plain' | 'redacted' | 'none' | 'unknown';
  readonly member: string;
  readonly text: string;
}

function clientSecret(client: JsonObject, known: Knowledge): ClientSecret {
  const hash = own(client, 'secretHash');
  const plain = own(client, 'clientSecret');
  if (typeof hash === 'string') return { kind: 'hash', member: 'secretHash', text: hash };
  if (isRedacted(plain) || isRedacted(hash)) return { kind: 'redacted', member: 'clientSecret', text: '' };
  if (plain !== undefined && plain !== null) {
    const text = typeof plain === 'string' ? plain : JSON.stringify(plain);
    return { kind: looksHashed(text) ? 'hash' : 'plain', member: 'clientSecret', text };
  }
  const told = plain === null || hash === null || CLIENT_SECRET.some((name) => known.has(name));
  return { kind: told ? 'none' : 'unknown', member: 'clientSecret', text: '' };
}

function compareClientSecrets(left: ClientSecret, right: ClientSecret): { verdict: Verdict; member: string } {
  const member = right.text === '' ? left.member : right.member;
  const empty = (secret: ClientSecret): boolean => secret.kind === 'none' || secret.kind === 'unknown';
  if (empty(left) && empty(right)) return { verdict: 'same', member };
  if (left.kind === 'redacted' && right.kind === 'redacted') return { verdict: 'same', member };
  if (left.kind === 'unknown' || left.kind === 'redacted') return { verdict: 'left', member };
  if (right.kind === 'unknown' || right.kind === 'redacted') return { verdict: 'right', member };
  if (left.kind === 'none' || right.kind === 'none') return { verdict: 'different', member };
  if (left.kind !== right.kind) return { verdict: 'left', member };
  return { verdict: left.text === right.text ? 'same' : 'different', member };
}

/** A record's member, and never what every object inherits. */
export function own(body: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(body, name) ? body[name] : undefined;
}
