import type { Database } from 'better-sqlite3';
import { throwIfAborted } from '../../../contract/errors.ts';
import { SECTIONS, type Section } from '../../model/sections.ts';
import type { SnapshotManifest } from '../../model/snapshot.ts';
import { ChunkReader } from '../chunks/chunk-reader.ts';
import { ChunkTable } from '../chunks/chunk-table.ts';
import { whole } from '../chunks/damage.ts';
import type { Seal } from '../seal.ts';
import type { VerifyOptions, VerifyReport } from '../snapshot-store.ts';
import { ChunkLists } from './chunk-lists.ts';
import { proveList, type ListProof } from './prove-list.ts';
import { proveChunk, type ChunkProof } from './prove-chunk.ts';
import { snapshotRoot } from './roots.ts';
import type { SnapshotTable } from './snapshot-table.ts';

/** Holds a chunk and its whole chain, also where records are large. In bytes. */
const CACHE_BYTES = 32 << 20;
/** Chunks between two looks at the signal: some 10 ms. */
const AT_ONCE = 32;

export interface VerifiedCatalog {
  readonly db: Database;
  readonly seal: Seal;
  readonly snapshots: SnapshotTable;
}

/**
 * Proves every byte of the snapshots: each chunk is opened, decompressed, rebuilt and named again, once; then each list is
 * compared with what its chunks were seen to hold, and each manifest with its lists. Damage is reported, not thrown.
 *
 * @returns `seen`: the chunks that these snapshots list, pages of lists included
 * @throws AppError CANCELED, CATALOG_LOCKED, FILE_FAILED
 */
export async function verifySnapshots(
  catalog: VerifiedCatalog,
  ids: readonly string[],
  options: VerifyOptions,
): Promise<{ readonly report: VerifyReport; readonly seen: ReadonlySet<number> }> {
  const verification = new Verification(catalog, options);
  const chunks = await verification.chunksOf(ids);
  const bytes = await verification.proveChunks(chunks);
  const damaged: VerifyReport['damaged'][number][] = [];
  for (const id of ids) {
    throwIfAborted(options.signal);
    damaged.push(...verification.damageOf(id));
    await nextTurn();
  }
  return {
    report: { snapshots: ids.length, chunks: chunks.length, bytes, damaged },
    seen: verification.seen,
  };
}

interface ToProve {
  readonly section: Section;
  readonly seq: number;
}

class Verification {
  readonly #catalog: VerifiedCatalog;
  readonly #options: VerifyOptions;
  readonly #table: ChunkTable;
  readonly #reader: ChunkReader;
  readonly #lists: ChunkLists;
  readonly #chunkProofs = new Map<string, ChunkProof>();
  readonly #listProofs = new Map<string, ListProof>();
  readonly seen = new Set<number>();

  constructor(catalog: VerifiedCatalog, options: VerifyOptions) {
    this.#catalog = catalog;
    this.#options = options;
    this.#table = new ChunkTable(catalog.db);
    this.#reader = new ChunkReader(this.#table, catalog.seal, CACHE_BYTES);
    this.#lists = new ChunkLists(catalog.db, catalog.seal, this.#reader);
  }

  /** Every chunk of these snapshots once, as far as their lists can be read, each soon after those it is built on. */
  async chunksOf(ids: readonly string[]): Promise<ToProve[]> {
    const found = new Map<string, ToProve>();
    const seen = new Set<string>();
    for (const [i, id] of ids.entries()) {
      for (const section of SECTIONS) {
        throwIfAborted(this.#options.signal);
        const list = this.#catalog.snapshots.sectionList(id, section);
        if (list === undefined || seen.has(proofKey(section, list))) continue;
        seen.add(proofKey(section, list));
        for (const seq of whole(() => this.#lists.pages(list)).value ?? []) this.seen.add(seq);
        for (const { seq } of whole(() => this.#lists.chunks(list)).value ?? []) {
          found.set(proofKey(section, seq), { section, seq });
          this.seen.add(seq);
        }
        await nextTurn();
      }
      this.#options.onListed?.({ snapshots: i + 1, of: ids.length });
    }
    const order = this.#table.chainOrder();
    return [...found.values()].sort((a, b) => order(a.seq, b.seq));
  }

  /** @returns the bytes of plaintext that were proved */
  async proveChunks(chunks: readonly ToProve[]): Promise<number> {
    const { onProgress, signal } = this.#options;
    let bytes = 0;
    for (const [i, { section, seq }] of chunks.entries()) {
      bytes += this.#prove(section, seq).bytes;
      if ((i + 1) % AT_ONCE !== 0) continue;
      onProgress?.({ chunks: i + 1, of: chunks.length, bytes });
      await nextTurn();
      throwIfAborted(signal);
    }
    onProgress?.({ chunks: chunks.length, of: chunks.length, bytes });
    return bytes;
  }

  damageOf(id: string): VerifyReport['damaged'] {
    const { seal, snapshots } = this.#catalog;
    const { value: manifest, damage } = whole(() => snapshots.get(id));
    if (!manifest) return [{ snapshot: id, in: 'snapshots', text: damage ?? '' }];
    const found = SECTIONS.flatMap((section) =>
      this.#problemsOf(manifest, section).map(
        (text) => ({ snapshot: id, section, in: 'snapshots', text }) as const,
      ),
    );
    if (snapshotRoot(seal, manifest, manifest.summaries) === manifest.root) return found;
    const text = 'The snapshot’s root is not that of its sections.';
    return [...found, { snapshot: id, in: 'snapshots', text }];
  }

  #problemsOf(manifest: SnapshotManifest, section: Section): readonly string[] {
    const list = this.#catalog.snapshots.sectionList(manifest.id, section);
    const summary = manifest.summaries[section];
    if (list === undefined && !summary && !manifest.sections.includes(section)) return [];
    if (list === undefined || !summary) return ['Its records are missing, or nothing describes them.'];
    const { problems, root, count, bytes } = this.#proveList(section, list);
    if (problems.length > 0) return problems;
    return root === summary.root && count === summary.count && bytes === summary.bytes
      ? []
      : [`It holds ${count} records where the snapshot has ${summary.count}, or others.`];
  }

  /** Snapshots that share a list share its proof. */
  #proveList(section: Section, list: number): ListProof {
    const key = proofKey(section, list);
    const { seal } = this.#catalog;
    const proof =
      this.#listProofs.get(key) ??
      proveList({ seal, table: this.#table, lists: this.#lists }, list, (seq) => this.#prove(section, seq));
    this.#listProofs.set(key, proof);
    return proof;
  }

  #prove(section: Section, seq: number): ChunkProof {
    const key = proofKey(section, seq);
    const proof = this.#chunkProofs.get(key) ?? proveChunk(this.#reader, section, seq);
    this.#chunkProofs.set(key, proof);
    return proof;
  }
}

/** The same bytes could be records of two sections, with different keys. */
function proofKey(section: Section, seq: number): string {
  return `${section} ${seq}`;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
