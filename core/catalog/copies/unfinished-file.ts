import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isAlive } from './is-alive.ts';

/** What a file is called while it is written. */
export function unfinishedName(path: string): string {
  return `${path}.unfinished-${process.pid}`;
}

/** Removes an unfinished file with what SQLite puts beside it. */
export function removeUnfinished(unfinished: string): void {
  for (const file of [unfinished, `${unfinished}-wal`, `${unfinished}-shm`]) rmSync(file, { force: true });
}

/** Removes what processes of this machine that were killed have left of the same file. */
export function removeAbandoned(path: string): void {
  const name = basename(path);
  for (const entry of readdirSync(dirname(path))) {
    const parts = /^(.*)\.unfinished-(\d+)(?:-wal|-shm)?$/.exec(entry);
    if (parts?.[1] === name && !isAlive(Number(parts[2])))
      rmSync(join(dirname(path), entry), { force: true });
  }
}
