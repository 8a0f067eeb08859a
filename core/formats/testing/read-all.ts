import { isAppError, type AppError } from '../../../contract/errors.ts';
import type { Section } from '../../model/sections.ts';
import { readDocument, type DocumentFacts, type DocumentOptions } from '../document-reader.ts';

export interface WholeReading {
  /** Canonical lines in the order in which they came. */
  readonly lines: Partial<Record<Section, string[]>>;
  readonly facts: DocumentFacts;
}

/** Reads a document to its end; for tests, whose documents are small. */
export async function readAll(
  document: string | Uint8Array | AsyncIterable<Uint8Array>,
  options: Partial<DocumentOptions> = {},
): Promise<WholeReading> {
  const bytes =
    typeof document === 'string' || document instanceof Uint8Array
      ? chunked(Buffer.from(document as string), [])
      : document;
  const reading = readDocument(bytes, { origin: 'file', ...options });
  const lines: Partial<Record<Section, string[]>> = {};
  for await (const { section, records } of reading.batches)
    (lines[section] ??= []).push(...records.map(({ line }) => line.toString()));
  return { lines, facts: reading.facts() };
}

/** The error that reading ends with. @throws Error when it does not, or with another */
export async function refusal(
  document: string | Uint8Array | AsyncIterable<Uint8Array>,
  options: Partial<DocumentOptions> = {},
): Promise<AppError> {
  try {
    await readAll(document, options);
  } catch (error) {
    if (isAppError(error)) return error;
    throw error;
  }
  throw new Error('The document was accepted.');
}

/** The bytes in chunks of the given sizes, the rest in one; every chunk in the same memory, as sources may do it. */
export async function* chunked(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const shared = new Uint8Array(bytes.length);
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    const chunk = bytes.subarray(at, at + size);
    shared.set(chunk);
    yield shared.subarray(0, chunk.length);
    shared.fill(0x7e);
    at += chunk.length;
  }
}
