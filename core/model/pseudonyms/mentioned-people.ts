import type { JsonObject, JsonValue } from '../record.ts';
import { isGeneric } from './generic-words.ts';
import type { Pseudonymizer } from './pseudonymizer.ts';

/** Those users of a realm whom texts outside their own records name. */
export interface MentionedPeople {
  /** The text as a whole is somebody's user name. */
  isUsername(text: string): boolean;
  /** It is the key of a role, group, client or policy, and may stand for it. */
  isKey(text: string): boolean;
  /** What a text, free of addresses, says of people. */
  read(text: string, names: Pseudonymizer): Reading;
}

export interface Reading {
  /** With the names of people replaced by those that these people have now. */
  readonly text: string;
  /** It names somebody, by what can hardly be anything else. */
  readonly person: boolean;
  /** A word in it is somebody's user name, and may be no more than a word. Never replaced. */
  readonly word: boolean;
}

export const NOBODY: MentionedPeople = {
  isUsername: () => false,
  isKey: () => false,
  read: (text) => ({ text, person: false, word: false }),
};

/** Letters and digits of any script; what stands between them joins or separates. */
const WORD = /[\p{L}\p{M}\p{N}]+/gu;
/** Between the words of one name: "jonathan.quimby", "Quimby, Jonathan", "CORP\jquimby"; not from one part of a path to the next. */
const JOINT = /^[^\p{L}\p{M}\p{N}/\r\n]{1,3}$/u;
/** Shorter ones in plain letters are initials: "a b". */
const SHORTEST_NAME = 4;
const BEYOND_ASCII = /[^\p{ASCII}]/u;

interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

interface FullName {
  readonly username: string;
  /** The last name comes first. */
  readonly reversed: boolean;
}

/**
 * Finds out who is mentioned in two passes whose memory does not grow with the number of users: first the texts are
 * shown, of which words and pairs of neighbours are kept; then every user, of whom is kept who is named in these words.
 */
export class PeopleSearch {
  readonly #words = new Set<string>();
  readonly #pairs = new Set<string>();
  readonly #values = new Set<string>();
  readonly #keys = new Set<string>();

  readonly #usernames = new Map<string, 'person' | 'word' | 'generic'>();
  readonly #fullNames = new Map<string, FullName>();
  #longest = 1;

  /** A key of the realm: where it is a user name as well, it is not known which of the two a text means. */
  addKey(key: string): void {
    this.#keys.add(key.toLowerCase());
  }

  /** Every text in a value, and the names of its members. */
  addTexts(value: JsonValue): void {
    if (typeof value === 'string') this.#addText(value);
    else if (Array.isArray(value)) for (const element of value) this.addTexts(element);
    else if (typeof value === 'object' && value !== null)
      for (const [name, inner] of Object.entries(value)) {
        this.#addText(name);
        this.addTexts(inner);
      }
  }

  get hasTexts(): boolean {
    return this.#values.size > 0;
  }

  addUser({ username, firstName, lastName }: JsonObject): void {
    if (typeof username !== 'string') return;
    this.#addUsername(username);
    if (typeof firstName !== 'string' || typeof lastName !== 'string') return;
    this.#addFullName(`${firstName} ${lastName}`, { username, reversed: false });
    this.#addFullName(`${lastName} ${firstName}`, { username, reversed: true });
  }

  people(): MentionedPeople {
    return {
      isUsername: (text) => this.#usernames.has(text.toLowerCase()),
      isKey: (text) => this.#keys.has(text.toLowerCase()),
      read: (text, names) => this.#read(text, names),
    };
  }

