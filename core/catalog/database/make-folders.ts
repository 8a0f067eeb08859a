import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder (0700), and those around it that are missing. One by one: with `recursive`, Node never comes back
 * where a folder that is there takes none with ENOENT, as /proc does.
 *
 * @throws what `node:fs` throws
 */
export function makeFolders(dir: string): void {
  if (isFolder(dir)) return;
  const parent = dirname(dir);
  if (parent !== dir && !isThere(parent)) makeFolders(parent);
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    // Another process made it meanwhile.
    if (!isFolder(dir)) throw error;
  }
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
