import { isAscii } from 'node:buffer';
import type { Position } from './document-errors.ts';

const LINE_FEED = 0x0a;

/** The position `length` bytes after `from`, when `bytes` are what stands there. */
export function advance(from: Position, bytes: Uint8Array, length: number): Position {
  let { line, column } = from;
  for (let i = 0; i < length; i++) {
    const byte = bytes[i]!;
    if (byte === LINE_FEED) {
      line++;
      column = 1;
    } else if (!continuesCharacter(byte)) column++;
  }
  return { line, column, offset: from.offset + length };
}

/**
 * Turns places in the current chunk into positions in the document. Columns count characters, and a line may have begun
 * many chunks ago (a document without line breaks is one line), so what is no longer there is kept as a count.
 */
export class TextPosition {
  #chunk: Uint8Array = new Uint8Array();
  #chunkOffset = 0;
  #line = 1;
  #lineOffset = 0;
  /** Bytes of the line on which the chunk begins, before the chunk, that continue a character. */
  #continuations = 0;

  /** Byte offset of the current chunk in the document. */
  get chunkOffset(): number {
    return this.#chunkOffset;
  }

  /** The line on which the scan stands. */
  get line(): number {
    return this.#line;
  }

  /** Where that line begins, in bytes from the document's beginning. */
  get lineOffset(): number {
    return this.#lineOffset;
  }

  enter(chunk: Uint8Array): void {
    this.#chunk = chunk;
  }

  passLineFeed(index: number): void {
    this.#line++;
    this.#lineOffset = this.#chunkOffset + index + 1;
  }

  leave(): void {
    const lineIndex = this.#lineOffset - this.#chunkOffset;
    if (lineIndex >= 0) this.#continuations = 0;
    this.#continuations += countContinuations(this.#chunk.subarray(Math.max(lineIndex, 0)));
    this.#chunkOffset += this.#chunk.length;
    this.#chunk = new Uint8Array();
  }

  /** @param index in the current chunk, on the line given, which is the current one unless the scan went on since */
  at(index: number, line = this.#line, lineOffset = this.#lineOffset): Position {
    const offset = this.#chunkOffset + index;
    const lineIndex = lineOffset - this.#chunkOffset;
    const before = lineIndex >= 0 ? 0 : this.#continuations;
    const within = countContinuations(this.#chunk.subarray(Math.max(lineIndex, 0), index));
    return { line, column: offset - lineOffset - before - within + 1, offset };
  }
}

/** Four bytes at a time: every byte of a large document passes through here. */
function countContinuations(bytes: Uint8Array): number {
  if (isAscii(bytes)) return 0;
  let count = 0;
  let i = 0;
  while (i < bytes.length && (bytes.byteOffset + i) % 4 !== 0) if (continuesCharacter(bytes[i++]!)) count++;
  const left = bytes.length - i;
  const words = left < 4 ? [] : new Uint32Array(bytes.buffer, bytes.byteOffset + i, left >>> 2);
  for (let w = 0; w < words.length; w++) {
    const word = words[w]!;
    // Of each byte the lowest bit: set where the two highest are 1 and 0. The product adds up the four.
    const marks = (word >>> 7) & ~(word >>> 6) & 0x01010101;
    count += Math.imul(marks, 0x01010101) >>> 24;
  }
  for (i += words.length * 4; i < bytes.length; i++) if (continuesCharacter(bytes[i]!)) count++;
  return count;
}

function continuesCharacter(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