  #addText(text: string): void {
    if (text === '') return;
    this.#values.add(text.toLowerCase());
    let previous: Word | undefined;
    for (const word of wordsOf(text)) {
      const folded = word.text.toLowerCase();
      this.#words.add(folded);
      if (previous && JOINT.test(text.slice(previous.end, word.start)))
        this.#pairs.add(pairOf(previous.text.toLowerCase(), folded));
      previous = word;
    }
  }

  #addUsername(username: string): void {
    const folded = username.toLowerCase();
    const words = wordsOf(folded).map(({ text }) => text);
    if (!this.#values.has(folded) && !this.#canHold(words)) return;
    this.#usernames.set(folded, this.#kindOf(folded, words));
    this.#longest = Math.max(this.#longest, words.length);
  }

  /** One word alone is as likely the word; of several, or of an address, nearly always the person. */
  #kindOf(folded: string, words: readonly string[]): 'person' | 'word' | 'generic' {
    if (words.length === 1) return isGeneric(words) ? 'generic' : 'word';
    return isGeneric(words) || this.#keys.has(folded) ? 'word' : 'person';
  }

  #addFullName(name: string, of: FullName): void {
    const words = wordsOf(name.toLowerCase()).map(({ text }) => text);
    if (words.length < 2 || !this.#canHold(words) || isGeneric(words)) return;
    if (words.join('').length < SHORTEST_NAME && !BEYOND_ASCII.test(name)) return;
    const key = words.join(' ');
    const known = this.#fullNames.get(key);
    // Of several people with one name, always the same one: users come in the order of their names.
    if (known && (of.reversed || !known.reversed)) return;
    this.#fullNames.set(key, of);
    this.#longest = Math.max(this.#longest, words.length);
  }

  /** Whether the texts may hold these words one after the other. */
  #canHold(words: readonly string[]): boolean {
    if (words.length === 1) return this.#words.has(words[0]!);
    return (
      words.length > 1 && words.every((word, i) => i === 0 || this.#pairs.has(pairOf(words[i - 1]!, word)))
    );
  }

  #read(text: string, names: Pseudonymizer): Reading {
    if (this.#usernames.size === 0 && this.#fullNames.size === 0) return NOBODY.read(text, names);
    const words = wordsOf(text);
    let read = '';
    let done = 0;
    let person = false;
    let word = false;
    for (let i = 0; i < words.length;) {
      const found = this.#longestAt(text, words, i, names);
      if (found === undefined) {
        i++;
        continue;
      }
      if (found.by === undefined) word = true;
      else {
        person = true;
        read += text.slice(done, words[i]!.start) + found.by;
        done = words[i + found.length - 1]!.end;
      }
      i += found.length;
    }
    return { text: read + text.slice(done), person, word };
  }

  /** The longest name that begins with this word, and by what it is replaced, if it is. */
  #longestAt(
    text: string,
    words: readonly Word[],
    from: number,
    names: Pseudonymizer,
  ): { length: number; by: string | undefined } | undefined {
    for (let length = this.#reach(text, words, from); length > 0; length--) {
      const chosen = words.slice(from, from + length);
      const written = text.slice(chosen[0]!.start, chosen.at(-1)!.end);
      const kind = this.#usernames.get(written.toLowerCase());
      if (kind === 'person') return { length, by: names.username(written) };
      const full = this.#fullNames.get(chosen.map((one) => one.text.toLowerCase()).join(' '));
      if (full) return { length, by: fullName(full, names, written.includes(',')) };
      if (kind === 'word') return { length, by: undefined };
    }
    return undefined;
  }

  /** Over how many words a name could reach from here. */
  #reach(text: string, words: readonly Word[], from: number): number {
    let length = 1;
    while (
      length < this.#longest &&
      from + length < words.length &&
      JOINT.test(text.slice(words[from + length - 1]!.end, words[from + length]!.start))
    )
      length++;
    return length;
  }
}

function wordsOf(text: string): Word[] {
  return [...text.matchAll(WORD)].map((match) => ({
    text: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }));
}

function pairOf(one: string, next: string): string {
  return `${one} ${next}`;
}

function fullName({ username, reversed }: FullName, names: Pseudonymizer, comma: boolean): string {
  const [first, last] = [names.firstName(username), names.lastName(username)];
  if (!reversed) return `${first} ${last}`;
  return comma ? `${last}, ${first}` : `${last} ${first}`;
}
