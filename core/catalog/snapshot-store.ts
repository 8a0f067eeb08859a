import type { DamageView } from '../../contract/snapshot.ts';
import type { CanonicalRecord } from '../model/record.ts';
import type { Section } from '../model/sections.ts';
import type { CaptureFacts, SnapshotManifest } from '../model/snapshot.ts';

/** Snapshots in the catalog: written once, read by section, chunk or key. */
export interface SnapshotStore {
  begin(about: SnapshotAbout): SnapshotWriter;
  /** Newest first. Leaves out those that `damaged` tells: one that is damaged must not hide the others. */
  list(filter?: SnapshotFilter): SnapshotManifest[];
  /** The snapshots whose descriptions cannot be read, newest first, those in the trash apart as in `list`. */
  damaged(filter?: Pick<SnapshotFilter, 'trash'>): DamagedSnapshot[];
  /** @throws AppError NOT_FOUND, AMBIGUOUS (the prefix fits several), CATALOG_DAMAGED */
  get(idOrPrefix: string): SnapshotManifest;
  /** The newest complete backup or import of a realm whose description can be read, if any. */
  latest(environment: string, realm: string): SnapshotManifest | undefined;
  /** In key order, a chunk's records at a time. Yields nothing for a section that was not captured. */
  read(snapshot: string, section: Section, signal?: AbortSignal): AsyncIterable<readonly CanonicalRecord[]>;
  /** The chunks of a section in key order. */
  chunks(snapshot: string, section: Section): readonly ChunkRef[];
  readChunk(chunk: ChunkRef): readonly CanonicalRecord[];
  /**
   * A chunk's canonical lines, each with a line break, for a comparison by bytes. Must not be written to, nor looked at
   * any more once the caller has waited for anything or read two others.
   */
  readLines(chunk: ChunkRef): Buffer;
  /** Reads the key of the line at `[start, end)` of such a text. */
  lineKey(section: Section): (text: Buffer, start: number, end: number) => string;
  find(snapshot: string, section: Section, key: string): CanonicalRecord | undefined;
  /** Proves every byte: decrypts, decompresses, rebuilds, hashes, compares with roots and counts. */
  verify(snapshot: string | undefined, options?: VerifyOptions): Promise<VerifyReport>;
  setTags(
    snapshot: string,
    change: { add?: readonly string[]; remove?: readonly string[] },
  ): SnapshotManifest;
  setPinned(snapshot: string, pinned: boolean): SnapshotManifest;
  /**
   * To the trash: hidden from `list`, its bytes kept. Also one whose description is damaged.
   *
   * @throws AppError NOT_FOUND, AMBIGUOUS, USAGE (it is pinned)
   */
  moveToTrash(snapshot: string): void;
  /** Some of them at once; those that are pinned, gone, or in the trash already stay as they are. @returns how many went */
  moveSomeToTrash(ids: readonly string[]): number;
  /** @returns undefined when the snapshot is back, but its description is damaged */
  restoreFromTrash(snapshot: string): SnapshotManifest | undefined;
}

export interface DamagedSnapshot {
  readonly id: string;
  /** What is wrong, as a sentence. */
  readonly text: string;
}

export interface SnapshotAbout {
  readonly environment?: string;
  /** Undefined: known only at the end, from the facts given to `commit` (a file tells its realm anywhere). */
  readonly realm?: string;
  readonly purpose: SnapshotManifest['purpose'];
  /** Undefined: whole if the realm itself is among what was read (a document of users alone is no whole realm). */
  readonly complete?: boolean;
  readonly tags?: readonly string[];
  readonly note?: string;
}

export interface SnapshotFilter {
  readonly environment?: string;
  readonly realm?: string;
  readonly tag?: string;
  readonly purposes?: readonly SnapshotManifest['purpose'][];
  readonly trash?: boolean;
}

/** Collects records in any order; nothing of it is visible to others before `commit`. */
export interface SnapshotWriter {
  /** Any order; sorted on disk (encrypted) beyond a fixed amount of memory. */
  add(section: Section, records: readonly CanonicalRecord[]): Promise<void>;
  /** For a source that already sorts by key bytes: not staged. @throws AppError INTERNAL when out of order */
  addOrdered(section: Section, records: readonly CanonicalRecord[]): Promise<void>;
  /** @throws AppError DUPLICATE_KEY naming the section and the first key that occurs twice; DISK_FULL; CANCELED */
  commit(facts: CaptureFacts, signal: AbortSignal): Promise<SnapshotManifest>;
  /** Leaves nothing behind. Harmless after `commit`. */
  abort(): Promise<void>;
}

export interface ChunkRef {
  /** HMAC of the chunk's whole plaintext, hex: equal ids, equal records. */
  readonly id: string;
  /** What its records are: their keys are read from the lines by the section's rule. */
  readonly section: Section;
  readonly firstKey: string;
  readonly count: number;
  readonly bytes: number;
}

export interface VerifyOptions {
  readonly signal?: AbortSignal;
  /** Before the first chunk is proved: of how many snapshots it is known which chunks they have. */
  readonly onListed?: (done: { snapshots: number; of: number }) => void;
  readonly onProgress?: (done: { chunks: number; of: number; bytes: number }) => void;
}

export interface VerifyReport {
  readonly snapshots: number;
  readonly chunks: number;
  /** Plaintext bytes proved. */
  readonly bytes: number;
  readonly damaged: readonly DamageView[];
}
