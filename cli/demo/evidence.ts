import type { ApplyResult } from '../../contract/job.ts';
import type { SnapshotView } from '../../contract/snapshot.ts';
import { bytes, counted, integer, seconds } from '../render/numbers.ts';
import { countedRecords } from '../render/snapshot.ts';
import { table } from '../render/table.ts';
import type { Paint } from '../terminal/paint.ts';

/** What the story came to, in numbers. */
export interface DemoEvidence {
  readonly captured: readonly {
    readonly snapshot: string;
    readonly realm: string;
    readonly counts: SnapshotView['counts'];
    readonly bytes: number;
  }[];
  /** Growth of the catalog's files by the first backup and by the second, unchanged one. */
  readonly growth: { readonly firstBytes: number; readonly secondBytes: number };
  readonly conflicts: number;
  readonly applied: ApplyResult;
  readonly created: ApplyResult;
  /** What came over the databases after that, and that it was taken back. */
  readonly databases: { readonly passwords: number; readonly undone: ApplyResult };
  readonly milliseconds: number;
}

export function evidenceLines(evidence: DemoEvidence, paint: Paint): string[] {
  const { captured, growth, conflicts, applied, created, databases } = evidence;
  const rows = [
    ...captured.map(({ realm, counts, bytes: size }) => [
      `Captured from dev/${realm}`,
      `${countedRecords('users', counts.users ?? 0)}, ${countedRecords('roles', counts.roles ?? 0)}, ${countedRecords('clients', counts.clients ?? 0)} (${bytes(size)})`,
    ]),
    ['Catalog after the first backup', bytes(growth.firstBytes)],
    ['Grown by the second, unchanged', bytes(growth.secondBytes)],
    ['Conflicts found before anything was written', integer(conflicts)],
    ['Overwriting without confirmation', 'refused, with exit code 4'],
    [`Imported into prod/${applied.realm}`, outcome(applied)],
    [`Created as prod/${created.realm}`, outcome(created)],
    ['Brought along over PostgreSQL', counted(databases.passwords, 'password')],
    ['Undone again', outcome(databases.undone)],
    ['Took', seconds(evidence.milliseconds)],
  ];
  return [
    '',
    paint.bold('The evidence'),
    ...table([{ title: '' }, { title: '' }], rows, '  '),
    '',
    'The sandbox has ended and the catalog of this demo is removed: nothing runs, nothing was kept.',
  ];
}

function outcome({ counts, verified, failures, deviationCount }: ApplyResult): string {
  const done = `${integer(counts.create)} created, ${integer(counts.update)} updated, ${counts.delete > 0 ? `${integer(counts.delete)} deleted, ` : ''}${integer(counts.failed)} failed`;
  if (verified && failures === 0) return `${done}; verified by reading it again`;
  return `${done}; ${deviationCount === 0 ? 'NOT verified as a whole' : `NOT as promised in ${counted(deviationCount, 'record')}`}`;
}
