import { MEMBERS } from '../model/members.ts';
import type { JsonObject } from '../model/record.ts';
import { NOT_BY_ALL } from './creation.ts';
import type { SectionPlan } from './section-plan.ts';

/** What a line is expected to hold next, as bytes: a member's name with the closing quote and the colon. */
interface Expected {
  readonly bytes: Buffer;
  /** The most bytes of a text; a text has no more characters than that. */
  readonly limit: number;
  /** A bit of its own where the member is required. */
  readonly required: number;
  readonly isId: boolean;
  readonly isSettable: boolean;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/**
 * Tells from the bytes of a canonical line whether a record is created exactly as it stands there, which nearly all of a
 * large import are: then nothing need be parsed to decide on it. A line that is not plain may still be created so; it
 * only has to be looked at the long way.
 *
 * A plain line has only members that the route can set, in schema order, with texts without escapes that surely fit,
 * short whole numbers, truth values and lists of such texts; everything required; and an id that is a UUID where the
 * plan decides about ids. So it holds no null, no hidden secret and no NUL, and each name occurs in it only once and
 * only as a member's.
 */
export class LineGlance {
  readonly #expected: readonly Expected[];
  readonly #required: number;

  private constructor(expected: readonly Expected[]) {
    this.#expected = expected;
    this.#required = expected.reduce((bits, { required }) => bits | required, 0);
  }

  /** @returns undefined where no line can be plain */
  static of(plan: SectionPlan): LineGlance | undefined {
    const { section, route } = plan;
    const required = route.requiredMembers ?? [];
    const isKnown = (name: string): boolean => MEMBERS[section].some((member) => member.name === name);
    if (plan.creatable !== 'yes' || plan.prepare || plan.takenIds === 'all') return undefined;
    if (required.length > 30 || !required.every(isKnown)) return undefined;
    const expected = MEMBERS[section].map(({ name, key }): Expected => ({
      bytes: Buffer.from(`${name}":`),
      limit: route.textLimits?.[name] ?? Infinity,
      required: required.includes(name) ? 1 << required.indexOf(name) : 0,
      isId: name === 'id' && plan.keepsIds,
      isSettable: key === true || isSettable(plan, name),
    }));
    return new LineGlance(expected);
  }

