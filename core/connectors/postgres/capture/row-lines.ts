import { isUtf8 } from 'node:buffer';
import { canonicalBody } from '../../../model/canonical.ts';
import { parseExact } from '../../../model/exact-json.ts';
import { RecordWithin, setMember, type CanonicalRecord, type JsonObject } from '../../../model/record.ts';
import type { Section } from '../../../model/sections.ts';
import { wordsOf, writeString, writeUuid, writeWords, type Words } from './byte-writing.ts';
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
  /** The name of the user whom the row belongs to; a key too, where it says so. */
  readonly owner?: true;
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

/** Told of each row that is left out: its id, and whether it is its user who has no name. */
export type OnNameless = (id: string, isOfUser: boolean) => void;

/** The JSON text of the roles of the user whose id lies at `at`. */
export type RolesOf = (bytes: Buffer, at: number) => Words;

const BUFFER_BYTES = 256 * 1024;
const BATCH_RECORDS = 1_000;
const ID_LENGTH = 16;
/** The number of columns, the id's length and the id. */
const ID_AT = 6;
const AFTER_ID = ID_AT + ID_LENGTH;
/** What a column is at most longer as JSON than six times its bytes: an id, an instant, `false`, a pair of quotes. */
const FIELD_SLACK = 52;
const NO_LENGTH = -1;

const STEP = { text: 0, key: 1, secret: 2, boolean: 3, instant: 4, id: 5, roles: 6, owner: 7 } as const;

interface Step {
  readonly kind: (typeof STEP)[keyof typeof STEP];
  /** `,"email":`, or with a brace for the first. */
  readonly head: Words;
}

const QUOTE = 0x22;
const CLOSE = 0x7d;
const DOLLAR = 0x24;
const TRUE = wordsOf('true');
const FALSE = wordsOf('false');

/**
 * Makes canonical lines of binary COPY rows: the same bytes that `canonicalRecord` would give for the same values (there
 * is a test of just that), without objects and strings between. All that a line costs is some copying; a million of them
 * take half a second, and four times that through `JSON.stringify`.
 */
export class RowLines {
  readonly #shape: RowShape;
  readonly #onNameless: OnNameless;
  readonly #rolesOf: RolesOf | undefined;
  readonly #steps: readonly Step[];
  readonly #slack: number;
  readonly #hasIndexes: boolean;
  #out = Buffer.alloc(0);
  #view = viewOf(this.#out);
  /** What rows came from last, and the view of it: many come from one. */
  #source: Buffer = this.#out;
  #sourceView = this.#view;
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
  #isOwnerless = false;
  readonly #wantedParts: number;
  /** Which step writes the name of the user whom the row belongs to. */
  readonly #ownerStep: number;

