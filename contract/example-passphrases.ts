/**
 * Passphrases that stand in a book, a comic, a film or a manual, ours among them: who guesses begins with these, however many
 * words they have. In small letters, with spaces.
 */
export const EXAMPLE_PASSPHRASES: readonly string[] = [
  'correct horse battery staple',
  'correct horse battery',
  'horse battery staple',
  'this is fine',
  'to be or not to be',
  'to be or not to be that is the question',
  'the quick brown fox jumps over the lazy dog',
  'may the force be with you',
  'my voice is my passport',
  'open sesame',
  'four score and seven years ago',
  'in the beginning was the word',
  'call me ishmael',
  'it was the best of times it was the worst of times',
  'all your base are belong to us',
  'once upon a time',
  'cogito ergo sum',
  'lorem ipsum dolor sit amet',
  'twas brillig and the slithy toves',
  'the only thing we have to fear is fear itself',
  'elementary my dear watson',
  'play it again sam',
];

const PLAIN = EXAMPLE_PASSPHRASES.map(lettersOf);

/**
 * How many letters and digits a passphrase has besides the well-known example that it contains, however that is written;
 * undefined: it contains none.
 */
export function lettersBesideExample(passphrase: string): number | undefined {
  const letters = lettersOf(passphrase);
  const beside = PLAIN.filter((example) => letters.includes(example)).map(
    (example) => letters.length - example.length,
  );
  return beside.length === 0 ? undefined : Math.min(...beside);
}

function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
