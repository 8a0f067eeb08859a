import { SECRET_TEXTS } from '../../model/hide-secrets.ts';

const LINE_BREAK = 0x0a;
const BACKSLASH = 0x5c;
/** U+0130, the one character that becomes two in lower case: i and a dot above. */
const DOTTED_I = Buffer.from('\u0130');
/** A member's name in a line without escapes: what stands before it is no letter, so that it cannot begin inside a text. */
const MEMBER_NAMES = /"[\w$-]+":/g;

/** A line of a text, its break not counted. */
export interface LinePlace {
  readonly start: number;
  readonly end: number;
}

/**
 * A text to be looked for without regard to case, as `toLowerCase` has it. Of a chunk of canonical lines it tells at once
 * which are worth being parsed: the bytes are searched, of which most chunks have none that fit.
 */
export class Needle {
  /** In lower case. */
  readonly text: string;
  readonly #pattern: RegExp;
  readonly #mayComeOfDottedI: boolean;
  readonly #isInSecretTexts: boolean;

  constructor(text: string) {
    this.text = text.toLowerCase();
    // Half a character has no bytes of its own: then every line is looked at.
    const pattern = this.text.isWellFormed() ? Array.from(this.text, bytesPattern).join('') : '[^]';
    this.#pattern = new RegExp(pattern, 'gi');
    this.#isInSecretTexts = SECRET_TEXTS.some((shown) => shown.includes(this.text));
    this.#mayComeOfDottedI = this.text.includes('i') || this.text.includes('\u0307');
  }

  /** The lines that may show it, in order: those that have it anywhere, and those with escapes, whose bytes do not tell. */
  lines(chunk: Buffer): LinePlace[] {
    const found = new Map<number, LinePlace>();
    const bytes = chunk.toString('latin1');
    this.#pattern.lastIndex = 0;
    for (let match = this.#pattern.exec(bytes); match; match = this.#pattern.exec(bytes)) {
      const line = lineAround(chunk, match.index);
      found.set(line.start, line);
      // Past the break, which may be what was found.
      this.#pattern.lastIndex = line.end + 1;
    }
    addLinesWith(chunk, BACKSLASH, found);
    if (this.#mayComeOfDottedI) addLinesWith(chunk, DOTTED_I, found);
    return [...found.values()].sort((a, b) => a.start - b.start);
  }

  /** Whether such a line is still worth being parsed: has it in more than its members' names, as far as that can be told. */
  mayStandIn(line: string): boolean {
    if (line.includes('\\')) return true;
    const lower = line.toLowerCase();
    if (!lower.includes(this.text)) return false;
    return this.#isInSecretTexts || lower.replace(MEMBER_NAMES, '""').includes(this.text);
  }

  /** Whether it stands in a value, at any depth. */
  standsIn(value: unknown): boolean {
    if (typeof value === 'object' && value !== null)
      return Object.values(value).some((inner) => this.standsIn(inner));
    return String(value).toLowerCase().includes(this.text);
  }
}

function lineAround(chunk: Buffer, at: number): LinePlace {
  const start = at === 0 ? 0 : chunk.lastIndexOf(LINE_BREAK, at - 1) + 1;
  const end = chunk.indexOf(LINE_BREAK, at);
  return { start, end: end === -1 ? chunk.length : end };
}

function addLinesWith(chunk: Buffer, what: number | Buffer, found: Map<number, LinePlace>): void {
  for (let at = chunk.indexOf(what); at !== -1;) {
    const line = lineAround(chunk, at);
    found.set(line.start, line);
    at = chunk.indexOf(what, line.end + 1);
  }
}

/** A pattern for the UTF-8 bytes, one character each, of every character that becomes this one in lower case. */
function bytesPattern(character: string): string {
  // The pattern's flag takes care of what is not more than a letter in either case.
  const others = character <= '\u007f' && character !== 'k' ? [] : charactersOf(character);
  const all = [character, ...others].map((one) =>
    Buffer.from(one)
      .toString('latin1')
      .replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'),
  );
  return all.length === 1 ? all[0]! : `(?:${all.join('|')})`;
}

let upperCase: Map<string, string[]> | undefined;
/** No script with two cases lies beyond. */
const LAST_CASED = 0x1_ffff;

function charactersOf(lower: string): readonly string[] {
  upperCase ??= upperCaseByLower();
  return upperCase.get(lower) ?? [];
}

function upperCaseByLower(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (let point = 0; point <= LAST_CASED; point++) {
    const character = String.fromCodePoint(point);
    const lower = character.toLowerCase();
    if (lower === character) continue;
    found.set(lower, [...(found.get(lower) ?? []), character]);
    // At the end of a word, which only the text around it tells.
    if (lower === 'σ') found.set('ς', [...(found.get('ς') ?? []), character]);
  }
  return found;
}
