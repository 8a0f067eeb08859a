import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { EXAMPLE_PASSPHRASES } from '../../../contract/example-passphrases.ts';
import { count } from '../../design/moments.ts';

/** What a passphrase is worth against somebody who has a copy of the catalog. */
export interface Strength {
  readonly grade: 'weak' | 'fair' | 'good' | 'strong';
  /** How long guessing would take, as a sentence. */
  readonly says: string;
  /** How to make it better; empty where that is not needed. */
  readonly advice: string;
}

/**
 * Tries a second. A passphrase costs some 0.4 s and 64 MB to try (scrypt, docs/catalog.md); so many come from thousands of
 * rented machines.
 */
const TRIES_A_SECOND = 10_000;
const DAY = 86_400;
const YEAR = 365 * DAY;

/** As they are written, and with what else is put between words. */
const EXAMPLES = EXAMPLE_PASSPHRASES.flatMap((example) =>
  [' ', '', '-', '_', '.'].map((between) => example.replaceAll(' ', between)),
);
const EXAMPLES_NAME = 'examples';

let loaded: Promise<ZxcvbnFactory> | undefined;

/** Word lists and patterns that people use, as attackers do; fetched when the first passphrase is typed. */
export async function strengthOf(passphrase: string): Promise<Strength> {
  // A list that could not be fetched is fetched again for the next passphrase.
  loaded ??= load().catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  const found = (await loaded).check(withoutRepeatedBlanks(passphrase), [
    'drawbridge',
    'opengate',
    'catalog',
  ]);
  const { guesses, feedback, sequence } = found;
  const isExample = sequence.some(
    (part) => 'dictionaryName' in part && part.dictionaryName === EXAMPLES_NAME,
  );
  const seconds = guesses / TRIES_A_SECOND;
  const grade = seconds < DAY ? 'weak' : seconds < YEAR ? 'fair' : seconds < 1_000 * YEAR ? 'good' : 'strong';
  const advice = isExample
    ? 'There is a well-known example in it, which is tried first. Take words that stand nowhere together.'
    : [feedback.warning, ...feedback.suggestions].filter(Boolean).join(' ');
  return {
    grade,
    says: sentence(seconds),
    advice:
      grade === 'weak' || grade === 'fair'
        ? advice || 'Four or more words that have nothing to do with each other are easier to remember.'
        : '',
  };
}

async function load(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory }, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ]);
  return new ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary, [EXAMPLES_NAME]: EXAMPLES },
    graphs: common.adjacencyGraphs,
    translations: english.translations,
  });
}

/** A blank more between two words makes nobody guess longer. */
function withoutRepeatedBlanks(passphrase: string): string {
  return passphrase.trim().replace(/\s+/g, ' ');
}

function sentence(seconds: number): string {
  if (seconds > 1e6 * YEAR) return 'Nobody guesses it by trying.';
  return `Somebody who has a copy of the catalog guesses it in ${roughly(seconds)}, with thousands of machines.`;
}

function roughly(seconds: number): string {
  if (seconds < 60) return 'less than a minute';
  const [unit, size] = (
    [
      ['years', YEAR],
      ['days', DAY],
      ['hours', 3_600],
      ['minutes', 60],
    ] as const
  ).find(([, size]) => seconds >= 2 * size) ?? ['minutes', 60];
  const number = seconds / size;
  const magnitude = 10 ** Math.max(Math.floor(Math.log10(number)), 0);
  return `about ${count(Math.round(number / magnitude) * magnitude)} ${unit}`;
}
