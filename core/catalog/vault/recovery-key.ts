import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { AppError } from '../../../contract/errors.ts';
import { KEY_BYTES } from './wrapping.ts';

/** Crockford's base 32: no I, L, O, U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 160 random bits and 20 bits of checksum: 36 characters, written as six groups of six. */
const SECRET_BYTES = 20;
const SECRET_CHARACTERS = 32;
const CHECK_CHARACTERS = 4;
const GROUP = /.{6}(?=.)/g;

/** A key to be written down: shown once, and not stored. */
export function newRecoveryKey(): string {
  const secret = randomBytes(SECRET_BYTES);
  return (encode(secret, SECRET_CHARACTERS) + checkOf(secret)).replace(GROUP, '$&-');
}

/**
 * The key that wraps the data key, from a recovery key as a person types it: in either case, with any spaces and hyphens,
 * and with the letters O, I and L for 0 and 1. It has the strength of a random key, so no scrypt is needed.
 *
 * @throws AppError WRONG_KEY when it has a typing error
 */
export function keyFromRecoveryKey(typed: string): Buffer {
  const secret = secretOf(typed);
  if (!secret)
    throw new AppError('WRONG_KEY', 'The recovery key has a typing error.', {
      notChanged: 'The catalog was not changed.',
      remedy: 'It has 36 letters and digits in six groups. Compare them with what was written down.',
    });
  return Buffer.from(hkdfSync('sha256', secret, '', 'drawbridge recovery key v1', KEY_BYTES));
}

/** Whether this is a recovery key without a typing error, of whichever catalog. */
export function isRecoveryKey(typed: string): boolean {
  return secretOf(typed) !== undefined;
}

function secretOf(typed: string): Buffer | undefined {
  const text = typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  const digits = Array.from(text, (character) => ALPHABET.indexOf(character));
  const whole = digits.length === SECRET_CHARACTERS + CHECK_CHARACTERS && !digits.includes(-1);
  const secret = whole ? decode(digits.slice(0, SECRET_CHARACTERS)) : undefined;
  return secret && checkOf(secret) === text.slice(SECRET_CHARACTERS) ? secret : undefined;
}

function checkOf(secret: Buffer): string {
  return encode(createHash('sha256').update(secret).digest(), CHECK_CHARACTERS);
}

/** The first bits of `bytes`, five a character. */
function encode(bytes: Buffer, characters: number): string {
  let text = '';
  for (let bit = 0; text.length < characters; bit += 5)
    text +=
      ALPHABET[(((bytes.readUInt8(bit >> 3) << 8) | (bytes[(bit >> 3) + 1] ?? 0)) >> (11 - (bit & 7))) & 31];
  return text;
}

function decode(digits: readonly number[]): Buffer {
  const bits = digits.map((digit) => digit.toString(2).padStart(5, '0')).join('');
  return Buffer.from(
    Array.from({ length: bits.length / 8 }, (_, i) => Number.parseInt(bits.slice(i * 8, i * 8 + 8), 2)),
  );
}
