import { AppError, throwIfAborted } from '../../contract/errors.ts';
import { parseLine } from '../model/exact-json.ts';
import type { CanonicalRecord, JsonObject } from '../model/record.ts';
import { isSection, type Section } from '../model/sections.ts';
import { quotedNames } from './document-errors.ts';
import { ROLE_MAPPINGS } from './document-layout.ts';
import { otherMembers, toDocumentRecord, type RecordOptions } from './document-record.ts';

export interface DocumentSource {
  /** The body of the realm's record. */
  readonly realm?: JsonObject;
  /** The records of a section in any order; undefined for one that was not captured, which is then not written. */
  sections(section: Section): AsyncIterable<readonly CanonicalRecord[]> | undefined;
}

export interface WriteOptions extends RecordOptions {
  /** `opengate`: the whole realm; else one section, as the export of that section has it. */
  readonly format: 'opengate' | 'users' | 'roles' | 'clients';
  /** Also groups, policies and social links, which the documentation does not know. */
  readonly withExtraSections?: boolean;
  readonly signal?: AbortSignal;
}

const CHUNK_BYTES = 64 * 1024;
const LINE_BREAK = Buffer.from('\n');
const NEXT_RECORD = Buffer.from(',\n');

/**
 * Writes an export document that OpenGate's import accepts, one record a line, in memory that does not grow with it.
 * The realm, roles, clients and users come in the documentation's order; members of the original document that are no
 * section come last, as they were.
 *
 * @returns chunks of some 64 KiB
 * @throws AppError NOT_FOUND when the format needs something that the source does not have; CANCELED
 */
export async function* writeDocument(source: DocumentSource, options: WriteOptions): AsyncGenerator<Buffer> {
  const chunks = new Chunks();
  let separator = '{\n';
  if (options.format === 'opengate') {
    const realm = realmOf(source);
    chunks.add(`${separator}"realm": ${JSON.stringify(toDocumentRecord('realm', realm, options))}`);
    separator = ',\n';
  }
  for (const section of writtenSections(options).filter((each) => each !== 'realm')) {
    const batches = source.sections(section);
    if (batches === undefined) {
      if (options.format === section) throw notCaptured(section);
      continue;
    }
    chunks.add(`${separator}"${section}": [`);
    separator = ',\n';
    let between = LINE_BREAK;
    for await (const records of batches) {
      throwIfAborted(options.signal);
      for (const { line } of records) {
        chunks.add(between);
        chunks.add(JSON.stringify(toDocumentRecord(section, parseLine(line), options)));
        between = NEXT_RECORD;
        if (chunks.bytes >= CHUNK_BYTES) yield chunks.take();
      }
    }
    chunks.add(between === LINE_BREAK ? ']' : '\n]');
  }
  if (options.format === 'opengate')
    for (const [name, value] of Object.entries(othersOf(source, options)))
      chunks.add(`${separator}${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  chunks.add('\n}\n');
  throwIfAborted(options.signal);
  yield chunks.take();
}

class Chunks {
  #parts: Buffer[] = [];
  bytes = 0;

  add(part: string | Buffer): void {
    const buffer = typeof part === 'string' ? Buffer.from(part) : part;
    this.#parts.push(buffer);
    this.bytes += buffer.length;
  }

  take(): Buffer {
    const chunk = Buffer.concat(this.#parts, this.bytes);
    this.#parts = [];
    this.bytes = 0;
    return chunk;
  }
}

/**
 * The sections that a document has, in its order, as far as its source has them. Secrets that are asked for include the
 * password hashes of its users: as a list of their own beside `users`, which our reader takes for the section it is, and
 * which a server that follows the documentation ignores. Within `users`, a hash would have no place for its type.
 */
export function writtenSections(
  options: Pick<WriteOptions, 'format' | 'withExtraSections' | 'includeSecrets' | 'compat'>,
): readonly Section[] {
  const { format } = options;
  const sections: Section[] = format === 'opengate' ? ['realm', 'roles', 'clients', 'users'] : [format];
  if (format === 'opengate' && options.withExtraSections) sections.push('groups', 'policies', 'socialLinks');
  if (options.includeSecrets && options.compat !== 'documented' && sections.includes('users'))
    sections.push('credentials');
  return sections;
}

function realmOf(source: DocumentSource): JsonObject {
  if (source.realm !== undefined) return source.realm;
  throw new AppError('NOT_FOUND', 'There is no realm in what is to be written as a document of a realm.', {
    remedy:
      'Write its users, roles or clients as a document of their own (format “users”, “roles” or “clients”).',
  });
}

function notCaptured(section: Section): AppError {
  return new AppError(
    'NOT_FOUND',
    `There are no ${section} in what is to be written: they were not captured.`,
    {
      remedy: `Capture the realm with its ${section}, and write that.`,
    },
  );
}

function othersOf(source: DocumentSource, options: WriteOptions): JsonObject {
  const others = otherMembers(realmOf(source), options);
  const taken = Object.keys(others).filter((name) => isSection(name) || name === ROLE_MAPPINGS);
  if (taken.length > 0)
    throw new AppError(
      'INVALID_DOCUMENT',
      `Other members of the realm’s document have names that sections have: ${quotedNames(taken)}.`,
      { remedy: 'Capture the realm anew.' },
    );
  return others;
}
