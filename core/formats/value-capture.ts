import type { Position } from './document-errors.ts';
import {
  BACKSLASH,
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  LINE_FEED,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
  SMALL_U,
  isSpace,
} from './json-bytes.ts';
import type { TextPosition } from './text-position.ts';

/** The bytes of one value and what was seen in passing. Valid only until the next value. */
export interface ScannedValue {
  readonly buffer: Buffer;
  readonly begin: number;
  readonly end: number;
  /** Members of all objects in it, doubles included. */
  readonly members: number;
  readonly hasNumbers: boolean;
  /** Whether it has `\u` escapes, which can write what UTF-8 cannot. */
  readonly hasUnicodeEscapes: boolean;
}

/**
 * Follows one JSON value after the other through the chunks, by nesting, texts and escapes alone. The value lies in its
 * chunk where it can; what began in an earlier chunk is copied together.
 */
export class ValueCapture implements ScannedValue {
  readonly #position: TextPosition;
  #carried: Buffer[] = [];
  #carriedBytes = 0;
  #carriedFrom: Position | undefined;
  #line = 1;
  #lineOffset = 0;
  #depth = 0;
  #deepest = 0;
  #inText = false;
  #inEscape = false;
  #isScalar = false;

  buffer: Buffer = Buffer.alloc(0);
  begin = 0;
  end = 0;
  members = 0;
  hasNumbers = false;
  hasUnicodeEscapes = false;
  /** Where the nesting passed what is allowed: an index in the chunk. */
  tooDeepAt: number | undefined;

  constructor(position: TextPosition) {
    this.#position = position;
  }

  /** @param deepest levels that the value may have */
  start(index: number, first: number, deepest: number): void {
    this.#carriedFrom = undefined;
    this.#line = this.#position.line;
    this.#lineOffset = this.#position.lineOffset;
    this.#depth = 0;
    this.#deepest = deepest;
    this.#isScalar = first !== QUOTE && first !== OPEN_OBJECT && first !== OPEN_LIST;
    this.begin = index;
    this.members = 0;
    this.hasNumbers = this.#isScalar;
    this.hasUnicodeEscapes = false;
  }

  /** Where the value begins. */
  get from(): Position {
    return this.#carriedFrom ?? this.#position.at(this.begin, this.#line, this.#lineOffset);
  }

  /** Bytes of the value that are no longer in the chunk. */
  get carriedBytes(): number {
    return this.#carriedBytes;
  }

  /** A copy of what was carried and, up to `end`, what is in the chunk. */
  bytesUpTo(chunk: Buffer, end: number): Buffer {
    return Buffer.concat([...this.#carried, chunk.subarray(this.begin, end)]);
  }

  /**
   * The hot loop, its state in locals.
   *
   * @returns the index after the value; -1 when the chunk ends first or `tooDeepAt` is set
   */
  follow(chunk: Buffer, from: number): number {
    if (this.#isScalar) return endOfScalar(chunk, from);
    const length = chunk.length;
    const deepest = this.#deepest;
    let depth = this.#depth;
    let inText = this.#inText;
    let members = this.members;
    let i = from;
    if (this.#inEscape && i < length) {
      if (chunk[i++] === SMALL_U) this.hasUnicodeEscapes = true;
      this.#inEscape = false;
    }
    scan: while (i < length) {
      if (inText) {
        for (;;) {
          if (i >= length) break scan;
          const byte = chunk[i++]!;
          if (byte === QUOTE) break;
          if (byte !== BACKSLASH) continue;
          if (i >= length) {
            this.#inEscape = true;
            break scan;
          }
          if (chunk[i++] === SMALL_U) this.hasUnicodeEscapes = true;
        }
        inText = false;
        if (depth === 0) return this.#finish(i, members);
      } else {
        const byte = chunk[i++]!;
        if (byte === QUOTE) inText = true;
        else if (byte === COLON) members++;
        else if (byte === LINE_FEED) this.#position.passLineFeed(i - 1);
        else if (byte >= 0x30 && byte <= 0x39) this.hasNumbers = true;
        else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
          if (++depth > deepest) {
            this.tooDeepAt = i - 1;
            break;
          }
        } else if ((byte === CLOSE_OBJECT || byte === CLOSE_LIST) && --depth === 0)
          return this.#finish(i, members);
      }
    }
    this.#depth = depth;
    this.#inText = inText;
    this.members = members;
    return -1;
  }

  #finish(end: number, members: number): number {
    this.members = members;
    this.#inText = false;
    return end;
  }

  /** Keeps what the chunk has of the value. A copy: the source may fill the same buffer again. */
  carry(chunk: Buffer): void {
    this.#carriedFrom = this.from;
    this.#carried.push(Buffer.from(chunk.subarray(this.begin)));
    this.#carriedBytes += chunk.length - this.begin;
    this.begin = 0;
  }

  /** The value ends here: makes its bytes available. */
  complete(chunk: Buffer, end: number): void {
    if (this.#carriedBytes === 0) {
      this.buffer = chunk;
      this.end = end;
      return;
    }
    this.buffer = this.bytesUpTo(chunk, end);
    this.begin = 0;
    this.end = this.buffer.length;
    this.#carried = [];
    this.#carriedBytes = 0;
  }
}

function endOfScalar(chunk: Buffer, from: number): number {
  for (let i = from; i < chunk.length; i++) {
    const byte = chunk[i]!;
    if (isSpace(byte) || byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT) return i;
  }
  return -1;
}
