import { AppError } from '../../../contract/errors.ts';
import type { Catalog } from '../../catalog/index.ts';
import { judgeSnapshots } from '../../jobs/prune.ts';
import { judgeTrash } from '../../jobs/trash.ts';
import { parseLine } from '../../model/exact-json.ts';
import { withSecretsHidden } from '../../model/hide-secrets.ts';
import { implementer } from '../implementer.ts';
import { byTimeTaken } from '../by-time-taken.ts';
import { Neighbours } from '../neighbours.ts';
import { DifferencePages } from '../pages/difference-pages.ts';
import type { EntryLists } from '../pages/entry-lists.ts';
import { RecordPages } from '../record-pages.ts';
import { recordShownAs } from '../search/record-shown-as.ts';
import { searchFromName, searchSnapshot, searchWhole } from '../search/search-snapshot.ts';
import { latestSnapshot } from '../source-snapshot.ts';
import { snapshotView } from '../views.ts';

export function snapshotProcedures(catalog: Catalog, lists: EntryLists) {
  const { snapshots } = catalog;
  const procedures = implementer.snapshots;
  const pages = new RecordPages(snapshots);
  const differences = new DifferencePages(snapshots, lists);
  const neighbours = new Neighbours(catalog);
  return {
    list: procedures.list.handler(({ input: { all, ...filter } }) =>
      // In the trash, everything is shown: it can be wanted back, and will be gone.
      byTimeTaken(
        snapshots.list({ ...filter, ...(!all && !filter.trash && { purposes: ['backup', 'import'] }) }),
      ).map(snapshotView),
    ),
    get: procedures.get.handler(({ input }) => snapshotView(snapshots.get(input.snapshot))),
    latest: procedures.latest.handler(({ input }) =>
      snapshotView(latestSnapshot(catalog, input.environment, input.realm)),
    ),
    record: procedures.record.handler(({ input }) => {
      const { id } = snapshots.get(input.snapshot);
      const record = recordShownAs(snapshots, id, input);
      if (!record)
        throw new AppError('NOT_FOUND', `Snapshot ${id} has no “${input.key}” among its ${input.section}.`, {
          remedy: `Look for it: drawbridge snapshot search ${id} <text>.`,
          details: { snapshot: id, section: input.section, key: input.key },
        });
      return withSecretsHidden(input.section, parseLine(record.line));
    }),
    search: procedures.search.handler(({ input, signal }) =>
      searchWhole(searchSnapshot(snapshots, snapshots.get(input.snapshot), input, signal)),
    ),
    searchStream: procedures.searchStream.handler(({ input, signal }) =>
      searchFromName(snapshots, snapshots.get(input.snapshot), input, signal),
    ),
    records: procedures.records.handler(({ input: { snapshot, ...range } }) =>
      pages.page(snapshots.get(snapshot).id, range),
    ),
    differences: procedures.differences.handler(({ input, signal = new AbortController().signal }) =>
      differences.page(input, signal),
    ),
    neighbours: procedures.neighbours.handler(({ input, signal = new AbortController().signal }) =>
      neighbours.of(input, signal),
    ),
    tag: procedures.tag.handler(({ input }) => {
      const { id } = snapshots.get(input.snapshot);
      return snapshotView(snapshots.setTags(id, { add: input.add, remove: input.remove }));
    }),
    pin: procedures.pin.handler(({ input }) =>
      snapshotView(snapshots.setPinned(snapshots.get(input.snapshot).id, input.pinned)),
    ),
    trashed: procedures.trashed.handler(() => catalog.space.trashed().length),
    delete: procedures.delete.handler(({ input }) => snapshots.moveToTrash(input.snapshot)),
    restoreFromTrash: procedures.restoreFromTrash.handler(({ input }) => {
      const snapshot = snapshots.restoreFromTrash(input.snapshot);
      if (!snapshot)
        throw new AppError(
          'CATALOG_DAMAGED',
          `Snapshot ${input.snapshot} is out of the trash, but its description is damaged.`,
          {
            notChanged: 'Other snapshots are not affected.',
            remedy: `“drawbridge snapshot delete ${input.snapshot}” moves it back into the trash.`,
          },
        );
      return snapshotView(snapshot);
    }),
    previewPrune: procedures.previewPrune.handler(({ input }) => judgeSnapshots(catalog, input)),
    previewEmptyTrash: procedures.previewEmptyTrash.handler(({ input }) => judgeTrash(catalog, input)),
  };
}
