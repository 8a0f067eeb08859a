import { AppError, throwIfAborted } from '../../contract/errors.ts';
import type { SectionBatch } from '../model/record.ts';
import {
  BEGINNING_BYTES,
  beginsJson,
  firstByte,
  foreignBeginning,
  TELLING_BYTES,
} from './document-beginning.ts';
import type { DocumentFacts } from './document-facts.ts';
import { DEFAULT_LIMITS, type DocumentOptions } from './document-options.ts';
import { DocumentAssembler } from './document-assembler.ts';

export interface DocumentReading {
  /** In the document's order, the realm last; bounded batches; once only. */
  readonly batches: AsyncIterable<SectionBatch>;
  /** Complete once `batches` has ended. @throws AppError INTERNAL before */
  facts(): DocumentFacts;
}

/** Bounds what one step parses, and with it the size of a batch. */
const STEP_BYTES = 64 * 1024;

/**
 * Reads an OpenGate export of any size as canonical records, in memory that does not grow with it: the full document
 * (`realm`, `roles`, `clients`, `users`, in any order), documents with some of these only, bare lists, and a realm as
 * the Realms API gives it.
 *
 * Records of one key are not noticed here: whoever stores them does.
 *
 * @param bytes may use one buffer again and again; the time it may take to answer is its own concern
 * @throws AppError from `batches`: INVALID_DOCUMENT with line, column, offset and path; DOCUMENT_TOO_LARGE; CANCELED;
 *   whatever `bytes` throws
 */
export function readDocument(bytes: AsyncIterable<Uint8Array>, options: DocumentOptions): DocumentReading {
  let facts: DocumentFacts | undefined;
  let started = false;
  async function* read(): AsyncGenerator<SectionBatch> {
    if (started) throw new AppError('INTERNAL', 'A document was read twice from one stream.');
    started = true;
    const assembler = new DocumentAssembler(options, { ...DEFAULT_LIMITS, ...options.limits });
    for await (const chunk of checkedBeginning(bytes, options)) {
      for (let at = 0; at < chunk.length; at += STEP_BYTES) {
        throwIfAborted(options.signal);
        assembler.push(chunk.subarray(at, at + STEP_BYTES));
        yield* assembler.takeBatches();
      }
    }
    throwIfAborted(options.signal);
    facts = assembler.finish();
    yield* assembler.takeBatches();
  }
  return {
    batches: { [Symbol.asyncIterator]: read },
    facts() {
      if (facts === undefined)
        throw new AppError('INTERNAL', 'The facts of a document were asked for too early.');
      return facts;
    },
  };
}

/** Passes the bytes on once it is clear that they are not something altogether different. */
async function* checkedBeginning(
  bytes: AsyncIterable<Uint8Array>,
  options: DocumentOptions,
): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (head === undefined) {
      yield buffer;
      continue;
    }
    head = Buffer.concat([head, buffer]);
    if (!saysEnough(head)) continue;
    const foreign = foreignBeginning(options, head);
    if (foreign) throw foreign;
    yield head;
    head = undefined;
  }
  if (head === undefined) return;
  const foreign = foreignBeginning(options, head);
  if (foreign) throw foreign;
  yield head;
}

/** Of a web page as much is awaited as may hold its title; of what is no JSON as much as tells whether it is a text at all. */
function saysEnough(head: Buffer): boolean {
  if (head.length >= BEGINNING_BYTES) return true;
  const first = firstByte(head);
  if (first === undefined || head.length < 4) return false;
  if (first === '<') return /<\/title>|<body/i.test(head.toString('latin1'));
  return beginsJson(first) || head.length >= TELLING_BYTES;
}

export type { DocumentFacts } from './document-facts.ts';
export type { DocumentOptions } from './document-options.ts';
