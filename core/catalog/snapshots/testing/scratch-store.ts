import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { canonicalRecord } from '../../../model/canonical.ts';
import type { CanonicalRecord, JsonObject } from '../../../model/record.ts';
import { SECTIONS, type Section } from '../../../model/sections.ts';
import type { CaptureFacts, SnapshotManifest } from '../../../model/snapshot.ts';
import { openDatabase } from '../../database/open-database.ts';
import { createSeal, type Seal } from '../../seal.ts';
import type { SnapshotAbout, SnapshotStore } from '../../snapshot-store.ts';
import { createSnapshotStore } from '../create-snapshot-store.ts';
import { SNAPSHOT_TABLES_V1 } from '../schema.ts';

export interface ScratchStore extends Disposable {
  readonly dir: string;
  readonly file: string;
  readonly db: Database;
  readonly seal: Seal;
  readonly store: SnapshotStore;
  /** Another connection to the same catalog, as another process would have it. */
  again(): { readonly db: Database; readonly store: SnapshotStore };
}

/** A store of its own in a temporary folder: real file, real WAL. */
export function scratchStore(options: { maxPages?: number; now?: () => Date } = {}): ScratchStore {
  const dir = mkdtempSync(join(tmpdir(), 'snapshots-'));
  const file = join(dir, 'catalog.db');
  writeFileSync(file, '');
  const seal = createSeal(Buffer.alloc(32, 7));
  const connections: Database[] = [];
  const connect = () => {
    const db = openDatabase(file, { maxPages: options.maxPages });
    connections.push(db);
    return db;
  };
  const storeOn = (db: Database) =>
    createSnapshotStore({ db, seal, stagingDir: dir, ...(options.now && { now: options.now }) });
  const db = connect();
  db.exec(SNAPSHOT_TABLES_V1);
  return {
    dir,
    file,
    db,
    seal,
    store: storeOn(db),
    again() {
      const other = connect();
      return { db: other, store: storeOn(other) };
    },
    [Symbol.dispose]() {
      for (const connection of connections) connection.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export const DEV: SnapshotAbout = {
  environment: 'dev',
  realm: 'acme',
  purpose: 'backup',
  complete: true,
};

export type Content = Partial<Record<Section, readonly CanonicalRecord[]>>;

export function factsOf(content: Content, changes: Partial<CaptureFacts> = {}): CaptureFacts {
  const sections = SECTIONS.filter((section) => content[section]);
  return {
    realm: 'acme',
    channel: 'admin-api',
    dialect: 'documented',
    sections,
    knows: Object.fromEntries(sections.map((section) => [section, ['id', 'name']])),
    missing: [],
    warnings: [],
    ...changes,
  };
}

/** Writes a snapshot, its records in batches of 500. */
export async function capture(
  store: SnapshotStore,
  content: Content,
  about: SnapshotAbout = DEV,
  facts: CaptureFacts = factsOf(content, about.realm === undefined ? {} : { realm: about.realm }),
  add: 'add' | 'addOrdered' = 'add',
): Promise<SnapshotManifest> {
  const writer = store.begin(about);
  for (const section of facts.sections) {
    const records = content[section] ?? [];
    for (let i = 0; i < records.length; i += 500) await writer[add](section, records.slice(i, i + 500));
  }
  return writer.commit(facts, new AbortController().signal);
}

export async function readAll(
  store: SnapshotStore,
  snapshot: string,
  section: Section,
): Promise<CanonicalRecord[]> {
  const all: CanonicalRecord[] = [];
  for await (const batch of store.read(snapshot, section)) all.push(...batch);
  return all;
}

/** A user with a body that hardly compresses, as real ones hardly do. The revision changes two members. */
export function user(number: number, revision = 0, username = userName(number)): CanonicalRecord {
  const noise = spread(number, 1).toString(36) + spread(number, 2).toString(36);
  const body: JsonObject = {
    username,
    email: `${username}@example.com`,
    firstName: noise,
    lastName: revision === 0 ? noise.slice(3) : spread(number, revision).toString(36),
    enabled: true,
    emailVerified: number % 3 === 0,
    roles: ['offline_access', number % 2 ? 'reader' : 'writer'],
    id: `${spread(number, 5).toString(16)}-${spread(number, 6).toString(16)}`,
    updatedAt: `2025-01-${String(1 + (revision % 28)).padStart(2, '0')}T00:00:00Z`,
  };
  return canonicalRecord('users', body);
}

/** Names whose order is not that of their numbers. */
export function userName(number: number): string {
  return `${spread(number, 0).toString(36)}.${number}`;
}

export function users(count: number): CanonicalRecord[] {
  return Array.from({ length: count }, (_, number) => user(number));
}

/** A number of 32 bits that looks random and is always the same. */
export function spread(number: number, salt: number): number {
  let hash = Math.imul(number + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}
