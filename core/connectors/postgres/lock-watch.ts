import { setTimeout as sleep } from 'node:timers/promises';
import { closeClient, type Client } from './connect.ts';

/** Milliseconds before the first look, and between two. */
const EVERY_MS = 1_000;
/** Milliseconds between two looks at a statement that is long because it has much to do. */
const SELDOM_MS = 5_000;

/** Who holds what is waited for. What this role may not see is undefined. */
interface Holder {
  /** 0: a prepared transaction. */
  readonly pid: number;
  readonly user: string | null;
  readonly application: string | null;
  readonly client: string | null;
  readonly since: string | null;
  readonly table: string | null;
}

export interface LockWatchOptions {
  /** The process of the server whose waiting is looked at. */
  readonly pid: number;
  /** Where it is, to be shown. */
  readonly place: string;
  /** Opens a second connection to the same database. */
  readonly open: (signal: AbortSignal) => Promise<Client>;
  readonly onWait?: ((text: string) => void) | undefined;
  /** How long a lock is waited for in all, in milliseconds: the first look is well before. */
  readonly lockMs: number;
}

/**
 * Looks, while one statement runs, whether it waits for a lock and who holds it. The connection for that is opened when
 * the statement takes longer than a second, and closed with it. What goes wrong with the watching leaves the statement
 * alone: then nobody is named.
 */
export class LockWatch {
  readonly #options: LockWatchOptions;
  readonly #stop = new AbortController();
  readonly #watching: Promise<void>;
  #holder: string | undefined;

  constructor(options: LockWatchOptions) {
    this.#options = options;
    this.#watching = this.#watch();
  }

  /** "process 4711 (user app, application “psql”), since 12:03:04 UTC": who was seen last. */
  get holder(): string | undefined {
    return this.#holder;
  }

  /** @returns when its connection is closed; nobody has to wait for that but who counts connections */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    const { open, lockMs } = this.#options;
    try {
      await sleep(Math.min(EVERY_MS, lockMs / 3), undefined, { signal });
      const client = await open(signal);
      try {
        while (!signal.aborted) {
          const waits = await this.#look(client);
          await sleep(waits ? EVERY_MS : this.#pause(), undefined, { signal });
        }
      } finally {
        await closeClient(client);
      }
    } catch {
      // Stopped, or this role may not open another connection, or may not look: the statement itself goes on.
    }
  }

  #looks = 0;

  #pause(): number {
    this.#looks += 1;
    return this.#looks < 10 ? EVERY_MS : SELDOM_MS;
  }

  async #look(client: Client): Promise<boolean> {
    const { rows } = await client.query<Holder>(HOLDERS, [this.#options.pid]);
    const [first] = rows;
    if (!first) return false;
    const others = rows.length > 1 ? ` and ${rows.length - 1} more` : '';
    this.#holder = `${described(first)}${others}`;
    const what = first.table === null ? 'a lock' : `a lock on “${first.table}”`;
    this.#options.onWait?.(`${what} in ${this.#options.place}, held by ${this.#holder}`);
    return true;
  }
}

/** The waiting process is our own role's, so its row can be seen; of the holders, what is nobody's secret. */
const HOLDERS = `
  SELECT DISTINCT blocker.pid, holder.usename::text AS "user", holder.application_name AS application,
         host(holder.client_addr) AS client,
         to_char(coalesce(holder.xact_start, holder.query_start) AT TIME ZONE 'UTC', 'HH24:MI:SS') AS since,
         (SELECT c.relname::text FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation
          WHERE l.pid = $1 AND c.relkind IN ('r', 'p')
            AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
            AND (NOT l.granted OR l.locktype = 'tuple')
          ORDER BY l.granted LIMIT 1) AS "table"
  FROM pg_catalog.pg_stat_activity waiting
  CROSS JOIN LATERAL unnest(pg_catalog.pg_blocking_pids(waiting.pid)) AS blocker (pid)
  LEFT JOIN pg_catalog.pg_stat_activity holder ON holder.pid = blocker.pid
  WHERE waiting.pid = $1 AND waiting.wait_event_type = 'Lock'
  ORDER BY blocker.pid`;

function described({ pid, user, application, client, since }: Holder): string {
  if (pid === 0) return 'a prepared transaction';
  const facts = [
    ...(user ? [`user ${user}`] : []),
    ...(application ? [`application “${application}”`] : []),
    ...(client ? [`from ${client}`] : []),
  ];
  return `process ${pid}${facts.length > 0 ? ` (${facts.join(', ')})` : ''}${since === null ? '' : ` since ${since} UTC`}`;
}
