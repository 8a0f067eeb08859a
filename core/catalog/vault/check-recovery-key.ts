import type { WayIn } from '../../../contract/catalog-folder.ts';
import { idOf } from '../catalog.ts';
import { catalogFolder, holdsCatalog, requireWritable } from '../database/catalog-folder.ts';
import { missingCatalog } from '../database/describe-catalog.ts';
import { openDatabase } from '../database/open-database.ts';
import { readSlots, waysIn } from './key-slots.ts';
import { unlock } from './unlock.ts';

/**
 * Whether a recovery key opens a catalog. Needs no other key, and changes nothing.
 *
 * @returns the slot that it opens
 * @throws AppError WRONG_KEY, CATALOG_MISSING, CATALOG_DAMAGED, FILE_FAILED
 */
export async function checkRecoveryKey(dir: string, recoveryKey: string): Promise<WayIn> {
  const folder = catalogFolder(dir);
  if (!holdsCatalog(folder)) throw missingCatalog(dir);
  requireWritable(folder);
  const db = openDatabase(folder.file, { readOnly: true });
  try {
    const id = idOf(db);
    await unlock(id, readSlots(db, id), { recoveryKey: async () => recoveryKey });
    return waysIn(db, id).find(({ kind, damaged }) => kind === 'recovery' && !damaged)!;
  } finally {
    db.close();
  }
}
