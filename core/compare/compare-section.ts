import { throwIfAborted } from '../../contract/errors.ts';
import { compareKeys } from '../model/key-order.ts';
import type { CanonicalRecord } from '../model/record.ts';
import type { Difference, Stretch } from './difference.ts';
import { differingLines } from './differing-lines.ts';
import { recordComparer, type RecordComparer } from './member-changes.ts';
import { emptySide, type SectionSide } from './section-side.ts';

const MAX_RECORDS = 1_000;
const CHUNKS_BETWEEN_PAUSES = 16;

/**
 * Pairs two sides' records by key, in key order. Where both sides stand at the beginning of chunks with the same id, the
 * chunks are equal and passed over unread; boundaries depend on keys alone, so after an insert or a delete the sides
 * soon stand at common boundaries again, and the cost is what changed. One chunk a side is held at a time, and a
 * stretch has at most 1,000 records.
 *
 * With `readEqual`, equal chunks are read too and come as records: an overwrite writes them again.
 *
 * The realm's own record is paired with the other side's whatever their names: a snapshot holds one.
 *
 * @throws AppError CANCELED; what `readChunk` throws
 */
export async function* compareSection(
  left: SectionSide,
  right: SectionSide,
  signal?: AbortSignal,
  options: { readonly readEqual?: boolean } = {},
): AsyncIterable<Stretch> {
  const comparer = recordComparer(left.section, left.knows, right.knows);
  if (left.section === 'realm') {
    yield* compareRealms(left, right, comparer);
    return;
  }
  const a = new ChunkCursor(left);
  const b = new ChunkCursor(right);
  let equal = 0;
  let readSincePause = 0;
  while (!a.done || !b.done) {
    throwIfAborted(signal);
    if (!options.readEqual && a.atBoundary && b.atBoundary && a.chunkId === b.chunkId) {
      equal += a.skipChunk();
      b.skipChunk();
      continue;
    }
    if (!options.readEqual && a.lines && b.lines && beginAlike(a, b)) {
      equal += openDifferingLines(a, b);
      readSincePause += 2;
    }
    if (equal > 0) {
      yield { kind: 'equal', count: equal };
      equal = 0;
    }
    readSincePause += beginWithSameChunk(a, b) ? await openBoth(a, b) : await openNext(a, b);
    const records = pairOpened(a, b, comparer);
    if (records.length > 0) yield { kind: 'records', records };
    if (readSincePause >= CHUNKS_BETWEEN_PAUSES) {
      // Chunks are often read without waiting: let timers and signals in, or a cancel would never arrive.
      await new Promise((resolve) => setImmediate(resolve));
      readSincePause = 0;
    }
  }
  if (equal > 0) yield { kind: 'equal', count: equal };
}

/** All of one side, as differences against nothing: its records in key order, in bounded stretches. */
export async function* recordsOf(
  side: SectionSide,
  signal?: AbortSignal,
): AsyncIterable<readonly CanonicalRecord[]> {
  for await (const stretch of compareSection(emptySide(side.section), side, signal)) {
    if (stretch.kind === 'records')
      yield stretch.records.flatMap((d) => (d.kind === 'added' ? [{ key: d.key, line: d.right }] : []));
  }
}

/** Reads the chunk of the side that comes next, of both when they begin with the same key. Returns how many it read. */
async function openNext(a: ChunkCursor, b: ChunkCursor): Promise<number> {
  const order = compareHeads(a, b);
  let read = 0;
  if (order <= 0 && a.atBoundary) {
    await a.open();
    read++;
  }
  if (order >= 0 && b.atBoundary) {
    await b.open();
    read++;
  }
  return read;
}

function beginWithSameChunk(a: ChunkCursor, b: ChunkCursor): boolean {
  return a.atBoundary && b.atBoundary && a.chunkId === b.chunkId;
}

/** One chunk for both sides is read once. */
async function openBoth(a: ChunkCursor, b: ChunkCursor): Promise<number> {
  b.openAs(await a.open());
  return 1;
}

/** Whether both stand before chunks that begin at the same key. */
function beginAlike(a: ChunkCursor, b: ChunkCursor): boolean {
  return a.atBoundary && b.atBoundary && a.headKey === b.headKey;
}

