import { randomBytes } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { AppError } from '../../../contract/errors.ts';
import type { TypedKey, WayIn } from '../../../contract/catalog-folder.ts';
import type { Keychain } from './keychain.ts';
import { fillSlot, openSlot, removeSlots, replaceSlots, waysIn, type SlotKind } from './key-slots.ts';
import { keyFromPassphrase, newPassphraseParameters, type ScryptCost } from './passphrase.ts';
import { provePresentKey } from './present-key.ts';
import { keyFromRecoveryKey, newRecoveryKey } from './recovery-key.ts';
import { KEYCHAIN_PARAMETERS, refuseEmpty } from './unlock.ts';
import { KEY_BYTES } from './wrapping.ts';

/**
 * The ways into an open catalog. The data key stays the same whatever is changed here: what is sealed need not be sealed
 * anew, and copies of the catalog that were made before open with the keys that they had.
 *
 * An open catalog can be used by whoever finds it open. So who changes what opens it shows a key that opens it now
 * (`presentKey`); of a catalog without a passphrase the keychain shows it, which is asked anew.
 *
 * Every method may throw CATALOG_LOCKED, DISK_FULL, FILE_FAILED; then the catalog opens with the keys that it had. Those
 * that take a present key throw WRONG_KEY when it is none, and PASSPHRASE_NEEDED or KEYCHAIN_FAILED when there is none.
 */
export interface CatalogKeys {
  waysIn(): WayIn[];
  /** In place of an earlier one, which goes when the new one has opened the catalog. @throws AppError PASSPHRASE_NEEDED (empty) */
  setPassphrase(passphrase: string, presentKey?: TypedKey): Promise<void>;
  /**
   * Puts a key into the operating system's keychain. A key that is there already for this catalog, or for a copy of it,
   * is used again: a new one in its place would shut the copy.
   *
   * @throws AppError KEYCHAIN_FAILED
   */
  useKeychain(options?: { forgetPassphrase?: boolean; presentKey?: TypedKey | undefined }): Promise<void>;
  /**
   * The keychain opens this catalog no more. Its entry stays, because copies of the catalog may have no other key, unless
   * it is to be forgotten.
   *
   * @throws AppError PASSPHRASE_NEEDED when there is no passphrase; KEYCHAIN_FAILED
   */
  leaveKeychain(options?: {
    passphrase?: string | undefined;
    forgetKey?: boolean;
    presentKey?: TypedKey | undefined;
  }): Promise<void>;
  /** A new recovery key, to be shown once. It opens nothing before it is kept. */
  proposeRecoveryKey(presentKey?: TypedKey): Promise<string>;
  /**
   * The proposed key, typed by whoever wrote it down, becomes the catalog's recovery key, in place of an earlier one.
   *
   * @throws AppError WRONG_KEY when it is not the one proposed last
   */
  keepRecoveryKey(typed: string): void;
}

export interface CatalogKeysOptions {
  readonly db: Database;
  readonly catalogId: string;
  readonly dataKey: Buffer;
  readonly cost: ScryptCost;
  readonly keychain: Keychain | undefined;
  readonly now: () => Date;
}

