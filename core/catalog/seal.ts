import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { AppError } from '../../contract/errors.ts';

/** What the data key is used for. Each use has a key of its own, derived by HKDF-SHA-256. */
export interface Seal {
  /** Encrypts and authenticates with AES-256-GCM: 12 bytes nonce, ciphertext, 16 bytes tag. `aad` binds it to its place. */
  seal(plain: Buffer, aad: Buffer): Buffer;
  /** @throws AppError CATALOG_DAMAGED when not exactly this was sealed for exactly this place */
  open(sealed: Buffer, aad: Buffer): Buffer;
  /** HMAC-SHA-256, hex: a name that tells nothing to who lacks the key, and equal only for equal bytes. */
  name(plain: Buffer): string;
  /** 32 bits that decide where chunks end, so that the sizes of chunks do not betray what is known to be in them. */
  readonly boundarySeed: number;
  /** 32 bytes for the pseudonyms of this catalog's copies: the same in all of them, and nowhere else. */
  readonly pseudonymKey: Buffer;
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** @param dataKey 32 random bytes, not kept */
export function createSeal(dataKey: Buffer): Seal {
  if (dataKey.length !== 32) throw new AppError('INTERNAL', 'A data key has 32 bytes.');
  const encryption = subkey(dataKey, 'encryption');
  const naming = subkey(dataKey, 'naming');
  const boundarySeed = subkey(dataKey, 'boundaries').export().readUInt32LE(0);
  const pseudonymKey = subkey(dataKey, 'pseudonyms').export();
  return {
    boundarySeed,
    pseudonymKey,
    name: (plain) => createHmac('sha256', naming).update(plain).digest('hex'),
    seal(plain, aad) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, encryption, nonce).setAAD(aad);
      const body = cipher.update(plain);
      cipher.final();
      // Not from Node's pool, of which a sealed chunk that waits to be stored would keep 64 KB alive.
      const sealed = Buffer.allocUnsafeSlow(NONCE_BYTES + body.length + TAG_BYTES);
      nonce.copy(sealed);
      body.copy(sealed, NONCE_BYTES);
      cipher.getAuthTag().copy(sealed, NONCE_BYTES + body.length);
      return sealed;
    },
    open(sealed, aad) {
      if (sealed.length < NONCE_BYTES + TAG_BYTES) throw altered();
      const nonce = sealed.subarray(0, NONCE_BYTES);
      const tag = sealed.subarray(sealed.length - TAG_BYTES);
      const decipher = createDecipheriv(CIPHER, encryption, nonce, { authTagLength: TAG_BYTES })
        .setAAD(aad)
        .setAuthTag(tag);
      const plain = decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES));
      try {
        decipher.final();
      } catch (cause) {
        throw altered(cause);
      }
      return plain;
    },
  };
}

/** As KeyObject: node:crypto takes 50 µs to find out that a Buffer is none, each time. */
function subkey(dataKey: Buffer, use: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', dataKey, '', `drawbridge catalog v1 ${use}`, 32)));
}

function altered(cause?: unknown): AppError {
  return new AppError(
    'CATALOG_DAMAGED',
    'Stored data does not open with the catalog’s key: it was altered.',
    {
      notChanged: 'Nothing was changed.',
      remedy: 'Run “drawbridge catalog verify” to learn what is affected.',
      cause,
    },
  );
}
