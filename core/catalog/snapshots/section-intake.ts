import { AppError, throwIfAborted } from '../../../contract/errors.ts';
import { compareKeys } from '../../model/key-order.ts';
import { displayKey } from '../../model/natural-key.ts';
import { RecordWithin, type CanonicalRecord } from '../../model/record.ts';
import type { Section } from '../../model/sections.ts';
import type { PlacedChunk } from '../chunks/chunk-inbox.ts';
import type { ChunkSequence } from '../chunks/chunk-sequence.ts';
import { ExternalSorter } from '../staging/external-sort.ts';

/** Where the records of one section go until it is complete. */
export interface SectionIntake {
  readonly ordered: boolean;
  add(records: readonly CanonicalRecord[]): Promise<void>;
  /** The section's chunks, all in the inbox. @throws AppError DUPLICATE_KEY, DISK_FULL, CANCELED, … */
  end(signal: AbortSignal): Promise<readonly PlacedChunk[]>;
  dispose(): Promise<void>;
}

/** Records in any order: staged, and cut into chunks when the last one is known. */
export function sortingIntake(
  section: Section,
  stagingDir: string,
  sequence: () => ChunkSequence,
): SectionIntake {
  const sorter = new ExternalSorter({ dir: stagingDir, onDuplicate: 'error', what: section });
  return {
    ordered: false,
    add: (records) => sorter.add(records),
    async end(signal) {
      const chunks = sequence();
      for await (const { keys, buffers, starts, ends } of sorter.sortedBatches(signal)) {
        for (let i = 0; i < keys.length; i++) chunks.add(keys[i]!, buffers[i]!, starts[i], ends[i]);
        await nextTurn();
      }
      await sorter.dispose();
      return chunks.end();
    },
    dispose: () => sorter.dispose(),
  };
}

/** Records that come in key order: cut into chunks as they come. */
export function orderedIntake(section: Section, sequence: ChunkSequence): SectionIntake {
  let last: string | undefined;
  return {
    ordered: true,
    async add(records) {
      for (const record of records) {
        const { key } = record;
        if (last !== undefined && compareKeys(last, key) >= 0) throw outOfOrder(section, last, key);
        last = key;
        if (record instanceof RecordWithin) sequence.add(key, record.source, record.from, record.to);
        else sequence.add(key, record.line);
      }
      await nextTurn();
    },
    async end(signal) {
      throwIfAborted(signal);
      return sequence.end();
    },
    async dispose() {
      // Nothing is staged: what was stored is the writer's to discard.
    },
  };
}

/** Storing is synchronous work: between batches others get their turn, and a cancellation is noticed. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

function outOfOrder(section: Section, before: string, key: string): AppError {
  if (before === key)
    return new AppError(
      'DUPLICATE_KEY',
      `Two records of “${section}” have the same key “${displayKey(key)}”.`,
      {
        notChanged: 'No snapshot was stored; those before it are unchanged.',
        remedy: 'A realm holds each of these once: correct the source, then try again.',
        details: { section, key },
      },
    );
  return new AppError('INTERNAL', `Records of “${section}” that should have come in order did not.`, {
    notChanged: 'No snapshot was stored; those before it are unchanged.',
    remedy: 'This is a defect of Drawbridge: report it with this message and the version in use.',
    details: { section, key, before },
  });
}
