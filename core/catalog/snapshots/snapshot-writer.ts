import type { Database } from 'better-sqlite3';
import { AppError, throwIfAborted } from '../../../contract/errors.ts';
import type { CanonicalRecord } from '../../model/record.ts';
import { SECTIONS, type Section } from '../../model/sections.ts';
import {
  isToldByDatabases,
  type CaptureFacts,
  type SectionSummary,
  type SnapshotManifest,
} from '../../model/snapshot.ts';
import { RECORD_CUTS } from '../chunks/boundaries.ts';
import { ChunkInbox, type PlacedChunk } from '../chunks/chunk-inbox.ts';
import { SoundChunks } from '../chunks/sound-chunks.ts';
import type { ChunkReader } from '../chunks/chunk-reader.ts';
import { ChunkSequence, type ChunkStorage } from '../chunks/chunk-sequence.ts';
import { chunksGone, type ChunkTable } from '../chunks/chunk-table.ts';
import { lineKeyOf } from '../chunks/line-keys.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import type { Seal } from '../seal.ts';
import type { SnapshotAbout, SnapshotWriter } from '../snapshot-store.ts';
import type { ChunkLists, WrittenList } from './chunk-lists.ts';
import { snapshotRoot } from './roots.ts';
import { orderedIntake, sortingIntake, type SectionIntake } from './section-intake.ts';
import { newSnapshotId } from './snapshot-id.ts';
import type { SealedManifest, SnapshotTable } from './snapshot-table.ts';

export interface WriterTools {
  readonly db: Database;
  readonly seal: Seal;
  readonly stagingDir: string;
  readonly now: () => Date;
  readonly chunkTable: ChunkTable;
  readonly reader: ChunkReader;
  readonly lists: ChunkLists;
  readonly snapshots: SnapshotTable;
}

/**
 * Writes one snapshot. Chunks are stored in short transactions as they come, marked as this writer's; the last
 * transaction makes them permanent and the snapshot visible at once. What a crash leaves are marked chunks that nothing
 * refers to.
 */
export class StoredSnapshotWriter implements SnapshotWriter {
  readonly #tools: WriterTools;
  readonly #about: SnapshotAbout;
  /** Known at the latest when the facts are. */
  #realm: string | undefined;
  readonly #startedAt: Date;
  readonly #id: string;
  readonly #storage: ChunkStorage;
  readonly #intakes = new Map<Section, SectionIntake>();
  #state: 'open' | 'committed' | 'given up' = 'open';

  constructor(tools: WriterTools, about: SnapshotAbout) {
    this.#tools = tools;
    this.#about = about;
    this.#realm = about.realm;
    this.#startedAt = tools.now();
    this.#id = newSnapshotId(this.#startedAt);
    this.#storage = {
      table: tools.chunkTable,
      reader: tools.reader,
      inbox: new ChunkInbox(tools.chunkTable, new SoundChunks(tools.chunkTable, tools.seal), this.#id),
      seal: tools.seal,
    };
  }

  async add(section: Section, records: readonly CanonicalRecord[]): Promise<void> {
    await this.#take(section, records, false);
  }

  async addOrdered(section: Section, records: readonly CanonicalRecord[]): Promise<void> {
    await this.#take(section, records, true);
  }

  async commit(facts: CaptureFacts, signal: AbortSignal): Promise<SnapshotManifest> {
    this.#mustBeOpen();
    try {
      this.#checkFacts(facts);
      this.#realm ??= facts.realm;
      const manifest = await this.#store(facts, signal);
      this.#state = 'committed';
      return manifest;
    } catch (error) {
      await this.#discard(error);
      throw error;
    }
  }

  async abort(): Promise<void> {
    if (this.#state === 'open') await this.#discard();
  }

  /** What fails half done cannot be taken up again: then the snapshot is given up. */
  async #take(section: Section, records: readonly CanonicalRecord[], ordered: boolean): Promise<void> {
    this.#mustBeOpen();
    try {
      await this.#intake(section, ordered).add(records);
    } catch (error) {
      await this.#discard(error);
      throw error;
    }
  }

