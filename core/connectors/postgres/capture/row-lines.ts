import { isUtf8 } from 'node:buffer';
import { AppError } from '../../../../contract/errors.ts';
import { canonicalBody } from '../../../model/canonical.ts';
import { parseExact } from '../../../model/exact-json.ts';
import { setMember, type CanonicalRecord, type JsonObject } from '../../../model/record.ts';
import type { Section } from '../../../model/sections.ts';
import { writeInstant } from './instant-bytes.ts';
import { invalidText } from './invalid-text.ts';
import { uuidText } from './uuid-table.ts';

/** A column of the rows, in the place that its member has in canonical order. */
export interface Field {
  readonly member: string;
  /** `secret`: text of which a mask is to be told; `instant`: timestamptz. */
  readonly kind: 'text' | 'secret' | 'boolean' | 'instant';
  /** Part of the natural key. */
  readonly key?: true;
  /** For messages: `users.email`. */
  readonly source: string;
}

/** What the rows of a COPY hold: `id` (a uuid) first, then the fields in their order, then the unknown columns as JSON text. */
export interface RowShape {
  readonly section: Section;
  readonly table: string;
  /** In canonical order; `id` stands where the id's member is to stand, `roles` where the user's roles are. */
  readonly fields: readonly (Field | 'id' | 'roles')[];
  readonly unknown: readonly { readonly member: string; readonly source: string }[];
}

/** The JSON text of the roles of the user whose id lies at `at`. */
export type RolesOf = (bytes: Buffer, at: number) => Buffer;

const BUFFER_BYTES = 256 * 1024;
const BATCH_RECORDS = 1_000;
const ID_LENGTH = 16;
/** The number of columns, the id's length and the id. */
const ID_AT = 6;
const AFTER_ID = ID_AT + ID_LENGTH;
/** What a column is at most longer as JSON than six times its bytes: an id, an instant, `false`, a pair of quotes. */
const FIELD_SLACK = 48;
const NO_LENGTH = -1;

const STEP = { text: 0, key: 1, secret: 2, boolean: 3, instant: 4, id: 5, roles: 6 } as const;

interface Step {
  readonly kind: (typeof STEP)[keyof typeof STEP];
  /** `,"email":`, or with a brace for the first. */
  readonly head: Buffer;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const CLOSE = 0x7d;
const DOLLAR = 0x24;
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const HEX = Buffer.from('0123456789abcdef');

/** Whether a byte stands for itself in a JSON string; those of UTF-8 sequences do. */
const IS_PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH),
);
/** The letter after the backslash, for those that have one. */
const SHORT_ESCAPE = new Map(
  Array.from('\b\t\n\f\r"\\', (char, i) => [char.charCodeAt(0), 'btnfr"\\'.charCodeAt(i)]),
);

/**
 * Makes canonical lines of binary COPY rows: the same bytes that `canonicalRecord` would give for the same values (there
 * is a test of just that), without objects and strings between. All that a line costs is some copying; a million of them
 * take half a second, and four times that through `JSON.stringify`.
 */
export class RowLines {
  readonly #shape: RowShape;
  readonly #rolesOf: RolesOf | undefined;
  readonly #steps: readonly Step[];
  readonly #slack: number;
  readonly #hasIndexes: boolean;
  #out = Buffer.alloc(0);
  #to = 0;
  /** Where in `#out` the first line stands whose bytes have not been looked at. */
  #unchecked = 0;
  #records: CanonicalRecord[] = [];
  #bytes = 0;
  /** The parts of the key, with a NUL between. */
  #key = Buffer.allocUnsafeSlow(1024);
  #keyLength = 0;
  #keyParts = 0;
  #keyBits = 0;
  readonly #wantedParts: number;

