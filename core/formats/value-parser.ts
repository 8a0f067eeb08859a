import { isUtf8 } from 'node:buffer';
import { refusedDocument, type DocumentName } from './document-errors.ts';
import { isRawJson, parseExact } from '../model/exact-json.ts';
import type { JsonValue } from '../model/record.ts';
import type { JsonScanner } from './json-scanner.ts';
import type { ScannedValue } from './value-capture.ts';

/** Parses the values that the scanner found, strictly: UTF-8, no member twice, only text that PostgreSQL can hold. */
export class ValueParser {
  readonly #document: DocumentName;
  #validChunk: Buffer | undefined;

  constructor(document: DocumentName) {
    this.#document = document;
  }

  /** Checks the encoding of a whole chunk, so that the values in it need not be checked one by one. */
  enter(chunk: Buffer): void {
    this.#validChunk = isUtf8(wholeCharacters(chunk)) ? chunk : undefined;
  }

  /** @throws AppError INVALID_DOCUMENT with the exact place */
  parse(scanner: JsonScanner, found: ScannedValue): JsonValue {
    const { buffer, begin, end } = found;
    const valid = buffer === this.#validChunk || isUtf8(buffer.subarray(begin, end));
    const value = valid ? parsed(buffer.toString('utf8', begin, end), found.hasNumbers) : undefined;
    if (
      value === undefined ||
      countMembers(value) !== found.members ||
      (found.hasUnicodeEscapes && !isStorable(value))
    ) {
      scanner.throwDefect(buffer.subarray(begin, end));
      throw refusedDocument(
        this.#document,
        scanner.valuePosition,
        'this is no JSON value.',
        'Check it with another JSON parser.',
      );
    }
    return value;
  }
}

function parsed(text: string, hasNumbers: boolean): JsonValue | undefined {
  try {
    return hasNumbers ? parseExact(text) : (JSON.parse(text) as JsonValue);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The chunk without the bytes of characters that began before it or end after it. */
function wholeCharacters(chunk: Buffer): Buffer {
  let begin = 0;
  while (begin < 3 && (chunk[begin]! & 0xc0) === 0x80) begin++;
  let end = chunk.length;
  for (let back = 1; back <= 3 && back <= chunk.length; back++) {
    const byte = chunk[chunk.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    if (byte >= 0xc0) end = chunk.length - back;
    break;
  }
  return chunk.subarray(begin, Math.max(begin, end));
}

/** `JSON.parse` keeps the last of two members of one name, so fewer members than colons means that one was lost. */
function countMembers(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const element of value) if (typeof element === 'object') count += countMembers(element);
    return count;
  }
  if (isRawJson(value)) return 0;
  for (const name of Object.keys(value)) {
    count++;
    const inner = value[name]!;
    if (typeof inner === 'object') count += countMembers(inner);
  }
  return count;
}

function isStorable(value: JsonValue): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\u0000');
  if (typeof value !== 'object' || value === null || isRawJson(value)) return true;
  if (Array.isArray(value)) return value.every(isStorable);
  return Object.entries(value).every(([name, inner]) => isStorable(name) && isStorable(inner));
}
