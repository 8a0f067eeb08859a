import { execFileSync, spawnSync } from 'node:child_process';
import { createWriteStream, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { ScratchCatalog } from './scratch-catalog.ts';

/** restic with compression, given the same lines in the same order as one document. */
export interface Restic {
  /** Backs up the snapshot's document. @returns by how many bytes the repository grew, and seconds by the clock */
  backup(snapshot: string): Promise<{ grown: number; seconds: number }>;
}

/** @returns undefined where restic is not installed */
export function openRestic(catalog: ScratchCatalog): Restic | undefined {
  if (spawnSync('restic', ['version']).error) return undefined;
  const repository = join(catalog.folder, 'restic');
  const documents = join(catalog.folder, 'documents');
  mkdirSync(documents);
  const restic = (...args: string[]) =>
    execFileSync('restic', ['--repo', repository, '--no-cache', '--quiet', ...args], {
      env: { ...process.env, RESTIC_PASSWORD: 'bench' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  restic('init', '--repository-version', '2');
  return {
    async backup(snapshot) {
      await writeDocument(catalog, snapshot, join(documents, 'realm.ndjson'));
      const before = folderSize(repository);
      const started = performance.now();
      restic('backup', documents);
      return { grown: folderSize(repository) - before, seconds: (performance.now() - started) / 1000 };
    },
  };
}

async function writeDocument({ store }: ScratchCatalog, snapshot: string, path: string): Promise<void> {
  const file = createWriteStream(path);
  for (const section of store.get(snapshot).sections)
    for await (const records of store.read(snapshot, section)) {
      const text = records.map(({ line }) => `${line.toString()}\n`).join('');
      if (!file.write(text)) await once(file, 'drain');
    }
  file.end();
  await finished(file);
}

function folderSize(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
