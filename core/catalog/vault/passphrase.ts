import { randomBytes, scrypt } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../../contract/errors.ts';
import { KEY_BYTES } from './wrapping.ts';

/** scrypt's cost: it takes 128 · n · r bytes of memory (RFC 7914). */
export interface ScryptCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/**
 * 64 MB and some 0.4 s: of the settings that OWASP's Password Storage Cheat Sheet calls equal in strength, the second. The
 * first (n 2^17, p 1), which older slots have, takes 128 MB, more than all else that reading a realm needs. Stored with
 * each slot, so that it can be another for new ones.
 */
export const SCRYPT_COST: ScryptCost = { n: 2 ** 16, r: 8, p: 2 };

const SALT_BYTES = 16;
const MOST_MEMORY_BYTES = 1024 * 1024 * 1024;

/**
 * What a passphrase slot stores beside the wrapped key. Bounded, because a catalog may come from elsewhere: its
 * parameters must not make us take all memory.
 */
const parameters = z
  .strictObject({
    kdf: z.literal('scrypt'),
    n: z.int().min(2),
    r: z.int().min(1).max(64),
    p: z.int().min(1).max(16),
    salt: z.base64(),
  })
  // scrypt is defined for powers of two.
  .refine(({ n, r }) => Number.isInteger(Math.log2(n)) && 128 * n * r <= MOST_MEMORY_BYTES);

export function newPassphraseParameters({ n, r, p }: ScryptCost): string {
  return JSON.stringify({ kdf: 'scrypt', n, r, p, salt: randomBytes(SALT_BYTES).toString('base64') });
}

/**
 * The key that wraps the data key. The passphrase is taken in NFC, because keyboards and files of different systems write
 * the same accented letter differently.
 *
 * @param stored as made by `newPassphraseParameters`
 * @throws AppError CATALOG_DAMAGED when the parameters are none, or beyond what is sane
 */
export function keyFromPassphrase(passphrase: string, stored: string): Promise<Buffer> {
  const { n, r, p, salt } = parse(stored);
  return new Promise((resolve, reject) => {
    scrypt(
      passphrase.normalize('NFC'),
      Buffer.from(salt, 'base64'),
      KEY_BYTES,
      // Node refuses at its own default of 32 MB; the working set is slightly above 128 · n · r.
      { N: n, r, p, maxmem: 128 * n * r + 128 * r * p + 1024 * 1024 },
      (error, key) => (error ? reject(error) : resolve(key)),
    );
  });
}

function parse(stored: string): z.infer<typeof parameters> {
  try {
    return parameters.parse(JSON.parse(stored));
  } catch (error) {
    throw new AppError(
      'CATALOG_DAMAGED',
      'The catalog’s passphrase settings are damaged or beyond all bounds.',
      {
        notChanged: 'The catalog was not changed.',
        remedy: 'Put back the last good copy of the catalog, or open it with another key, if it has one.',
        cause: error,
      },
    );
  }
}
