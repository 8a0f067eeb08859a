/**
 * UUIDs in a text as their 16 bytes, beside the text instead of in it. They are random and half of a user's record: as
 * text no compression gets them below 17 bytes, and they make the codes for all other letters longer.
 *
 * FROZEN with version 2 of chunks: `unpackUuids`, `MARK` and the order of the values.
 */

/** Stands in the text where a UUID was taken out. JSON escapes it, so no record has it. */
const MARK = 0;
const UUID_BYTES = 16;
const UUID_LETTERS = 36;
const DASH = 0x2d;
/** Of the first dash in a UUID; three more follow, five letters apart. */
const FIRST_DASH = 8;
const DASH_DISTANCE = 5;
/** Of any letters that begin every so many, the first five have exactly one of a UUID's four dashes. */
const STRIDE = 4 * DASH_DISTANCE;
/** Where in a UUID the two digits of each of its bytes begin. */
const DIGIT_PAIRS = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34] as const;

const NO_DIGIT = 0xff;
const DIGITS = Buffer.from('0123456789abcdef');
const VALUE_OF = new Uint8Array(256).fill(NO_DIGIT);
for (const [value, letter] of DIGITS.entries()) VALUE_OF[letter] = value;

export interface PackedText {
  /** The text with a mark for each UUID. */
  readonly text: Buffer;
  /** Of each UUID in the text, in order, 16 bytes. */
  readonly values: Buffer;
}

/**
 * Takes all UUIDs in small letters out of a text.
 *
 * @returns undefined when there are none, or when the text has a mark of its own
 */
export function packUuids(plain: Buffer): PackedText | undefined {
  if (plain.includes(MARK)) return undefined;
  const text = Buffer.allocUnsafe(plain.length);
  const values = Buffer.allocUnsafe(Math.floor(plain.length / UUID_LETTERS) * UUID_BYTES);
  let textBytes = 0;
  let valueBytes = 0;
  let copied = 0;
  for (let from = 0; from < plain.length;) {
    const start = takeUuid(plain, from, copied, values, valueBytes);
    if (start < 0) {
      from += STRIDE;
      continue;
    }
    textBytes += plain.copy(text, textBytes, copied, start);
    text[textBytes++] = MARK;
    valueBytes += UUID_BYTES;
    copied = start + UUID_LETTERS;
    from = copied;
  }
  if (valueBytes === 0) return undefined;
  textBytes += plain.copy(text, textBytes, copied);
  return { text: text.subarray(0, textBytes), values: values.subarray(0, valueBytes) };
}

/** How long the text was that was packed, in bytes; no whole number when the values are not whole. */
export function unpackedBytes({ text, values }: PackedText): number {
  return text.length + (values.length / UUID_BYTES) * (UUID_LETTERS - 1);
}

/**
 * @param plain takes the text; as long as `unpackedBytes` says
 * @returns whether there is a mark for each value and a value for each mark
 */
export function unpackUuids({ text, values }: PackedText, plain: Buffer): boolean {
  let at = 0;
  let done = 0;
  for (let value = 0; value < values.length; value += UUID_BYTES) {
    const mark = text.indexOf(MARK, done);
    if (mark < 0) return false;
    at += text.copy(plain, at, done, mark);
    writeUuid(values, value, plain, at);
    at += UUID_LETTERS;
    done = mark + 1;
  }
  text.copy(plain, at, done);
  return !text.includes(MARK, done);
}

/**
 * Reads the UUID that has a dash among the five letters from here and begins at `earliest` or later.
 *
 * @returns where it begins; -1 when there is none
 */
function takeUuid(plain: Buffer, from: number, earliest: number, to: Buffer, at: number): number {
  for (let letter = from; letter < from + DASH_DISTANCE; letter++) {
    if (plain[letter] !== DASH) continue;
    let dash = letter;
    while (plain[dash - DASH_DISTANCE] === DASH) dash -= DASH_DISTANCE;
    const start = dash - FIRST_DASH;
    if (start >= earliest && readUuid(plain, start, to, at)) return start;
  }
  return -1;
}

/** @returns whether a UUID begins there; some of `to` may be written even if not */
function readUuid(plain: Buffer, start: number, to: Buffer, at: number): boolean {
  for (let dash = start + FIRST_DASH, i = 0; i < 4; i++, dash += DASH_DISTANCE)
    if (plain[dash] !== DASH) return false;
  if (start + UUID_LETTERS > plain.length) return false;
  for (let i = 0; i < UUID_BYTES; i++) {
    const digits = start + DIGIT_PAIRS[i]!;
    const high = VALUE_OF[plain[digits]!]!;
    const low = VALUE_OF[plain[digits + 1]!]!;
    if ((high | low) === NO_DIGIT) return false;
    to[at + i] = (high << 4) | low;
  }
  return true;
}

function writeUuid(values: Buffer, value: number, to: Buffer, at: number): void {
  for (let i = 0; i < UUID_BYTES; i++) {
    const byte = values[value + i]!;
    const digits = at + DIGIT_PAIRS[i]!;
    to[digits] = DIGITS[byte >> 4]!;
    to[digits + 1] = DIGITS[byte & 0xf]!;
  }
  for (let dash = at + FIRST_DASH, i = 0; i < 4; i++, dash += DASH_DISTANCE) to[dash] = DASH;
}
