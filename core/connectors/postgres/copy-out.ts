import pg from 'pg';
import { AppError, isAppError } from '../../../contract/errors.ts';
import type { Session } from './session.ts';

/** Takes the row at `[start, end)` of `bytes`, valid during the call. @returns whether it wants the next one now */
export type RowTaker = (bytes: Buffer, start: number, end: number) => boolean;

/** What of pg's connection a COPY needs. */
interface Connection {
  query(sql: string): void;
  readonly stream: NodeJS.ReadableStream & { destroy(error?: Error): void };
}

type DataListener = (chunk: Buffer) => void;

/** From so many bytes on that nobody has taken yet, the server is made to wait. */
const ENOUGH_AHEAD = 256 * 1024;

/** Rows follow one another at once: a server that sends none for so long is not there any more. Milliseconds. */
const STALLED_AFTER = 120_000;

/** A message of the protocol begins with its type in one byte and its length, without that byte, in four. */
const HEAD_BYTES = 5;
const COPY_DATA = 0x64;
const ERROR_RESPONSE = 0x45;
const READY_FOR_QUERY = 0x5a;
/** Those that may come while a COPY is under way: CopyOutResponse, CopyDone, CommandComplete, errors, notices, settings. */
const OTHER_TYPES = new Set(Buffer.from('HcCEZNSA'));

/** `COPY … (FORMAT binary)` begins with a signature of 11 bytes, flags, and the length of an extension. */
const FLAGS_END = 15;
const HEADER_BYTES = 19;

/**
 * A `COPY … TO STDOUT (FORMAT binary)` under way: rows as they lie in what the socket gave, without an object for each.
 * A row is the number of columns in two bytes, then for each its length in four (-1: null) and its bytes.
 *
 * `pg` has no COPY of its own, but lets an object like this one speak on its connection. Its parser makes three objects of
 * a row, which costs as much as everything else that is done with it; so while rows come, the socket's data goes here
 * instead, and only the other messages go on to the parser.
 *
 * Until it has ended, the session can be used for nothing else; `drain` brings it to its end.
 */
