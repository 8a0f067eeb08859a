import type { SnapshotView } from '../../../contract/snapshot.ts';

/** A realm of an environment, and what was kept of it last. */
export interface LastBackup {
  readonly realm: string;
  /** The newest whole one; where there is none, the newest of some sections. */
  readonly newest: SnapshotView;
  /** A part of it that was kept after the newest whole one: it brings back no more than its sections. */
  readonly part?: SnapshotView;
}

/** By environment, each by realm. Only backups count: a file that was imported says nothing of what is there now. */
export function lastBackups(snapshots: readonly SnapshotView[]): ReadonlyMap<string, readonly LastBackup[]> {
  const backups = snapshots.filter(
    ({ purpose, environment, pseudonymized }) =>
      purpose === 'backup' && environment !== undefined && !pseudonymized,
  );
  return new Map(
    [...Map.groupBy(backups, ({ environment }) => environment!)].map(([environment, of]) => [
      environment,
      [...Map.groupBy(of, ({ realm }) => realm)]
        .map(([realm, ofRealm]) => lastOf(realm, ofRealm))
        .sort((a, b) => (a.realm < b.realm ? -1 : 1)),
    ]),
  );
}

function lastOf(realm: string, backups: readonly SnapshotView[]): LastBackup {
  const newestFirst = backups.toSorted((a, b) => Date.parse(b.finishedAt) - Date.parse(a.finishedAt));
  const last = newestFirst[0]!;
  const whole = newestFirst.find(({ complete }) => complete);
  return { realm, newest: whole ?? last, ...(whole && whole !== last && { part: last }) };
}
