import type { CatalogStats } from '../../contract/catalog.ts';
import type { KeepingSettings } from '../../contract/retention.ts';
import type { Telling } from '../io.ts';
import { bytes, counted, instant, integer, listed } from './numbers.ts';
import { shortOrigin } from './snapshot.ts';
import { table, type Cell } from './table.ts';
import { visible } from './visible.ts';

export function statsLines(
  { realms, trash, total, file, damaged }: CatalogStats,
  { paint, self }: Pick<Telling, 'paint' | 'self'>,
): string[] {
  const shares = realms.map((realm): Cell[] => [
    { text: realm.realm, paint: paint.bold },
    shortOrigin(realm),
    integer(realm.snapshots),
    integer(realm.around),
    instant(realm.newest),
    bytes(realm.content),
    bytes(realm.own),
    bytes(realm.shared),
    bytes(realm.saved.deduplication),
    bytes(realm.saved.compression),
  ]);
  return [
    ...(realms.length === 0
      ? ['There are no snapshots.']
      : table(
          [
            { title: 'Realm' },
            { title: 'From' },
            { title: 'Snapshots', align: 'right' },
            { title: 'Around jobs', align: 'right' },
            { title: 'Newest' },
            { title: 'Content', align: 'right' },
            { title: 'Its own', align: 'right' },
            { title: 'Shared', align: 'right' },
            { title: 'Saved: once', align: 'right' },
            { title: 'compressed', align: 'right' },
          ],
          shares,
        )),
    '',
    `All together: ${bytes(total.content)} in ${counted(total.snapshots, 'snapshot')}${
      trash.snapshots === 0 ? '' : ` and the trash`
    }, stored in ${bytes(total.stored)}${factor(total.content, total.stored)}.`,
    `Saved ${bytes(total.saved.deduplication)} by storing equal records once, ${bytes(total.saved.compression)} by storing changes and compressing.`,
    trash.snapshots === 0
      ? 'The trash is empty.'
      : `The trash: ${counted(trash.snapshots, 'snapshot')}; ${bytes(trash.bytes)} that only they need. They are deleted ${trash.grace} after they were moved there, when snapshots are pruned.`,
    ...(total.unneeded === 0
      ? []
      : [`No snapshot needs ${bytes(total.unneeded)} any more: the next prune frees them.`]),
    `The file: ${bytes(file.bytes)}${file.free === 0 ? '' : `, of which ${bytes(file.free)} are free`}${
      file.log === 0 ? '' : `, and a log of ${bytes(file.log)} beside it`
    }.${file.shrinks ? '' : ` What is freed in it is filled again; it does not become smaller by itself, since an older Drawbridge made it: “${self} catalog compact” changes that, once.`}`,
    ...(damaged.length === 0
      ? []
      : [
          `${paint.yellow('Damaged:')} ${visible(listed(damaged))}. What they need is not known, so nothing is freed.`,
        ]),
  ];
}

function factor(content: number, stored: number): string {
  return stored === 0 || content <= stored ? '' : ` (${(content / stored).toFixed(1)} times less)`;
}

export function settingsLines({ trash, plans, jobs }: KeepingSettings): string[] {
  return [
    ...table(
      [{ title: '' }, { title: '' }, { title: '' }],
      [
        ['Snapshots in the trash', trash, '--trash'],
        ['Plans that were not applied', plans, '--plans'],
        ['Jobs that have ended', jobs, '--jobs'],
      ],
    ),
    'What is older is deleted when snapshots are pruned. A job that can be undone stays as long as there is the snapshot to do it with.',
  ];
}
