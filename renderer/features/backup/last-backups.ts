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
  const byEnvironment = new Map<string, Map<string, SnapshotView[]>>();
  for (const backup of backups) {
    const realms = byEnvironment.get(backup.environment!) ?? new Map<string, SnapshotView[]>();
    byEnvironment.set(backup.environment!, realms);
    const ofRealm = realms.get(backup.realm);
    if (ofRealm) ofRealm.push(backup);
    else realms.set(backup.realm, [backup]);
  }
  return new Map(
    [...byEnvironment].map(([environment, realms]) => [
      environment,
      [...realms].map(([realm, of]) => lastOf(realm, of)).sort((a, b) => (a.realm < b.realm ? -1 : 1)),
    ]),
  );
}

function lastOf(realm: string, backups: readonly SnapshotView[]): LastBackup {
  const newestFirst = backups.toSorted((a, b) => Date.parse(b.finishedAt) - Date.parse(a.finishedAt));
  const last = newestFirst[0]!;
  const whole = newestFirst.find(({ complete }) => complete);
  return { realm, newest: whole ?? last, ...(whole && whole !== last && { part: last }) };
}
