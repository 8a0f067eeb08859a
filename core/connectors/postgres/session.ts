import { AppError, throwIfAborted } from '../../../contract/errors.ts';
import { addressOf, type Address } from './address.ts';
import { abandon, closeClient, openClient, type Client } from './connect.ts';
import type { ServiceLayout } from './layout.ts';
import { LockWatch } from './lock-watch.ts';
import { translated } from './postgres-errors.ts';
import type { PostgresSettings } from './settings.ts';

const LOCK_MS = 60_000;

export interface SessionOptions {
  readonly signal: AbortSignal;
  /** Told, about once a second, of what a statement waits for. */
  readonly onWait?: ((text: string) => void) | undefined;
  /** Told when the tables or the rights to them are not as the layout has them. */
  readonly onOutdated?: (() => void) | undefined;
  /** Calls off the connecting only. Default: `signal`. */
  readonly connectSignal?: AbortSignal;
}

/**
 * One connection with at most one transaction. An abort of its signal ends the connection and the statement that runs on
 * the server, and what is under way rejects with CANCELED.
 */
export class Session {
  /** For COPY, which speaks on pg's connection. */
  readonly client: Client;
  readonly #address: Address;
  readonly #service: ServiceLayout;
  readonly #serverVersion: number;
  readonly #lockMs: number;
  readonly #options: SessionOptions;
  readonly #onAbort = (): void => void this.end();
  readonly #watches = new Set<Promise<void>>();
  #pid: number | undefined;
  /** Work that `run` has under way; only the first is watched. */
  #running = 0;
  #lost: AppError | undefined;
  #ending: Promise<void> | undefined;

