import type { AppError } from '../../contract/errors.ts';
import { documentTooLarge, invalidDocument } from './document-errors.ts';
import type { DocumentName, JsonPath, Position } from './document-errors.ts';
import {
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  LINE_FEED,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
  isClosing,
  isSeparator,
  isSpace,
  kindOfFirstByte,
} from './json-bytes.ts';
import { describeByte, findDefect, REMOVE_COMMA, type Defect } from './json-diagnosis.ts';
import { advance, TextPosition } from './text-position.ts';
import { ValueCapture, type ScannedValue } from './value-capture.ts';

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
  | ({ readonly as: 'whole' } & SizeLimit)
  | { readonly as: 'refused'; readonly expected: string };

export interface SizeLimit {
  readonly bytes: number;
  /** What is told when it is passed. */
  readonly sentence: string;
}

export interface ScanLimits {
  /** Size of one element of a list. */
  readonly element: SizeLimit;
  /** Levels of objects and lists, the root being the first. */
  readonly depth: number;
}

const NAME_LIMIT: SizeLimit = { bytes: 64 * 1024, sentence: 'the name of a member is longer than 64 KiB' };

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
 * Finds the members of a document's root and the elements of its lists, over chunks of any size, without parsing them:
 * whoever parses a value finds what else is wrong with it. Keeps the bytes of one value at most, bounded by its limit.
 *
 * An incremental parser would tell more and need many times as long; see bench/formats/reader.ts.
 */
export class JsonScanner {
  readonly #sink: ScanSink;
  readonly #document: DocumentName;
  readonly #limits: ScanLimits;
  readonly #position = new TextPosition();
  readonly #value = new ValueCapture(this.#position);
  #capturing: 'name' | 'value' | 'element' | undefined;
  #limit = NAME_LIMIT;

