import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../core/catalog/database/open-database.ts';
import { createSeal } from '../../core/catalog/seal.ts';
import type { SnapshotStore } from '../../core/catalog/snapshot-store.ts';
import { createSnapshotStore } from '../../core/catalog/snapshots/create-snapshot-store.ts';
import { SNAPSHOT_TABLES_V1 } from '../../core/catalog/snapshots/schema.ts';
import type { CanonicalRecord } from '../../core/model/record.ts';
import type { Section } from '../../core/model/sections.ts';
import type { SnapshotManifest } from '../../core/model/snapshot.ts';
import type { Population } from './population.ts';

/** A catalog of its own in a temporary folder. */
export interface ScratchCatalog extends Disposable {
  readonly folder: string;
  readonly store: SnapshotStore;
  /** Bytes on disk, the write-ahead log written back. */
  size(): number;
}

export function scratchCatalog(): ScratchCatalog {
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-bench-'));
  const stagingDir = join(folder, 'staging');
  mkdirSync(stagingDir);
  const file = join(folder, 'catalog.db');
  writeFileSync(file, '');
  const db = openDatabase(file);
  db.exec(SNAPSHOT_TABLES_V1);
  return {
    folder,
    store: createSnapshotStore({ db, seal: createSeal(randomBytes(32)), stagingDir }),
    size() {
      db.pragma('wal_checkpoint(TRUNCATE)');
      return statSync(file).size;
    },
    [Symbol.dispose]() {
      db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Effort {
  /** Seconds by the clock. */
  readonly seconds: number;
  /** Seconds of processor time, all threads. */
  readonly cpu: number;
}

const BATCH = 500;

/** The most memory the process had while snapshots were written, in bytes. */
export let peakMemory = 0;

/** Writes a snapshot of the population. The effort is the catalog's alone: making up the records is not counted. */
export async function capture(
  { store }: ScratchCatalog,
  population: Population,
  sections: readonly Section[],
): Promise<{ manifest: SnapshotManifest; effort: Effort }> {
  const writer = store.begin({ environment: 'dev', realm: 'acme', purpose: 'backup', complete: true });
  const watch = new Stopwatch();
  const sampling = setInterval(() => (peakMemory = Math.max(peakMemory, process.memoryUsage.rss())), 20);
  for (const section of sections) {
    let batch: CanonicalRecord[] = [];
    const flush = () =>
      watch.time(() => (population.inOrder ? writer.addOrdered(section, batch) : writer.add(section, batch)));
    for (const record of section === 'users' ? population.users() : population.credentials()) {
      batch.push(record);
      if (batch.length < BATCH) continue;
      await flush();
      batch = [];
    }
    await flush();
  }
  const facts = {
    realm: 'acme',
    channel: 'postgres',
    dialect: 'bench',
    sections,
    knows: {},
    missing: [],
    warnings: [],
  } as const;
  const manifest = await watch.time(() => writer.commit(facts, new AbortController().signal));
  clearInterval(sampling);
  return { manifest, effort: watch };
}

/** Adds up what several stretches of work took. */
export class Stopwatch implements Effort {
  seconds = 0;
  cpu = 0;

  async time<T>(work: () => Promise<T> | T): Promise<T> {
    const started = performance.now();
    const before = process.cpuUsage();
    const result = await work();
    const { user, system } = process.cpuUsage(before);
    this.seconds += (performance.now() - started) / 1000;
    this.cpu += (user + system) / 1e6;
    return result;
  }
}
