import type { Database } from 'better-sqlite3';
import { compareKeys } from '../../model/key-order.ts';
import { PAGE_CUTS } from '../chunks/boundaries.ts';
import type { PlacedChunk } from '../chunks/chunk-inbox.ts';
import type { ChunkReader } from '../chunks/chunk-reader.ts';
import { ChunkSequence, type ChunkStorage } from '../chunks/chunk-sequence.ts';
import { damaged, whole } from '../chunks/damage.ts';
import { leadingTexts, type LineKey } from '../chunks/line-keys.ts';
import { lastUpTo, lineAt, lineCount, splitLines, type Lines } from '../chunks/lines.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import type { Seal } from '../seal.ts';
import { sectionRoot } from './roots.ts';

/** One chunk in a list. */
export interface ListedChunk {
  readonly seq: number;
  readonly firstKey: string;
  readonly count: number;
  readonly bytes: number;
}

/** A list that is ready to be saved: its pages are in the inbox. */
export interface WrittenList {
  /** Hex. */
  readonly root: string;
  readonly pages: readonly PlacedChunk[];
  /** The numbers of the pages of a row that is there already, and is taken as it is; then there are no new ones. */
  readonly pagesThere: readonly number[];
  /** Every chunk that the list counts on, apart from its pages. */
  readonly chunks: readonly PlacedChunk[];
}

/** A line of a page, and of the row that lists the pages: JSON, the key first as in a record's line. */
type ListLine = [firstKey: string, seq: number, count: number, bytes: number];

const pageKey: LineKey = leadingTexts(['["'], (line) => (JSON.parse(line.toString()) as ListLine)[0]);

/**
 * The ordered chunks of sections. A list is itself cut into chunks, its pages, and stored like them: as changes against
 * the list of the snapshot before, so that a few changed records do not cost the list of a million. The row holds the
 * list of pages, some ten for a million records.
 */
export class ChunkLists {
  readonly #seal: Seal;
  readonly #reader: ChunkReader;
  readonly #load;
  readonly #find;
  readonly #insert;
  readonly #replace;

