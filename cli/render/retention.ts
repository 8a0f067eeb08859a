import { reasonsText, reasonText } from '../../contract/retention-words.ts';
import type {
  FreedView,
  PruneResult,
  RetentionReason,
  RetentionView,
  TrashView,
} from '../../contract/retention.ts';
import { seriesName } from '../../contract/series.ts';
import type { Io } from '../io.ts';
import { bytes, counted, instant, listed } from './numbers.ts';
import { table, type Cell } from './table.ts';
import { visible } from './visible.ts';

/** Every snapshot, with the rule that keeps it or lets it go. */
export function verdictLines(view: RetentionView, { paint }: Io): string[] {
  const groups = view.groups.flatMap((group) => [
    paint.bold(visible(seriesName(group))),
    ...table(
      [{ title: 'Snapshot' }, { title: 'Taken' }, { title: 'What' }, { title: '' }, { title: 'Why' }],
      group.snapshots.map(({ id, finishedAt, takenAt, purpose, complete, keep, reasons }): Cell[] => [
        id,
        instant(takenAt ?? finishedAt),
        complete || (purpose !== 'backup' && purpose !== 'import') ? purpose : `${purpose}, not whole`,
        keep ? { text: 'stays', paint: paint.green } : { text: 'goes', paint: paint.yellow },
        reasonsText(reasons),
      ]),
      '  ',
    ),
    '',
  ]);
  const { kept, trashed, expired, grace, timeZone } = view;
  return [
    ...groups,
    `${counted(kept, 'snapshot would stay', 'snapshots would stay')}, ${trashed} would go to the trash, for ${grace}.${
      expired === 0
        ? ''
        : ` ${counted(expired, 'snapshot that has', 'snapshots that have')} been there for longer would be deleted.`
    }`,
    `Days, weeks and months are those of ${visible(timeZone)}. Nothing was changed.`,
  ];
}

export function pruneLines(pruned: PruneResult, io: Io): string[] {
  const { groups, freed, forgotten, grace, trashed } = pruned;
  const perGroup = groups.map((group): Cell[] => [
    seriesName(group),
    `${group.kept} kept`,
    group.trashed === 0 ? '' : `${group.trashed} to the trash`,
  ]);
  const forgottenTexts = [
    ...(forgotten.plans === 0 ? [] : [counted(forgotten.plans, 'plan')]),
    ...(forgotten.jobs === 0 ? [] : [counted(forgotten.jobs, 'job')]),
  ];
  return [
    ...(groups.length === 0
      ? ['There are no snapshots.']
      : table([{ title: '' }, { title: '' }, { title: '' }], perGroup)),
    ...(trashed === 0
      ? []
      : [
          `${counted(trashed, 'snapshot is', 'snapshots are')} in the trash, for ${grace}. To have one back: ${io.self} snapshot restore-from-trash <snapshot>`,
        ]),
    ...emptiedLines(freed, io),
    ...(forgottenTexts.length === 0 ? [] : [`Forgotten for their age: ${listed(forgottenTexts)}.`]),
  ];
}

export function trashLines({ snapshots, goes, grace }: TrashView, { paint }: Io): string[] {
  if (snapshots.length === 0) return ['The trash is empty.'];
  return [
    ...table(
      [{ title: 'Snapshot' }, { title: 'In the trash since' }, { title: '' }, { title: 'Why' }],
      snapshots.map((snapshot): Cell[] => [
        snapshot.id,
        instant(snapshot.trashedAt),
        snapshot.goes ? { text: 'goes', paint: paint.yellow } : { text: 'stays', paint: paint.green },
        snapshot.reasons.length > 0
          ? reasonsText(snapshot.reasons)
          : snapshot.goes
            ? 'its time is over'
            : 'its time is not over',
      ]),
    ),
    `${counted(goes, 'snapshot')} would be deleted for good. The grace period is ${grace}. Nothing was changed.`,
  ];
}

/** @param held what stays in the trash although its time is over */
export function emptiedLines(freed: FreedView, { paint }: Io, held: TrashView['snapshots'] = []): string[] {
  const { snapshots, chunks, fileBefore, fileAfter, pending } = freed;
  const deleted =
    snapshots === 0 ? [] : [`${counted(snapshots, 'snapshot was', 'snapshots were')} deleted for good.`];
  const space =
    chunks === 0 && fileBefore === fileAfter
      ? []
      : [
          `${bytes(freed.bytes)} of records were freed; the file is ${bytes(fileAfter)} now${
            fileAfter === fileBefore ? '' : `, was ${bytes(fileBefore)}`
          }.`,
        ];
  return [
    ...deleted,
    ...space,
    ...heldLines(held),
    ...(snapshots === 0 && chunks === 0 && pending === undefined && held.length === 0
      ? ['Nothing was there to be deleted for good.']
      : []),
    ...(pending === undefined ? [] : [`${paint.yellow('Not yet:')} ${visible(pending)}`]),
  ];
}

function heldLines(held: TrashView['snapshots']): string[] {
  if (held.length === 0) return [];
  return [
    `${counted(held.length, 'snapshot stays', 'snapshots stay')} in the trash, since something counts on ${held.length === 1 ? 'it' : 'them'}:`,
    ...table(
      [{ title: '' }, { title: '' }],
      held.map(({ id, reasons }): Cell[] => [id, reasons.map(holdText).join('; ')]),
      '  ',
    ),
  ];
}

function holdText(reason: RetentionReason): string {
  const { until } = reason;
  return `${reasonText(reason)}${until === undefined ? '' : `, until ${instant(until)} at the latest`}`;
}
