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
  const byEnvironment = new Map<string, Map<string, LastBackup>>();
  for (const snapshot of snapshots) {
    const { environment, realm, purpose } = snapshot;
    if (purpose !== 'backup' || environment === undefined || snapshot.pseudonymized) continue;
    const realms = byEnvironment.get(environment) ?? new Map<string, LastBackup>();
    byEnvironment.set(environment, realms);
    const before = realms.get(realm);
    realms.set(realm, before ? laterOf(before, snapshot) : { realm, newest: snapshot });
  }
  return new Map(
    [...byEnvironment].map(([environment, realms]) => [
      environment,
      [...realms.values()].sort((a, b) => (a.realm < b.realm ? -1 : 1)),
    ]),
  );
}

function laterOf({ realm, newest, part }: LastBackup, snapshot: SnapshotView): LastBackup {
  const known = [newest, ...(part ? [part] : []), snapshot];
  const latest = (of: readonly SnapshotView[]): SnapshotView | undefined =>
    of.toSorted((a, b) => Date.parse(b.finishedAt) - Date.parse(a.finishedAt))[0];
  const whole = latest(known.filter(({ complete }) => complete));
  const last = latest(known)!;
  if (!whole) return { realm, newest: last };
  return last.complete ? { realm, newest: whole } : { realm, newest: whole, part: last };
}
