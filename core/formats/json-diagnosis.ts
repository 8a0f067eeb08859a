import { isUtf8 } from 'node:buffer';
import type { JsonPath } from './document-errors.ts';
import {
  BACKSLASH,
  CARRIAGE_RETURN,
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  HASH,
  LINE_FEED,
  MINUS,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
  SINGLE_QUOTE,
  SLASH,
  SMALL_U,
  SPACE,
  isDigit,
  isSpace,
} from './json-bytes.ts';

/** What is wrong inside one JSON value. */
export interface Defect {
  /** Bytes from the beginning of the value. */
  readonly offset: number;
  /** From the value's own root. */
  readonly path: JsonPath;
  readonly expected: string;
  readonly found: string;
  readonly remedy?: string;
  /** The bytes ended before the value did. */
  readonly cutOff?: boolean;
}

/**
 * Reads a JSON value once more, slowly and strictly, to say what is wrong with it and where: syntax, members that occur
 * twice, text that PostgreSQL cannot hold. The scanner and `JSON.parse` find *that* something is wrong, at full speed.
 *
 * The nesting must have been limited before: this descends recursively.
 *
 * @param partial whether the value may go on after these bytes
 * @returns undefined when nothing is wrong
 */
export function findDefect(bytes: Buffer, partial: boolean): Defect | undefined {
  try {
    const walk = new Walk(bytes, partial);
    walk.value();
    walk.finish();
    return undefined;
  } catch (error) {
    if (error instanceof DefectFound) return error.defect;
    throw error;
  }
}

/** The byte offset of the value at `path`, in a value without defects; 0 when there is no such path. */
export function locate(bytes: Buffer, path: JsonPath): number {
  const walk = new Walk(bytes, false, path);
  walk.value();
  return walk.located;
}

class DefectFound extends Error {
  readonly defect: Defect;
  constructor(defect: Defect) {
    super(defect.expected);
    this.defect = defect;
  }
}

const WORDS = ['true', 'false', 'null'];
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** 1 for the bytes that words and numbers consist of. */
const IN_WORD = new Uint8Array(256);
for (let byte = 0; byte < 128; byte++) if (/[\w.+-]/.test(String.fromCharCode(byte))) IN_WORD[byte] = 1;
const ESCAPES = '"\\/bfnrt';

class Walk {
  readonly #bytes: Buffer;
  readonly #partial: boolean;
  readonly #wanted: JsonPath | undefined;
  readonly #path: (string | number)[] = [];
  #at = 0;
  located = 0;

  constructor(bytes: Buffer, partial: boolean, wanted?: JsonPath) {
    this.#bytes = bytes;
    this.#partial = partial;
    this.#wanted = wanted;
  }

  value(): void {
    this.#skipSpace();
    this.#noteLocation();
    const byte = this.#bytes[this.#at];
    if (byte === OPEN_OBJECT) this.#object();
    else if (byte === OPEN_LIST) this.#list();
    else if (byte === QUOTE) this.#text();
    else this.#scalar();
  }

