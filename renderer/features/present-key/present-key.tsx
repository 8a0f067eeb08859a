import { PasswordInput } from '@mantine/core';
import { useState } from 'react';
import type { TypedKey, WayIn } from '../../../contract/catalog-folder.ts';
import { asAppError } from '../../../contract/wire.ts';
import { windowText } from '../../wording/window-words.ts';

/** What somebody types who changes what opens the catalog: an open window can be found by anybody. */
export interface PresentKey {
  /** What has to be typed; undefined: nothing, the keychain is asked. */
  readonly asked: 'passphrase' | 'recovery' | undefined;
  readonly orRecoveryKey: boolean;
  readonly text: string;
  readonly isMissing: boolean;
  /** As the contract takes it. */
  readonly input: { readonly presentKey?: TypedKey };
  readonly setText: (text: string) => void;
  /** To be told what a change was refused with: where the keychain does not help, the recovery key is asked for. */
  readonly refused: (error: unknown) => void;
  /** What does not stand at its field. */
  readonly besides: (error: unknown) => unknown;
}

/** @param waysIn of the catalog that is open */
export function usePresentKey(waysIn: readonly WayIn[]): PresentKey {
  const [text, setText] = useState('');
  const [keychainFails, setKeychainFails] = useState(false);
  const has = (wanted: WayIn['kind']): boolean =>
    waysIn.some(({ kind, damaged }) => kind === wanted && !damaged);
  const byKeychain = !has('passphrase') && has('keychain') && !(keychainFails && has('recovery'));
  const asked = byKeychain ? undefined : has('passphrase') ? 'passphrase' : 'recovery';
  return {
    asked,
    orRecoveryKey: has('recovery'),
    text,
    isMissing: asked !== undefined && text === '',
    input:
      asked === undefined
        ? {}
        : { presentKey: asked === 'passphrase' ? { passphrase: text } : { recoveryKey: text } },
    setText,
    refused(error) {
      if (byKeychain && isOfPresentKey(error)) setKeychainFails(true);
    },
    besides: (error) => (asked !== undefined && isOfPresentKey(error) ? undefined : error),
  };
}

/** Whether something was refused for want of a key that opens the catalog now. */
export function isOfPresentKey(error: unknown): boolean {
  return (
    error !== null &&
    error !== undefined &&
    ['WRONG_KEY', 'PASSPHRASE_NEEDED', 'KEYCHAIN_FAILED'].includes(asAppError(error).code)
  );
}

/** Nothing where nothing has to be typed. @param error what the change was refused with */
export function PresentKeyField({
  value: { asked, orRecoveryKey, text, setText },
  purpose,
  error,
  submitted,
  onTyped,
}: {
  value: PresentKey;
  /** What it is needed for, behind “to”: there may be several on a page. */
  purpose: string;
  error: unknown;
  /** Somebody tried to go on: from now on it is said that it is missing. */
  submitted: boolean;
  onTyped: () => void;
}) {
  if (asked === undefined) return null;
  const refused = isOfPresentKey(error) ? asAppError(error) : undefined;
  const missing =
    asked === 'passphrase' ? 'The present passphrase is needed.' : 'The recovery key is needed.';
  return (
    <PasswordInput
      label={asked === 'passphrase' ? 'Present passphrase' : 'Recovery key'}
      description={`${asked === 'passphrase' && orRecoveryKey ? 'or the recovery key; ' : ''}so that nobody who finds this window open changes what opens the catalog`}
      aria-label={`${asked === 'passphrase' ? 'Present passphrase' : 'Recovery key'} to ${purpose}`}
      autoComplete={asked === 'passphrase' ? 'current-password' : 'off'}
      value={text}
      error={
        refused ? windowText(`${refused.message} ${refused.notChanged}`) : submitted && text === '' && missing
      }
      visibilityToggleButtonProps={{ 'aria-label': `Show or hide the key to ${purpose}` }}
      onChange={(event) => {
        onTyped();
        setText(event.currentTarget.value);
      }}
    />
  );
}