  private constructor(
    opened: Awaited<ReturnType<typeof openClient>>,
    settings: PostgresSettings,
    service: ServiceLayout,
    options: SessionOptions,
  ) {
    this.client = opened.client;
    this.#address = addressOf(settings, service.service);
    this.#service = service;
    this.#serverVersion = opened.greeting.version;
    this.#lockMs = settings.timeouts?.lockMs ?? LOCK_MS;
    this.#options = options;
    // Lost between two statements: the next one is to say why.
    this.client.on('error', (error) => (this.#lost ??= this.#translated(error)));
    options.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** @throws AppError as `openClient` */
  static async connect(
    settings: PostgresSettings,
    service: ServiceLayout,
    options: SessionOptions,
  ): Promise<Session> {
    const address = addressOf(settings, service.service);
    const opened = await openClient(address, service.databaseName, options.connectSignal ?? options.signal);
    return new Session(opened, settings, service, options);
  }

  /** @returns the instant at which the transaction sees the database, ISO */
  async begin(mode: 'read' | 'write'): Promise<string> {
    await this.prepare(mode);
    return (await this.look()).to;
  }

  /** Begins a transaction that does not see the database yet: it will be as of `look`. */
  async prepare(mode: 'read' | 'write'): Promise<void> {
    // Local to the transaction, so that a pool's server connection (pgbouncer) is handed back as it was. None of these
    // takes a snapshot.
    const settings = [
      'search_path = pg_catalog',
      'statement_timeout = 0',
      `lock_timeout = ${Math.max(1, Math.round(this.#lockMs))}`,
      'idle_in_transaction_session_timeout = 0',
      ...(this.#serverVersion >= 170_000 ? ['transaction_timeout = 0'] : []),
      // A statement of ours ends within that time after this process was killed, and its locks with it.
      ...(this.#service.canCheckClient ? ["client_connection_check_interval = '5s'"] : []),
      "TimeZone = 'UTC'",
      "DateStyle = 'ISO, YMD'",
      "IntervalStyle = 'iso_8601'",
      'extra_float_digits = 1',
      "client_encoding = 'UTF8'",
      // Rows that a policy would hide are an error, not missing.
      'row_security = off',
    ];
    await this.query(
      `BEGIN ISOLATION LEVEL REPEATABLE READ ${mode === 'read' ? 'READ ONLY' : 'READ WRITE'};
       ${settings.map((setting) => `SET LOCAL ${setting};`).join(' ')}`,
    );
  }

  /** Lets the transaction see the database, from now on as it is now: between these instants of the server's clock, ISO. */
  async look(): Promise<{ readonly from: string; readonly to: string }> {
    const [row] = await this.query<{ from: string; to: string; pid: number }>(
      `SELECT ${iso('statement_timestamp()')} AS "from", ${iso('clock_timestamp()')} AS "to", pg_backend_pid() AS pid`,
    );
    this.#pid = row!.pid;
    return { from: row!.from, to: row!.to };
  }

  /** Several statements in one text, without parameters: the rows of the last one. */
  async query<Row extends object = Record<string, unknown>>(
    sql: string,
    parameters: readonly unknown[] = [],
  ): Promise<Row[]> {
    return await this.run(async () => {
      const result = await (parameters.length === 0
        ? this.client.query<Row>(sql)
        : this.client.query<Row>(sql, [...parameters]));
      const last = Array.isArray(result) ? (result as (typeof result)[]).at(-1) : result;
      return last?.rows ?? [];
    });
  }

  /** As `query`, and gives the number of rows written or deleted. */
  async execute(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    return await this.run(async () => (await this.client.query(sql, [...parameters])).rowCount ?? 0);
  }

  /**
   * Runs work on the client; what fails is translated, an abort is CANCELED. While it waits for a lock, `onWait` is told
   * of who holds it.
   *
   * @throws AppError TARGET_LOCKED after `timeouts.lockMs`, naming the holder; as `translated`
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    throwIfAborted(this.#options.signal);
    if (this.#lost) throw this.#lost;
    if (this.#ending) throw closed();
    const watch = this.#running === 0 ? this.#watch() : undefined;
    this.#running += 1;
    try {
      return await work();
    } catch (error) {
      throwIfAborted(this.#options.signal);
      if (this.#lost) throw this.#lost;
      if (this.#ending) throw closed(error);
      const ours = this.#translated(error, watch?.holder);
      if (ours.code === 'SCHEMA_UNSUPPORTED' || ours.code === 'FORBIDDEN') this.#options.onOutdated?.();
      throw ours;
    } finally {
      this.#running -= 1;
      if (watch) this.#stopWatching(watch);
    }
  }

  /**
   * Ends the connection; an open transaction is rolled back. Harmless when repeated.
   *
   * @returns when the server has ended it too, or after two seconds at most
   */
  end(): Promise<void> {
    return (this.#ending ??= this.#end());
  }

  async #end(): Promise<void> {
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    await (this.#options.signal.aborted ? abandon(this.client) : closeClient(this.client));
    await Promise.all(this.#watches);
  }

  #watch(): LockWatch | undefined {
    const pid = this.#pid;
    if (pid === undefined) return undefined;
    return new LockWatch({
      pid,
      place: this.#service.place,
      lockMs: this.#lockMs,
      onWait: this.#options.onWait,
      open: async (signal) => (await openClient(this.#address, this.#service.databaseName, signal)).client,
    });
  }

  #stopWatching(watch: LockWatch): void {
    const stopped = watch.stop();
    this.#watches.add(stopped);
    void stopped.then(() => this.#watches.delete(stopped));
  }

  #translated(error: unknown, holder?: string): AppError {
    return translated(error, { place: this.#service.place, user: this.#address.user, holder });
  }
}

function closed(cause?: unknown): AppError {
  return new AppError('CONNECTION_LOST', 'The connection to the database has been closed.', {
    details: { outcome: 'unknown' },
    ...(cause instanceof Error && { cause: new Error(cause.message) }),
  });
}

/** PostgreSQL's microseconds; the session's time zone is UTC. */
function iso(instant: string): string {
  return `to_char(${instant} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}
