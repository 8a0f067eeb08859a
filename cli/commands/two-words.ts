import { GLOBAL_FLAGS_WITH_VALUE } from '../io.ts';

/**
 * Commands whose name begins with that of another command, which takes arguments of its own: `plan list`, but
 * `plan <source> <env>`. No source is written like the second word: a file needs a dot or a slash, a realm its environment,
 * and ids have no `l`, `i`, `o` and `u`.
 */
const SECOND_WORDS: Readonly<Record<string, readonly string[]>> = { plan: ['list', 'show'] };

/** The words of a command line in which such a name is one word, as it is registered. */
export function withNamesJoined(words: readonly string[]): string[] {
  const first = nextWord(words, 0);
  const name = words[first];
  if (name === undefined || !Object.hasOwn(SECOND_WORDS, name)) return [...words];
  const second = nextWord(words, first + 1);
  if (!SECOND_WORDS[name]!.includes(words[second] ?? '')) return [...words];
  return [
    ...words.slice(0, first),
    `${name} ${words[second]}`,
    ...words.slice(first + 1, second),
    ...words.slice(second + 1),
  ];
}

/** Where the next word is that is neither a global flag nor its value. */
function nextWord(words: readonly string[], from: number): number {
  let at = from;
  while (words[at]?.startsWith('-') && words[at] !== '--')
    at += GLOBAL_FLAGS_WITH_VALUE.includes(words[at]!) ? 2 : 1;
  return at;
}
