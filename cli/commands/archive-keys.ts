import { AppError, isAppError } from '../../contract/errors.ts';
import type { JobInput } from '../../contract/job.ts';
import type { Io } from '../io.ts';
import { quoted } from '../render/visible.ts';
import { readSecretFile } from '../secret-file.ts';
import { givenSecret } from './secret-place.ts';

interface PassphraseFlags {
  readonly passphraseEnv?: string;
  readonly passphraseFile?: string;
}

export interface OpeningFlags extends PassphraseFlags {
  readonly identityFile?: string;
}

export interface ClosingFlags extends PassphraseFlags {
  readonly recipient?: string[];
  readonly unencrypted?: boolean;
}

type Opening = NonNullable<Extract<JobInput, { kind: 'import-file' }>['keys']>;
type Closing = Extract<JobInput, { kind: 'export-archive' }>['keys'];

/** What an archive is opened with; undefined: nothing was given. @throws AppError USAGE, FILE_FAILED */
export async function openingKeys(io: Io, flags: OpeningFlags): Promise<Opening | undefined> {
  const passphrase = await archivePassphrase(io, flags);
  const identities =
    flags.identityFile === undefined ? undefined : await identitiesIn(io, flags.identityFile);
  if (passphrase === undefined && identities === undefined) return undefined;
  return { ...(passphrase !== undefined && { passphrase }), ...(identities && { identities }) };
}

/** What the engine says of an archive that it cannot open without a key, with the flags that give one. */
export function namingKeyFlags(error: unknown): unknown {
  if (!isAppError(error, 'PASSPHRASE_NEEDED')) return error;
  const { code, message, notChanged, remedy, details } = error;
  const flags =
    details['needs'] === 'passphrase'
      ? 'Name the variable or the file that holds it: --passphrase-env or --passphrase-file.'
      : details['needs'] === 'identity'
        ? 'Name the file that holds it: --identity-file.'
        : undefined;
  if (flags === undefined) return error;
  return new AppError(code, message, {
    notChanged,
    remedy: `${remedy} ${flags}`,
    details,
    cause: error,
  });
}

/** What an archive is closed with: exactly one way has to be named. @throws AppError USAGE, FILE_FAILED */
export async function closingKeys(io: Io, flags: ClosingFlags): Promise<Closing> {
  const ways = [
    flags.recipient !== undefined,
    flags.passphraseEnv !== undefined || flags.passphraseFile !== undefined,
    flags.unencrypted === true,
  ].filter(Boolean).length;
  if (ways !== 1)
    throw new AppError(
      'USAGE',
      ways === 0
        ? 'It is not said how the archive is to be encrypted.'
        : 'An archive is encrypted for recipients or under a passphrase, or not at all: only one of these.',
      {
        notChanged: 'No file was written.',
        remedy:
          'Give --recipient age1… (may be repeated), or --passphrase-env or --passphrase-file; --unencrypted if it is really to be readable by anybody.',
      },
    );
  if (flags.recipient !== undefined) return { recipients: flags.recipient };
  const passphrase = await archivePassphrase(io, flags);
  return passphrase === undefined ? 'none' : { passphrase };
}

function archivePassphrase(
  io: Io,
  { passphraseEnv, passphraseFile }: PassphraseFlags,
): Promise<string | undefined> {
  if (passphraseEnv !== undefined && passphraseFile !== undefined)
    throw new AppError('USAGE', 'The passphrase is named twice: by --passphrase-env and --passphrase-file.', {
      notChanged: 'Nothing was done.',
      remedy: 'Give one of the two.',
    });
  return givenSecret(io, {
    what: 'passphrase of the archive',
    variable: passphraseEnv,
    file: passphraseFile,
  });
}

/** The lines of a file as `age-keygen` writes it: comments, and an identity on each other line. */
async function identitiesIn(io: Io, path: string): Promise<string[]> {
  const text = await readSecretFile(io, path, 'identities');
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length > 0 && lines.every((line) => line.startsWith('AGE-SECRET-KEY-'))) return lines;
  throw new AppError('USAGE', `${quoted(path)} does not hold identities of age.`, {
    notChanged: 'Nothing was read.',
    remedy:
      'Give the file that “age-keygen -o” wrote: lines of AGE-SECRET-KEY-1…. Keys of SSH or of hardware are for age itself: age -d -i <key> <file>, then import what comes out.',
  });
}
