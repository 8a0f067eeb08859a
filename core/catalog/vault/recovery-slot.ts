import type { Database } from 'better-sqlite3';
import { fillSlot, replaceSlots } from './key-slots.ts';
import { keyFromRecoveryKey, newRecoveryKey } from './recovery-key.ts';

/** Makes a recovery key for the catalog, in place of an earlier one. @returns the key, which is stored nowhere */
export function addRecoverySlot(db: Database, catalogId: string, dataKey: Buffer, now: string): string {
  const recoveryKey = newRecoveryKey();
  const slotKey = keyFromRecoveryKey(recoveryKey);
  replaceSlots(db, catalogId, fillSlot(catalogId, 'recovery', '{"recovery":1}', dataKey, slotKey), now);
  return recoveryKey;
}
