import type { CatalogView, TypedKey, WayIn } from '../contract/catalog-folder.ts';
import { AppError } from '../contract/errors.ts';
import type { KeyQuestion, KeySource } from '../core/engine/index.ts';
import type { Io, Surroundings } from './io.ts';
import { readSecretFile } from './secret-file.ts';
import { askHidden } from './terminal/prompt.ts';
import { warnIfWeak } from './weak-passphrase.ts';

const TRIES = 3;

/** What a catalog was opened by, as far as it was given or typed: undefined of one that the keychain opened. */
export type OpenedBy = () => TypedKey | undefined;

/** Where the catalog's key comes from: environment variable, file, keychain, and only then a person. */
export function keySource(
  io: Io,
  keychain: NonNullable<KeySource['keychain']>,
): { readonly keys: KeySource; readonly openedBy: OpenedBy } {
  let given: TypedKey | undefined;
  const noted = (key: string | undefined, as: (key: string) => TypedKey): string | undefined => {
    if (key !== undefined) given = as(key);
    return key;
  };
  const asPassphrase = (passphrase: string): TypedKey => ({ passphrase });
  const { passphrase, recoveryKey } = keysAtHand(io);
  return {
    openedBy: () => given,
    keys: {
      passphrase: async () => noted(await passphrase?.(), asPassphrase),
      recoveryKey: async () => noted(await recoveryKey?.(), (typed) => ({ recoveryKey: typed })),
      keychain,
      chosen: (chosen) => warnIfWeak(io, chosen),
      ...(io.interactive
        ? { prompt: async (question) => noted(await askKey(io, question), asPassphrase) }
        : {}),
    },
  };
}

/**
 * What shows that whoever changes what opens the catalog may do so: what it was opened by. Where the keychain has opened one
 * that has a passphrase, that is asked for; where nobody can be asked, the engine refuses.
 */
export async function presentKey(
  io: Io,
  { waysIn }: Pick<CatalogView, 'waysIn'>,
  openedBy: OpenedBy,
): Promise<{ presentKey?: TypedKey }> {
  const given = openedBy();
  if (given) return { presentKey: given };
  const has = (wanted: WayIn['kind']): boolean =>
    waysIn.some(({ kind, damaged }) => kind === wanted && !damaged);
  if (!has('passphrase') || !io.interactive) return {};
  const question = has('recovery')
    ? 'Present passphrase of the catalog, or its recovery key: '
    : 'Present passphrase of the catalog: ';
  return { presentKey: { passphrase: await askHidden(io, question) } };
}

/** What keys are read from without a person. */
type KeyPlace = Pick<Io, 'warn'> & { readonly surroundings: Pick<Surroundings, 'env'> };

/** Keys that the surroundings give, for a host that asks a person in its own way. */
export function keysAtHand(place: KeyPlace): Pick<KeySource, 'passphrase' | 'recoveryKey'> {
  return { recoveryKey: () => givenRecoveryKey(place), passphrase: () => givenPassphrase(place) };
}

async function givenPassphrase(io: KeyPlace): Promise<string | undefined> {
  const { env } = io.surroundings;
  if (env['DRAWBRIDGE_PASSPHRASE'] !== undefined) return env['DRAWBRIDGE_PASSPHRASE'];
  const path = env['DRAWBRIDGE_PASSPHRASE_FILE'];
  return path ? readSecretFile(io, path, 'passphrase') : undefined;
}

/** Named when every other key is lost; then it is the one that counts. */
export async function givenRecoveryKey(io: KeyPlace): Promise<string | undefined> {
  const path = io.surroundings.env['DRAWBRIDGE_RECOVERY_KEY_FILE'];
  return path ? readSecretFile(io, path, 'recovery key') : undefined;
}

const QUESTIONS: Readonly<Record<Exclude<KeyQuestion, 'create'>, string>> = {
  open: 'Passphrase of the catalog: ',
  'open or recover': 'Passphrase of the catalog, or its recovery key: ',
  recover: 'Recovery key of the catalog: ',
};

async function askKey(io: Io, question: KeyQuestion): Promise<string> {
  if (question === 'recover')
    io.note('The key of this catalog is in a keychain that does not help here, and it has no passphrase.');
  if (question !== 'create') return askHidden(io, QUESTIONS[question]);
  io.note(
    'A new catalog is encrypted with a passphrase. Without it, what is in the catalog cannot be read again.',
  );
  return askNewPassphrase(io, 'No catalog was created.');
}

/** Asks for a new passphrase twice. @throws AppError PASSPHRASE_NEEDED when no two were the same; CANCELED */
export async function askNewPassphrase(io: Io, notChanged: string): Promise<string> {
  for (let tries = 0; tries < TRIES; tries++) {
    const first = await askHidden(io, 'New passphrase: ');
    if (first === '') {
      io.note('An empty passphrase protects nothing.');
      continue;
    }
    if (first === (await askHidden(io, 'The same again: '))) return first;
    io.note('These two are not the same.');
  }
  throw new AppError('PASSPHRASE_NEEDED', 'No passphrase was given twice the same.', {
    notChanged,
    remedy: 'Run the command again, or give the passphrase in a variable or a file, as its --help says.',
  });
}

/**
 * A new passphrase for a catalog that exists: from a variable or a file, or asked for.
 *
 * @throws AppError PASSPHRASE_NEEDED when there is none and nobody can be asked; USAGE when it is empty
 */
export async function newPassphrase(io: Io): Promise<string> {
  const chosen = await givenNewPassphrase(io);
  // An empty one is refused where it is set.
  if (chosen !== '') warnIfWeak(io, chosen);
  return chosen;
}

async function givenNewPassphrase(io: Io): Promise<string> {
  const { env } = io.surroundings;
  const given = env['DRAWBRIDGE_NEW_PASSPHRASE'];
  if (given !== undefined) return given;
  const path = env['DRAWBRIDGE_NEW_PASSPHRASE_FILE'];
  if (path) return readSecretFile(io, path, 'new passphrase');
  if (io.interactive) return askNewPassphrase(io, 'The catalog opens with the keys that it had before.');
  throw new AppError('PASSPHRASE_NEEDED', 'No new passphrase was given, and nobody can be asked.', {
    notChanged: 'The catalog opens with the keys that it had before.',
    remedy:
      'Give it in DRAWBRIDGE_NEW_PASSPHRASE or in a file named by DRAWBRIDGE_NEW_PASSPHRASE_FILE, or run the command on a terminal.',
  });
}