export class CopyOut implements pg.Submittable {
  readonly #session: Session;
  readonly #sql: string;
  #connection: Connection | undefined;
  #parsers: DataListener[] = [];
  /** What has arrived and was not taken; of the first, the bytes from `#at` on. */
  readonly #chunks: Buffer[] = [];
  #at = 0;
  #ahead = 0;
  /** The beginning of a message whose rest has not arrived: so many bytes of the buffer are filled. */
  #partial: Buffer | undefined;
  #filled = 0;
  #paused = false;
  #begun = false;
  #ended = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  private constructor(session: Session, sql: string) {
    this.#session = session;
    this.#sql = sql;
  }

  /** @param query what stands between `COPY (` and `)` */
  static start(session: Session, query: string): CopyOut {
    const copy = new CopyOut(session, `COPY (${query}) TO STDOUT (FORMAT binary)`);
    session.client.query(copy);
    return copy;
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /**
   * Hands over rows until the taker has enough or there are no more.
   *
   * @returns false when all have been handed over
   * @throws AppError CONNECTION_LOST, CANCELED, what the server said, or what the taker threw
   */
  async each(take: RowTaker): Promise<boolean> {
    for (;;) {
      while (this.#failure === undefined && this.#chunks.length > 0) if (!this.#advance(take)) return true;
      if (this.#failure !== undefined) return await this.#fail(this.#failure);
      if (this.#ended) return false;
      // Until the first row comes the statement may wait for a lock, which the session looks after.
      await (this.#begun ? this.#soon() : this.#session.run(() => this.#firstArrival()));
    }
  }

  /** Reads what is left and drops it, so that the session can be used again. Harmless when it has ended. */
  async drain(): Promise<void> {
    if (!this.#ended) await this.#session.run(() => this.#toEnd());
  }

  /** As the session translates it, and with the connection in order. */
  async #fail(failure: Error): Promise<never> {
    // Ours, for which this has ended the connection: the session could only say that it is lost.
    if (isAppError(failure) && !isAppError(failure, 'CONNECTION_LOST')) throw failure;
    return await this.#session.run(async () => {
      await this.#toEnd();
      throw failure;
    });
  }

  /** What the server says in place of rows is thrown here, where the session knows who held the lock. */
  async #firstArrival(): Promise<void> {
    await this.#arrival();
    const first = this.#partial === undefined ? this.#chunks[0]?.[this.#at] : this.#partial[0];
    if (first !== ERROR_RESPONSE) return;
    await this.#toEnd();
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #toEnd(): Promise<void> {
    for (;;) {
      while (!this.#ended && this.#chunks.length > 0) this.#advance(() => true);
      if (this.#ended) return;
      await this.#arrival();
    }
  }

  async #soon(): Promise<void> {
    const timer = setTimeout(() => this.#end(stalled()), STALLED_AFTER);
    await this.#arrival();
    clearTimeout(timer);
  }

  #arrival(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  /** Goes on in the first chunk. @returns false when the taker has enough */
  #advance(take: RowTaker): boolean {
    const chunk = this.#chunks[0]!;
    if (this.#partial !== undefined && !this.#complete(chunk)) return true;
    if (this.#partial !== undefined) {
      const whole = this.#partial;
      this.#partial = undefined;
      if (!this.#message(whole, 0, whole.length, take)) return false;
      if (this.#ended) return true;
    }
    let at = this.#at;
    while (at + HEAD_BYTES <= chunk.length) {
      const bytes = messageBytes(chunk, at);
      if (bytes < HEAD_BYTES) {
        this.#end(brokenMessage());
        return true;
      }
      const end = at + bytes;
      if (end > chunk.length) break;
      this.#at = end;
      // Looked at after each: what follows the end belongs to pg's parser.
      if (!this.#message(chunk, at, end, take)) return false;
      if (this.#ended) return true;
      at = end;
    }
    this.#keepRest(chunk, at);
    return true;
  }

  /** Fills the message that began in an earlier chunk. @returns whether it is whole */
  #complete(chunk: Buffer): boolean {
    for (;;) {
      const wanted = this.#partial!.length - this.#filled;
      const copied = chunk.copy(this.#partial!, this.#filled, this.#at, this.#at + wanted);
      this.#filled += copied;
      this.#at += copied;
      if (copied < wanted) {
        this.#dropChunk(chunk);
        return false;
      }
      const bytes = messageBytes(this.#partial!, 0);
      if (bytes < HEAD_BYTES) {
        this.#end(brokenMessage());
        return false;
      }
      if (this.#partial!.length === bytes) return true;
      this.#grow(bytes);
    }
  }

  #keepRest(chunk: Buffer, at: number): void {
    if (at < chunk.length) {
      const bytes = at + HEAD_BYTES <= chunk.length ? messageBytes(chunk, at) : HEAD_BYTES;
      this.#partial = Buffer.allocUnsafe(bytes);
      this.#filled = chunk.copy(this.#partial, 0, at);
    }
    this.#dropChunk(chunk);
  }

  #grow(bytes: number): void {
    const larger = Buffer.allocUnsafe(bytes);
    this.#partial!.copy(larger);
    this.#partial = larger;
  }

  #dropChunk(chunk: Buffer): void {
    this.#chunks.shift();
    this.#at = 0;
    this.#ahead -= chunk.length;
    if (!this.#paused || this.#ahead >= ENOUGH_AHEAD) return;
    this.#paused = false;
    this.#connection?.stream.resume();
  }

  /** @returns false when the taker has enough */
  #message(bytes: Buffer, at: number, end: number, take: RowTaker): boolean {
    if (bytes[at] !== COPY_DATA) {
      this.#pass(bytes, at, end);
      return true;
    }
    let start = at + HEAD_BYTES;
    if (!this.#begun) {
      this.#begun = true;
      start += HEADER_BYTES + bytes.readUInt32BE(start + FLAGS_END);
      if (start >= end) return true;
    }
    // After the last row comes a number of columns that no row has: -1.
    if (bytes[start] === 0xff && bytes[start + 1] === 0xff) return true;
    return take(bytes, start, end);
  }

  /** Hands a message that is no row to pg. */
  #pass(bytes: Buffer, at: number, end: number): void {
    const type = bytes[at]!;
    if (!OTHER_TYPES.has(type)) return this.#end(unknownMessage(type));
    if (type !== READY_FOR_QUERY) return this.#toParsers(bytes.subarray(at, end));
    this.#release();
    this.#toParsers(bytes.subarray(at, end));
    for (const chunk of this.#chunks.splice(0)) {
      if (this.#at < chunk.length) this.#toParsers(chunk.subarray(this.#at));
      this.#at = 0;
    }
  }

  #toParsers(bytes: Buffer): void {
    for (const parser of this.#parsers) parser(bytes);
  }

  /** The connection is pg's again. */
  #release(): void {
    this.#ended = true;
    const { stream } = this.#connection!;
    stream.off('data', this.#onData).off('close', this.#onClose);
    for (const parser of this.#parsers) stream.on('data', parser);
    if (this.#paused) stream.resume();
    this.#paused = false;
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#chunks.push(chunk);
    this.#ahead += chunk.length;
    if (this.#ahead >= ENOUGH_AHEAD && !this.#paused) {
      this.#paused = true;
      this.#connection!.stream.pause();
    }
    this.#wakeUp();
  };

  readonly #onClose = (): void => {
    this.#ended = true;
    this.#failure ??= new AppError('CONNECTION_LOST', 'The connection to the database was lost.');
    this.#wakeUp();
  };

  /** Gives the connection up: nothing more that came over it is looked at. */
  #end(failure: AppError): void {
    this.#failure ??= failure;
    this.#ended = true;
    this.#connection!.stream.destroy();
  }

  // The names below are those that pg calls.

  submit(connection: unknown): void {
    this.#connection = connection as Connection;
    const { stream } = this.#connection;
    this.#parsers = stream.listeners('data') as DataListener[];
    stream.on('data', this.#onData).on('close', this.#onClose);
    for (const parser of this.#parsers) stream.off('data', parser);
    this.#connection.query(this.#sql);
  }

  handleCommandComplete(): void {
    // The end is the server's "ready for query".
  }

  handleReadyForQuery(): void {
    this.#wakeUp();
  }

  /** What the server said; then "ready for query" follows. Or the connection is lost, or was before this began. */
  handleError(error: Error): void {
    this.#failure ??= error;
    if (!(error instanceof pg.DatabaseError) || this.#connection === undefined) this.#ended = true;
    this.#wakeUp();
  }
}

function unknownMessage(type: number): AppError {
  return new AppError(
    'UNEXPECTED_ANSWER',
    `A message of unknown type ${type} came with the rows of a table.`,
    {
      remedy: 'Check that it is a PostgreSQL server, and what stands between here and there.',
    },
  );
}

/** Shorter than its own head: whoever looked for the next one behind it would never come to an end. */
function brokenMessage(): AppError {
  return new AppError(
    'UNEXPECTED_ANSWER',
    'A message of an impossible length came with the rows of a table.',
    {
      remedy: 'Check that it is a PostgreSQL server, and what stands between here and there.',
    },
  );
}

function stalled(): AppError {
  return new AppError(
    'TIMEOUT',
    `The database server stopped in the middle of its answer: it sent nothing for ${STALLED_AFTER / 1000} s.`,
    { remedy: 'Look at the server, and at what stands between here and there; then try again.' },
  );
}

/** With its type. */
function messageBytes(bytes: Buffer, at: number): number {
  return 1 + ((bytes[at + 1]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!);
}