  async #store(facts: CaptureFacts, signal: AbortSignal): Promise<SnapshotManifest> {
    const lists = new Map<Section, WrittenList>();
    const summaries: Partial<Record<Section, SectionSummary>> = {};
    for (const section of SECTIONS.filter((section) => facts.sections.includes(section))) {
      throwIfAborted(signal);
      const chunks = (await this.#intakes.get(section)?.end(signal)) ?? [];
      this.#storage.inbox.flush();
      const list = this.#tools.lists.write(this.#storage, chunks, this.#previousList(section));
      this.#storage.inbox.flush();
      lists.set(section, list);
      summaries[section] = {
        count: sum(chunks, 'count'),
        bytes: sum(chunks, 'bytes'),
        root: list.root,
      };
    }
    throwIfAborted(signal);
    const { realm, channel, dialect, serverVersion, sections, knows, missing, warnings } = facts;
    const { window, inconsistent, retries, archived, pseudonymized } = facts;
    const { environment, purpose, complete } = this.#about;
    return this.#makeVisible(
      {
        id: this.#id,
        ...(environment !== undefined && { environment }),
        realm,
        channel,
        dialect,
        ...(serverVersion !== undefined && { serverVersion }),
        sections,
        knows,
        missing,
        ...(window && { window }),
        ...(inconsistent !== undefined && { inconsistent }),
        ...(retries !== undefined && { retries }),
        ...(archived && { archived }),
        ...(pseudonymized && { pseudonymized }),
        warnings,
        purpose,
        startedAt: this.#startedAt.toISOString(),
        finishedAt: this.#tools.now().toISOString(),
        root: snapshotRoot(this.#tools.seal, facts, summaries),
        summaries,
        complete:
          (complete ?? sections.includes('realm')) && inconsistent === undefined && !lacksDatabase(facts),
      },
      lists,
    );
  }

  #makeVisible(facts: SealedManifest, lists: ReadonlyMap<Section, WrittenList>): SnapshotManifest {
    const { db, chunkTable, snapshots } = this.#tools;
    const { tags = [], note } = this.#about;
    const labels = { tags: [...new Set(tags)], ...(note !== undefined && { note }) };
    const work = db.transaction(() => {
      const rows = new Map<Section, number>();
      for (const [section, list] of lists) {
        const placed = [...list.chunks, ...list.pages].map((chunk) => chunk.seq);
        const seqs = [...placed, ...list.pagesThere];
        const row = chunkTable.missing(seqs) === 0 ? this.#tools.lists.save(list) : undefined;
        if (row === undefined) throw chunksGone();
        rows.set(section, row);
      }
      const unchangedSince = snapshots.equalTo(facts);
      const manifest = { ...facts, ...(unchangedSince !== undefined && { unchangedSince }) };
      snapshots.insert(manifest, labels, rows);
      chunkTable.settle(this.#id);
      return { ...manifest, ...labels, pinned: false };
    });
    return withSqliteErrors(() => work.immediate());
  }

  #intake(section: Section, ordered: boolean): SectionIntake {
    let intake = this.#intakes.get(section);
    if (!intake) {
      const sequence = () => this.#sequence(section);
      intake = ordered
        ? orderedIntake(section, sequence())
        : sortingIntake(section, this.#tools.stagingDir, sequence);
      this.#intakes.set(section, intake);
    }
    if (intake.ordered !== ordered)
      throw new AppError('INTERNAL', `Records of “${section}” came both in order and in any order.`);
    return intake;
  }

  #sequence(section: Section): ChunkSequence {
    const previous = this.#tools.lists.predecessors(this.#previousList(section));
    return new ChunkSequence(this.#storage, { rule: RECORD_CUTS, keyOf: lineKeyOf(section), previous });
  }

  #previousList(section: Section): number | undefined {
    const realm = this.#realm;
    if (realm === undefined) return undefined;
    return this.#tools.snapshots.previousList(this.#about.environment, realm, section);
  }

  #checkFacts(facts: CaptureFacts): void {
    const unannounced = [...this.#intakes.keys()].filter((section) => !facts.sections.includes(section));
    if (unannounced.length > 0)
      throw new AppError(
        'INTERNAL',
        `Records came of sections that were not captured: ${unannounced.join(', ')}.`,
      );
  }

  #mustBeOpen(): void {
    if (this.#state !== 'open')
      throw new AppError('INTERNAL', 'This snapshot has been finished or given up.');
  }

  /** @param reason why, if something failed: then it is what the caller has to hear of, not what fails while tidying up */
  async #discard(reason?: unknown): Promise<void> {
    this.#state = 'given up';
    try {
      for (const intake of this.#intakes.values()) await intake.dispose();
      while (this.#tools.chunkTable.discardSome(this.#id)) await new Promise(setImmediate);
    } catch (error) {
      if (reason === undefined) throw error;
    }
  }
}

function sum(chunks: readonly PlacedChunk[], member: 'count' | 'bytes'): number {
  return chunks.reduce((total, chunk) => total + chunk[member], 0);
}

/**
 * Databases tell everything but plain secrets. What is missing is a database that was not found, perhaps for a name
 * mistyped, or a table that could not be read: such a snapshot must not pass for the newest whole one.
 */
function lacksDatabase({ channel, missing }: CaptureFacts): boolean {
  return channel === 'postgres' && missing.some(isToldByDatabases);
}
