import { zstdCompressSync, zstdDecompressSync, constants } from 'node:zlib';
import { throwIfAborted } from '../../../contract/errors.ts';
import { SpillFile, type Block } from '../../catalog/staging/spill-file.ts';
import { displayKey } from '../../model/natural-key.ts';
import { SECTIONS, type Section } from '../../model/sections.ts';

/** Something in a list that is shown by the page: an item of a plan, a difference. */
export interface Entry {
  readonly section: Section;
  /** What is done about it, or how it differs: lists are filtered by it. */
  readonly kind: string;
  readonly key: string;
  /** What many entries have alike, as text. */
  readonly common: string;
  /** What only this one has, if anything; JSON. */
  readonly own?: unknown;
}

export interface EntryFilter {
  readonly sections?: readonly Section[] | undefined;
  readonly kinds?: readonly string[] | undefined;
  /** In the key as it is shown, without regard to case. */
  readonly text?: string | undefined;
}

export interface EntryRange extends EntryFilter {
  /** Entries that fit, to pass over. */
  readonly from: number;
  readonly limit: number;
}

export interface EntryPage {
  readonly entries: readonly Entry[];
  /** There are more. */
  readonly truncated: boolean;
  /** How many fit; undefined: not all are recorded yet. */
  readonly total?: number;
}

const ENTRIES_A_BLOCK = 1_000;
/** So much is kept in memory: most lists are short, and need no file. */
const BYTES_IN_MEMORY = 2 << 20;
/** Texts whose numbers of hits are remembered, a number a block. */
const FILTERS_REMEMBERED = 4;

/** As it is kept: what entries have alike stands once in a block. */
interface BlockContent {
  readonly common: string[];
  readonly keys: string[];
  /** For each key: which of `common`, and section and kind as their numbers. */
  readonly facts: [common: number, section: number, kind: number][];
  readonly own: Record<number, unknown>;
}

interface Recorded {
  /** How many entries of each section and kind, by `place`. */
  readonly counts: ReadonlyMap<number, number>;
  readonly at: Buffer | Block;
}

/**
 * The entries of a list in order, to be shown from anywhere in it. They lie in an encrypted temporary file, a thousand to
 * a block; in memory are only where each block is and how many entries of each section and kind it has, so that blocks
 * that have nothing to show are passed over unread.
 */
export class RecordedEntries {
  readonly #stagingDir: string;
  readonly #blocks: Recorded[] = [];
  readonly #kinds: string[] = [];
  readonly #hits = new Map<string, number[]>();
  #open = newBlock();
  #counts = new Map<number, number>();
  #inMemory = 0;
  #file: SpillFile | undefined;
  #isWhole = false;
  #isClosed = false;

