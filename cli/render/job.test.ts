import { createColors } from 'picocolors';
import { expect, it } from 'vitest';
import type { SnapshotView } from '../../contract/snapshot.ts';
import { reportOf } from '../../core/reports/testing/sources.ts';
import { reportLines } from './job.ts';

const SNAPSHOT: SnapshotView = {
  id: 'snap1',
  realm: 'acme',
  channel: 'file',
  dialect: 'documented',
  purpose: 'import',
  startedAt: '2026-03-04T05:06:07.000Z',
  finishedAt: '2026-03-04T05:06:08.000Z',
  root: 'r',
  unchanged: false,
  complete: true,
  counts: { users: 2 },
  bytes: 1000,
  missing: [],
  warnings: [],
  tags: [],
  pinned: false,
};

it('a report tells everything that an archive brought, and what was there already', () => {
  const [one, two] = ['snap1', 'snap2'].map((id) => ({ ...SNAPSHOT, id }));
  const alreadyThere = [{ archived: 'snap0', snapshot: 'snap8', trashed: true }];
  const linesOf = (snapshots: SnapshotView[]) =>
    reportLines(
      reportOf({
        kind: 'import-file',
        result: { kind: 'import-file', snapshot: one!, snapshots, alreadyThere },
      }),
      { paint: createColors(false), self: 'drawbridge', keepsJobs: true },
    ).join('\n');
  const there =
    'Snapshot snap0 of the archive is here already as snapshot snap8, in the trash: nothing was stored twice.';
  expect(linesOf([one!, two!])).toMatch(new RegExp(`Snapshot snap1 [^]*Snapshot snap2 [^]*${there}$`));
  expect(linesOf([])).toContain(there);
  expect(linesOf([])).not.toContain('snap1');
});

it('a report tells of the copy that was made', () => {
  const result = { kind: 'pseudonymize' as const, snapshot: SNAPSHOT };
  const io = { paint: createColors(false), self: 'drawbridge', keepsJobs: true };
  expect(reportLines(reportOf({ kind: 'pseudonymize', result }), io).join('\n')).toContain('Snapshot snap1');
});
