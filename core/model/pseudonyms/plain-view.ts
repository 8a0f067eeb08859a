/**
 * A text as people mean it where it was written for a program: percent-encoded in an address of the web, with entities of
 * HTML, with escapes of JSON, also one in another ("%2540"); without characters that nobody sees.
 */
export interface PlainView {
  readonly text: string;
  /** Where in the source the character at this place of the text begins. */
  readonly sourceOf: (at: number) => number;
}

/** An address of the web within one within one. */
const MOST_LEVELS = 4;
const PERCENT = /%[0-9a-f]{2}/i;
const MAY_BE_ENCODED = /[%&\\\u00ad\u200b\u2060\ufeff＠﹫]/;
const TOKEN =
  /(?<bytes>(?:%[0-9a-f]{2})+)|&#x(?<hex>[0-9a-f]{1,6});?|&#(?<decimal>\d{1,7});?|&(?<named>amp|apos|colon|commat|dash|equals|gt|hyphen|lowbar|lt|nbsp|num|period|plus|quest|quot|sol);|\\u(?<json>[0-9a-f]{4})|\\u\{(?<point>[0-9a-f]{1,6})\}|\\x(?<short>[0-9a-f]{2})|%u(?<old>[0-9a-f]{4})|(?<at>[＠﹫])|(?<unseen>[\u00ad\u200b\u2060\ufeff])/gi;

const ENTITIES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    amp: '&',
    apos: "'",
    colon: ':',
    commat: '@',
    dash: '-',
    equals: '=',
    gt: '>',
    hyphen: '-',
    lowbar: '_',
    lt: '<',
    nbsp: ' ',
    num: '#',
    period: '.',
    plus: '+',
    quest: '?',
    quot: '"',
    sol: '/',
  }),
);

export function plainView(source: string): PlainView {
  let view: PlainView = { text: source, sourceOf: (at) => at };
  for (let level = 0; level < MOST_LEVELS; level++) {
    const decoded = decodedOnce(view.text);
    if (decoded === undefined) break;
    const { sourceOf } = view;
    view = { text: decoded.text, sourceOf: (at) => sourceOf(decoded.from[at]!) };
  }
  return view;
}

/**
 * A text in the place of a part of the source: percent-encoded as often as that is. Entities and escapes are not needed
 * for what pseudonyms consist of.
 */
export function encodedLike(part: string, text: string): string {
  let made = text;
  let rest: string | undefined = part;
  for (let level = 0; level < MOST_LEVELS && rest !== undefined; level++) {
    if (PERCENT.test(rest)) made = encodeURIComponent(made);
    rest = decodedOnce(rest)?.text;
  }
  return made;
}

interface Decoded {
  readonly text: string;
  /** For each character where it begins in what was decoded, and where that ends. */
  readonly from: readonly number[];
}

/** Undefined: nothing in it is encoded. */
function decodedOnce(text: string): Decoded | undefined {
  if (!MAY_BE_ENCODED.test(text)) return undefined;
  const from: number[] = [];
  let made = '';
  let done = 0;
  let found = false;
  function keep(to: number): void {
    made += text.slice(done, to);
    for (let at = done; at < to; at++) from.push(at);
    done = to;
  }
  function put(characters: string, length: number): void {
    made += characters;
    for (let i = 0; i < characters.length; i++) from.push(done);
    done += length;
    found = true;
  }
  for (const { 0: token, index, groups } of text.matchAll(TOKEN)) {
    keep(index);
    if (groups!['bytes'] !== undefined)
      for (const { characters, length } of charactersOf(token)) put(characters, length);
    else {
      const character = characterOf(groups!);
      if (character !== undefined) put(character, token.length);
    }
  }
  keep(text.length);
  from.push(text.length);
  return found ? { text: made, from } : undefined;
}

function characterOf(groups: { readonly [name: string]: string | undefined }): string | undefined {
  const { named, decimal } = groups;
  if (groups['unseen'] !== undefined) return '';
  if (groups['at'] !== undefined) return '@';
  if (named !== undefined) return ENTITIES.get(named.toLowerCase());
  const hex = groups['hex'] ?? groups['json'] ?? groups['point'] ?? groups['short'] ?? groups['old'];
  const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return point > 0x10ffff ? undefined : String.fromCodePoint(point);
}

/** Of percent-encoded bytes: UTF-8, or else what Latin-1 has there. */
function* charactersOf(token: string): Generator<{ characters: string; length: number }> {
  const bytes = Buffer.from(token.replaceAll('%', ''), 'hex');
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at]!;
    const count = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    const characters = bytes.toString('utf8', at, at + count);
    const isValid =
      lead < 0x80 || (count > 1 && Buffer.byteLength(characters) === count && !characters.includes('\ufffd'));
    yield isValid ? { characters, length: 3 * count } : { characters: String.fromCharCode(lead), length: 3 };
    at += isValid ? count : 1;
  }
}