  constructor(shape: RowShape, rolesOf?: RolesOf) {
    this.#shape = shape;
    this.#rolesOf = rolesOf;
    const fields = shape.fields.filter((field) => field !== 'roles' || rolesOf !== undefined);
    this.#steps = fields.map((field, i) => {
      const member = typeof field === 'string' ? field : field.member;
      const kind = typeof field === 'string' ? STEP[field] : STEP[field.key ? 'key' : field.kind];
      return { kind, head: Buffer.from(`${i === 0 ? '{' : ','}${JSON.stringify(member)}:`) };
    });
    this.#wantedParts = this.#steps.filter(({ kind }) => kind === STEP.key).length;
    this.#hasIndexes = shape.unknown.some(({ member }) => /^\d+$/.test(member));
    this.#slack = this.#steps.reduce((sum, { head }) => sum + head.length + FIELD_SLACK, 1);
  }

  /** Whether there is enough for a batch. */
  get isFull(): boolean {
    return this.#bytes >= BUFFER_BYTES || this.#records.length >= BATCH_RECORDS;
  }

  /** Adds the row at `[start, end)`. @throws AppError INVALID_DOCUMENT when it has no usable key */
  add(bytes: Buffer, start: number, end: number): void {
    const roles = this.#rolesOf?.(bytes, start + ID_AT);
    const room = 6 * (end - start) + this.#slack + (roles?.length ?? 0);
    if (this.#out.length - this.#to < room) this.#renew(room);
    this.#keyLength = 0;
    this.#keyParts = 0;
    this.#keyBits = 0;
    const from = this.#to;
    let at = start + AFTER_ID;
    let to = from;
    const out = this.#out;
    const steps = this.#steps;
    for (let i = 0; i < steps.length; i++) {
      const { kind, head } = steps[i]!;
      if (kind === STEP.id) {
        to = writeId(bytes, start + ID_AT, out, writeAll(head, out, to));
        continue;
      }
      if (kind === STEP.roles) {
        to = writeAll(roles!, out, writeAll(head, out, to));
        continue;
      }
      const length = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
      at += 4;
      if (length === NO_LENGTH) continue;
      to = writeAll(head, out, to);
      if (kind === STEP.text) to = writeString(bytes, at, at + length, out, to);
      else if (kind === STEP.boolean) to = writeAll(bytes[at] === 0 ? FALSE : TRUE, out, to);
      else if (kind === STEP.instant) {
        out[to] = QUOTE;
        to = writeInstant(bytes, at, out, to + 1);
        out[to++] = QUOTE;
      } else if (kind === STEP.key) {
        this.#addToKey(bytes, at, at + length);
        to = writeString(bytes, at, at + length, out, to);
      } else to = writeSecret(this.#shape.section, bytes, at, at + length, out, to);
      at += length;
    }
    this.#to = to;
    if (this.#shape.unknown.length > 0) this.#addUnknown(bytes, at, from, uuidText(bytes, start + ID_AT));
    this.#endLine(bytes, start, this.#out === out ? from : 0);
  }

  /** The lines added since the last call. @throws AppError INVALID_DOCUMENT when one is no UTF-8 */
  take(): CanonicalRecord[] {
    this.#check();
    const records = this.#records;
    this.#records = [];
    this.#bytes = 0;
    return records;
  }

  #endLine(bytes: Buffer, start: number, from: number): void {
    this.#out[this.#to++] = CLOSE;
    if (this.#keyParts !== this.#wantedParts) throw this.#keyless(uuidText(bytes, start + ID_AT));
    const key = this.#key.toString(this.#keyBits < 0x80 ? 'latin1' : 'utf8', 0, this.#keyLength);
    this.#records.push({ key, line: this.#out.subarray(from, this.#to) });
    this.#bytes += this.#to - from;
  }

  #addToKey(bytes: Buffer, at: number, end: number): void {
    if (this.#keyLength + end - at + 1 > this.#key.length) this.#growKey(end - at + 1);
    const key = this.#key;
    let to = this.#keyLength;
    let bits = this.#keyBits;
    if (to > 0) key[to++] = 0;
    if (end > at) this.#keyParts++;
    for (let i = at; i < end; i++) {
      const byte = bytes[i]!;
      bits |= byte;
      key[to++] = byte;
    }
    this.#keyLength = to;
    this.#keyBits = bits;
  }

  #growKey(more: number): void {
    const larger = Buffer.allocUnsafeSlow(2 * (this.#keyLength + more));
    this.#key.copy(larger, 0, 0, this.#keyLength);
    this.#key = larger;
  }

  /** Members we do not know stand last in canonical order, by code point, and are canonical within. */
  #addUnknown(bytes: Buffer, at: number, lineFrom: number, id: string): void {
    const body: JsonObject = {};
    for (const { member, source } of this.#shape.unknown) {
      const length = bytes.readInt32BE(at);
      at += 4;
      if (length === NO_LENGTH) continue;
      const text = bytes.subarray(at, at + length);
      if (!isUtf8(text)) throw invalidText(source, id);
      const value = parseExact(text.toString('utf8'));
      if (value !== null) setMember(body, member, value);
      at += length;
    }
    if (this.#hasIndexes) return this.#rewrite(body, lineFrom);
    const members = Buffer.from(JSON.stringify(canonicalBody(this.#shape.section, body)).slice(1, -1));
    if (members.length === 0) return;
    if (this.#out.length - this.#to < members.length + 2) this.#moveLine(lineFrom, members.length + 2);
    this.#out[this.#to++] = 0x2c;
    this.#to += members.copy(this.#out, this.#to);
  }

  /** Members whose names are whole numbers come first in every JavaScript object, so also in canonical form. */
  #rewrite(unknown: JsonObject, lineFrom: number): void {
    const known = JSON.parse(`${this.#out.toString('utf8', lineFrom, this.#to)}}`) as JsonObject;
    for (const [member, value] of Object.entries(unknown)) setMember(known, member, value);
    const line = Buffer.from(JSON.stringify(canonicalBody(this.#shape.section, known)).slice(0, -1));
    this.#to = lineFrom;
    if (this.#out.length - this.#to < line.length + 1) this.#renew(line.length + 1);
    this.#to += line.copy(this.#out, this.#to);
  }

  /** The line under way goes on in a new buffer. */
  #moveLine(from: number, room: number): void {
    const line = this.#out.subarray(from, this.#to);
    this.#to = from;
    this.#renew(line.length + room);
    this.#to = line.copy(this.#out);
  }

  #renew(room: number): void {
    this.#check();
    // Each batch has its own memory: who takes it may keep it.
    this.#out = Buffer.allocUnsafeSlow(Math.max(BUFFER_BYTES, room));
    this.#to = 0;
    this.#unchecked = 0;
  }

  #check(): void {
    if (isUtf8(this.#out.subarray(this.#unchecked, this.#to))) {
      this.#unchecked = this.#to;
      return;
    }
    const { line } = this.#records.find((record) => !isUtf8(record.line))!;
    const body = JSON.parse(line.toString('latin1')) as Record<string, unknown>;
    const [member] = Object.entries(body).find(
      ([, value]) => typeof value === 'string' && !isUtf8(Buffer.from(value, 'latin1')),
    )!;
    const field = this.#shape.fields.find((each) => typeof each === 'object' && each.member === member);
    throw invalidText((field as Field | undefined)?.source ?? this.#shape.table, String(body['id']));
  }

  #keyless(id: string): AppError {
    const sources = this.#shape.fields.filter((field) => typeof field === 'object' && field.key) as Field[];
    const names = sources.map(({ source }) => source).join(' or ');
    return new AppError(
      'INVALID_DOCUMENT',
      `${names} is empty in the row of ${this.#shape.table} with id ${id}.`,
      {
        notChanged: 'Nothing was changed.',
        remedy: 'Give it a name in the database, or delete it: without one it cannot be told from others.',
        details: { section: this.#shape.section, id },
      },
    );
  }
}

function writeAll(bytes: Uint8Array, out: Uint8Array, to: number): number {
  const length = bytes.length;
  for (let i = 0; i < length; i++) out[to + i] = bytes[i]!;
  return to + length;
}

/** As a JSON string, as `JSON.stringify` writes it. */
function writeString(bytes: Uint8Array, at: number, end: number, out: Uint8Array, to: number): number {
  out[to++] = QUOTE;
  while (at < end) {
    const byte = bytes[at++]!;
    if (IS_PLAIN[byte] === 1) out[to++] = byte;
    else to = writeEscape(byte, out, to);
  }
  out[to++] = QUOTE;
  return to;
}

function writeEscape(byte: number, out: Uint8Array, to: number): number {
  out[to++] = BACKSLASH;
  const letter = SHORT_ESCAPE.get(byte);
  if (letter !== undefined) {
    out[to++] = letter;
    return to;
  }
  for (const unit of [0x75, 0x30, 0x30, HEX[byte >> 4]!, HEX[byte & 15]!]) out[to++] = unit;
  return to;
}

/** BCrypt and its like begin with a dollar sign, which no mask has. */
function writeSecret(
  section: Section,
  bytes: Buffer,
  at: number,
  end: number,
  out: Uint8Array,
  to: number,
): number {
  if (bytes[at] === DOLLAR || !isUtf8(bytes.subarray(at, end))) return writeString(bytes, at, end, out, to);
  const { secretHash } = canonicalBody(section, { secretHash: bytes.toString('utf8', at, end) });
  return writeAll(Buffer.from(JSON.stringify(secretHash)), out, to);
}

function writeId(bytes: Uint8Array, at: number, out: Uint8Array, to: number): number {
  out[to++] = QUOTE;
  for (let i = 0; i < ID_LENGTH; i++) {
    const byte = bytes[at + i]!;
    out[to++] = HEX[byte >> 4]!;
    out[to++] = HEX[byte & 15]!;
    if (i === 3 || i === 5 || i === 7 || i === 9) out[to++] = 0x2d;
  }
  out[to++] = QUOTE;
  return to;
}