  constructor(db: Database, seal: Seal, reader: ChunkReader) {
    this.#seal = seal;
    this.#reader = reader;
    this.#load = db.prepare<[number], { root: Buffer; pages: Buffer }>(
      'SELECT root, pages FROM chunk_lists WHERE seq = ?',
    );
    this.#find = db.prepare<[Buffer], number>('SELECT seq FROM chunk_lists WHERE root = ?').pluck();
    this.#insert = db.prepare('INSERT INTO chunk_lists (root, pages) VALUES (?, ?)');
    this.#replace = db.prepare('UPDATE chunk_lists SET pages = ? WHERE seq = ?');
  }

  /**
   * @param chunks stored, each with its number
   * @param previous the list this one is expected to resemble
   */
  write(storage: ChunkStorage, chunks: readonly PlacedChunk[], previous: number | undefined): WrittenList {
    const root = sectionRoot(
      this.#seal,
      chunks.map((chunk) => chunk.id),
    );
    const found = withSqliteErrors(() => this.#find.get(Buffer.from(root, 'hex')));
    // One that cannot be read any more, or of which a prune has deleted a part, is written again, in its place.
    const pagesThere = found === undefined ? undefined : this.#pagesOfSame(found, chunks);
    if (pagesThere) return { root, pages: [], pagesThere, chunks };
    const pages = new ChunkSequence(storage, {
      rule: PAGE_CUTS,
      keyOf: pageKey,
      previous: previous === undefined ? [] : (whole(() => this.#pages(previous)).value ?? []),
    });
    for (const { firstKey, seq, count, bytes } of chunks)
      pages.add(firstKey, Buffer.from(JSON.stringify([firstKey, seq, count, bytes] satisfies ListLine)));
    return { root, pages: pages.end(), pagesThere: [], chunks };
  }

  /**
   * @returns the number of the list's row; undefined when the row that `write` found is gone
   * To be called in a transaction, once the inbox is flushed.
   */
  save(list: WrittenList): number | undefined {
    const root = Buffer.from(list.root, 'hex');
    const found = this.#find.get(root);
    if (list.pages.length === 0 && (found !== undefined || list.chunks.length > 0)) return found;
    const lines = list.pages.map(
      ({ firstKey, seq, count, bytes }) => [firstKey, seq, count, bytes] satisfies ListLine,
    );
    const sealed = this.#seal.seal(Buffer.from(JSON.stringify(lines)), binding(root));
    if (found === undefined) return Number(this.#insert.run(root, sealed).lastInsertRowid);
    this.#replace.run(sealed, found);
    return found;
  }

  /** The chunks to store changes against: none when the list is damaged, which must not keep a new one from being made. */
  predecessors(list: number | undefined): readonly ListedChunk[] {
    return list === undefined ? [] : (whole(() => this.chunks(list)).value ?? []);
  }

  /** @throws AppError CATALOG_DAMAGED */
  chunks(list: number): ListedChunk[] {
    return this.#pages(list).flatMap((page) => this.#page(page.seq));
  }

  /** The chunk that holds the key if any does. */
  locate(list: number, key: string): ListedChunk | undefined {
    const page = this.#pages(list).findLast(({ firstKey }) => compareKeys(firstKey, key) <= 0);
    if (!page) return undefined;
    const lines = splitLines(this.#reader.passing(page.seq), pageKey);
    return listedAt(lines, lastUpTo(lines, key));
  }

  /** The list's pages, which are chunks themselves. @throws AppError CATALOG_DAMAGED */
  pages(list: number): number[] {
    return this.#pages(list).map((page) => page.seq);
  }

  /** The chunks on one page. @throws AppError CATALOG_DAMAGED */
  chunksOn(page: number): ListedChunk[] {
    return this.#page(page);
  }

  /** Hex. */
  root(list: number): string {
    return this.#row(list).root.toString('hex');
  }

  /**
   * The pages of a list that says just this of these chunks. Where a prune was stopped halfway, lists are there of which the
   * pages are not, or that name chunks by numbers which these do not have any more. That pages could be read proves nothing:
   * this process may remember what another one has deleted.
   *
   * @returns undefined when it does not, or its pages are not there
   */
  #pagesOfSame(list: number, chunks: readonly PlacedChunk[]): readonly number[] | undefined {
    const { value: there } = whole(() => ({ pages: this.pages(list), chunks: this.chunks(list) }));
    if (!there || there.chunks.length !== chunks.length) return undefined;
    const isSame = there.chunks.every(({ seq }, at) => seq === chunks[at]!.seq);
    return isSame && this.#reader.areStored(there.pages) ? there.pages : undefined;
  }

  #pages(list: number): ListedChunk[] {
    const { root, pages } = this.#row(list);
    return (JSON.parse(this.#seal.open(pages, binding(root)).toString()) as ListLine[]).map(fromLine);
  }

  #page(seq: number): ListedChunk[] {
    const lines = splitLines(this.#reader.passing(seq), pageKey);
    return Array.from({ length: lineCount(lines) }, (_, i) => listedAt(lines, i));
  }

  #row(list: number): { root: Buffer; pages: Buffer } {
    const row = withSqliteErrors(() => this.#load.get(list));
    if (!row) throw damaged('A snapshot’s list of chunks is missing.');
    return row;
  }
}

function listedAt(lines: Lines, index: number): ListedChunk {
  return fromLine(JSON.parse(lineAt(lines, index).toString()) as ListLine);
}

function fromLine([firstKey, seq, count, bytes]: ListLine): ListedChunk {
  return { seq, firstKey, count, bytes };
}

function binding(root: Buffer): Buffer {
  return Buffer.concat([Buffer.from('list\n'), root]);
}