export function catalogKeys({
  db,
  catalogId,
  dataKey,
  cost,
  keychain,
  now,
}: CatalogKeysOptions): CatalogKeys {
  let proposed: Buffer | undefined;

  /** @param proof the key that opens the slot, come by anew: not the one that closed it */
  function store(
    kind: SlotKind,
    parameters: string,
    key: Buffer,
    proof: Buffer,
    alsoRemove: readonly SlotKind[] = [],
  ): void {
    const slot = fillSlot(catalogId, kind, parameters, dataKey, key);
    const opens = (stored: typeof slot) => openSlot(catalogId, stored, proof)?.equals(dataKey) === true;
    replaceSlots(db, catalogId, { slot, opens, alsoRemove }, now().toISOString());
  }

  /** One after the other: each guess costs whoever makes it the time of scrypt. */
  let proving: Promise<unknown> = Promise.resolve();
  function prove(presentKey: TypedKey | undefined): Promise<void> {
    const proved = proving.then(() => provePresentKey({ db, catalogId, dataKey, keychain }, presentKey));
    proving = proved.catch(() => undefined);
    return proved;
  }

  async function storePassphrase(passphrase: string): Promise<void> {
    const parameters = newPassphraseParameters(cost);
    const key = await keyFromPassphrase(passphrase, parameters);
    store('passphrase', parameters, key, await keyFromPassphrase(passphrase, parameters));
  }

  return {
    waysIn: () => waysIn(db, catalogId),
    async setPassphrase(passphrase, presentKey) {
      refuseEmpty(passphrase, HOW_TO_GIVE_NEW);
      await prove(presentKey);
      await storePassphrase(passphrase);
    },
    async useKeychain({ forgetPassphrase = false, presentKey } = {}) {
      if (!keychain) throw noKeychain();
      await prove(presentKey);
      const before = await keychain.get(catalogId);
      const known = before?.length === KEY_BYTES ? before : undefined;
      const key = known ?? randomBytes(KEY_BYTES);
      try {
        if (!known) await keychain.set(catalogId, key);
        // Read back, because a key that was not really kept would be found missing when it is too late.
        const kept = await keychain.get(catalogId);
        if (!kept?.equals(key)) throw notKept();
        store('keychain', KEYCHAIN_PARAMETERS, key, kept, forgetPassphrase ? ['passphrase'] : []);
      } catch (error) {
        if (!known) await keychain.delete(catalogId).catch(() => undefined);
        throw error;
      }
    },
    async leaveKeychain({ passphrase, forgetKey = false, presentKey } = {}) {
      if (passphrase !== undefined) refuseEmpty(passphrase, HOW_TO_GIVE_NEW);
      await prove(presentKey);
      if (passphrase !== undefined) await storePassphrase(passphrase);
      if (!removeSlots(db, catalogId, 'keychain', ['passphrase']))
        throw new AppError('PASSPHRASE_NEEDED', 'Without the keychain, the catalog needs a passphrase.', {
          notChanged: 'The catalog still opens by the keychain.',
          remedy: HOW_TO_GIVE_NEW,
        });
      if (forgetKey) await keychain?.delete(catalogId);
    },
    async proposeRecoveryKey(presentKey) {
      await prove(presentKey);
      const recoveryKey = newRecoveryKey();
      proposed = keyFromRecoveryKey(recoveryKey);
      return recoveryKey;
    },
    keepRecoveryKey(typed) {
      const key = keyFromRecoveryKey(typed);
      if (!proposed?.equals(key))
        throw new AppError('WRONG_KEY', 'This is not the recovery key that was just shown.', {
          notChanged: 'An earlier recovery key, if there is one, still opens the catalog.',
          remedy: 'Compare it with what was shown, or make a new one.',
        });
      store('recovery', RECOVERY_PARAMETERS, proposed, key);
      proposed = undefined;
    },
  };
}

const HOW_TO_GIVE_NEW =
  'Give one in DRAWBRIDGE_NEW_PASSPHRASE or in a file named by DRAWBRIDGE_NEW_PASSPHRASE_FILE, or run the command on a terminal.';

const RECOVERY_PARAMETERS = '{"recovery":1}';

function noKeychain(): AppError {
  return new AppError('KEYCHAIN_FAILED', 'There is no keychain here.', {
    notChanged: 'The catalog opens with the keys that it had before.',
    remedy: 'Keep a passphrase: “drawbridge catalog passphrase” changes it.',
  });
}

function notKept(): AppError {
  return new AppError('KEYCHAIN_FAILED', 'The operating system’s keychain did not keep the catalog’s key.', {
    notChanged: 'The catalog opens with the keys that it had before.',
    remedy: 'Unlock the keychain and try again, or keep the passphrase.',
  });
}
