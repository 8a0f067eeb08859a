import { JSONParser, TokenType } from '@streamparser/json';
import type { IncomingMessage } from 'node:http';
import { chunksOf, malformed, requireType } from './body.ts';
import { invalid, Refusal, type FieldError } from './reply.ts';

/** The members of a body that are read; whatever else it has is ignored. */
export interface BodyShape {
  /** Handed over whole. */
  readonly objects: readonly string[];
  /** Handed over element by element. */
  readonly arrays: readonly string[];
}

export interface Element {
  readonly index: number;
  readonly value: unknown;
}

/** A user, a client, a role, and the realm's settings: none of them is larger. */
const ELEMENT_LIMIT_BYTES = 1024 * 1024;
/** What a newer version may add, and nobody here reads, is still held while it is parsed. */
const UNKNOWN_LIMIT_BYTES = 16 * 1024 * 1024;
const DEPTH_LIMIT = 64;
const BATCH_ELEMENTS = 1_000;
const BATCH_BYTES = 1024 * 1024;

/**
 * Reads a JSON object of any size in flat memory: the elements of its arrays are handed over in batches as they arrive,
 * and the next bytes are read when `take` is done with them.
 *
 * @returns the members that are objects, and the names of all that were there
 * @throws Refusal 400 for what is no JSON or has another shape, 413 for an element beyond 1 MB, 415 for another type
 */
export async function readDocument(
  request: IncomingMessage,
  shape: BodyShape,
  take: (member: string, elements: readonly Element[]) => Promise<void>,
): Promise<{ readonly objects: ReadonlyMap<string, unknown>; readonly names: ReadonlySet<string> }> {
  requireType(request, 'application/json');
  const reader = new DocumentReader(shape);
  for await (const chunk of chunksOf(request)) {
    reader.write(chunk);
    if (reader.pending >= BATCH_ELEMENTS || reader.pendingBytes >= BATCH_BYTES) await handOver(reader, take);
  }
  reader.end();
  await handOver(reader, take);
  return reader;
}

async function handOver(
  reader: DocumentReader,
  take: (member: string, elements: readonly Element[]) => Promise<void>,
): Promise<void> {
  for (const [member, elements] of reader.takePending()) await take(member, elements);
}

class DocumentReader {
  readonly objects = new Map<string, unknown>();
  readonly names = new Set<string>();
  pending = 0;
  /** Received since elements were last taken. */
  pendingBytes = 0;
  #elements = new Map<string, Element[]>();

  readonly #shape: BodyShape;
  readonly #parser: JSONParser;
  #received = 0;
  #depth = 0;
  /** The member of the body that is being read, and where it began. */
  #member = '';
  #memberStart = 0;
  #awaits: 'key' | 'value' | 'end' = 'key';
  /** Where the last element, or the last member, ended. */
  #boundary = 0;

  constructor(shape: BodyShape) {
    this.#shape = shape;
    this.#parser = new JSONParser({
      paths: [...shape.objects.map((name) => `$.${name}`), ...shape.arrays.map((name) => `$.${name}.*`)],
      keepStack: false,
    });
    this.#parser.onToken = ({ token, value, offset }) => this.#observe(token, value, offset);
    this.#parser.onValue = ({ value, key, stack }) => {
      if (stack.length === 1) this.objects.set(this.#member, value);
      else this.#keep(this.#member, { index: Number(key), value });
    };
  }

  write(chunk: Buffer): void {
    if (this.#received === 0 && chunk[0] === 0xef) throw malformed('it begins with a byte order mark');
    this.#received += chunk.length;
    this.pendingBytes += chunk.length;
    this.#guarded(() => this.#parser.write(chunk));
    if (this.#received - this.#boundary > ELEMENT_LIMIT_BYTES + chunk.length) throw tooLarge(this.#member);
  }

  end(): void {
    if (this.#received === 0) throw malformed('it is empty');
    // The parser ends itself with the last brace; ending it again is an error of its own.
    if (!this.#parser.isEnded) this.#guarded(() => this.#parser.end());
  }

  takePending(): Map<string, Element[]> {
    const taken = this.#elements;
    this.#elements = new Map();
    this.pending = 0;
    this.pendingBytes = 0;
    return taken;
  }

  #keep(member: string, element: Element): void {
    const elements = this.#elements.get(member);
    if (elements) elements.push(element);
    else this.#elements.set(member, [element]);
    this.pending++;
  }

  /** What the parser alone would let pass: other types than an object's and arrays', doubled members, deep nesting. */
  #observe(token: TokenType, value: unknown, offset: number): void {
    if (this.#depth === 0 && token !== TokenType.LEFT_BRACE) throw shapeError('', 'must be an object');
    if (this.#depth === 1) this.#observeMember(token, value, offset);
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) this.#depth++;
    else if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) this.#depth--;
    if (this.#depth > DEPTH_LIMIT) throw shapeError(this.#member, `is nested more than ${DEPTH_LIMIT} deep`);
    if (this.#depth > 2) return;
    this.#boundary = offset;
    if (!this.#isKnown() && offset - this.#memberStart > UNKNOWN_LIMIT_BYTES) throw tooLarge(this.#member);
  }

  #observeMember(token: TokenType, value: unknown, offset: number): void {
    if (token === TokenType.COMMA) this.#awaits = 'key';
    else if (token === TokenType.COLON) this.#awaits = 'value';
    else if (this.#awaits === 'key' && token === TokenType.STRING) {
      this.#member = String(value);
      this.#memberStart = offset;
      if (this.names.has(this.#member)) throw shapeError(this.#member, 'is there twice');
      this.names.add(this.#member);
    } else if (this.#awaits === 'value') {
      this.#awaits = 'end';
      if (this.#shape.arrays.includes(this.#member) && token !== TokenType.LEFT_BRACKET)
        throw shapeError(this.#member, 'must be an array');
      if (this.#shape.objects.includes(this.#member) && token !== TokenType.LEFT_BRACE)
        throw shapeError(this.#member, 'must be an object');
    }
  }

  #isKnown(): boolean {
    return this.#shape.arrays.includes(this.#member) || this.#shape.objects.includes(this.#member);
  }

  #guarded(parse: () => void): void {
    try {
      parse();
    } catch (error) {
      if (error instanceof Refusal) throw error;
      throw malformed(error instanceof Error ? firstSentence(error.message) : 'it cannot be parsed');
    }
  }
}

function firstSentence(message: string): string {
  return message.slice(0, 200);
}

function shapeError(field: string, message: string): Refusal {
  const error: FieldError = { field, message };
  return invalid([error]);
}

function tooLarge(member: string): Refusal {
  const where = member === '' ? 'The body' : `Something in ${member.slice(0, 100)}`;
  return new Refusal(413, 'PAYLOAD_TOO_LARGE', `${where} is larger than the server takes.`);
}