  #state: State = 'root';
  #rootIsList = false;
  #name: string | undefined;
  #index = -1;
  readonly #names = new Set<string>();

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
        i = this.#value.follow(chunk, i);
        if (this.#value.tooDeepAt !== undefined) throw this.#tooDeep(this.#value.tooDeepAt);
        if (i < 0) break;
        this.#checkSize(chunk, i);
        this.#deliver(chunk, i);
      }
    }
    if (this.#capturing !== undefined) {
      this.#checkSize(chunk, chunk.length);
      this.#value.carry(chunk);
    }
    this.#position.leave();
  }

  /** @throws AppError INVALID_DOCUMENT when the document is not complete */
  finish(): void {
    if (this.#state === 'finished') return;
    if (this.#capturing !== undefined) this.throwDefect(this.#value.bytesUpTo(Buffer.alloc(0), 0), true);
    throw invalidDocument(this.#document, {
      position: this.#position.at(0),
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

  /** Where the value that is being delivered begins. */
  get valuePosition(): Position {
    return this.#value.from;
  }

  /** The path of the value that is being delivered, or of what the scan is in. */
  get path(): JsonPath {
    const path: (string | number)[] = this.#name === undefined ? [] : [this.#name];
    if (this.#index >= 0) path.push(this.#index);
    return path;
  }

  /** Reports the first defect in the bytes of the value that is being delivered, if there is one. */
  throwDefect(bytes: Buffer, partial = false): void {
    const defect = findDefect(bytes, partial);
    if (defect !== undefined) throw this.#defective(defect, bytes);
  }

  #skipSpace(chunk: Buffer, from: number): number {
    let i = from;
    for (; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (!isSpace(byte)) break;
      if (byte === LINE_FEED) this.#position.passLineFeed(i);
    }
    return i;
  }

  /** One byte of the document's own structure. @returns the index after it, or its own where a value begins */
  #structure(chunk: Buffer, i: number): number {
    const byte = chunk[i]!;
    switch (this.#state) {
      case 'root':
        if (byte !== OPEN_OBJECT && byte !== OPEN_LIST) throw this.#unexpected(chunk, i);
        this.#rootIsList = byte === OPEN_LIST;
        return this.#to(this.#rootIsList ? 'firstElement' : 'firstMember', i);
      case 'firstMember':
      case 'member':
        if (byte === CLOSE_OBJECT && this.#state === 'firstMember') return this.#to('finished', i);
        if (byte !== QUOTE) throw this.#unexpected(chunk, i);
        return this.#capture('name', i, byte, NAME_LIMIT);
      case 'colon':
        if (byte !== COLON) throw this.#unexpected(chunk, i);
        return this.#to('memberValue', i);
      case 'memberValue':
        return this.#beginMember(chunk, i);
      case 'afterMember':
        if (byte !== CLOSE_OBJECT && byte !== COMMA) throw this.#unexpected(chunk, i);
        this.#name = undefined;
        return this.#to(byte === COMMA ? 'member' : 'finished', i);
      case 'firstElement':
      case 'element':
        if (byte === CLOSE_LIST && this.#state === 'firstElement') return this.#leaveList(i);
        this.#index++;
        if (isSeparator(byte)) throw this.#unexpected(chunk, i);
        return this.#capture('element', i, byte, this.#limits.element);
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
    if (isSeparator(first)) throw this.#unexpected(chunk, i);
    const kind = kindOfFirstByte(first);
    // What begins no value is captured all the same, as far as it goes: then it can be told what it is.
    if (kind === undefined) return this.#capture('value', i, first, NAME_LIMIT);
    const reading = this.#sink.member(this.#name!, first);
    if (reading.as === 'refused') throw this.#invalid(i, reading.expected, kind);
    if (reading.as === 'whole') return this.#capture('value', i, first, reading);
    return this.#to('firstElement', i);
  }

  #capture(what: 'name' | 'value' | 'element', i: number, first: number, limit: SizeLimit): number {
    const levelsAround = what === 'element' && !this.#rootIsList ? 2 : 1;
    this.#value.start(i, first, this.#limits.depth - levelsAround);
    this.#capturing = what;
    this.#limit = limit;
    return i;
  }

  #deliver(chunk: Buffer, end: number): void {
    this.#value.complete(chunk, end);
    const captured = this.#capturing;
    this.#capturing = undefined;
    if (captured === 'element') {
      this.#sink.element(this.#name, this.#value);
      this.#state = 'afterElement';
    } else if (captured === 'value') {
      this.#sink.value(this.#name!, this.#value);
      this.#state = 'afterMember';
    } else {
      this.#enterMember();
      this.#state = 'colon';
    }
  }

  #enterMember(): void {
    const bytes = this.#value.buffer.subarray(this.#value.begin, this.#value.end);
    this.throwDefect(bytes);
    this.#name = JSON.parse(bytes.toString('utf8')) as string;
    if (this.#names.has(this.#name))
      throw invalidDocument(this.#document, {
        position: this.valuePosition,
        path: this.path,
        expected: 'each member once',
        found: 'a second member of this name',
      });
    this.#names.add(this.#name);
  }

  #checkSize(chunk: Buffer, end: number): void {
    const value = this.#value;
    if (value.carriedBytes + end - value.begin <= this.#limit.bytes) return;
    // A missing quote or bracket makes a value swallow those after it: then that is what is wrong, not the size.
    const read = value.bytesUpTo(chunk, end);
    const defect = findDefect(read, true);
    if (defect !== undefined && !defect.cutOff) throw this.#defective(defect, read);
    throw documentTooLarge(this.#document, {
      position: this.valuePosition,
      path: this.path,
      what: this.#limit.sentence,
      limit: this.#limit.bytes,
    });
  }

  #tooDeep(i: number): AppError {
    return documentTooLarge(this.#document, {
      position: this.#position.at(i),
      path: this.path,
      what: `objects and lists are nested more than ${this.#limits.depth} levels deep`,
      limit: this.#limits.depth,
    });
  }

  #defective(defect: Defect, bytes: Buffer): AppError {
    return invalidDocument(this.#document, {
      ...defect,
      path: [...this.path, ...defect.path],
      position: advance(this.valuePosition, bytes, defect.offset),
    });
  }

  #unexpected(chunk: Buffer, i: number): AppError {
    const found = describeByte(chunk[i]!);
    const afterComma = this.#state === 'member' || this.#state === 'element';
    const remedy = found.remedy ?? (afterComma && isClosing(chunk[i]!) ? REMOVE_COMMA : undefined);
    return this.#invalid(i, EXPECTED[this.#state], found.text, remedy);
  }

  #invalid(i: number, expected: string, found: string, remedy?: string): AppError {
    return invalidDocument(this.#document, {
      position: this.#position.at(i),
      path: this.path,
      expected,
      found,
      ...(remedy !== undefined && { remedy }),
    });
  }
}
