import pg from 'pg';
import { AppError, throwIfAborted } from '../../../contract/errors.ts';
import type { ServiceLayout } from './layout.ts';
import { clientConfig } from './address.ts';
import { translated } from './postgres-errors.ts';
import type { PostgresSettings } from './settings.ts';

/** One connection with at most one transaction. An abort of its signal ends the connection, and what is under way rejects with CANCELED. */
export class Session {
  /** For COPY, which speaks on pg's connection. */
  readonly client: pg.Client;
  readonly #signal: AbortSignal;
  readonly #onAbort: () => void;
  #ended = false;

  private constructor(client: pg.Client, signal: AbortSignal) {
    this.client = client;
    this.#signal = signal;
    this.#onAbort = () => this.#destroy();
    // Without a listener a lost connection would end the process; what is under way rejects all the same.
    client.on('error', () => this.#destroy());
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  static async connect(
    settings: PostgresSettings,
    service: ServiceLayout,
    { signal }: { readonly signal: AbortSignal; readonly onWait?: (text: string) => void },
  ): Promise<Session> {
    throwIfAborted(signal);
    const client = new pg.Client(clientConfig(settings, service.service, service.database));
    const session = new Session(client, signal);
    await session.run(() => client.connect());
    return session;
  }

  /** @returns the instant at which the transaction sees the database, ISO */
  async begin(mode: 'read' | 'write'): Promise<string> {
    await this.query(
      `BEGIN ISOLATION LEVEL REPEATABLE READ${mode === 'read' ? ' READ ONLY' : ''};
       SET LOCAL statement_timeout = 0; SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO';`,
    );
    const [row] = await this.query<{ at: string }>(
      `SELECT to_char(clock_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at`,
    );
    return row!.at;
  }

  async query<Row extends object = Record<string, unknown>>(
    sql: string,
    parameters: readonly unknown[] = [],
  ): Promise<Row[]> {
    return await this.run(async () =>
      parameters.length === 0
        ? ((await this.client.query(sql)).rows as Row[])
        : ((await this.client.query(sql, [...parameters])).rows as Row[]),
    );
  }

  /** As `query`, and gives the number of rows written or deleted. */
  async execute(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    return await this.run(async () => (await this.client.query(sql, [...parameters])).rowCount ?? 0);
  }

  /** Runs work on the client; what fails is translated, an abort is CANCELED. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    throwIfAborted(this.#signal);
    if (this.#ended) throw new AppError('CONNECTION_LOST', 'The connection to the database has been closed.');
    try {
      return await work();
    } catch (error) {
      throwIfAborted(this.#signal);
      throw translated(error);
    }
  }

  /** Ends the connection; an open transaction is rolled back by the server. Harmless when repeated. */
  async end(): Promise<void> {
    this.#destroy();
    await Promise.resolve();
  }

  #destroy(): void {
    this.#ended = true;
    this.#signal.removeEventListener('abort', this.#onAbort);
    (this.client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  }
}
