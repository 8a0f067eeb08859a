import type { Database } from 'better-sqlite3';
import type { TypedKey } from '../../../contract/catalog-folder.ts';
import { readSlots, type KeySlot } from './key-slots.ts';
import type { Keychain } from './keychain.ts';
import { unlock, type KeySource } from './unlock.ts';
import { damagedSlots, presentKeyNeeded } from './unlock-errors.ts';

interface OpenCatalog {
  readonly db: Database;
  readonly catalogId: string;
  readonly dataKey: Buffer;
  readonly keychain: Keychain | undefined;
}

/**
 * Opens the slots of an open catalog once more, with what whoever asks has in hand now.
 *
 * @throws AppError WRONG_KEY; PASSPHRASE_NEEDED where there is a passphrase and no key was given; KEYCHAIN_FAILED
 */
export async function provePresentKey(
  { db, catalogId, dataKey, keychain }: OpenCatalog,
  presentKey: TypedKey | undefined,
): Promise<void> {
  const slots = readSlots(db, catalogId);
  const opened = await unlock(catalogId, slots, keysFor(slots.whole, presentKey, keychain));
  if (!opened.equals(dataKey)) throw damagedSlots(slots.whole);
}

function keysFor(
  slots: readonly KeySlot[],
  presentKey: TypedKey | undefined,
  keychain: Keychain | undefined,
): KeySource {
  const has = (wanted: KeySlot['kind']): boolean => slots.some(({ kind }) => kind === wanted);
  if (presentKey === undefined) {
    if (has('passphrase')) throw presentKeyNeeded(has('recovery'));
    return { keychain };
  }
  if ('recoveryKey' in presentKey) return { recoveryKey: async () => presentKey.recoveryKey };
  // Nothing that is typed opens such a catalog.
  if (!has('passphrase') && !has('recovery')) return { keychain };
  return { prompt: async () => presentKey.passphrase };
}
