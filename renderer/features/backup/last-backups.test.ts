import { expect, test } from 'vitest';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { lastBackups } from './last-backups.ts';

const backup = (day: number, complete: boolean, more: Partial<SnapshotView> = {}): SnapshotView =>
  ({
    id: `${day}`,
    environment: 'dev',
    realm: 'acme',
    purpose: 'backup',
    finishedAt: `2026-11-0${day}T00:00:00.000Z`,
    complete,
    ...more,
  }) as SnapshotView;

test.each([
  ['the newest whole one', [backup(3, true), backup(1, true), backup(2, true)], '3', undefined],
  [
    'a part that came after it is told beside it',
    [backup(4, false), backup(2, true), backup(3, false)],
    '2',
    '4',
  ],
  ['a part from before it is no matter', [backup(1, false), backup(2, true)], '2', undefined],
  ['the newest part where no whole one is', [backup(1, false), backup(2, false)], '2', undefined],
])('%s', (_, snapshots, newest, part) => {
  for (const order of [snapshots, snapshots.toReversed()]) {
    const [last] = lastBackups(order).get('dev')!;
    expect([last!.newest.id, last!.part?.id]).toEqual([newest, part]);
  }
});

test('what is no backup of an environment says nothing of what is there now', () => {
  const { environment: _, ...file } = backup(1, true);
  const others = [
    backup(2, true, { purpose: 'safety' }),
    backup(3, true, { pseudonymized: {} as never }),
    file as SnapshotView,
  ];
  expect(lastBackups(others).size).toBe(0);
});
