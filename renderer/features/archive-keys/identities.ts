import { messageOf } from '../../../contract/wire.ts';

/** What no file of identities is larger than. Bytes. */
const LIMIT = 200_000;

/** The identities of age in a text as `age-keygen` writes it: comments, and one on each other line. */
export function identitiesIn(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/**
 * What is typed, with the identities of a text of several lines in the place of what is selected of it.
 *
 * @param selected from where to where, in characters
 */
export function withPasted(
  typed: string,
  [from, to]: readonly [from: number, to: number],
  text: string,
): string {
  const parts = [typed.slice(0, from).trim(), ...identitiesIn(text), typed.slice(to).trim()];
  return parts.filter((part) => part !== '').join(' ');
}

/** What a file holds, or why it holds no identities, as a sentence that repeats nothing of it. */
export async function identitiesOf(
  file: Pick<File, 'name' | 'size' | 'text'>,
): Promise<{ readonly identities: readonly string[] } | { readonly unfit: string }> {
  if (file.size > LIMIT) return { unfit: `“${file.name}” is too large to hold identities of age.` };
  try {
    const identities = identitiesIn(await file.text());
    if (identities.length > 0 && identities.every((line) => line.startsWith('AGE-SECRET-KEY-')))
      return { identities };
    return {
      unfit: `“${file.name}” does not hold identities of age: choose the file that “age-keygen -o” wrote.`,
    };
  } catch (error) {
    return { unfit: `“${file.name}” could not be read: ${messageOf(error)}` };
  }
}

/** What an archive is opened with, as a job takes it; undefined: nothing was given. */
export function openingKeys(
  passphrase: string,
  identities: string,
): { passphrase?: string; identities?: string[] } | undefined {
  const several = identities.split(/\s+/).filter((one) => one !== '');
  if (passphrase === '' && several.length === 0) return undefined;
  return { ...(passphrase !== '' && { passphrase }), ...(several.length > 0 && { identities: several }) };
}
