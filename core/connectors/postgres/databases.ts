import { AppError, throwIfAborted } from '../../../contract/errors.ts';
import { discover } from './discovery.ts';
import type { Layout, ServiceLayout } from './layout.ts';
import { SERVICES, type Service } from './services.ts';
import type { PostgresSettings } from './settings.ts';
import { Session } from './session.ts';

export type TransactionMode = 'read' | 'write';

/** The databases of one environment: where they are, and transactions over them. Keeps the passwords to itself. */
export class Databases {
  readonly settings: PostgresSettings;
  readonly #open = new Set<Transactions>();
  #layout: Promise<Layout> | undefined;

  constructor(settings: PostgresSettings) {
    this.settings = settings;
  }

  /** What was found, looked for once. @throws AppError UNREACHABLE, AUTH_FAILED, TLS_FAILED, FORBIDDEN, AMBIGUOUS, CANCELED */
  async layout(signal: AbortSignal): Promise<Layout> {
    throwIfAborted(signal);
    this.#layout ??= discover(this.settings, signal).catch((error: unknown) => {
      this.#layout = undefined;
      throw error;
    });
    return await this.#layout;
  }

  /**
   * Opens one repeatable-read transaction in each database that holds one of these services, all as close in time as can
   * be. `read` ones are read only.
   *
   * @throws AppError SCHEMA_UNSUPPORTED when a service was not found, naming why; as `layout`
   */
  async begin(
    services: readonly Service[],
    mode: TransactionMode,
    signal: AbortSignal,
    onWait?: (text: string) => void,
  ): Promise<Transactions> {
    const layout = await this.layout(signal);
    const byDatabase = new Map<string, ServiceLayout[]>();
    for (const service of SERVICES) {
      if (!services.includes(service)) continue;
      const found = layout.services[service];
      if (!found)
        throw new AppError(
          'SCHEMA_UNSUPPORTED',
          layout.problems[service] ?? `The tables of the ${service} service were not found.`,
          { notChanged: 'Nothing was changed.' },
        );
      byDatabase.set(found.database, [...(byDatabase.get(found.database) ?? []), found]);
    }
    const transactions = await Transactions.open(this.settings, [...byDatabase.values()], mode, {
      signal,
      ...(onWait && { onWait }),
      onClosed: (closed) => this.#open.delete(closed),
    });
    this.#open.add(transactions);
    return transactions;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((transactions) => transactions.rollback()));
  }
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
      readonly onWait?: (text: string) => void;
      readonly onClosed: (closed: Transactions) => void;
    },
  ): Promise<Transactions> {
    const sessions: Session[] = [];
    try {
      for (const services of groups) sessions.push(await Session.connect(settings, services[0]!, how));
      const starts = await Promise.all(sessions.map((session) => session.begin(mode)));
      starts.sort();
      const databases = sessions.map((session, i) => new DatabaseTransaction(session, groups[i]!));
      return new Transactions(databases, { from: starts[0]!, to: starts.at(-1)! }, how.onClosed);
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
  async commitFacts(): Promise<{ database: string; place: string; services: Service[]; xid: string }> {
    const [row] = await this.session.query<{ xid: string }>('SELECT pg_current_xact_id()::text AS xid');
    const { database, place } = this.services[0]!;
    return { database, place, services: this.services.map(({ service }) => service), xid: row!.xid };
  }

  /** @throws AppError CONNECTION_LOST when it is not known whether it was committed */
  async commit(): Promise<void> {
    await this.session.query('COMMIT');
  }
}
