import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import { ShortSteps } from './short-steps.ts';

/** The size of the catalog's file, in bytes. */
export interface FileSize {
  readonly bytes: number;
  /** Within the file, to be filled before it grows. */
  readonly free: number;
  /** Of the write-ahead log beside it. */
  readonly log: number;
  /** Whether free space can be given back to the disk without writing the whole file anew. */
  readonly shrinks: boolean;
}

/** `PRAGMA auto_vacuum` of a file whose free pages can be given back when asked to. */
const INCREMENTAL = 2;

export function fileSize(db: Database): FileSize {
  return withSqliteErrors(() => {
    const pragma = (name: string) => Number(db.pragma(name, { simple: true }));
    const page = pragma('page_size');
    return {
      bytes: page * pragma('page_count'),
      free: page * pragma('freelist_count'),
      log: statSync(`${db.name}-wal`, { throwIfNoEntry: false })?.size ?? 0,
      shrinks: pragma('auto_vacuum') === INCREMENTAL,
    };
  });
}

/**
 * Gives the file's free pages back to the disk, a few at a time: those at its end move into the gaps. The disk has them
 * once the log is written back, which is done as far as no other process still reads what was there before.
 */
export async function giveBack(db: Database, signal?: AbortSignal): Promise<void> {
  if (fileSize(db).shrinks) {
    const steps = new ShortSteps(db, signal, { size: 100, most: 2_000 });
    while (fileSize(db).free > 0) await steps.outside(() => db.pragma(`incremental_vacuum(${steps.size})`));
  }
  withSqliteErrors(() => db.pragma('wal_checkpoint(PASSIVE)'));
}
