import type { Database } from 'better-sqlite3';
import { isAppError, throwIfAborted } from '../../../contract/errors.ts';
import { compareKeys } from '../../model/key-order.ts';
import { displayKey } from '../../model/natural-key.ts';
import { SECTIONS, type Section } from '../../model/sections.ts';
import type { SnapshotManifest } from '../../model/snapshot.ts';
import { ChunkReader } from '../chunks/chunk-reader.ts';
import { ChunkTable } from '../chunks/chunk-table.ts';
import type { Seal } from '../seal.ts';
import type { VerifyOptions, VerifyReport } from '../snapshot-store.ts';
import { ChunkLists, type ListedChunk } from './chunk-lists.ts';
import { proveChunk, type ChunkProof } from './prove-chunk.ts';
import { sectionRoot, snapshotRoot } from './roots.ts';
import type { SnapshotTable } from './snapshot-table.ts';

/** Holds a chunk and its whole chain, also where records are large. In bytes. */
const CACHE_BYTES = 32 << 20;
/** Chunks between two looks at the signal: some 10 ms. */
const AT_ONCE = 32;

interface Damage {
  readonly snapshot: string;
  readonly section?: Section;
  readonly text: string;
}

/** What one list of chunks was found to be; snapshots that share it share the finding. */
interface ListFinding {
  readonly problems: readonly string[];
  readonly root: string;
  readonly count: number;
  readonly bytes: number;
}

/**
 * Proves every byte of the snapshots: each chunk is opened, decompressed, rebuilt and named again, once; then each list is
 * compared with what its chunks were seen to hold, and each manifest with its lists. Damage is reported, not thrown.
 *
 * @throws AppError CANCELED, CATALOG_LOCKED, FILE_FAILED
 */
export async function verifySnapshots(
  catalog: { readonly db: Database; readonly seal: Seal; readonly snapshots: SnapshotTable },
  ids: readonly string[],
  { signal, onProgress }: VerifyOptions,
): Promise<VerifyReport> {
  const table = new ChunkTable(catalog.db);
  const reader = new ChunkReader(table, catalog.seal, CACHE_BYTES);
  const lists = new ChunkLists(catalog.db, catalog.seal, reader);
  const { seal, snapshots } = catalog;

  const wanted = new Map<string, { section: Section; chunk: ListedChunk }>();
  for (const id of ids)
    for (const section of SECTIONS) {
      throwIfAborted(signal);
      const list = snapshots.sectionList(id, section);
      const chunks = (list === undefined ? undefined : unlessDamaged(() => lists.chunks(list))) ?? [];
      for (const chunk of Array.isArray(chunks) ? chunks : [])
        wanted.set(proofKey(section, chunk.seq), { section, chunk });
      await nextTurn();
    }

  const proofs = new Map<string, ChunkProof>();
  let bytes = 0;
  const order = table.chainOrder();
  const inChainOrder = [...wanted].sort(([, a], [, b]) => order(a.chunk.seq, b.chunk.seq));
  for (const [i, [key, { section, chunk }]] of inChainOrder.entries()) {
    const proof = proveChunk(reader, section, chunk.seq);
    proofs.set(key, proof);
    bytes += proof.bytes;
    if (i % AT_ONCE !== AT_ONCE - 1) continue;
    onProgress?.({ chunks: i + 1, of: wanted.size, bytes });
    await nextTurn();
    throwIfAborted(signal);
  }
  onProgress?.({ chunks: wanted.size, of: wanted.size, bytes });

  const findings = new Map<string, ListFinding>();
  const damaged: Damage[] = [];
  for (const id of ids) {
    throwIfAborted(signal);
    const manifest = unlessDamaged(() => snapshots.get(id));
    if (typeof manifest === 'string') {
      damaged.push({ snapshot: id, text: manifest });
      continue;
    }
    for (const section of SECTIONS)
      for (const text of sectionProblems(manifest, section)) damaged.push({ snapshot: id, section, text });
    if (snapshotRoot(seal, manifest, manifest.summaries) !== manifest.root)
      damaged.push({ snapshot: id, text: 'The snapshot’s root is not that of its sections.' });
    await nextTurn();
  }
  return { snapshots: ids.length, chunks: wanted.size, bytes, damaged };

  function sectionProblems(manifest: SnapshotManifest, section: Section): readonly string[] {
    const list = snapshots.sectionList(manifest.id, section);
    const summary = manifest.summaries[section];
    if (list === undefined && !summary && !manifest.sections.includes(section)) return [];
    if (list === undefined || !summary) return ['The section is described, but its records are missing.'];
    const key = proofKey(section, list);
    const finding = findings.get(key) ?? lookAtList(list, section);
    findings.set(key, finding);
    if (finding.problems.length > 0) return finding.problems;
    const { root, count, bytes } = finding;
    return root === summary.root && count === summary.count && bytes === summary.bytes
      ? []
      : [`It holds ${count} records where the snapshot says ${summary.count}, or others.`];
  }

  function lookAtList(list: number, section: Section): ListFinding {
    const root = unlessDamaged(() => lists.root(list));
    const chunks = unlessDamaged(() => lists.chunks(list));
    if (typeof chunks === 'string') return { problems: [chunks], root, count: 0, bytes: 0 };
    const ids = table.ids(chunks.map((chunk) => chunk.seq));
    const problems: string[] = [];
    let [count, bytes] = [0, 0];
    let before: string | undefined;
    for (const chunk of chunks) {
      const proof = proofs.get(proofKey(section, chunk.seq)) ?? proveChunk(reader, section, chunk.seq);
      const at = `${chunk.count} records from “${displayKey(chunk.firstKey)}” on`;
      if (proof.problem !== undefined) problems.push(`${at}: ${proof.problem}`);
      else if (
        proof.count !== chunk.count ||
        proof.bytes !== chunk.bytes ||
        proof.firstKey !== chunk.firstKey
      )
        problems.push(`${at}: the list of chunks describes other records.`);
      else if (before !== undefined && compareKeys(before, chunk.firstKey) >= 0)
        problems.push(`${at}: they do not follow those before them.`);
      before = proof.lastKey ?? before;
      count += proof.count;
      bytes += proof.bytes;
    }
    const named = sectionRoot(
      seal,
      chunks.map((chunk) => ids.get(chunk.seq) ?? ''),
    );
    if (named !== root && problems.length === 0)
      problems.push('The section’s root is not that of its chunks.');
    return { problems, root, count, bytes };
  }
}

/** The same bytes could be records of two sections, with different keys. */
function proofKey(section: Section, seq: number): string {
  return `${section} ${seq}`;
}

/** The value, or what is damaged, as a sentence. */
function unlessDamaged<T>(work: () => T): T | string {
  try {
    return work();
  } catch (error) {
    if (isAppError(error, 'CATALOG_DAMAGED')) return error.message;
    throw error;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
