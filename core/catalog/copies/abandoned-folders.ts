import { readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './is-alive.ts';

/**
 * Removes folders for temporary files that processes of this user have left which were killed: those whose names begin with
 * `prefix` and the process's id.
 */
export function removeAbandonedFolders(prefix: string): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(prefix) ? /^(\d+)-/.exec(name.slice(prefix.length))?.[1] : undefined;
    if (pid === undefined || isAlive(Number(pid))) continue;
    const path = join(tmpdir(), name);
    try {
      const owner = statSync(path, { throwIfNoEntry: false })?.uid;
      // Others' are theirs to remove; another one of ours may have been quicker.
      if (owner !== undefined && owner === (process.getuid?.() ?? owner))
        rmSync(path, { recursive: true, force: true });
    } catch (error) {
      // It is somebody else's after all.
      if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
}
