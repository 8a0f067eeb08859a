import Database from 'better-sqlite3';

interface Known {
  readonly inTransaction: boolean;
  readonly database: Known;
}

/** This process, once it has stored so many transactions in whatever database. */
export interface Doomed {
  /** How many it stores from now on; after the last one it kills itself, as a power cut would. */
  left: number;
  /** How many it has stored. */
  stored: number;
}

/**
 * Whatever is committed, by a transaction or by a statement of its own, counts; and so does what gives space back.
 *
 * To be called before the first database is opened.
 */
export function dieAfterCommits(): Doomed {
  const doomed: Doomed = { left: Infinity, stored: 0 };
  const committed = (): void => {
    doomed.stored++;
    if (--doomed.left > 0) return;
    process.kill(process.pid, 'SIGKILL');
    // Nothing of ours may run until the signal arrives.
    for (;;);
  };
  const { prototype } = Database;
  afterEach(prototype, 'pragma', (_db, [text]) => {
    if (/incremental_vacuum|checkpoint/.test(String(text))) committed();
  });
  const statements = Object.getPrototypeOf(new Database(':memory:').prepare('SELECT 1')) as object;
  afterEach(statements, 'run', ({ database }) => {
    if (!database.inTransaction) committed();
  });
  // What it makes cannot be changed: another stands in for it.
  afterEach(prototype, 'transaction', (db, _given, made) => ({
    immediate(...given: unknown[]) {
      const result = (made as Record<'immediate', (...given: unknown[]) => unknown>).immediate(...given);
      if (!db.inTransaction) committed();
      return result;
    },
  }));
  return doomed;
}

function afterEach(
  owner: object,
  name: string,
  then: (self: Known, given: readonly unknown[], made: unknown) => unknown,
): void {
  const methods = owner as Record<string, (...given: unknown[]) => unknown>;
  const method = methods[name]!;
  Object.defineProperty(owner, name, {
    configurable: true,
    value(this: Known, ...given: unknown[]) {
      const made = method.apply(this, given);
      return then(this, given, made) ?? made;
    },
  });
}
