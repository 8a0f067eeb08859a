import { AppError } from '../../../contract/errors.ts';
import { canonicalRecord } from '../../model/canonical.ts';
import { isRawJson, parseExact } from '../../model/exact-json.ts';
import { isJsonObject, type CanonicalRecord, type JsonValue } from '../../model/record.ts';
import type { Section } from '../../model/sections.ts';
import { BACKSLASH, CLOSE_LIST, CLOSE_OBJECT, OPEN_LIST, OPEN_OBJECT, QUOTE } from '../json-bytes.ts';
import { checkRecord } from '../record-check.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const NOBODY = { known: () => {}, unknown: () => {} };

/**
 * A line of an archive as a record.
 *
 * @returns what is wrong with it, without its values, when it is none
 */
export function archivedRecord(section: Section, line: Buffer, depth: number): CanonicalRecord | string {
  if (nestedDeeper(line, depth)) return `is nested more than ${depth} levels`;
  let body: JsonValue;
  try {
    body = parseExact(utf8.decode(line));
  } catch (error) {
    // TypeError: not UTF-8.
    if (error instanceof SyntaxError || error instanceof TypeError) return 'is not JSON in UTF-8';
    throw error;
  }
  if (!isJsonObject(body)) return 'is not a JSON object';
  const misfit = checkRecord(section, body, NOBODY);
  if (misfit) return `has ${misfit.found} where ${misfit.expected} is expected`;
  if (line.includes('\\u') && holdsUnstorableText(body)) return 'holds text that no database can store';
  try {
    return canonicalRecord(section, body);
  } catch (error) {
    if (error instanceof AppError) return 'has no usable key';
    throw error;
  }
}

/** Before anything walks it: what follows recurses. */
function nestedDeeper(line: Buffer, most: number): boolean {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < line.length; i++) {
    const byte = line[i];
    if (inText) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      if (++depth > most) return true;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) depth--;
  }
  return false;
}

function holdsUnstorableText(value: JsonValue): boolean {
  if (typeof value === 'string') return value.includes('\u0000') || !value.isWellFormed();
  if (typeof value !== 'object' || value === null || isRawJson(value)) return false;
  if (Array.isArray(value)) return value.some(holdsUnstorableText);
  return Object.entries(value).some(
    ([name, inner]) => holdsUnstorableText(name) || holdsUnstorableText(inner),
  );
}
