/**
 * A pseudonym (all in lower case) with the capitals of the text that it stands for. So texts that differ by case only
 * become pseudonyms that differ by case only: the same person to whoever ignores case, as the program does with e-mail
 * addresses, and two keys where a realm has both.
 *
 * No capitals, those that begin words, and capitals throughout look the same in the pseudonym. Others go to letters that
 * `order` decides, each to one of its own, so that they do not tell where in the name they stood.
 *
 * @param order bytes that depend on the text without its case
 * @returns undefined where the capitals do not fit, or case is more than capitals there ("İ", "ẞ")
 */
export function withCaseOf(text: string, pseudonym: string, order: () => Buffer): string | undefined {
  const lower = text.toLowerCase();
  if (text === lower) return pseudonym;
  if (text === begun(lower)) return begun(pseudonym);
  if (text === lower.toUpperCase()) return pseudonym.toUpperCase();
  const letters = lettersOf(lower);
  const written = Array.from(text);
  const capitals = letters.filter(({ at, upper }) => written[at] === upper);
  if (raised(lower, capitals) !== text) return undefined;
  const places = shuffled(lettersOf(pseudonym), order());
  const chosen = capitals.map((letter) => places[letters.indexOf(letter)]);
  if (chosen.includes(undefined)) return undefined;
  const made = raised(pseudonym, chosen as Letter[]);
  return made === begun(pseudonym) || made === pseudonym.toUpperCase() ? undefined : made;
}

const FIRST_OF_WORD = /(?<![\p{L}\p{M}\p{N}])\p{Ll}/gu;

/** With a capital at the beginning of each word. */
function begun(lower: string): string {
  return lower.replace(FIRST_OF_WORD, (letter) => letter.toUpperCase());
}

interface Letter {
  /** Which character it is. */
  readonly at: number;
  readonly upper: string;
}

/** The characters that have a capital. */
function lettersOf(lower: string): Letter[] {
  return Array.from(lower).flatMap((character, at) => {
    const upper = character.toUpperCase();
    return upper === character || Array.from(upper).length !== 1 ? [] : [{ at, upper }];
  });
}

function raised(lower: string, letters: readonly Letter[]): string {
  const characters = Array.from(lower);
  for (const { at, upper } of letters) characters[at] = upper;
  return characters.join('');
}

/** Fisher and Yates, the dice being bytes. */
function shuffled<T>(items: readonly T[], bytes: Buffer): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const other = bytes[i % bytes.length]! % (i + 1);
    [order[i], order[other]] = [order[other]!, order[i]!];
  }
  return order;
}
