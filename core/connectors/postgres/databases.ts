import { AppError, throwIfAborted } from '../../../contract/errors.ts';
import { discover } from './discovery.ts';
import type { Layout, ServiceLayout } from './layout.ts';
import { SERVICES, type Service } from './services.ts';
import { Session } from './session.ts';
import type { PostgresSettings } from './settings.ts';
import { SharedWork } from './shared-work.ts';

export type TransactionMode = 'read' | 'write';

/** The databases of one environment: where they are, and transactions over them. Keeps the passwords to itself. */
export class Databases {
  readonly settings: PostgresSettings;
  /** Ends everything that is under way when the environment's databases are closed. */
  readonly #closed = new AbortController();
  readonly #open = new Set<Transactions>();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #discovery: SharedWork<Layout>;
  #layout: Layout | undefined;
  #serverVersion: string | undefined;

  constructor(settings: PostgresSettings) {
    this.settings = settings;
    this.#discovery = new SharedWork((signal) => this.#tracked(discover(settings, signal)));
  }

  /**
   * What was found. Looked for once when every service was found, until something proves to be otherwise; else again
   * each time, for what is missing may have been put right.
   *
   * @param how `anew`: look again in any case
   * @throws AppError UNREACHABLE, AUTH_FAILED, TLS_FAILED, NOT_FOUND, TIMEOUT, USAGE (an address), CANCELED
   */
  async layout(signal: AbortSignal, how: 'anew' | 'known' = 'known'): Promise<Layout> {
    const either = this.#orClosed(signal);
    throwIfAborted(either);
    if (this.#layout && how === 'known') return this.#layout;
    const found = await this.#discovery.join(either);
    this.#serverVersion = found.serverVersion;
    this.#layout = SERVICES.every((service) => found.services[service]) ? found : undefined;
    return found;
  }

  /** Of the server as it was last found; undefined before that. */
  get serverVersion(): string | undefined {
    return this.#serverVersion;
  }

  /**
   * Opens one repeatable-read transaction in each database that holds one of these services, all as close in time as can
   * be. `read` ones are read only.
   *
   * @param onWait told, about once a second, of what a statement waits for
   * @throws AppError SCHEMA_UNSUPPORTED, AMBIGUOUS, UNREACHABLE, … when a service was not found, naming why;
   *   UNSUPPORTED_BY_ROUTE when a standby is to be written; as `layout`
   */
  async begin(
    services: readonly Service[],
    mode: TransactionMode,
    signal: AbortSignal,
    onWait?: (text: string) => void,
  ): Promise<Transactions> {
    const groups = byDatabase(await this.layout(signal), services, mode);
    return await this.#tracked(this.#openAll(groups, mode, this.#orClosed(signal), onWait));
  }

  async #openAll(
    groups: readonly (readonly ServiceLayout[])[],
    mode: TransactionMode,
    signal: AbortSignal,
    onWait: ((text: string) => void) | undefined,
  ): Promise<Transactions> {
    const transactions = await Transactions.open(this.settings, groups, mode, {
      signal,
      onWait,
      onOutdated: () => (this.#layout = undefined),
      onClosed: (closed) => this.#open.delete(closed),
    });
    if (signal.aborted) await transactions.rollback();
    throwIfAborted(signal);
    this.#open.add(transactions);
    return transactions;
  }

  /** Ends whatever is under way, which rejects with CANCELED. No connection is left when it returns. */
  async close(): Promise<void> {
    this.#closed.abort(new AppError('CANCELED', 'Canceled: the environment’s databases were closed.'));
    await Promise.allSettled(this.#underWay);
    await Promise.all([...this.#open].map((transactions) => transactions.rollback()));
  }

  #orClosed(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#closed.signal]);
  }

  async #tracked<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }
}

/** In the order of commits. @throws AppError for the first service that cannot be used */
function byDatabase(layout: Layout, services: readonly Service[], mode: TransactionMode): ServiceLayout[][] {
  const groups = new Map<string, ServiceLayout[]>();
  for (const service of SERVICES) {
    if (!services.includes(service)) continue;
    const found = layout.services[service];
    if (!found)
      throw (
        layout.errors[service] ??
        new AppError('SCHEMA_UNSUPPORTED', `The tables of the ${service} service were not found.`)
      );
    if (mode === 'write' && found.standby)
      throw new AppError(
        'UNSUPPORTED_BY_ROUTE',
        `${found.place} is on a standby server: it can only be read.`,
        {
          notChanged: 'Nothing was written.',
          remedy: 'Give the address of the primary server to write.',
        },
      );
    groups.set(found.database, [...(groups.get(found.database) ?? []), found]);
  }
  return [...groups.values()];
}

/** One open transaction in each of some databases. What is not committed when it is closed is rolled back. */
export class Transactions {
  /** In the order in which they are to be committed (`SERVICES`). */
  readonly databases: readonly DatabaseTransaction[];
  /** Between which instants, of the servers' clocks, the transactions began. */
  readonly window: { readonly from: string; readonly to: string };
  readonly #onClosed: (closed: Transactions) => void;

  private constructor(
    databases: readonly DatabaseTransaction[],
    window: { from: string; to: string },
    onClosed: (closed: Transactions) => void,
  ) {
    this.databases = databases;
    this.window = window;
    this.#onClosed = onClosed;
  }

  static async open(
    settings: PostgresSettings,
    groups: readonly (readonly ServiceLayout[])[],
    mode: TransactionMode,
    how: {
      readonly signal: AbortSignal;
      readonly onWait?: ((text: string) => void) | undefined;
      readonly onOutdated?: () => void;
      readonly onClosed: (closed: Transactions) => void;
    },
  ): Promise<Transactions> {
    // One that fails calls the others off.
    const failure = new AbortController();
    const signal = AbortSignal.any([how.signal, failure.signal]);
    const sessions: Session[] = [];
    const opened = await Promise.allSettled(
      groups.map(async (services) => {
        try {
          const session = await Session.connect(settings, services[0]!, {
            signal: how.signal,
            connectSignal: signal,
            onWait: how.onWait,
            onOutdated: how.onOutdated,
          });
          sessions.push(session);
          await session.prepare(mode);
          return session;
        } catch (error) {
          failure.abort(error);
          throw error;
        }
      }),
    );
    try {
      throwIfAborted(how.signal);
      if (failure.signal.aborted) throw failure.signal.reason;
      const ready = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      // All are ready: they come to see their databases within one round trip.
      const looks = await Promise.all(ready.map((session) => session.look()));
      const window = {
        from: looks.map(({ from }) => from).sort()[0]!,
        to: looks
          .map(({ to }) => to)
          .sort()
          .at(-1)!,
      };
      const databases = ready.map((session, i) => new DatabaseTransaction(session, groups[i]!));
      return new Transactions(databases, window, how.onClosed);
    } catch (error) {
      await Promise.all(sessions.map((session) => session.end()));
      throw error;
    }
  }

  /** The session in which this service's tables are. @throws AppError INTERNAL when it was not opened */
  of(service: Service): Session {
    const found = this.databases.find(({ services }) => services.some((one) => one.service === service));
    if (!found) throw new AppError('INTERNAL', `No transaction is open for the ${service} service.`);
    return found.session;
  }

  /** Rolls back what was not committed and ends the connections. Harmless when repeated. */
  async rollback(): Promise<void> {
    await Promise.all(this.databases.map(({ session }) => session.end()));
    this.#onClosed(this);
  }
}

/** Where a commit is made, and the number of its transaction there; JSON. */
export type CommitOfOne = {
  readonly database: string;
  readonly place: string;
  readonly services: Service[];
  /** As `ServiceLayout.identity`. */
  readonly identity?: string;
  readonly xid: string;
};

/** One database's part of a transaction over several. */
export class DatabaseTransaction {
  readonly session: Session;
  readonly services: readonly ServiceLayout[];

  constructor(session: Session, services: readonly ServiceLayout[]) {
    this.session = session;
    this.services = services;
  }

  /** "opengate_user", to be shown. */
  get place(): string {
    return this.services[0]!.place;
  }

  /** What proves later what became of the commit: see `commitOutcome`. */
  async commitFacts(): Promise<CommitOfOne> {
    // The same number as pg_current_xact_id() gives, which PostgreSQL 12 has not.
    const [row] = await this.session.query<{ xid: string }>('SELECT txid_current()::text AS xid');
    const { database, place, identity } = this.services[0]!;
    return {
      database,
      place,
      services: this.services.map(({ service }) => service),
      ...(identity !== undefined && { identity }),
      xid: row!.xid,
    };
  }
}