  constructor(stagingDir: string) {
    this.#stagingDir = stagingDir;
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** How many can be shown from. */
  get blocks(): number {
    return this.#blocks.length;
  }

  /** One call at a time. @throws AppError DISK_FULL, FILE_FAILED */
  async add(entries: Iterable<Entry>): Promise<void> {
    for (const { section, kind, key, common, own } of entries) {
      const block = this.#open;
      const at = block.keys.length;
      const [ofSection, ofKind] = [SECTIONS.indexOf(section), this.#kindNumber(kind)];
      // What comes one after the other is mostly alike.
      const last = block.common.length - 1;
      const known = block.common[last] === common ? last : block.common.indexOf(common);
      block.facts.push([known === -1 ? block.common.push(common) - 1 : known, ofSection, ofKind]);
      block.keys.push(key);
      if (own !== undefined) block.own[at] = own;
      const place = placeOf(ofSection, ofKind);
      this.#counts.set(place, (this.#counts.get(place) ?? 0) + 1);
      if (at + 1 === ENTRIES_A_BLOCK) await this.#keep();
    }
  }

  /** All were added. */
  async finish(): Promise<void> {
    if (this.#open.keys.length > 0) await this.#keep();
    await this.#file?.settle();
    this.#isWhole = true;
  }

  /** What is there of a page by now. @throws AppError CANCELED, FILE_FAILED */
  async page({ from, limit, ...filter }: EntryRange, signal: AbortSignal): Promise<EntryPage> {
    const wanted = this.#wanted(filter);
    const hits = filter.text === undefined ? undefined : this.#hitsOf(filter);
    const entries: Entry[] = [];
    let passed = 0;
    let total = 0;
    for (let at = 0; at < this.#blocks.length; at++) {
      const most = hits?.[at] ?? countIn(this.#blocks[at]!, wanted);
      const isNeeded = entries.length < limit && total + most > from;
      if (most > 0 && (isNeeded || (hits && hits[at] === undefined))) {
        throwIfAborted(signal);
        const found = fitting(await this.#read(this.#blocks[at]!), wanted, filter.text);
        if (hits) hits[at] = found.places.length;
        for (const place of found.places) {
          if (passed++ < from || entries.length === limit) continue;
          entries.push(this.#entry(found.block, place));
        }
        total += found.places.length;
      } else {
        passed += most;
        total += most;
        if (hits) hits[at] = most;
      }
      if (!this.#isWhole && total > from + limit) break;
    }
    const truncated = total > from + entries.length;
    return { entries, truncated, ...(this.#isWhole && { total }) };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#blocks.length = 0;
    this.#open = newBlock();
    await this.#file?.close();
  }

  async #keep(): Promise<void> {
    const text = Buffer.from(JSON.stringify(this.#open));
    const bytes = zstdCompressSync(text, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
    const isSmall = this.#inMemory + bytes.length <= BYTES_IN_MEMORY;
    if (isSmall) this.#inMemory += bytes.length;
    else this.#file ??= await SpillFile.create(this.#stagingDir);
    const at = isSmall ? bytes : await this.#file!.write(bytes);
    this.#blocks.push({ counts: this.#counts, at });
    this.#open = newBlock();
    this.#counts = new Map();
  }

  async #read({ at }: Recorded): Promise<BlockContent> {
    // What was written last may still be on its way to the file.
    if (!Buffer.isBuffer(at) && !this.#isWhole) await this.#file!.settle();
    const bytes = Buffer.isBuffer(at) ? at : await this.#file!.read(at, Buffer.allocUnsafeSlow(at.bytes));
    return JSON.parse(zstdDecompressSync(bytes).toString()) as BlockContent;
  }

  #entry(block: BlockContent, at: number): Entry {
    const [common, section, kind] = block.facts[at]!;
    const own = block.own[at];
    return {
      section: SECTIONS[section]!,
      kind: this.#kinds[kind]!,
      key: block.keys[at]!,
      common: block.common[common]!,
      ...(own !== undefined && { own }),
    };
  }

  #kindNumber(kind: string): number {
    const known = this.#kinds.indexOf(kind);
    return known === -1 ? this.#kinds.push(kind) - 1 : known;
  }

  #wanted({ sections, kinds }: EntryFilter): (section: number, kind: number) => boolean {
    const ofSections = sections && new Set(sections.map((section) => SECTIONS.indexOf(section)));
    return (section, kind) =>
      (!ofSections || ofSections.has(section)) && (!kinds || kinds.includes(this.#kinds[kind]!));
  }

  /** How many entries of each block fit, as far as they were looked at. Recorded blocks never change. */
  #hitsOf({ sections, kinds, text }: EntryFilter): number[] {
    const name = JSON.stringify([sections ?? null, kinds ?? null, text!.toLowerCase()]);
    const known = this.#hits.get(name) ?? [];
    this.#hits.delete(name);
    this.#hits.set(name, known);
    for (const oldest of this.#hits.keys()) {
      if (this.#hits.size <= FILTERS_REMEMBERED) break;
      this.#hits.delete(oldest);
    }
    return known;
  }
}

function newBlock(): BlockContent {
  return { common: [], keys: [], facts: [], own: {} };
}

const KINDS_AT_MOST = 64;

function placeOf(section: number, kind: number): number {
  return section * KINDS_AT_MOST + kind;
}

type Wanted = (section: number, kind: number) => boolean;

function countIn({ counts }: Recorded, wanted: Wanted): number {
  let count = 0;
  for (const [place, entries] of counts)
    if (wanted(Math.floor(place / KINDS_AT_MOST), place % KINDS_AT_MOST)) count += entries;
  return count;
}

function fitting(
  block: BlockContent,
  wanted: Wanted,
  text: string | undefined,
): { block: BlockContent; places: number[] } {
  const lower = text?.toLowerCase();
  const places: number[] = [];
  for (const [at, key] of block.keys.entries()) {
    const [, section, kind] = block.facts[at]!;
    if (wanted(section, kind) && (lower === undefined || displayKey(key).toLowerCase().includes(lower)))
      places.push(at);
  }
  return { block, places };
}
