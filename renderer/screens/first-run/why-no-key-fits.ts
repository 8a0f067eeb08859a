import type { ErrorView } from '../../../contract/job.ts';
import type { WorkspaceView } from '../../../contract/workspace.ts';
import { windowText } from '../../wording/window-words.ts';
import type { Way } from './key-input.tsx';

/** A refused key in the words of a window: the engine's own name variables and flags, which only a terminal has. */
export function whyNoKeyFits(
  { code, message }: Pick<ErrorView, 'code' | 'message'>,
  way: Way,
  opensWith: WorkspaceView['opensWith'],
): { readonly what: string; readonly next: string } | undefined {
  if (code === 'KEYCHAIN_FAILED')
    return {
      what: windowText(message),
      next: `Unlock the keychain and try again. Nothing was changed. ${others(way, opensWith)}`,
    };
  if (code === 'PASSPHRASE_NEEDED')
    return { what: 'The catalog needs a key to be opened.', next: others(way, opensWith) };
  if (code !== 'WRONG_KEY') return undefined;
  return { what: windowText(message), next: `${ADVICE[way]} Nothing was changed. ${others(way, opensWith)}` };
}

const ADVICE = {
  passphrase: 'Look at the keyboard’s layout and at capitals, and that this is the folder that you mean.',
  recovery:
    'Compare it letter by letter with what was kept. A later recovery key replaces every earlier one.',
  keychain:
    'A keychain belongs to one user on one computer: a catalog that was copied from elsewhere finds no key here.',
} as const satisfies Record<Way, string>;

const OTHER = {
  passphrase: 'its passphrase',
  recovery: 'its recovery key',
  keychain: 'the keychain that it was made with',
} as const satisfies Record<Way, string>;

function others(way: Way, opensWith: WorkspaceView['opensWith']): string {
  const left = opensWith.filter((other) => other !== way).map((other) => OTHER[other]);
  return left.length > 0
    ? `This catalog also opens with ${left.join(' or ')}.`
    : 'Nothing else opens this catalog: if this key is lost, nobody can read what is in it. A new catalog in another folder can be begun at any time.';
}
