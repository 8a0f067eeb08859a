import type { AppError } from '../../contract/errors.ts';
import { documentTooLarge, invalidDocument } from './document-errors.ts';
import type { DocumentName, JsonPath, Position } from './document-errors.ts';
import { describeBytes, findDefect, kindOfFirstByte, REMOVE_COMMA, type Defect } from './json-diagnosis.ts';
import { advance, TextPosition } from './text-position.ts';

/** What the scanner tells. Everything is called from within `push`, in document order. */
export interface ScanSink {
  /** A member of the root object begins; `first` is the first byte of its value. */
  member(name: string, first: number): MemberReading;
  /** The whole value of a member that is not read element by element. */
  value(name: string, value: ScannedValue): void;
  /** An element of a list that is; `list` is undefined when the list is the root. */
  element(list: string | undefined, value: ScannedValue): void;
}

export type MemberReading =
  | { readonly as: 'elements' }
  /** `limit` in bytes; `what` is told when it is passed. */
  | { readonly as: 'whole'; readonly limit: number; readonly what: string }
  | { readonly as: 'refused'; readonly expected: string };

/** The bytes of one value and what was seen in passing. Valid only until the sink returns. */
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

export interface ScanLimits {
  /** Size of one element, in bytes. */
  readonly elementBytes: number;
  /** Levels of objects and lists, the root being the first. */
  readonly depth: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const LINE_FEED = 0x0a;
const SMALL_U = 0x75;

const SPACE_CLASS = 1;
const classOf = new Uint8Array(256);
for (const byte of [0x20, 0x09, 0x0d, LINE_FEED]) classOf[byte] = SPACE_CLASS;

const LONGEST_NAME = 64 * 1024;

/** Where the scan is, outside of captured values; each with what may stand there. */
const EXPECTED = {
  root: 'an object or a list',
  firstMember: 'a member name in double quotes or “}”',
  member: 'a member name in double quotes',
  colon: '“:”',
  memberValue: 'a value',
  afterMember: '“,” or “}”',
  firstElement: 'a value or “]”',
  element: 'a value',
  afterElement: '“,” or “]”',
  finished: 'nothing after the end of the document',
} as const;
type State = keyof typeof EXPECTED;

/**
 * Finds the members of a document's root and the elements of its lists, over chunks of any size, without parsing them.
 * It follows only nesting, texts and escapes; whoever parses a value finds what else is wrong with it. Keeps the bytes
 * of one value at most, bounded by its limit.
 *
 * This and `JSON.parse` of each element need an eighth of the time of an incremental parser, and memory that does not
 * grow with the document: see bench/formats/reader.ts.
 */
export class JsonScanner implements ScannedValue {
  readonly #sink: ScanSink;
  readonly #document: DocumentName;
  readonly #limits: ScanLimits;

  #state: State = 'root';
  #rootIsList = false;
  #name: string | undefined;
  #index = -1;
  readonly #names = new Set<string>();

  readonly #position = new TextPosition();
  #line = 1;
  #lineOffset = 0;

  // The value being captured. Until the chunk ends it lies in the chunk, from `begin`; then its beginning is carried.
  #capturing: 'name' | 'value' | 'element' | undefined;
  #limit = 0;
  #limitText = '';
  #carried: Buffer[] = [];
  #carriedBytes = 0;
  #carriedFrom: Position | undefined;
  #beginLine = 1;
  #beginLineOffset = 0;
  #depth = 0;
  #inText = false;
  #inEscape = false;
  #isScalar = false;

  buffer: Buffer = Buffer.alloc(0);
  begin = 0;
  end = 0;
  members = 0;
  hasNumbers = false;
  hasUnicodeEscapes = false;

  constructor(sink: ScanSink, document: DocumentName, limits: ScanLimits) {
    this.#sink = sink;
    this.#document = document;
    this.#limits = limits;
  }

