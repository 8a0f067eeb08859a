import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own that holds next to nothing. */
export interface SmallDisk extends Disposable {
  readonly path: string;
  readOnly(): void;
  writable(): void;
}

function mount(...words: string[]): boolean {
  return spawnSync('mount', words, { stdio: 'ignore' }).status === 0;
}

/** @returns undefined where this user may not mount one: then the faults of a real disk cannot be tried here */
export function smallDisk(size: string): SmallDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-disk-'));
  const path = join(folder, 'disk');
  mkdirSync(path);
  if (process.platform !== 'linux' || !mount('-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', path)) {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  return {
    path,
    readOnly: () => void mount('-o', 'remount,ro', path),
    writable: () => void mount('-o', 'remount,rw', path),
    [Symbol.dispose]() {
      spawnSync('umount', ['-l', path]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
