import type { PruneResult } from '../../contract/retention.ts';
import { seriesName } from '../../contract/series.ts';
import { bytes, counted, integer } from '../../contract/numbers.ts';
import type { Part } from './part.ts';

/** What a prune kept, what it moved to the trash and why, and what space it gave back. */
export function pruneParts({ groups, kept, trashed, grace, freed, forgotten }: PruneResult): Part[] {
  return [
    {
      title: 'What happened',
      paragraphs: [
        `${counted(kept, 'snapshot')} kept, ${counted(trashed, 'snapshot')} moved to the trash, where they stay for ${grace}.`,
        ...(freed.pending === undefined ? [] : [freed.pending]),
      ],
      facts: [
        ['Deleted from the trash', integer(freed.snapshots)],
        ['Space that no snapshot needs any more', bytes(freed.bytes)],
        ['The catalog’s file', `${bytes(freed.fileBefore)} → ${bytes(freed.fileAfter)}`],
        ['Forgotten', `${counted(forgotten.plans, 'plan')}, ${counted(forgotten.jobs, 'job')}`],
      ],
      table: {
        columns: [
          { title: 'Realm' },
          { title: 'Kept', align: 'right' },
          { title: 'To the trash', align: 'right' },
        ],
        rows: [groups.map((group) => [seriesName(group), integer(group.kept), integer(group.trashed)])],
      },
    },
    {
      title: 'Moved to the trash',
      paragraphs:
        trashed === 0 ? [] : ['Until then they can be taken out: drawbridge snapshot restore-from-trash.'],
      ...(trashed > 0 && {
        table: {
          columns: [{ title: 'Realm' }, { title: 'Snapshot' }, { title: 'Of' }, { title: 'Why' }],
          rows: groups.map((group) =>
            group.snapshots
              .filter(({ keep }) => !keep)
              .map(({ id, finishedAt, takenAt = finishedAt, reasons }) => [
                seriesName(group),
                id,
                takenAt,
                reasons.map(({ rule }) => rule).join(', '),
              ]),
          ),
        },
      }),
    },
  ];
}
