import { Decrypter, Encrypter } from 'age-encryption';
import { AppError, isAppError } from '../../../contract/errors.ts';
import { archiveRefused, CHANGED } from './archive-errors.ts';
import { ARCHIVE_LIMITS } from './archive-limits.ts';
import type { ByteReader } from './byte-reader.ts';

/** How an archive is closed: for whom, or under which passphrase. */
export type ArchiveLock = { readonly recipients: readonly string[] } | { readonly passphrase: string };

/** What an archive may be opened with. */
export interface ArchiveKeys {
  readonly passphrase?: string | undefined;
  /** "AGE-SECRET-KEY-1…" */
  readonly identities?: readonly string[] | undefined;
}

/** @throws AppError USAGE when a recipient is none */
export function ageEncrypter(lock: ArchiveLock): Encrypter {
  const encrypter = new Encrypter();
  if ('passphrase' in lock) {
    encrypter.setPassphrase(lock.passphrase);
    return encrypter;
  }
  for (const recipient of lock.recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch (cause) {
      throw new AppError('USAGE', `“${recipient.slice(0, 80)}” is not a recipient of age.`, {
        notChanged: 'No file was written.',
        remedy: 'A recipient begins with “age1”; “age-keygen -o key.txt” makes a pair and prints it.',
        cause,
      });
    }
  }
  return encrypter;
}

/** Encrypts as `age` does (age-encryption.org/v1), 64 KiB at a time. */
export async function* encrypted(
  plain: AsyncIterable<Uint8Array>,
  encrypter: Encrypter,
): AsyncGenerator<Uint8Array> {
  yield* await encrypter.encrypt(ReadableStream.from(plain));
}

/**
 * Decrypts what `age` encrypted.
 *
 * @throws AppError PASSPHRASE_NEEDED, WRONG_KEY, USAGE (an identity is none); INVALID_DOCUMENT when it was changed or cut
 */
export async function* decrypted(
  archive: string,
  cipher: ByteReader,
  keys: ArchiveKeys,
): AsyncGenerator<Uint8Array> {
  const header = await boundedHeader(archive, cipher);
  const opener = decrypterWith(archive, header, keys);
  let isAll = false;
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield header;
    yield* cipher.rest();
    isAll = true;
  }
  let plain: AsyncIterable<Uint8Array>;
  try {
    plain = await opener.decrypt(ReadableStream.from(whole()));
  } catch (cause) {
    if (isAppError(cause)) throw cause;
    if (cause instanceof Error && cause.message.startsWith('no identity matched'))
      throw wrongKey(archive, header);
    throw archiveRefused(archive, 'its encrypted beginning is damaged', { cause });
  }
  try {
    yield* plain;
  } catch (cause) {
    if (isAppError(cause)) throw cause;
    throw isAll
      ? archiveRefused(archive, 'a part of it does not decrypt, or its end is missing', { cause })
      : archiveRefused(archive, 'a part of it does not decrypt', { remedy: CHANGED, cause });
  }
}

/** The library reads lines for as long as they come: what ends in no time is looked at first. */
async function boundedHeader(archive: string, cipher: ByteReader): Promise<Buffer> {
  let header: Buffer = Buffer.alloc(0);
  while (header.length < ARCHIVE_LIMITS.ageHeaderBytes) {
    const part = await cipher.some(ARCHIVE_LIMITS.ageHeaderBytes - header.length);
    if (part.length === 0) break;
    header = Buffer.concat([header, part]);
    const mac = header.indexOf('\n--- ');
    if (mac >= 0 && header.indexOf('\n', mac + 1) >= 0) return header;
  }
  throw archiveRefused(archive, 'its encrypted beginning does not end');
}

function needsPassphrase(header: Buffer): boolean {
  return header.indexOf('\n-> scrypt ') >= 0;
}

function decrypterWith(
  archive: string,
  header: Buffer,
  { passphrase, identities = [] }: ArchiveKeys,
): Decrypter {
  const byPassphrase = needsPassphrase(header);
  if (byPassphrase ? passphrase === undefined : identities.length === 0)
    throw new AppError(
      'PASSPHRASE_NEEDED',
      byPassphrase
        ? `The archive “${archive}” is encrypted with a passphrase, and none was given.`
        : `The archive “${archive}” is encrypted for recipients, and no identity was given.`,
      {
        notChanged: 'Nothing was read.',
        remedy: byPassphrase
          ? 'Give the passphrase that it was made with.'
          : 'Give an identity that it was made for (AGE-SECRET-KEY-1…).',
        details: { needs: byPassphrase ? 'passphrase' : 'identity' },
      },
    );
  const decrypter = new Decrypter();
  if (byPassphrase) decrypter.addPassphrase(passphrase!);
  else for (const identity of identities) addIdentity(decrypter, identity);
  return decrypter;
}

function addIdentity(decrypter: Decrypter, identity: string): void {
  try {
    decrypter.addIdentity(identity);
  } catch {
    // Without the cause: its message could show what was given.
    throw new AppError('USAGE', 'What was given as an identity of age is none.', {
      notChanged: 'Nothing was read.',
      remedy: 'An identity is a line that begins with “AGE-SECRET-KEY-1”, as “age-keygen” writes it.',
    });
  }
}

function wrongKey(archive: string, header: Buffer): AppError {
  return new AppError(
    'WRONG_KEY',
    needsPassphrase(header)
      ? `This is not the passphrase of the archive “${archive}”.`
      : `The archive “${archive}” is not encrypted for any identity that was given.`,
    { notChanged: 'Nothing was read.', remedy: 'Give the passphrase or the identity that it was made for.' },
  );
}
