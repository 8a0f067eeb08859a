import { AppError, isAppError } from '../../../contract/errors.ts';
import type { KeySlot, SlotKind } from './key-slots.ts';

export const HOW_TO_GIVE =
  'Give a passphrase in DRAWBRIDGE_PASSPHRASE or in a file named by DRAWBRIDGE_PASSPHRASE_FILE.';

/** Said plainly, because whoever reads it would otherwise go on looking: there is no other way in. */
const NOTHING_LEFT =
  'Without a key nothing in this catalog can be decrypted, by anybody. If every key is lost, name a new folder (--catalog) and back up again.';

const UNCHANGED = 'The catalog was not changed.';

/** What else opens the catalog when one key is wrong or lost; that nothing does, where nothing does. */
function otherWays(slots: readonly KeySlot[], failed: SlotKind): string {
  const left = new Set(slots.map(({ kind }) => kind).filter((kind) => kind !== failed));
  const ways = [
    ...(left.has('passphrase') ? ['its passphrase (DRAWBRIDGE_PASSPHRASE, DRAWBRIDGE_PASSPHRASE_FILE)'] : []),
    ...(left.has('keychain') ? ['the keychain of the user and the computer that it was put into'] : []),
    ...(left.has('recovery') ? ['its recovery key (in a file named by DRAWBRIDGE_RECOVERY_KEY_FILE)'] : []),
  ];
  if (ways.length === 0) return `Nothing else opens it. ${NOTHING_LEFT}`;
  const then =
    failed === 'keychain'
      ? 'then “drawbridge catalog keychain on” puts its key into the keychain here'
      : 'then “drawbridge catalog passphrase” sets a new passphrase';
  return `The catalog is also opened by ${ways.join(' and by ')}; ${then}. ${NOTHING_LEFT}`;
}

export function wrongPassphrase(slots: readonly KeySlot[]): AppError {
  return new AppError('WRONG_KEY', 'This is not the passphrase of this catalog.', {
    notChanged: UNCHANGED,
    remedy: `Check the passphrase (DRAWBRIDGE_PASSPHRASE, DRAWBRIDGE_PASSPHRASE_FILE) and the catalog’s folder (--catalog). ${otherWays(slots, 'passphrase')}`,
  });
}

/** @param orRecoveryKey whether the catalog has one, which does as well */
export function presentKeyNeeded(orRecoveryKey: boolean): AppError {
  return new AppError(
    'PASSPHRASE_NEEDED',
    'What opens the catalog is changed only by who knows its present passphrase, also where the catalog is open already.',
    {
      notChanged: 'The catalog opens with the keys that it had before.',
      remedy: `Give the present passphrase${orRecoveryKey ? ', or the recovery key' : ''} (DRAWBRIDGE_PASSPHRASE, DRAWBRIDGE_PASSPHRASE_FILE${orRecoveryKey ? ', DRAWBRIDGE_RECOVERY_KEY_FILE' : ''}), or run the command on a terminal, where it is asked for.`,
    },
  );
}

export function wrongRecoveryKey(slots: readonly KeySlot[]): AppError {
  const has = slots.some(({ kind }) => kind === 'recovery');
  return new AppError(
    'WRONG_KEY',
    has ? 'This is not the recovery key of this catalog.' : 'This catalog has no recovery key.',
    {
      notChanged: UNCHANGED,
      remedy: `Check the catalog’s folder (--catalog)${has ? '; a later recovery key has replaced every earlier one' : ''}. ${otherWays(slots, 'recovery')}`,
    },
  );
}

export function notInKeychain(slots: readonly KeySlot[]): AppError {
  return new AppError('WRONG_KEY', 'The operating system’s keychain holds no key for this catalog.', {
    notChanged: UNCHANGED,
    remedy: `A keychain belongs to one user on one computer: a catalog that was copied from elsewhere finds no key here. ${otherWays(slots, 'keychain')}`,
  });
}

export function otherInKeychain(slots: readonly KeySlot[]): AppError {
  return new AppError('WRONG_KEY', 'The key in the operating system’s keychain is not this catalog’s.', {
    notChanged: UNCHANGED,
    remedy: `Put back the keychain entry that was made with this catalog, or restore the keychain. ${otherWays(slots, 'keychain')}`,
  });
}

export function damagedSlots(whole: readonly KeySlot[]): AppError {
  const left = whole.map(({ kind }) => kind);
  return new AppError(
    'CATALOG_DAMAGED',
    'The catalog is damaged: a slot that holds its key cannot be read.',
    {
      notChanged: UNCHANGED,
      remedy:
        left.length === 0
          ? 'Put back the last good copy of the catalog. Without a key slot nothing in it can be decrypted.'
          : `Put back the last good copy of the catalog, or open it with another of its keys (${left.join(', ')}).`,
      details: { left },
    },
  );
}

/** @param cause why the keychain did not help, where it was asked */
export function noKey(slots: readonly KeySlot[], cause: unknown): AppError {
  const has = (wanted: SlotKind) => slots.some(({ kind }) => kind === wanted);
  if (has('passphrase'))
    return new AppError(
      'PASSPHRASE_NEEDED',
      'This catalog is opened with a passphrase, and none was given.',
      {
        notChanged: UNCHANGED,
        remedy: `${HOW_TO_GIVE} ${otherWays(slots, 'passphrase')}`,
        cause,
      },
    );
  if (has('keychain'))
    return new AppError(
      'KEYCHAIN_FAILED',
      'This catalog’s key is kept in an operating system’s keychain, and none can be reached here.',
      {
        notChanged: UNCHANGED,
        remedy: `Open it in the desktop session of the user who put it there. ${otherWays(slots, 'keychain')}`,
        ...(isAppError(cause) && { details: cause.details }),
        cause,
      },
    );
  return new AppError('WRONG_KEY', 'Only its recovery key opens this catalog, and it was not given.', {
    notChanged: UNCHANGED,
    remedy: `Put it into a file and name that in DRAWBRIDGE_RECOVERY_KEY_FILE. ${NOTHING_LEFT}`,
  });
}