  constructor(shape: RowShape, onNameless: OnNameless, rolesOf?: RolesOf) {
    this.#shape = shape;
    this.#onNameless = onNameless;
    this.#rolesOf = rolesOf;
    const fields = shape.fields.filter((field) => field !== 'roles' || rolesOf !== undefined);
    this.#steps = fields.map((field, i) => {
      const member = typeof field === 'string' ? field : field.member;
      const kind = typeof field === 'string' ? STEP[field] : STEP[stepOf(field)];
      return { kind, head: wordsOf(`${i === 0 ? '{' : ','}${JSON.stringify(member)}:`) };
    });
    this.#wantedParts = this.#steps.filter(({ kind }) => kind === STEP.key).length;
    this.#ownerStep = fields.findIndex((field) => typeof field === 'object' && field.owner);
    this.#hasIndexes = shape.unknown.some(({ member }) => /^\d+$/.test(member));
    this.#slack = this.#steps.reduce((sum, { head }) => sum + head.length + FIELD_SLACK, 1);
  }

  /** Whether there is enough for a batch. */
  get isFull(): boolean {
    return this.#bytes >= BUFFER_BYTES || this.#records.length >= BATCH_RECORDS;
  }

  /** Adds the row at `[start, end)`; one without a usable key, or whose user has none, is left out. */
  add(bytes: Buffer, start: number, end: number): void {
    const roles = this.#rolesOf?.(bytes, start + ID_AT);
    const room = 6 * (end - start) + this.#slack + (roles?.length ?? 0);
    if (this.#out.length - this.#to < room) this.#renew(room);
    this.#keyLength = 0;
    this.#keyParts = 0;
    this.#keyBits = 0;
    this.#isOwnerless = false;
    const from = this.#to;
    let at = start + AFTER_ID;
    let to = from;
    const out = this.#view;
    const source = this.#viewOf(bytes);
    const steps = this.#steps;
    for (let i = 0; i < steps.length; i++) {
      const { kind, head } = steps[i]!;
      if (kind === STEP.id) {
        to = writeUuid(source, start + ID_AT, out, writeWords(head, out, to));
        continue;
      }
      if (kind === STEP.roles) {
        to = writeWords(roles!, out, writeWords(head, out, to));
        continue;
      }
      const length = source.getInt32(at);
      at += 4;
      if (length === NO_LENGTH) continue;
      to = writeWords(head, out, to);
      if (kind === STEP.text) to = writeString(source, at, at + length, out, to);
      else if (kind === STEP.boolean) to = writeWords(bytes[at] === 0 ? FALSE : TRUE, out, to);
      else if (kind === STEP.instant) {
        out.setUint8(to, QUOTE);
        to = writeInstant(source, at, out, to + 1);
        out.setUint8(to++, QUOTE);
      } else if (kind === STEP.key) {
        if (length === 0 && i === this.#ownerStep) this.#isOwnerless = true;
        this.#addToKey(bytes, at, at + length);
        to = writeString(source, at, at + length, out, to);
      } else if (kind === STEP.owner) {
        this.#isOwnerless = length === 0;
        to = writeString(source, at, at + length, out, to);
      } else to = writeSecret(this.#shape.section, bytes, at, at + length, source, out, to);
      at += length;
    }
    this.#to = to;
    if (this.#shape.unknown.length > 0) this.#addUnknown(bytes, at, from, uuidText(bytes, start + ID_AT));
    this.#endLine(bytes, start, this.#view === out ? from : 0);
  }

  /** The lines added since the last call. @throws AppError UNEXPECTED_ANSWER when one is no UTF-8 */
  take(): CanonicalRecord[] {
    this.#check();
    const records = this.#records;
    this.#records = [];
    this.#bytes = 0;
    return records;
  }

  #viewOf(bytes: Buffer): DataView {
    if (bytes !== this.#source) {
      this.#source = bytes;
      this.#sourceView = viewOf(bytes);
    }
    return this.#sourceView;
  }

  #endLine(bytes: Buffer, start: number, from: number): void {
    this.#out[this.#to++] = CLOSE;
    if (this.#keyParts !== this.#wantedParts || this.#isOwnerless) {
      // The line's place is the next one's.
      this.#to = from;
      this.#onNameless(uuidText(bytes, start + ID_AT), this.#isOwnerless);
      return;
    }
    const key = this.#key.toString(this.#keyBits < 0x80 ? 'latin1' : 'utf8', 0, this.#keyLength);
    this.#records.push(new RecordWithin(key, this.#out, from, this.#to));
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
    this.#view = viewOf(this.#out);
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
}

/** BCrypt and its like begin with a dollar sign, which no mask has. */
function writeSecret(
  section: Section,
  bytes: Buffer,
  at: number,
  end: number,
  source: DataView,
  out: DataView,
  to: number,
): number {
  if (bytes[at] === DOLLAR || !isUtf8(bytes.subarray(at, end))) return writeString(source, at, end, out, to);
  const { secretHash } = canonicalBody(section, { secretHash: bytes.toString('utf8', at, end) });
  return writeWords(wordsOf(JSON.stringify(secretHash)), out, to);
}

function stepOf({ kind, key, owner }: Field): keyof typeof STEP {
  if (key) return 'key';
  return owner ? 'owner' : kind;
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
