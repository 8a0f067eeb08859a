import { randomBytes } from 'node:crypto';
import { AppError, isAppError } from '../../../contract/errors.ts';
import type { Keychain } from './keychain.ts';
import { fillSlot, openSlot, type KeySlot, type KeySlots, type SlotKind } from './key-slots.ts';
import { keyFromPassphrase, newPassphraseParameters, type ScryptCost } from './passphrase.ts';
import { keyFromRecoveryKey } from './recovery-key.ts';
import { KEY_BYTES } from './wrapping.ts';

/** Where keys come from, in the order in which they are asked. */
export interface KeySource {
  /** A passphrase that is at hand without asking anybody (an environment variable, a file). */
  readonly passphrase?: (() => Promise<string | undefined>) | undefined;
  /** A recovery key, as typed; asked for before everything else, because nobody gives one without need. */
  readonly recoveryKey?: (() => Promise<string | undefined>) | undefined;
  readonly keychain?: Keychain | undefined;
  /** Asks a person, only when neither of the above will do. */
  readonly prompt?: ((purpose: 'create' | 'open') => Promise<string | undefined>) | undefined;
}

export interface NewKey {
  readonly catalogId: string;
  readonly dataKey: Buffer;
  readonly slot: KeySlot;
  /** Takes back what was put into the keychain, when the catalog was not created after all. */
  readonly discard: () => Promise<void>;
}

const HOW_TO_GIVE =
  'Give a passphrase in DRAWBRIDGE_PASSPHRASE or in a file named by DRAWBRIDGE_PASSPHRASE_FILE.';
const KEYCHAIN_PARAMETERS = '{"keychain":1}';

/**
 * A new catalog's data key with its first slot: a passphrase if one is given, else the keychain, else a passphrase that a
 * person types.
 *
 * @throws AppError PASSPHRASE_NEEDED (none, or an empty one), KEYCHAIN_FAILED
 */
export async function newKey(catalogId: string, keys: KeySource, cost: ScryptCost): Promise<NewKey> {
  const dataKey = randomBytes(KEY_BYTES);
  const given = await keys.passphrase?.();
  if (given !== undefined) return underPassphrase(given);
  let keychainFailure: unknown;
  if (keys.keychain) {
    try {
      return await underKeychain(keys.keychain);
    } catch (error) {
      if (!isAppError(error, 'KEYCHAIN_FAILED')) throw error;
      keychainFailure = error;
    }
  }
  const typed = await keys.prompt?.('create');
  if (typed !== undefined) return underPassphrase(typed);
  if (keychainFailure) throw keychainFailure;
  throw new AppError('PASSPHRASE_NEEDED', 'A new catalog is encrypted, and needs a passphrase.', {
    notChanged: 'No catalog was created.',
    remedy: HOW_TO_GIVE,
  });

  async function underPassphrase(passphrase: string): Promise<NewKey> {
    refuseEmpty(passphrase);
    const parameters = newPassphraseParameters(cost);
    const slotKey = await keyFromPassphrase(passphrase, parameters);
    return made('passphrase', parameters, slotKey, async () => undefined);
  }

  async function underKeychain(keychain: Keychain): Promise<NewKey> {
    const slotKey = randomBytes(KEY_BYTES);
    await keychain.set(catalogId, slotKey);
    // Read back, because a key that was not really kept would be found missing when it is too late.
    if (!(await keychain.get(catalogId))?.equals(slotKey))
      throw new AppError(
        'KEYCHAIN_FAILED',
        'The operating system’s keychain did not keep the catalog’s key.',
        {
          notChanged: 'No catalog was created.',
          remedy: HOW_TO_GIVE,
        },
      );
    return made('keychain', KEYCHAIN_PARAMETERS, slotKey, () => keychain.delete(catalogId));
  }

  function made(kind: SlotKind, parameters: string, slotKey: Buffer, discard: () => Promise<void>): NewKey {
    return { catalogId, dataKey, slot: fillSlot(catalogId, kind, parameters, dataKey, slotKey), discard };
  }
}

/**
 * The data key of an existing catalog. A recovery key or passphrase that is given is the one that counts: if it is wrong,
 * nothing else is tried.
 *
 * @throws AppError WRONG_KEY, PASSPHRASE_NEEDED, KEYCHAIN_FAILED, CATALOG_DAMAGED
 */
