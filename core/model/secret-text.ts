import { isSecretName } from './secret-name.ts';

/** From `start` to before `end`, in UTF-16 code units. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * A text without the passwords of the addresses in it (`scheme://user:password@host`, wherever they stand): each is
 * replaced by `by`, all else stays. Takes time in proportion to the text, whatever is in it.
 */
export function withoutAddressPasswords(text: string, by: string): string {
  return replaced(text, addressPasswords(text), by);
}

/**
 * As `withoutAddressPasswords`, and without the values of connection strings ("host=db password=…", "Pwd=…;"), headers
 * ("Authorization: …") and queries ("?api_key=…") whose names are those of secrets: for texts that nobody wrote for
 * people to read.
 */
export function withoutSecretParts(text: string, by: string): string {
  return replaced(text, [...addressPasswords(text), ...namedValues(text), ...bearers(text)], by);
}

function replaced(text: string, spans: readonly Span[], by: string): string {
  if (spans.length === 0) return text;
  let made = '';
  let done = 0;
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    // Within what is gone already, but for what reaches beyond it.
    if (start >= done) made += text.slice(done, start) + by;
    done = Math.max(done, end);
  }
  return made + text.slice(done);
}

/** What ends an address in a text. */
const BEYOND_ADDRESS = /[\s"'<>]/g;
const BEYOND_AUTHORITY = /[\s"'<>/?#\\]/g;
const ENCODED = /%3a%2f%2f/gi;
const BEYOND_ENCODED_AUTHORITY = /[\s"'<>/?#&]|%2f|%3f|%23/gi;
const PORT = /^\d{0,5}$/;

function addressPasswords(text: string): Span[] {
  const found: Span[] = [];
  let tokenEnd = -1;
  let lastAt = -1;
  for (let at = text.indexOf('//'); at >= 0;) {
    const start = at + 2;
    if (start > tokenEnd) {
      tokenEnd = indexOf(BEYOND_ADDRESS, text, start);
      lastAt = text.lastIndexOf('@', tokenEnd - 1);
    }
    const end = Math.min(indexOf(BEYOND_AUTHORITY, text, start), tokenEnd);
    const authority = text.slice(start, end);
    const colon = authority.indexOf(':');
    const user = authority.lastIndexOf('@');
    let next = end;
    if (colon >= 0 && colon < user) found.push({ start: start + colon + 1, end: start + user });
    // A password with a “/” that should have been encoded; a port is none.
    else if (colon >= 0 && user < 0 && lastAt > end && !PORT.test(authority.slice(colon + 1))) {
      if (!authority.startsWith('[')) {
        found.push({ start: start + colon + 1, end: lastAt });
        next = lastAt;
      }
    }
    at = text.indexOf('//', next);
  }
  for (const { index, 0: mark } of text.includes('%') ? text.matchAll(ENCODED) : []) {
    const start = index + mark.length;
    const authority = text.slice(start, indexOf(BEYOND_ENCODED_AUTHORITY, text, start)).toLowerCase();
    const colon = authority.indexOf('%3a');
    const user = authority.lastIndexOf('%40');
    if (colon >= 0 && colon < user) found.push({ start: start + colon + 3, end: start + user });
  }
  return found;
}

/** Where the pattern, which is global, is first found from there on; the text's end if nowhere. */
function indexOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
}

/** "name=value", "“name”: value" as in JSON, and "Name: value" as a line of its own; the mark between is the second group. */
const NAMED =
  /(?<![\w.-])([\w.-]{1,128}) ?(=) ?|["']([\w.-]{1,128})["'] ?(:) ?|^[ \t]{0,16}([\w.-]{1,128}) ?(:)(?!\/\/) ?/gm;
const BEYOND_LINE = /[\n\r]/g;
const BEYOND_JSON_VALUE = /[,}\]\n\r]/g;
const BEYOND_VALUE = /[;&\s]/g;
const BEYOND_VALUE_WITH_SPACES = /[=;&\n\r]/g;

function namedValues(text: string): Span[] {
  if (!text.includes('=') && !text.includes(':')) return [];
  const found: Span[] = [];
  let done = 0;
  for (const { index, 0: whole, 1: set, 3: quoted, 5: line } of text.matchAll(NAMED)) {
    const start = index + whole.length;
    if (index < done || !isSecretName(set ?? quoted ?? line!)) continue;
    const end =
      line === undefined ? endOfValue(text, start, quoted === undefined) : indexOf(BEYOND_LINE, text, start);
    if (end > start) found.push({ start, end });
    done = end;
  }
  return found;
}

/** Up to the closing quote, the next separator, or, where another "name=" follows, the next space. */
function endOfValue(text: string, start: number, isConnectionString: boolean): number {
  const quote = text[start];
  if (quote === '"' || quote === "'") {
    const closing = text.indexOf(quote, start + 1);
    if (closing >= 0) return closing + 1;
  }
  if (!isConnectionString) return indexOf(BEYOND_JSON_VALUE, text, start);
  const end = indexOf(BEYOND_VALUE, text, start);
  if (text[end] === undefined || !/\s/.test(text[end])) return end;
  const beyond = indexOf(BEYOND_VALUE_WITH_SPACES, text, end);
  return text[beyond] === '=' ? end : beyond;
}

const BEARER = /(?<!\w)(?:bearer|basic|negotiate|apikey|token) {1,4}([\w+/=.~-]{8,})/gi;
/** No word of a sentence. */
const NO_WORD = /[\d=_+]|\p{Ll}\p{Lu}/u;

function bearers(text: string): Span[] {
  return [...text.matchAll(BEARER)].flatMap(({ index, 0: whole, 1: token }) => {
    const end = index + whole.length;
    return NO_WORD.test(token!) ? [{ start: end - token!.length, end }] : [];
  });
}
