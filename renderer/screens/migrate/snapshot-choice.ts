import { listed } from '../../../contract/numbers.ts';
import { takenAt } from '../../../contract/series.ts';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { momentText } from '../../design/moments.ts';
import { countedRecords } from '../../features/plans/section-words.ts';
import { placeText } from '../../features/snapshots/snapshot-texts.ts';

/** Of what it is, and when it was so: of what an archive brought, not when that was imported. */
export function titleOf(snapshot: SnapshotView): string {
  return `${placeText(snapshot)}, ${momentText(takenAt(snapshot))}`;
}

const PURPOSES = {
  backup: 'Backup',
  import: 'Imported',
  target: 'Read for a preview',
  safety: 'Safety snapshot',
  verification: 'Read after an apply',
} as const;

export function textOf({ id, purpose, counts, complete, pseudonymized, tags }: SnapshotView): string {
  return [
    `${pseudonymized ? 'Pseudonymised copy' : PURPOSES[purpose]} ${id}`,
    ...(counts.users === undefined ? [] : [countedRecords('users', counts.users)]),
    ...(complete ? [] : ['not whole']),
    ...(tags.length > 0 ? [listed(tags)] : []),
  ].join(' · ');
}

/**
 * Which snapshots are shown to choose from.
 *
 * @param text what is looked for in them
 * @param chosen the id of the one that is chosen: shown whatever is looked for, and however many there are
 * @param most how many at most
 * @returns in their order, and how many more fit
 */
export function shownSnapshots(
  snapshots: readonly SnapshotView[],
  {
    text,
    chosen,
    most,
  }: { readonly text: string; readonly chosen: string | undefined; readonly most: number },
): { readonly shown: readonly SnapshotView[]; readonly more: number } {
  const found = snapshots.filter((snapshot) => snapshot.id === chosen || isFound(snapshot, text));
  const at = found.findIndex(({ id }) => id === chosen);
  const shown = at < most ? found.slice(0, most) : [...found.slice(0, most - 1), found[at]!];
  return { shown, more: found.length - shown.length };
}

function isFound(snapshot: SnapshotView, text: string): boolean {
  const { id, note = '', tags } = snapshot;
  const wanted = text.trim().toLowerCase();
  return [id, placeText(snapshot), note, ...tags].some((part) => part.toLowerCase().includes(wanted));
}