  isPlain(line: Buffer): boolean {
    const end = line.length - 1;
    if (line[0] !== 0x7b || line[end] !== 0x7d) return false;
    let required = 0;
    let next = 0;
    let at = 1;
    for (;;) {
      if (line[at++] !== QUOTE) return false;
      while (next < this.#expected.length && !standsAt(this.#expected[next]!.bytes, line, at)) next++;
      const member = this.#expected[next++];
      if (!member?.isSettable) return false;
      at += member.bytes.length;
      const from = at;
      at = endOfPlainValue(line, at, end);
      if (at < 0) return false;
      if (line[from] === QUOTE && at - from - 2 > member.limit) return false;
      if (member.isId && !isUuid(line, from, at)) return false;
      required |= member.required;
      if (at === end) return required === this.#required;
      if (line[at++] !== COMMA) return false;
    }
  }
}

function isSettable({ section, route }: SectionPlan, name: string): boolean {
  // Whether a user is given a password has to be known.
  if (section === 'users' && name === 'password') return false;
  return route.createMembers === 'all'
    ? !NOT_BY_ALL[section]?.includes(name)
    : route.createMembers.includes(name);
}

export function standsAt(bytes: Buffer, line: Buffer, at: number): boolean {
  for (let i = 0; i < bytes.length; i++) if (line[at + i] !== bytes[i]) return false;
  return true;
}

/** @returns where the value ends, or -1 where it is none of the plain ones */
function endOfPlainValue(line: Buffer, at: number, end: number): number {
  const first = line[at]!;
  if (first === QUOTE) return endOfPlainText(line, at, end);
  if (first === 0x5b) return endOfPlainList(line, at, end);
  if (first === 0x74) return at + 4;
  if (first === 0x66) return at + 5;
  return endOfShortNumber(line, at);
}

/** Behind the closing quote of a text that begins at `at`; -1 where it has escapes, or no end before `end`. */
export function endOfPlainText(line: Buffer, at: number, end: number): number {
  for (let i = at + 1; i < end; i++) {
    const byte = line[i];
    if (byte === QUOTE) return i + 1;
    if (byte === BACKSLASH) return -1;
  }
  return -1;
}

function endOfPlainList(line: Buffer, at: number, end: number): number {
  if (line[at + 1] === 0x5d) return at + 2;
  for (let i = at + 1; line[i] === QUOTE;) {
    i = endOfPlainText(line, i, end);
    if (i < 0) return -1;
    if (line[i] === 0x5d) return i + 1;
    if (line[i++] !== COMMA) return -1;
  }
  return -1;
}

/** Up to 15 digits: a double holds them. */
function endOfShortNumber(line: Buffer, at: number): number {
  let i = line[at] === 0x2d ? at + 1 : at;
  const from = i;
  while (isDigit(line[i]!)) i++;
  return i > from && i - from <= 15 && (line[i] === COMMA || line[i] === 0x7d) ? i : -1;
}

/** Whether it is a text of 36 bytes: a UUID as PostgreSQL writes it. */
function isUuid(line: Buffer, from: number, to: number): boolean {
  if (to - from !== 38 || line[from] !== QUOTE) return false;
  for (let i = 0; i < 36; i++) {
    const byte = line[from + 1 + i]!;
    const isHyphen = i === 8 || i === 13 || i === 18 || i === 23;
    if (isHyphen ? byte !== 0x2d : !isDigit(byte) && (byte < 0x61 || byte > 0x66)) return false;
  }
  return true;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** The body of a plain line: it has no number that could lose digits. */
export function parsePlainLine(line: Buffer): JsonObject {
  return JSON.parse(line.toString('utf8')) as JsonObject;
}

const ROLES = Buffer.from('"roles":[');
/** A realm has few different sets of roles; a hostile document could bring a new one with every user. */
const MOST_SETS = 10_000;

/** Reads the roles of users from plain lines, each different set once. */
export class RolesOfLines {
  readonly #sets = new Map<string, readonly string[]>();

  of(line: Buffer): readonly string[] {
    const found = line.indexOf(ROLES);
    if (found < 0) return [];
    const from = found + ROLES.length - 1;
    const list = line.toString('latin1', from, endOfPlainList(line, from, line.length - 1));
    return list === '[]' ? [] : (this.#sets.get(list) ?? this.#read(list));
  }

  #read(list: string): readonly string[] {
    const roles = JSON.parse(Buffer.from(list, 'latin1').toString('utf8')) as string[];
    if (this.#sets.size < MOST_SETS) this.#sets.set(list, roles);
    return roles;
  }
}

/** How a user's canonical line begins, and what follows the name where there is an address. */
export const USERNAME = Buffer.from('{"username":"');
export const EMAIL = Buffer.from(',"email":"');
export const EMAIL_OF_ANY_KIND = EMAIL.subarray(0, -1);

/**
 * The e-mail address of a user from a canonical line, where it can be told without parsing: the address comes right
 * after the name there.
 *
 * @returns undefined where there is none; `unclear` where the line has to be parsed
 */
export function emailInLine(line: Buffer): { readonly email?: string } | 'unclear' {
  const end = line.length - 1;
  if (!standsAt(USERNAME, line, 0)) return 'unclear';
  const name = endOfPlainText(line, USERNAME.length - 1, end);
  if (name < 0) return 'unclear';
  if (!standsAt(EMAIL, line, name)) return standsAt(EMAIL_OF_ANY_KIND, line, name) ? 'unclear' : {};
  const from = name + EMAIL.length;
  const to = endOfPlainText(line, from - 1, end);
  return to < 0 ? 'unclear' : { email: line.toString('utf8', from, to - 1) };
}
