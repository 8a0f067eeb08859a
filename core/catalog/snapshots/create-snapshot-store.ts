import type { Database } from 'better-sqlite3';
import { throwIfAborted } from '../../../contract/errors.ts';
import type { CanonicalRecord } from '../../model/record.ts';
import type { Section } from '../../model/sections.ts';
import { requireDictionaries } from '../chunks/chunk-codec.ts';
import { ChunkReader } from '../chunks/chunk-reader.ts';
import { ChunkTable } from '../chunks/chunk-table.ts';
import { lineKeyOf } from '../chunks/line-keys.ts';
import { keyAt, lastUpTo, lineAt, lineCount, splitLines, type Lines } from '../chunks/lines.ts';
import type { Seal } from '../seal.ts';
import type { ChunkRef, SnapshotStore } from '../snapshot-store.ts';
import { ChunkLists } from './chunk-lists.ts';
import { SnapshotTable } from './snapshot-table.ts';
import { StoredSnapshotWriter } from './snapshot-writer.ts';
import { verifySnapshots } from './verify.ts';

export interface SnapshotStoreOptions {
  /** An open catalog, its migrations done. */
  readonly db: Database;
  readonly seal: Seal;
  /** An existing folder on the catalog's disk, for what is being sorted. */
  readonly stagingDir: string;
  readonly now?: () => Date;
}

/** Chunks decoded lately: a chunk, its chain and their neighbours, for look-ups and comparisons. In bytes. */
const CACHE_BYTES = 8 << 20;

/** @throws AppError INTERNAL on a Node.js that is too old for the way chunks are compressed */
export function createSnapshotStore(options: SnapshotStoreOptions): SnapshotStore {
  requireDictionaries();
  const { db, seal, stagingDir, now = () => new Date() } = options;
  const chunkTable = new ChunkTable(db);
  const reader = new ChunkReader(chunkTable, seal, CACHE_BYTES);
  const lists = new ChunkLists(db, seal, reader);
  const snapshots = new SnapshotTable(db, seal);
  const tools = { db, seal, stagingDir, now, chunkTable, reader, lists, snapshots };

  const listOf = (snapshot: string, section: Section) =>
    snapshots.sectionList(snapshots.resolve(snapshot), section);
  const linesOf = (seq: number, section: Section) => splitLines(reader.plain(seq), lineKeyOf(section));

  return {
    begin: (about) => new StoredSnapshotWriter(tools, about),
    list: (filter = {}) => snapshots.list(filter),
    damaged: ({ trash = false } = {}) => snapshots.damaged(trash),
    get: (idOrPrefix) => snapshots.get(idOrPrefix),
    latest: (environment, realm) => snapshots.latest(environment, realm),

    async *read(snapshot, section, signal) {
      const list = listOf(snapshot, section);
      if (list === undefined) return;
      for (const { seq } of lists.chunks(list)) {
        throwIfAborted(signal);
        yield recordsOf(linesOf(seq, section));
      }
    },

    chunks(snapshot, section) {
      const list = listOf(snapshot, section);
      if (list === undefined) return [];
      const listed = lists.chunks(list);
      const ids = chunkTable.ids(listed.map((chunk) => chunk.seq));
      return listed.map(({ seq, firstKey, count, bytes }): ChunkRef => {
        const id = ids.get(seq) ?? '';
        return { id, section, firstKey, count, bytes };
      });
    },

    readChunk: ({ id, section }) => recordsOf(linesOf(reader.named(id), section)),

    readLines: ({ id }) => reader.passing(reader.named(id)),

    lineKey: lineKeyOf,

    find(snapshot, section, key) {
      const list = listOf(snapshot, section);
      const chunk = list === undefined ? undefined : lists.locate(list, key);
      return chunk && findLine(linesOf(chunk.seq, section), key);
    },

    async verify(snapshot, verifyOptions = {}) {
      const ids = snapshot === undefined ? snapshots.everyId() : [snapshots.resolve(snapshot)];
      return (await verifySnapshots({ db, seal, snapshots }, ids, verifyOptions)).report;
    },

    setTags: (snapshot, { add = [], remove = [] }) =>
      snapshots.changeLabels(snapshot, (labels) => ({
        ...labels,
        tags: [...new Set([...labels.tags, ...add])].filter((tag) => !remove.includes(tag)),
      })),
    setPinned: (snapshot, pinned) => snapshots.setPinned(snapshot, pinned),
    moveToTrash: (snapshot) => snapshots.moveToTrash(snapshot, now().toISOString()),
    moveSomeToTrash: (ids) => snapshots.moveSomeToTrash(ids, now().toISOString()),
    restoreFromTrash: (snapshot) => snapshots.restoreFromTrash(snapshot),
  };
}

function recordsOf(lines: Lines): CanonicalRecord[] {
  return Array.from({ length: lineCount(lines) }, (_, i) => ({
    key: keyAt(lines, i),
    line: lineAt(lines, i),
  }));
}

function findLine(lines: Lines, key: string): CanonicalRecord | undefined {
  const index = lastUpTo(lines, key);
  return index >= 0 && keyAt(lines, index) === key ? { key, line: lineAt(lines, index) } : undefined;
}