/** Opens two chunks without the lines that they share. Returns how many these are. */
function openDifferingLines(a: ChunkCursor, b: ChunkCursor): number {
  const [left, right] = [a.lines!.read(a.chunk), b.lines!.read(b.chunk)];
  const differing = differingLines(left, right, a.lines!.key);
  b.openSome(differing.right);
  return a.openSome(differing.left);
}

/** Pairs records until a chunk that is not read yet would be needed, or the stretch is full. */
function pairOpened(a: ChunkCursor, b: ChunkCursor, comparer: RecordComparer): Difference[] {
  const records: Difference[] = [];
  while (records.length < MAX_RECORDS && (!a.done || !b.done)) {
    const order = compareHeads(a, b);
    if ((order <= 0 && a.atBoundary) || (order >= 0 && b.atBoundary)) break;
    if (order < 0) records.push(removed(a.take()));
    else if (order > 0) records.push(added(b.take()));
    else records.push(pair(a.take(), b.take(), comparer));
  }
  return records;
}

function compareHeads(a: ChunkCursor, b: ChunkCursor): number {
  if (a.done) return b.done ? 0 : 1;
  if (b.done) return -1;
  return a.headKey === b.headKey ? 0 : compareKeys(a.headKey, b.headKey);
}

const added = (right: CanonicalRecord): Difference => ({ kind: 'added', key: right.key, right: right.line });
const removed = (left: CanonicalRecord): Difference => ({ kind: 'removed', key: left.key, left: left.line });

function pair(left: CanonicalRecord, right: CanonicalRecord, comparer: RecordComparer): Difference {
  const changes = comparer.changesOfLines(left.line, right.line);
  const lines = { key: right.key, left: left.line, right: right.line };
  return changes.length === 0 ? { kind: 'same', ...lines } : { kind: 'changed', ...lines, changes };
}

async function* compareRealms(
  left: SectionSide,
  right: SectionSide,
  comparer: RecordComparer,
): AsyncIterable<Stretch> {
  const a = await onlyRecord(left);
  const b = await onlyRecord(right);
  if (a && b) yield { kind: 'records', records: [pair(a, b, comparer)] };
  else if (a) yield { kind: 'records', records: [removed(a)] };
  else if (b) yield { kind: 'records', records: [added(b)] };
}

async function onlyRecord(side: SectionSide): Promise<CanonicalRecord | undefined> {
  const chunk = side.chunks[0];
  return chunk && (await side.readChunk(chunk))[0];
}

/** A place in a side's records: at the boundary before an unread chunk, or within the one chunk that is held. */
class ChunkCursor {
  readonly #side: SectionSide;
  #chunk = 0;
  #records: readonly CanonicalRecord[] | undefined;
  #next = 0;

  constructor(side: SectionSide) {
    this.#side = side;
  }

  get done(): boolean {
    return this.#chunk >= this.#side.chunks.length;
  }

  get atBoundary(): boolean {
    return this.#records === undefined && !this.done;
  }

  get chunkId(): string {
    return this.#side.chunks[this.#chunk]!.id;
  }

  /** Key of the next record; must not be done. */
  get headKey(): string {
    return this.#records ? this.#records[this.#next]!.key : this.#side.chunks[this.#chunk]!.firstKey;
  }

  get lines(): SectionSide['lines'] {
    return this.#side.lines;
  }

  /** The one that is held or comes next; must not be done. */
  get chunk(): SectionSide['chunks'][number] {
    return this.#side.chunks[this.#chunk]!;
  }

  /** Opens the chunk with some of its records only. Returns how many it leaves out. */
  openSome(records: readonly CanonicalRecord[]): number {
    const { count } = this.chunk;
    this.openAs(records);
    return count - records.length;
  }

  skipChunk(): number {
    return this.#side.chunks[this.#chunk++]!.count;
  }

  async open(): Promise<readonly CanonicalRecord[]> {
    const records = await this.#side.readChunk(this.#side.chunks[this.#chunk]!);
    this.openAs(records);
    return records;
  }

  openAs(records: readonly CanonicalRecord[]): void {
    this.#records = records;
    this.#next = 0;
    if (records.length === 0) this.#leaveChunk();
  }

  take(): CanonicalRecord {
    const record = this.#records![this.#next++]!;
    if (this.#next === this.#records!.length) this.#leaveChunk();
    return record;
  }

  #leaveChunk(): void {
    this.#records = undefined;
    this.#chunk++;
  }
}
