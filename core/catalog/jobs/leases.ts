import { randomUUID } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { AppError } from '../../../contract/errors.ts';
import { whole } from '../chunks/damage.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import type { DamagedEntry } from '../damaged-entry.ts';
import type { Seal } from '../seal.ts';
import { sealedJson } from '../vault/sealed-json.ts';

/** A holder that has not been heard of for so long is taken for dead. Milliseconds. */
export const LEASE_MILLISECONDS = 30_000;

const leaseHolder = z.object({
  /** The job that works on it, if any. */
  job: z.string().optional(),
  /** What is being done, as people say it ("apply"). */
  kind: z.string(),
  since: z.iso.datetime(),
});
export type LeaseHolder = z.infer<typeof leaseHolder>;

/**
 * Who works on what. A lease is held by who knows its token, and only while heartbeats come: never judged by process ids,
 * which mean nothing on another machine, in another container, or after a restart. Processes share the machine's clock.
 */
export interface Leases {
  /**
   * @param resource what is to be worked on by one at a time ("realm prod/acme"); stored as a keyed hash
   * @param holder with `succeeds`, the same job may have held it: it was taken up again, so its former process has lost it
   * @throws AppError CATALOG_LOCKED, naming who holds it since when
   */
  acquire(resource: string, holder: Pick<LeaseHolder, 'job' | 'kind'> & { succeeds?: true }): Lease;
  /** Who holds it now, if anybody does. */
  holderOf(resource: string): LeaseHolder | undefined;
  /** Everybody who works on anything now. */
  holders(): LeaseHolder[];
  /** For a copy of a catalog, in which nobody works. */
  clear(): void;
  /** Those that cannot be read, by the keyed hash of what they are on. */
  damaged(): DamagedEntry[];
}

export interface Lease {
  /** To be called well within LEASE_MILLISECONDS. @throws AppError CATALOG_LOCKED when it was lost meanwhile */
  heartbeat(): void;
  isHeld(): boolean;
  /** For use inside a transaction that must not run without it. @throws AppError CATALOG_LOCKED */
  assertHeld(): void;
  /** Harmless when it was lost. */
  release(): void;
}

/**
 * Whether whoever holds a lease is alive. One that ends later than any could is damaged, or from before the clock was set
 * back: it must not lock for ever.
 *
 * @param expiresAt, now milliseconds since 1970
 */
export function isLeaseAlive(expiresAt: number, now: number): boolean {
  return expiresAt > now && expiresAt <= now + 2 * LEASE_MILLISECONDS;
}

interface Row {
  readonly resource_hash: string;
  readonly token: string;
  readonly expires_at: number;
  readonly holder: Buffer;
}

export function createLeases({
  db,
  seal,
  now = () => new Date(),
}: {
  db: Database;
  seal: Seal;
  now?: (() => Date) | undefined;
}): Leases {
  const sealed = sealedJson(seal);
  const select = db.prepare<[string], Row>('SELECT * FROM leases WHERE resource_hash = ?');
  const selectAll = db.prepare<[], Row>('SELECT * FROM leases');
  const upsert = db.prepare<Row>(
    `INSERT INTO leases (resource_hash, token, expires_at, holder) VALUES (@resource_hash, @token, @expires_at, @holder)
       ON CONFLICT DO UPDATE SET token = excluded.token, expires_at = excluded.expires_at, holder = excluded.holder`,
  );
  const renew = db.prepare<[number, string, string]>(
    'UPDATE leases SET expires_at = ? WHERE resource_hash = ? AND token = ?',
  );
  const remove = db.prepare<[string, string]>('DELETE FROM leases WHERE resource_hash = ? AND token = ?');
  const removeAll = db.prepare('DELETE FROM leases');
  const hashOf = (resource: string) => seal.name(Buffer.from(`lease\0${resource}`));
  const isAlive = (row: Row | undefined): row is Row =>
    row !== undefined && isLeaseAlive(row.expires_at, now().getTime());
  const holderIn = (row: Row) =>
    sealed.open(['leases', row.resource_hash, 'holder'], row.holder, leaseHolder);

  return {
    holderOf(resource) {
      return withSqliteErrors(() => {
        const row = select.get(hashOf(resource));
        return isAlive(row) ? holderIn(row) : undefined;
      });
    },
    clear: () => withSqliteErrors(() => void removeAll.run()),
    holders: () =>
      withSqliteErrors(() => selectAll.all())
        .filter(isAlive)
        .map(holderIn),
    damaged: () =>
      withSqliteErrors(() => selectAll.all()).flatMap((row) =>
        whole(() => holderIn(row)).value ? [] : [{ id: row.resource_hash, text: 'A lease is damaged.' }],
      ),
    acquire(resource, { succeeds, ...holder }) {
      const isOurs = (row: Row): boolean => succeeds === true && holderIn(row).job === holder.job;
      const hash = hashOf(resource);
      const token = randomUUID();
      withSqliteErrors(() =>
        db
          .transaction(() => {
            const row = select.get(hash);
            if (isAlive(row) && !isOurs(row)) throw held(resource, holderIn(row));
            upsert.run({
              resource_hash: hash,
              token,
              expires_at: now().getTime() + LEASE_MILLISECONDS,
              holder: sealed.seal(['leases', hash, 'holder'], { ...holder, since: now().toISOString() }),
            });
          })
          .immediate(),
      );
      const isHeld = () => withSqliteErrors(() => select.get(hash))?.token === token;
      return {
        isHeld,
        heartbeat() {
          const { changes } = withSqliteErrors(() =>
            renew.run(now().getTime() + LEASE_MILLISECONDS, hash, token),
          );
          if (changes === 0) throw lost(resource);
        },
        assertHeld() {
          if (!isHeld()) throw lost(resource);
        },
        release() {
          withSqliteErrors(() => remove.run(hash, token));
        },
      };
    },
  };
}

function held(resource: string, { job, kind, since }: LeaseHolder): AppError {
  const who = job === undefined ? `another process (${kind})` : `job ${job} (${kind})`;
  return new AppError('CATALOG_LOCKED', `${who} has been working on ${resource} since ${since}.`, {
    notChanged: 'Nothing was changed.',
    remedy:
      job === undefined
        ? 'Wait until it has finished, then try again.'
        : `Wait until it has finished (drawbridge job show ${job}), then try again.`,
    details: { resource, kind, since, ...(job !== undefined && { job }) },
  });
}

function lost(resource: string): AppError {
  return new AppError(
    'CATALOG_LOCKED',
    `This process was not heard of for too long and lost its hold on ${resource}.`,
    {
      notChanged: 'Nothing was written after that.',
      remedy: 'Look at what the job did (drawbridge job show) before you start it again.',
      details: { resource },
    },
  );
}
