import { randomInt } from 'node:crypto';

/** Digits and lower-case letters without those that are taken for one another (i, l, o, u): Crockford's base 32. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 12;

/** A random id of 60 bits that people can read out, type, and shorten to a prefix. */
export function newId(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}
