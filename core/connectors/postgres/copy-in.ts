import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Writable } from 'node:stream';
import type pg from 'pg';

/**
 * Runs `COPY … FROM STDIN` and sends it these blocks, each some bytes of COPY's text format, at most some megabytes. Takes
 * the next block only when the connection has room: a slow server makes the source wait.
 *
 * `pg` has no COPY of its own but lets objects like this one speak on its connection.
 *
 * @returns how many rows the server took
 * @throws the server's error, that of the connection, or that of `blocks`; the transaction has failed then
 */
export async function copyIn(
  client: pg.ClientBase,
  sql: string,
  blocks: Iterable<Buffer> | AsyncIterable<Buffer>,
): Promise<number> {
  const copy = new CopyIn(sql, blocks);
  client.query(copy);
  return await copy.done;
}

/** What of pg's connection a COPY needs. */
interface Connection {
  query(sql: string): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
  readonly stream: Writable;
}

const COPY_DATA = 'd'.charCodeAt(0);
class CopyIn implements pg.Submittable {
  readonly done: Promise<number>;
  readonly #sql: string;
  readonly #blocks: Iterable<Buffer> | AsyncIterable<Buffer>;
  readonly #settle: { resolve: (rows: number) => void; reject: (error: unknown) => void };
  /** Fires when nothing more is to be sent. */
  readonly #over = new AbortController();
  #connection: Connection | undefined;
  #rows = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(sql: string, blocks: Iterable<Buffer> | AsyncIterable<Buffer>) {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.done = promise;
    this.#settle = { resolve, reject };
    this.#sql = sql;
    this.#blocks = blocks;
  }

  submit(connection: unknown): void {
    this.#connection = connection as Connection;
    this.#connection.query(this.#sql);
  }

  // The names below are those that pg calls.

  handleCopyInResponse(connection: Connection): void {
    void this.#send(connection);
  }

  handleCommandComplete(message: { text?: string }): void {
    this.#rows = Number(/^COPY (\d+)$/.exec(message.text ?? '')?.[1] ?? 0);
  }

  handleReadyForQuery(): void {
    this.#over.abort();
    if (this.#failure) this.#settle.reject(this.#failure.error);
    else this.#settle.resolve(this.#rows);
  }

  /** Also called when the connection is lost. What the server is still sent of the COPY, it drops. */
  handleError(error: Error): void {
    this.#over.abort();
    // The server's "COPY from stdin failed" only repeats what the source of the blocks has said.
    this.#settle.reject(this.#failure ? this.#failure.error : error);
  }

  async #send(connection: Connection): Promise<void> {
    try {
      for await (const block of this.#blocks) {
        if (this.#over.signal.aborted) return;
        // All of it at once: while the next block is made, the connection has something to send.
        await this.#sendBlock(connection.stream, block);
        // While the system takes all at once, nothing else would have its turn: not what the server says, nor a cancel.
        await nextTurn();
        if (this.#over.signal.aborted) return;
      }
      connection.endCopyFrom();
    } catch (error) {
      if (this.#over.signal.aborted) return;
      this.#failure = { error };
      connection.sendCopyFail('The rows could not be made.');
    }
  }

  async #sendBlock(stream: Writable, bytes: Buffer): Promise<void> {
    const head = Buffer.allocUnsafe(5);
    head[0] = COPY_DATA;
    head.writeUInt32BE(bytes.length + 4, 1);
    stream.cork();
    stream.write(head);
    const room = stream.write(bytes);
    stream.uncork();
    if (!room) await once(stream, 'drain', { signal: this.#over.signal });
  }
}
