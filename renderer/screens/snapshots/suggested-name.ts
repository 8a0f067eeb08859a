import { takenAt } from '../../../contract/series.ts';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { placeText } from '../../features/snapshots/snapshot-texts.ts';

export type ExportFormat = 'opengate' | 'users' | 'roles' | 'clients' | 'archive';

/** A file's name that tells what is in it and is one on every system, whatever the realm is called. */
export function suggestedName(snapshot: SnapshotView, format: ExportFormat, isEncrypted: boolean): string {
  const place = placeText(snapshot)
    .replaceAll(/[^\w-]+/g, '-')
    .slice(0, 60);
  const day = takenAt(snapshot).slice(0, 10);
  const what = format === 'opengate' || format === 'archive' ? '' : `-${format}`;
  const ending = format === 'archive' ? `tar.zst${isEncrypted ? '.age' : ''}` : 'json';
  return `${place}-${day}${what}.${ending}`;
}