  /**
   * @param chunk is not kept
   * @throws AppError INVALID_DOCUMENT, DOCUMENT_TOO_LARGE
   */
  push(chunk: Buffer): void {
    this.#position.enter(chunk);
    let i = 0;
    for (;;) {
      if (this.#capturing === undefined) {
        i = this.#skipSpace(chunk, i);
        if (i === chunk.length) break;
        i = this.#structure(chunk, i);
      } else {
        i = this.#capture(chunk, i);
        if (i < 0) break;
        this.#deliver(chunk, i);
      }
    }
    if (this.#capturing !== undefined) this.#carry(chunk);
    this.#position.leave(this.#lineOffset);
  }

  /** @throws AppError INVALID_DOCUMENT when the document is not complete */
  finish(): void {
    if (this.#state === 'finished') return;
    if (this.#capturing !== undefined) this.throwDefect(Buffer.concat(this.#carried), true);
    throw invalidDocument(this.#document, {
      position: this.here,
      path: this.path,
      expected: EXPECTED[this.#state],
      found: 'the end of the document',
      cutOff: true,
    });
  }

  get rootIsList(): boolean {
    return this.#rootIsList;
  }

  /** Bytes before the current chunk. */
  get bytes(): number {
    return this.#position.chunkOffset;
  }

  /** Where the scan stands between two chunks. */
  get here(): Position {
    return this.#position.at(0, this.#line, this.#lineOffset);
  }

  /** Where the value that is being delivered begins. */
  get valuePosition(): Position {
    return this.#carriedFrom ?? this.#position.at(this.begin, this.#beginLine, this.#beginLineOffset);
  }

  /** The path of the value that is being delivered, or of what the scan is in. */
  get path(): JsonPath {
    const path: (string | number)[] = this.#name === undefined ? [] : [this.#name];
    if (this.#index >= 0) path.push(this.#index);
    return path;
  }

  #skipSpace(chunk: Buffer, from: number): number {
    let i = from;
    for (; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (classOf[byte] !== SPACE_CLASS) break;
      if (byte === LINE_FEED) this.#beginNewLine(i);
    }
    return i;
  }

  #beginNewLine(lineFeedIndex: number): void {
    this.#line++;
    this.#lineOffset = this.#position.chunkOffset + lineFeedIndex + 1;
  }

  /** One byte of the document's own structure. @returns the index after it, or its own where a value begins */
  #structure(chunk: Buffer, i: number): number {
    const byte = chunk[i]!;
    switch (this.#state) {
      case 'root':
        if (byte !== OPEN_OBJECT && byte !== OPEN_LIST) throw this.#unexpected(chunk, i);
        this.#rootIsList = byte === OPEN_LIST;
        this.#state = this.#rootIsList ? 'firstElement' : 'firstMember';
        return i + 1;
      case 'firstMember':
      case 'member':
        if (byte === CLOSE_OBJECT && this.#state === 'firstMember') return this.#to('finished', i);
        if (byte !== QUOTE) throw this.#unexpected(chunk, i);
        return this.#beginCapture('name', i, byte, LONGEST_NAME, 'a member name is longer than 64 KiB');
      case 'colon':
        if (byte !== COLON) throw this.#unexpected(chunk, i);
        return this.#to('memberValue', i);
      case 'memberValue':
        return this.#beginMember(chunk, i);
      case 'afterMember':
        this.#name = undefined;
        if (byte === CLOSE_OBJECT) return this.#to('finished', i);
        if (byte !== COMMA) throw this.#unexpected(chunk, i);
        return this.#to('member', i);
      case 'firstElement':
      case 'element':
        if (byte === CLOSE_LIST && this.#state === 'firstElement') return this.#leaveList(i);
        this.#index++;
        return this.#beginElement(chunk, i);
      case 'afterElement':
        if (byte === CLOSE_LIST) return this.#leaveList(i);
        if (byte !== COMMA) throw this.#unexpected(chunk, i);
        return this.#to('element', i);
      case 'finished':
    }
    throw this.#unexpected(chunk, i);
  }

  #to(state: State, i: number): number {
    this.#state = state;
    return i + 1;
  }

  #leaveList(i: number): number {
    this.#index = -1;
    return this.#to(this.#rootIsList ? 'finished' : 'afterMember', i);
  }

  #beginMember(chunk: Buffer, i: number): number {
    const first = chunk[i]!;
    if (isStructure(first)) throw this.#unexpected(chunk, i);
    const kind = kindOfFirstByte(first);
    // What begins no value is captured all the same, as far as it goes: then it can be told what it is.
    if (kind === undefined)
      return this.#beginCapture('value', i, first, LONGEST_NAME, 'this is no JSON value');
    const reading = this.#sink.member(this.#name!, first);
    if (reading.as === 'refused') throw this.#invalid(i, reading.expected, kind);
    if (reading.as === 'whole') return this.#beginCapture('value', i, first, reading.limit, reading.what);
    return this.#to('firstElement', i);
  }

