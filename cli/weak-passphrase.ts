import { lettersBesideExample } from '../contract/example-passphrases.ts';
import type { Io } from './io.ts';

/** Below either, a passphrase is guessed by whoever has a copy of the catalog, however long each guess takes. */
const LEAST_CHARACTERS = 12;
const LEAST_DIFFERENT = 6;

/** Warns of a new passphrase that protects little. It forbids nothing, as the windows' hint does not. */
export function warnIfWeak(io: Pick<Io, 'warn' | 'self'>, passphrase: string): void {
  const characters = Array.from(passphrase);
  const different = new Set(characters).size;
  const isExample = (lettersBesideExample(passphrase) ?? LEAST_CHARACTERS) < LEAST_CHARACTERS;
  if (!isExample && characters.length >= LEAST_CHARACTERS && different >= LEAST_DIFFERENT) return;
  const why = isExample
    ? 'a well-known example, or little more'
    : characters.length < LEAST_CHARACTERS
      ? `shorter than ${LEAST_CHARACTERS} characters`
      : `made of ${different === 1 ? 'one character' : `${different} different characters`} alone`;
  io.warn(
    `The new passphrase is ${why}: whoever has a copy of the catalog can guess it. Four words or more that have nothing to do with each other are better: ${io.self} catalog passphrase`,
  );
}
