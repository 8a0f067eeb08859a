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
 * Turns offsets in the current chunk into positions. Columns count characters, and a line may have begun many chunks
 * ago (a document without line breaks is one line), so what is no longer there is kept as a count.
 */
export class TextPosition {
  #chunk: Uint8Array = new Uint8Array();
  #chunkOffset = 0;
  /** Bytes of the line on which the chunk begins, before the chunk, that continue a character. */
  #continuations = 0;

  /** Byte offset of the current chunk in the document. */
  get chunkOffset(): number {
    return this.#chunkOffset;
  }

  enter(chunk: Uint8Array): void {
    this.#chunk = chunk;
  }

  /** @param lineOffset where the line on which the chunk ends begins, in bytes from the document's beginning */
  leave(lineOffset: number): void {
    const lineIndex = lineOffset - this.#chunkOffset;
    if (lineIndex >= 0) this.#continuations = 0;
    this.#continuations += countContinuations(this.#chunk.subarray(Math.max(lineIndex, 0)));
    this.#chunkOffset += this.#chunk.length;
    this.#chunk = new Uint8Array();
  }

  /**
   * @param index in the current chunk
   * @param line the number of the line it is on, and where that line begins in bytes from the document's beginning
   */
  at(index: number, line: number, lineOffset: number): Position {
    const offset = this.#chunkOffset + index;
    const lineIndex = lineOffset - this.#chunkOffset;
    const before = lineIndex >= 0 ? 0 : this.#continuations;
    const within = countContinuations(this.#chunk.subarray(Math.max(lineIndex, 0), index));
    return { line, column: offset - lineOffset - before - within + 1, offset };
  }
}

function countContinuations(bytes: Uint8Array): number {
  if (isAscii(bytes)) return 0;
  let count = 0;
  for (let i = 0; i < bytes.length; i++) if (continuesCharacter(bytes[i]!)) count++;
  return count;
}

function continuesCharacter(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