  #beginElement(chunk: Buffer, i: number): number {
    const first = chunk[i]!;
    if (isStructure(first)) throw this.#unexpected(chunk, i);
    const limit = this.#limits.elementBytes;
    return this.#beginCapture('element', i, first, limit, `one record is larger than ${megabytes(limit)}`);
  }

  #beginCapture(
    what: 'name' | 'value' | 'element',
    i: number,
    first: number,
    limit: number,
    limitText: string,
  ) {
    this.#capturing = what;
    this.#limit = limit;
    this.#limitText = limitText;
    this.#carriedFrom = undefined;
    this.#beginLine = this.#line;
    this.#beginLineOffset = this.#lineOffset;
    this.#depth = 0;
    this.#isScalar = first !== QUOTE && first !== OPEN_OBJECT && first !== OPEN_LIST;
    this.begin = i;
    this.members = 0;
    this.hasNumbers = false;
    this.hasUnicodeEscapes = false;
    return i;
  }

  /**
   * Follows the captured value through the chunk: the hot loop, its state in locals.
   *
   * @returns the index after the value, or -1 when the chunk ends first
   */
  #capture(chunk: Buffer, from: number): number {
    if (this.#isScalar) return this.#captureScalar(chunk, from);
    const length = chunk.length;
    const deepest = this.#limits.depth - (this.#index >= 0 && !this.#rootIsList ? 2 : 1);
    let depth = this.#depth;
    let inText = this.#inText;
    let members = this.members;
    let i = from;
    if (this.#inEscape && i < length) {
      if (chunk[i] === SMALL_U) this.hasUnicodeEscapes = true;
      this.#inEscape = false;
      i++;
    }
    scan: while (i < length) {
      if (inText) {
        for (;;) {
          if (i >= length) break scan;
          const byte = chunk[i++]!;
          if (byte === QUOTE) break;
          if (byte === BACKSLASH) {
            if (i >= length) {
              this.#inEscape = true;
              break scan;
            }
            if (chunk[i++] === SMALL_U) this.hasUnicodeEscapes = true;
          }
        }
        inText = false;
        if (depth > 0) continue;
        this.#endCapture(members);
        return i;
      }
      const byte = chunk[i++]!;
      if (byte === QUOTE) inText = true;
      else if (byte === COLON) members++;
      else if (byte === LINE_FEED) this.#beginNewLine(i - 1);
      else if (byte >= 0x30 && byte <= 0x39) this.hasNumbers = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        if (++depth > deepest) throw this.#tooDeep(i - 1);
      } else if ((byte === CLOSE_OBJECT || byte === CLOSE_LIST) && --depth === 0) {
        this.#endCapture(members);
        return i;
      }
    }
    this.#depth = depth;
    this.#inText = inText;
    this.members = members;
    return -1;
  }

  #endCapture(members: number): void {
    this.members = members;
    this.#inText = false;
    this.#depth = 0;
  }

  #captureScalar(chunk: Buffer, from: number): number {
    this.hasNumbers = true;
    for (let i = from; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (classOf[byte] === SPACE_CLASS || byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT)
        return i;
    }
    return -1;
  }

  #carry(chunk: Buffer): void {
    this.#carriedFrom ??= this.#position.at(this.begin, this.#beginLine, this.#beginLineOffset);
    // A copy: the source may fill the same buffer again.
    this.#carried.push(Buffer.from(chunk.subarray(this.begin)));
    this.#carriedBytes += chunk.length - this.begin;
    this.begin = 0;
    this.#checkSize(this.#carriedBytes, () => Buffer.concat(this.#carried));
  }

  #deliver(chunk: Buffer, end: number): void {
    this.#checkSize(this.#carriedBytes + end - this.begin, () =>
      Buffer.concat([...this.#carried, chunk.subarray(this.begin, end)]),
    );
    if (this.#carriedBytes === 0) {
      this.buffer = chunk;
      this.end = end;
    } else {
      this.buffer = Buffer.concat([...this.#carried, chunk.subarray(0, end)]);
      this.begin = 0;
      this.end = this.buffer.length;
      this.#carried = [];
      this.#carriedBytes = 0;
    }
    const captured = this.#capturing;
    this.#capturing = undefined;
    if (captured === 'element') {
      this.#state = 'afterElement';
      this.#sink.element(this.#name, this);
    } else if (captured === 'value') {
      this.#state = 'afterMember';
      this.#sink.value(this.#name!, this);
    } else {
      this.#state = 'colon';
      this.#enterMember();
    }
    this.begin = end;
  }

  #enterMember(): void {
    const bytes = this.buffer.subarray(this.begin, this.end);
    this.throwDefect(bytes);
    const name = JSON.parse(bytes.toString('utf8')) as string;
    this.#name = name;
    if (this.#names.has(name))
      throw invalidDocument(this.#document, {
        position: this.valuePosition,
        path: [name],
        expected: 'each member once',
        found: 'a second member of this name',
      });
    this.#names.add(name);
  }

  /** Reports the first defect in the bytes of the value that is being delivered, if there is one. */
  throwDefect(bytes: Buffer, partial = false): void {
    const defect = findDefect(bytes, partial);
    if (defect !== undefined) throw this.#defective(defect, bytes);
  }

  #defective(defect: Defect, bytes: Buffer): AppError {
    return invalidDocument(this.#document, {
      ...defect,
      path: [...this.path, ...defect.path],
      position: advance(this.valuePosition, bytes, defect.offset),
    });
  }

  #checkSize(size: number, bytes: () => Buffer): void {
    if (size <= this.#limit) return;
    // A missing quote or bracket makes a value swallow those after it: then that is what is wrong, not the size.
    const read = bytes();
    const defect = findDefect(read, true);
    if (defect !== undefined && !defect.cutOff) throw this.#defective(defect, read);
    throw documentTooLarge(this.#document, {
      position: this.valuePosition,
      path: this.path,
      what: this.#limitText,
      limit: this.#limit,
    });
  }

  #tooDeep(i: number): AppError {
    return documentTooLarge(this.#document, {
      position: this.#position.at(i, this.#line, this.#lineOffset),
      path: this.path,
      what: `objects and lists are nested more than ${this.#limits.depth} levels deep`,
      limit: this.#limits.depth,
    });
  }

  #unexpected(chunk: Buffer, i: number): AppError {
    const found = describeBytes(chunk, i);
    const afterComma = this.#state === 'member' || this.#state === 'element';
    const remedy = found.remedy ?? (afterComma && isClosing(chunk[i]!) ? REMOVE_COMMA : undefined);
    return this.#invalid(i, EXPECTED[this.#state], found.text, remedy);
  }

  #invalid(i: number, expected: string, found: string, remedy?: string): AppError {
    return invalidDocument(this.#document, {
      position: this.#position.at(i, this.#line, this.#lineOffset),
      path: this.path,
      expected,
      found,
      ...(remedy !== undefined && { remedy }),
    });
  }
}

/** A byte that ends or separates values. */
function isStructure(byte: number): boolean {
  return isClosing(byte) || byte === COMMA || byte === COLON;
}

function isClosing(byte: number): boolean {
  return byte === CLOSE_OBJECT || byte === CLOSE_LIST;
}

function megabytes(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${bytes / 1024 / 1024} MiB` : `${bytes} bytes`;
}
