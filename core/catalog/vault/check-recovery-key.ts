import type { WayIn } from '../../../contract/catalog-folder.ts';
import { idOf } from '../catalog.ts';
import { lookIntoCatalog } from '../database/describe-catalog.ts';
import { readSlots, waysIn } from './key-slots.ts';
import { unlock } from './unlock.ts';

/**
 * Whether a recovery key opens a catalog. Needs no other key, and changes nothing.
 *
 * @returns the slot that it opens
 * @throws AppError WRONG_KEY, CATALOG_MISSING, CATALOG_DAMAGED, FILE_FAILED
 */
export async function checkRecoveryKey(dir: string, recoveryKey: string): Promise<WayIn> {
  return await lookIntoCatalog(dir, async (db) => {
    const id = idOf(db);
    await unlock(id, readSlots(db, id), { recoveryKey: async () => recoveryKey });
    return waysIn(db, id).find(({ kind, damaged }) => kind === 'recovery' && !damaged)!;
  });
}