export async function unlock(
  catalogId: string,
  { whole: slots, damaged }: KeySlots,
  keys: KeySource,
): Promise<Buffer> {
  const byPassphrase = slots.filter(({ kind }) => kind === 'passphrase');
  const byKeychain = slots.filter(({ kind }) => kind === 'keychain');
  const recoveryKey = await keys.recoveryKey?.();
  if (recoveryKey !== undefined) return withRecoveryKey(recoveryKey);
  if (byPassphrase.length > 0) {
    const given = await keys.passphrase?.();
    if (given !== undefined) return withPassphrase(given);
  }
  let keychainFailure: unknown;
  if (byKeychain.length > 0 && keys.keychain) {
    try {
      return await withKeychain(keys.keychain);
    } catch (error) {
      if (!isAppError(error)) throw error;
      keychainFailure = error;
    }
  }
  if (byPassphrase.length > 0) {
    const typed = await keys.prompt?.('open');
    if (typed !== undefined) return withPassphrase(typed);
  }
  if (isAppError(keychainFailure, 'WRONG_KEY')) throw keychainFailure;
  if (damaged > 0 || slots.length === 0) throw damagedSlots(slots);
  throw noKey(byPassphrase.length > 0, keychainFailure);

  async function withPassphrase(passphrase: string): Promise<Buffer> {
    refuseEmpty(passphrase);
    for (const slot of byPassphrase) {
      const dataKey = openSlot(catalogId, slot, await keyFromPassphrase(passphrase, slot.parameters));
      if (dataKey) return dataKey;
    }
    throw new AppError('WRONG_KEY', 'This is not the passphrase of this catalog.', {
      notChanged: 'The catalog was not changed.',
      remedy:
        'Check the passphrase (DRAWBRIDGE_PASSPHRASE, DRAWBRIDGE_PASSPHRASE_FILE) and the catalog’s folder (--catalog).',
    });
  }

  function withRecoveryKey(typed: string): Buffer {
    const slotKey = keyFromRecoveryKey(typed);
    for (const slot of slots.filter(({ kind }) => kind === 'recovery')) {
      const dataKey = openSlot(catalogId, slot, slotKey);
      if (dataKey) return dataKey;
    }
    throw new AppError('WRONG_KEY', 'This is not the recovery key of this catalog.', {
      notChanged: 'The catalog was not changed.',
      remedy: 'Check the catalog’s folder (--catalog); a later recovery key has replaced every earlier one.',
    });
  }

  async function withKeychain(keychain: Keychain): Promise<Buffer> {
    const slotKey = await keychain.get(catalogId);
    if (!slotKey)
      throw new AppError('WRONG_KEY', 'The operating system’s keychain holds no key for this catalog.', {
        notChanged: 'The catalog was not changed.',
        remedy:
          'Open the catalog as the user and on the machine that made it, or put its key back into the keychain.',
      });
    for (const slot of byKeychain) {
      const dataKey = slotKey.length === KEY_BYTES ? openSlot(catalogId, slot, slotKey) : undefined;
      if (dataKey) return dataKey;
    }
    throw new AppError('WRONG_KEY', 'The key in the operating system’s keychain is not this catalog’s.', {
      notChanged: 'The catalog was not changed.',
      remedy: 'Put back the keychain entry that was made with this catalog, or restore the keychain.',
    });
  }
}

function refuseEmpty(passphrase: string): void {
  if (passphrase === '')
    throw new AppError('PASSPHRASE_NEEDED', 'The passphrase is empty.', {
      notChanged: 'The catalog was not changed.',
      remedy: HOW_TO_GIVE,
    });
}

function damagedSlots(whole: readonly KeySlot[]): AppError {
  const left = whole.map(({ kind }) => kind);
  return new AppError(
    'CATALOG_DAMAGED',
    'The catalog is damaged: a slot that holds its key cannot be read.',
    {
      notChanged: 'The catalog was not changed.',
      remedy:
        left.length === 0
          ? 'Put back the last good copy of the catalog. Without a key slot nothing in it can be decrypted.'
          : `Put back the last good copy of the catalog, or open it with another of its keys (${left.join(', ')}).`,
      details: { left },
    },
  );
}

function noKey(passphraseWouldDo: boolean, cause: unknown): AppError {
  if (passphraseWouldDo)
    return new AppError(
      'PASSPHRASE_NEEDED',
      'This catalog is opened with a passphrase, and none was given.',
      {
        notChanged: 'The catalog was not changed.',
        remedy: HOW_TO_GIVE,
        cause,
      },
    );
  return new AppError(
    'KEYCHAIN_FAILED',
    'This catalog’s key is kept in an operating system’s keychain, and none can be reached here.',
    {
      notChanged: 'The catalog was not changed.',
      remedy:
        'Open it in the desktop session of the user who made it. A passphrase (DRAWBRIDGE_PASSPHRASE, DRAWBRIDGE_PASSPHRASE_FILE) opens only catalogs that were made with one.',
      ...(isAppError(cause) && { details: cause.details }),
      cause,
    },
  );
}
