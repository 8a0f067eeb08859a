import { AppError } from '../contract/errors.ts';
import type { KeySource } from '../core/engine/index.ts';
import type { Io } from './io.ts';
import { readSecretFile } from './secret-file.ts';
import { askHidden } from './terminal/prompt.ts';

const TRIES = 3;

/** Where the catalog's key comes from: environment variable, file, keychain, and only then a person. */
export function keySource(io: Io, keychain: NonNullable<KeySource['keychain']>): KeySource {
  return {
    passphrase: () => givenPassphrase(io),
    keychain,
    ...(io.interactive ? { prompt: (purpose) => askPassphrase(io, purpose) } : {}),
  };
}

async function givenPassphrase(io: Io): Promise<string | undefined> {
  const { env } = io.surroundings;
  if (env['DRAWBRIDGE_PASSPHRASE'] !== undefined) return env['DRAWBRIDGE_PASSPHRASE'];
  const path = env['DRAWBRIDGE_PASSPHRASE_FILE'];
  return path ? readSecretFile(io, path, 'passphrase') : undefined;
}

async function askPassphrase(io: Io, purpose: 'create' | 'open'): Promise<string> {
  if (purpose === 'open') return askHidden(io, 'Passphrase of the catalog: ');
  io.note(
    'A new catalog is encrypted with a passphrase. Without it, what is in the catalog cannot be read again.',
  );
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
    notChanged: 'No catalog was created.',
    remedy:
      'Run the command again, or give the passphrase in DRAWBRIDGE_PASSPHRASE or DRAWBRIDGE_PASSPHRASE_FILE.',
  });
}
