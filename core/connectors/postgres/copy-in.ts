import type { Writable } from 'node:stream';
import type pg from 'pg';

/**
 * Runs `COPY … FROM STDIN` with these rows, in COPY's text format, at most some megabytes. Statements may stand before
 * and after it, separated by semicolons.
 *
 * Everything is sent at once, without waiting for the server to ask for it: a turn of the event loop for each of its
 * answers would let it stand idle while the next rows are made. What it does not want any more, because a statement has
 * failed, it drops (PostgreSQL documentation, Frontend/Backend Protocol, COPY Operations).
 *
 * `pg` has no COPY of its own but lets objects like this one speak on its connection.
 *
 * @returns how many rows the server took
 * @throws the server's error, or that of the connection; the transaction has failed then
 */
export async function copyIn(client: pg.ClientBase, sql: string, rows: Buffer): Promise<number> {
  const copy = new CopyIn(sql, rows);
  client.query(copy);
  return await copy.done;
}

/** What of pg's connection a COPY needs. */
interface Connection {
  query(sql: string): void;
  endCopyFrom(): void;
  readonly stream: Writable;
}

const COPY_DATA = 'd'.charCodeAt(0);

class CopyIn implements pg.Submittable {
  readonly done: Promise<number>;
  readonly #sql: string;
  readonly #bytes: Buffer;
  readonly #settle: { resolve: (rows: number) => void; reject: (error: unknown) => void };
  #rows = 0;

  constructor(sql: string, bytes: Buffer) {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.done = promise;
    this.#settle = { resolve, reject };
    this.#sql = sql;
    this.#bytes = bytes;
  }

  submit(connection: unknown): void {
    const { stream } = connection as Connection;
    stream.cork();
    (connection as Connection).query(this.#sql);
    const head = Buffer.allocUnsafe(5);
    head[0] = COPY_DATA;
    head.writeUInt32BE(this.#bytes.length + 4, 1);
    stream.write(head);
    stream.write(this.#bytes);
    (connection as Connection).endCopyFrom();
    stream.uncork();
  }

  // The names below are those that pg calls.

  handleCopyInResponse(): void {
    // The rows are under way already.
  }

  handleCommandComplete(message: { text?: string }): void {
    const rows = /^COPY (\d+)$/.exec(message.text ?? '')?.[1];
    if (rows !== undefined) this.#rows = Number(rows);
  }

  handleReadyForQuery(): void {
    this.#settle.resolve(this.#rows);
  }

  /** Also called when the connection is lost. */
  handleError(error: Error): void {
    this.#settle.reject(error);
  }
}
