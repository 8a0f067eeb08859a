/** Prunes a catalog in a process of its own, which kills itself after so many transactions, as a power cut would. */
import Database from 'better-sqlite3';
import { openCatalog } from '../../core/catalog/index.ts';
import { keys } from './line.ts';
import { pruneAsJob } from './pruned-catalog.ts';

const [dir, transactions, at] = process.argv.slice(2) as [string, string, string];

let left = Infinity;
dieAfterCommits();
const catalog = await openCatalog({ dir, keys, testing: { now: () => new Date(Number(at)) } });
left = Number(transactions);
const job = await pruneAsJob(catalog);
left = Infinity;
process.stdout.write(job.state);
catalog.close();

/** Whatever is committed, by a transaction or by a statement of its own, counts. */
function dieAfterCommits(): void {
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
}

interface Known {
  readonly inTransaction: boolean;
  readonly database: Known;
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

function committed(): void {
  if (--left > 0) return;
  process.kill(process.pid, 'SIGKILL');
  // Nothing of ours may run until the signal arrives.
  for (;;);
}
