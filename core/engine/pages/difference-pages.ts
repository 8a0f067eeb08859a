import type { z } from 'zod';
import type { differencesInput, DifferenceView } from '../../../contract/comparison.ts';
import type { SnapshotStore } from '../../catalog/snapshot-store.ts';
import { diffSnapshots } from '../../compare/diff-snapshots.ts';
import { differenceView } from '../../jobs/compare-snapshots.ts';
import { snapshotSides } from '../../jobs/snapshot-sides.ts';
import { displayKey } from '../../model/natural-key.ts';
import type { SnapshotManifest } from '../../model/snapshot.ts';
import type { EntryLists } from './entry-lists.ts';
import type { Entry } from './recorded-entries.ts';

/** The differences of two stored snapshots by the page. They are compared once, as long as somebody looks at them. */
export class DifferencePages {
  readonly #snapshots: SnapshotStore;
  readonly #lists: EntryLists;

  constructor(snapshots: SnapshotStore, lists: EntryLists) {
    this.#snapshots = snapshots;
    this.#lists = lists;
  }

  /** @throws AppError NOT_FOUND, AMBIGUOUS, CANCELED, CATALOG_DAMAGED, DISK_FULL, FILE_FAILED */
  async page(
    { left: leftName, right: rightName, declaredOnly, ...range }: z.output<typeof differencesInput>,
    signal: AbortSignal,
  ) {
    const [left, right] = [this.#snapshots.get(leftName), this.#snapshots.get(rightName)];
    const name = `differences ${JSON.stringify([left.id, right.id, declaredOnly ?? null])}`;
    const compared = (canceling: AbortSignal) => this.#compared(left, right, declaredOnly, canceling);
    const { entries, ...rest } = await this.#lists.page(name, compared, range, signal);
    return { differences: entries.map(viewOf), ...rest };
  }

  async *#compared(
    left: SnapshotManifest,
    right: SnapshotManifest,
    declaredOnly: { readonly extra: boolean } | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Entry[]> {
    const sides = [snapshotSides(this.#snapshots, left), snapshotSides(this.#snapshots, right)] as const;
    for await (const part of diffSnapshots(...sides, { declaredOnly, signal })) {
      if (part.kind === 'counts') continue;
      const { section } = part;
      yield part.records.map((record): Entry => {
        const { kind, changes } = differenceView(section, record);
        return { section, kind, key: record.key, common: '', ...(changes.length > 0 && { own: changes }) };
      });
    }
  }
}

function viewOf({ section, kind, key, own = [] }: Entry): DifferenceView {
  return {
    section,
    key: displayKey(key),
    kind: kind as DifferenceView['kind'],
    changes: own as DifferenceView['changes'],
  };
}
