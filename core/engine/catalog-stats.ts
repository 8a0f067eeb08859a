import type { CatalogStats } from '../../contract/catalog.ts';
import { seriesKey, seriesName, seriesOf, takenAt } from '../../contract/series.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Cost } from '../catalog/space/costs.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';

/** What each realm, and the trash, takes of the catalog, and what was saved by storing equal records once and compressing. */
export async function catalogStats(catalog: Catalog, signal?: AbortSignal): Promise<CatalogStats> {
  const { snapshots, space, keeping } = catalog;
  const realms = [...Map.groupBy(snapshots.list(), seriesKey).values()].toSorted((a, b) =>
    nameOf(a) < nameOf(b) ? -1 : 1,
  );
  const trash = snapshots.list({ trash: true });
  // They need their chunks like all others, whosever they are.
  const unreadable = [...snapshots.damaged(), ...snapshots.damaged({ trash: true })].map(({ id }) => id);
  const { groups, distinct, stored, unneeded, damaged } = await space.costs(
    [
      ...realms.map((group) => ({ snapshots: group.map(({ id }) => id) })),
      { snapshots: trash.map(({ id }) => id) },
      { snapshots: unreadable },
    ],
    signal,
  );
  const content = contentOf([...realms.flat(), ...trash]);
  const { bytes, free, log, shrinks } = space.fileSize();
  return {
    realms: realms.map((group, at) => realmOf(group, groups[at]!)),
    trash: { snapshots: trash.length, bytes: groups[realms.length]!.own, grace: keeping.get().trash },
    total: {
      snapshots: realms.flat().length,
      content,
      stored,
      saved: saved(content, distinct, stored - unneeded),
      unneeded,
    },
    file: { bytes, log, free, shrinks },
    damaged: [...new Set([...unreadable, ...damaged])],
  };
}

function realmOf(
  group: readonly SnapshotManifest[],
  { distinct, own, shared }: Cost,
): CatalogStats['realms'][number] {
  const [newest] = group as [SnapshotManifest];
  const listed = group.filter(({ purpose }) => purpose === 'backup' || purpose === 'import').length;
  const content = contentOf(group);
  return {
    ...seriesOf(newest),
    snapshots: listed,
    around: group.length - listed,
    // Archives are imported in any order.
    newest: newest.archived ? group.map(takenAt).toSorted(later)[0]! : newest.finishedAt,
    content,
    own,
    shared,
    saved: saved(content, distinct, own + shared),
  };
}

/** Of small contents, what must be stored beside them can be more than is saved. */
function saved(content: number, distinct: number, stored: number): CatalogStats['total']['saved'] {
  return { deduplication: content - distinct, compression: Math.max(0, distinct - stored) };
}

function contentOf(snapshots: readonly SnapshotManifest[]): number {
  return snapshots.reduce(
    (sum, { summaries }) => sum + Object.values(summaries).reduce((all, { bytes }) => all + bytes, 0),
    0,
  );
}

function later(one: string, other: string): number {
  return Date.parse(other) - Date.parse(one);
}

/** By name, environments before what came from elsewhere. */
function nameOf([first]: readonly SnapshotManifest[]): string {
  return `${first?.environment ?? '\uffff'}/${first === undefined ? '' : seriesName(seriesOf(first))}`;
}