  finish(): void {
    this.#skipSpace();
    if (this.#at < this.#bytes.length) this.#fail('the end of the value');
  }

  #object(): void {
    this.#at++;
    const names = new Set<string>();
    this.#skipSpace();
    if (this.#take(CLOSE_OBJECT)) return;
    for (;;) {
      this.#skipSpace();
      const start = this.#at;
      if (this.#bytes[start] !== QUOTE) this.#fail('a member name in double quotes', commaRemedy(names.size));
      const name = this.#text();
      if (names.has(name))
        this.#failAt(start, [...this.#path, name], 'each member once', 'a second member of this name');
      names.add(name);
      this.#skipSpace();
      if (!this.#take(COLON)) this.#fail('“:”');
      this.#path.push(name);
      this.value();
      this.#path.pop();
      this.#skipSpace();
      if (this.#take(CLOSE_OBJECT)) return;
      if (!this.#take(COMMA)) this.#fail('“,” or “}”');
    }
  }

  #list(): void {
    this.#at++;
    this.#skipSpace();
    if (this.#take(CLOSE_LIST)) return;
    for (let index = 0; ; index++) {
      this.#path.push(index);
      this.#skipSpace();
      if (index > 0 && this.#bytes[this.#at] === CLOSE_LIST) this.#fail('a value', commaRemedy(index));
      this.value();
      this.#path.pop();
      this.#skipSpace();
      if (this.#take(CLOSE_LIST)) return;
      if (!this.#take(COMMA)) this.#fail('“,” or “]”');
    }
  }

  #text(): string {
    const start = this.#at++;
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) this.#fail('the closing double quote of a text');
      if (byte < 0x20)
        this.#fail('text without raw control characters', 'Write it as an escape (\\n, \\t, …).');
      this.#at++;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) this.#escape();
    }
    const raw = this.#bytes.subarray(start, this.#at);
    if (!isUtf8(raw))
      this.#failAt(start + firstInvalidUtf8(raw), this.#path, 'UTF-8 text', 'bytes that are not UTF-8');
    const text = JSON.parse(raw.toString('utf8')) as string;
    if (text.includes('\u0000'))
      this.#failAt(start, this.#path, 'text without NUL characters', 'a NUL character (\\u0000)');
    if (!text.isWellFormed())
      this.#failAt(start, this.#path, 'whole Unicode characters', 'half of a surrogate pair');
    return text;
  }

  #escape(): void {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) this.#fail('the rest of an escape');
    if (byte === SMALL_U) {
      const digits = this.#bytes.toString('latin1', this.#at + 1, this.#at + 5);
      const valid = /^[\da-fA-F]*/.exec(digits)![0].length;
      if (valid < 4) {
        this.#at += 1 + valid;
        this.#fail('four hexadecimal digits after “\\u”');
      }
      this.#at += 5;
    } else if (ESCAPES.includes(String.fromCharCode(byte))) this.#at++;
    else this.#fail('one of " \\ / b f n r t u after a backslash');
  }

  #scalar(): void {
    const start = this.#at;
    let end = start;
    let digitsOnly = true;
    for (; end < this.#bytes.length && IN_WORD[this.#bytes[end]!] === 1; end++)
      digitsOnly &&= isDigit(this.#bytes[end]!);
    // A large value may be a list of millions of these: they are not worth a string each.
    const plain =
      digitsOnly && end - start < 16 && end > start && (this.#bytes[start] !== 0x30 || end === start + 1);
    const word = plain ? '' : this.#bytes.toString('latin1', start, end);
    if (plain || WORDS.includes(word) || NUMBER.test(word)) {
      this.#at = end;
      return;
    }
    if (this.#partial && end === this.#bytes.length && couldGoOn(word)) this.#at = end;
    this.#fail(/^-?\d/.test(word) ? 'a number as JSON writes it' : 'a value');
  }

  #skipSpace(): void {
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined || !isSpace(byte)) return;
      this.#at++;
    }
  }

  #take(byte: number): boolean {
    if (this.#bytes[this.#at] !== byte) return false;
    this.#at++;
    return true;
  }

  #noteLocation(): void {
    const wanted = this.#wanted;
    if (wanted === undefined) return;
    if (wanted.length === this.#path.length && wanted.every((step, i) => step === this.#path[i]))
      this.located = this.#at;
  }

  #fail(expected: string, remedy?: string): never {
    const cutOff = this.#partial && this.#at >= this.#bytes.length;
    const found = describeBytes(this.#bytes, this.#at);
    throw new DefectFound({
      offset: this.#at,
      path: [...this.#path],
      expected,
      found: found.text,
      ...((found.remedy ?? remedy) && { remedy: found.remedy ?? remedy }),
      ...(cutOff && { cutOff }),
    });
  }

  #failAt(offset: number, path: JsonPath, expected: string, found: string): never {
    throw new DefectFound({ offset, path: [...path], expected, found });
  }
}

/** Where decoding and encoding again first differ: at the first invalid byte or within its sequence. */
function firstInvalidUtf8(bytes: Buffer): number {
  const valid = Buffer.from(bytes.toString('utf8'));
  let i = 0;
  while (i < bytes.length && bytes[i] === valid[i]) i++;
  return i;
}

function couldGoOn(word: string): boolean {
  return WORDS.some((whole) => whole.startsWith(word)) || /^-?\d*\.?\d*(?:[eE][+-]?)?$/.test(word);
}

export const REMOVE_COMMA = 'Remove the comma before it: JSON allows none after the last entry.';

function commaRemedy(before: number): string | undefined {
  return before > 0 ? REMOVE_COMMA : undefined;
}

/** Words of other languages that get into hand-written JSON. Only these are repeated in a message: others may be secrets. */
const FOREIGN_WORDS = /^(?:-?NaN|[+-]?Infinity|undefined|None|nil|NULL|Null|TRUE|True|FALSE|False)(?![\w$])/;

interface Description {
  readonly text: string;
  readonly remedy?: string;
}

/** Names what stands at `offset`, without repeating data. */
function describeBytes(bytes: Buffer, offset: number): Description {
  const byte = bytes[offset];
  if (byte === undefined) return { text: 'the end of the document' };
  const ahead = bytes.toString('utf8', offset, offset + 16);
  const word = FOREIGN_WORDS.exec(ahead)?.[0];
  if (word !== undefined)
    return { text: `“${word}”`, remedy: 'JSON knows numbers, true, false and null, in this spelling.' };
  const [character = ''] = ahead;
  if (character === '\ufffd' && byte >= 0x80 && !isUtf8(bytes.subarray(offset, offset + 3)))
    return {
      text: `a byte that is not UTF-8 (${byte.toString(16).toUpperCase()})`,
      remedy: 'Save it as UTF-8; or, if it was changed on its way, fetch or copy it again.',
    };
  return byte < 0x80 || /[\s\p{C}]/u.test(character) ? describeByte(byte) : { text: `“${character}”` };
}

/** Names what begins with this byte: all that can be told where a chunk may end behind it. */
export function describeByte(byte: number): Description {
  if (byte === SLASH || byte === HASH)
    return { text: 'a comment', remedy: 'Remove comments: JSON has none.' };
  if (byte === SINGLE_QUOTE)
    return { text: 'a single quote', remedy: 'Put names and texts in double quotes.' };
  if (byte === LINE_FEED || byte === CARRIAGE_RETURN) return { text: 'a line break' };
  if (byte < SPACE || byte === 0x7f) return { text: `a control character (code ${byte})` };
  if (byte === QUOTE) return { text: 'text' };
  if (byte === MINUS || isDigit(byte)) return { text: 'a number' };
  return { text: byte < 0x80 ? `“${String.fromCharCode(byte)}”` : 'a character that is no part of JSON' };
}
