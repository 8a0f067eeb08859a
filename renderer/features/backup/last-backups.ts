import type { SnapshotView } from '../../../contract/snapshot.ts';

/** A realm of an environment, and what was kept of it last. */
export interface LastBackup {
  readonly realm: string;
  readonly newest: SnapshotView;
}

/** By environment, each by realm. Only backups count: a file that was imported says nothing of what is there now. */
export function lastBackups(snapshots: readonly SnapshotView[]): ReadonlyMap<string, readonly LastBackup[]> {
  const newest = new Map<string, Map<string, SnapshotView>>();
  for (const snapshot of snapshots) {
    const { environment, realm, purpose } = snapshot;
    if (purpose !== 'backup' || environment === undefined || snapshot.pseudonymized) continue;
    const realms = newest.get(environment) ?? new Map<string, SnapshotView>();
    newest.set(environment, realms);
    const before = realms.get(realm);
    if (!before || before.finishedAt < snapshot.finishedAt) realms.set(realm, snapshot);
  }
  return new Map(
    [...newest].map(([environment, realms]) => [
      environment,
      [...realms.values()]
        .map((snapshot) => ({ realm: snapshot.realm, newest: snapshot }))
        .sort((a, b) => (a.realm < b.realm ? -1 : 1)),
    ]),
  );
}
