import { parseLine } from '../model/exact-json.ts';
import { fingerprint, fingerprintFolded } from './fingerprint.ts';
import { EMAIL, EMAIL_OF_ANY_KIND, emailInLine, endOfPlainText, standsAt, USERNAME } from './line-glance.ts';

/** What of a user must not be another one's: the e-mail address, and the name seen without upper and lower case. */
export type FoldOf = 'email' | 'name';

const LINE_BREAK = 0x0a;

/** The text as it is written in a user's canonical line; undefined where there is none. */
export function foldable(of: FoldOf, line: Buffer): string | undefined {
  if (of === 'name') return textOf(parseLine(line)['username']);
  const found = emailInLine(line);
  return found === 'unclear' ? textOf(parseLine(line)['email']) : found.email;
}

/**
 * Goes through the canonical lines of users, each with its break, and shows the fingerprint of each one's folded text
 * (`hash1` and `hash2` of fingerprint.ts). Nothing is parsed, and no text made, where a line is as nearly all are.
 *
 * @param visit is told the line, without its break
 */
export function visitFolds(of: FoldOf, text: Buffer, visit: (start: number, end: number) => void): void {
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    const told = glanceAt(of, text, start);
    end = text.indexOf(LINE_BREAK, start + USERNAME.length);
    if (told === 'none') continue;
    if (told === 'unclear') {
      const found = foldable(of, text.subarray(start, end));
      if (found === undefined || found === '') continue;
      fingerprint(found.toLowerCase());
    }
    visit(start, end);
  }
}

function glanceAt(of: FoldOf, text: Buffer, start: number): 'told' | 'none' | 'unclear' {
  if (!standsAt(USERNAME, text, start)) return 'unclear';
  let from = start + USERNAME.length;
  if (of === 'email') {
    const end = endOfPlainText(text, from - 1, text.length);
    if (end < 0) return 'unclear';
    if (!standsAt(EMAIL, text, end)) return standsAt(EMAIL_OF_ANY_KIND, text, end) ? 'unclear' : 'none';
    from = end + EMAIL.length;
  }
  const end = fingerprintFolded(text, from);
  if (end < 0) return 'unclear';
  return end === from ? 'none' : 'told';
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
