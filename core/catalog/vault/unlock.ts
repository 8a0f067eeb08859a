import { randomBytes } from 'node:crypto';
import { AppError, isAppError } from '../../../contract/errors.ts';
import type { Keychain } from './keychain.ts';
import { fillSlot, openSlot, type KeySlot, type KeySlots, type SlotKind } from './key-slots.ts';
import { keyFromPassphrase, newPassphraseParameters, type ScryptCost } from './passphrase.ts';
import { isRecoveryKey, keyFromRecoveryKey } from './recovery-key.ts';
import {
  damagedSlots,
  HOW_TO_GIVE,
  noKey,
  notInKeychain,
  otherInKeychain,
  wrongPassphrase,
  wrongRecoveryKey,
} from './unlock-errors.ts';
import { KEY_BYTES } from './wrapping.ts';

/** Where keys come from, in the order in which they are asked. */
export interface KeySource {
  /** A passphrase that is at hand without asking anybody (an environment variable, a file). */
  readonly passphrase?: (() => Promise<string | undefined>) | undefined;
  /** A recovery key, as typed; asked for before everything else, because nobody gives one without need. */
  readonly recoveryKey?: (() => Promise<string | undefined>) | undefined;
  readonly keychain?: Keychain | undefined;
  /** Asks a person, only when neither of the above will do. */
  readonly prompt?: ((question: KeyQuestion) => Promise<string | undefined>) | undefined;
  /** Is told the passphrase that a new catalog gets: whoever chose it may be told what it is worth. */
  readonly chosen?: ((passphrase: string) => void) | undefined;
}

/**
 * What a person is asked for: a new catalog's passphrase; an existing one's, or its recovery key in that place; or only
 * its recovery key, because nothing else can open the catalog here.
 */
export type KeyQuestion = 'create' | 'open' | 'open or recover' | 'recover';

export interface NewKey {
  readonly catalogId: string;
  readonly dataKey: Buffer;
  readonly slot: KeySlot;
  /** Takes back what was put into the keychain, when the catalog was not created after all. */
  readonly discard: () => Promise<void>;
}

export const KEYCHAIN_PARAMETERS = '{"keychain":1}';

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
    keys.chosen?.(passphrase);
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
  const question = questionFor(slots);
  const typed = question && (await keys.prompt?.(question));
  if (typed !== undefined) return withTyped(typed);
  if (isAppError(keychainFailure, 'WRONG_KEY')) throw keychainFailure;
  if (damaged > 0 || slots.length === 0) throw damagedSlots(slots);
  throw noKey(slots, keychainFailure);

  /** Who has lost the passphrase may type the recovery key where it is asked for. */
  async function withTyped(text: string): Promise<Buffer> {
    const recovers = question === 'recover' || (question === 'open or recover' && isRecoveryKey(text));
    return recovers ? withRecoveryKey(text) : withPassphrase(text);
  }

  async function withPassphrase(passphrase: string): Promise<Buffer> {
    refuseEmpty(passphrase);
    for (const slot of byPassphrase) {
      const dataKey = openSlot(catalogId, slot, await keyFromPassphrase(passphrase, slot.parameters));
      if (dataKey) return dataKey;
    }
    throw wrongPassphrase(slots);
  }

  function withRecoveryKey(typed: string): Buffer {
    const slotKey = keyFromRecoveryKey(typed);
    for (const slot of slots.filter(({ kind }) => kind === 'recovery')) {
      const dataKey = openSlot(catalogId, slot, slotKey);
      if (dataKey) return dataKey;
    }
    throw wrongRecoveryKey(slots);
  }

  async function withKeychain(keychain: Keychain): Promise<Buffer> {
    const slotKey = await keychain.get(catalogId);
    if (!slotKey) throw notInKeychain(slots);
    for (const slot of byKeychain) {
      const dataKey = slotKey.length === KEY_BYTES ? openSlot(catalogId, slot, slotKey) : undefined;
      if (dataKey) return dataKey;
    }
    throw otherInKeychain(slots);
  }
}

function questionFor(slots: readonly KeySlot[]): KeyQuestion | undefined {
  const has = (wanted: SlotKind) => slots.some(({ kind }) => kind === wanted);
  if (has('passphrase')) return has('recovery') ? 'open or recover' : 'open';
  return has('recovery') ? 'recover' : undefined;
}

/** @param remedy how to give another one. @throws AppError PASSPHRASE_NEEDED */
export function refuseEmpty(passphrase: string, remedy = HOW_TO_GIVE): void {
  if (passphrase === '')
    throw new AppError('PASSPHRASE_NEEDED', 'The passphrase is empty.', {
      notChanged: 'The catalog was not changed.',
      remedy,
    });
}
