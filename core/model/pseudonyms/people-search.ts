import type { JsonObject, JsonValue } from '../record.ts';
import { addressesIn, isAddress } from './addresses.ts';
import { folded } from './folded.ts';
import { isGeneric } from './generic-words.ts';
import { idsIn, uuidOf } from './ids.ts';
import { isOdd, type FullName, type Named, type PeopleIndex } from './mentioned-people.ts';
import { plainView } from './plain-view.ts';
import { areJoined, pairOf, wordsOf, type Word } from './words.ts';

/** Shorter ones in plain letters are initials: "a b". */
const SHORTEST_NAME = 4;
/** Shorter ones are numbers that stand anywhere. */
const SHORTEST_ID = 4;
const BEYOND_ASCII = /[^\p{ASCII}]/u;

/**
 * Finds out who is mentioned in two passes whose memory does not grow with the number of users: first the texts are
 * shown, of which words, pairs of neighbours, addresses and UUIDs are kept; then every user, of whom is kept who is named
 * by these.
 */
export class PeopleSearch {
  readonly #words = new Set<string>();
  readonly #pairs = new Set<string>();
  readonly #values = new Set<string>();
  readonly #ids = new Set<string>();

  readonly #keys = new Set<string>();
  readonly #recordIds = new Set<string>();
  readonly #personIds = new Set<string>();
  readonly #addresses = new Map<string, string | undefined>();
  readonly #names = new Map<string, Named>();
  readonly #fullNames = new Map<string, FullName>();
  #hasOddAddresses = false;
  #longest = 1;

  /** A key of the realm: where it is a user name as well, it is not known which of the two a text means. */
  addKey(key: string): void {
    this.#keys.add(folded(key));
  }

  /** Of a record that is not about a person. */
  addRecordId(id: JsonValue | undefined): void {
    const uuid = typeof id === 'string' ? uuidOf(id) : undefined;
    if (uuid !== undefined) this.#recordIds.add(uuid);
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

  /** The texts have UUIDs of which it is not known what they belong to. */
  get hasOpenIds(): boolean {
    for (const id of this.#ids) if (!this.#recordIds.has(id) && !this.#personIds.has(id)) return true;
    return false;
  }

  addUser({ username, firstName, lastName, email, id }: JsonObject): void {
    if (typeof username !== 'string') return;
    this.addPersonId(id);
    this.#addNamed(username, 'username');
    if (typeof email === 'string' && email !== '') this.#addEmail(email);
    if (typeof firstName !== 'string' || typeof lastName !== 'string') return;
    this.#addFullName(`${firstName} ${lastName}`, { username, reversed: false });
    this.#addFullName(`${lastName} ${firstName}`, { username, reversed: true });
  }

  /** Of a user, or of what belongs to one. */
  addPersonId(id: JsonValue | undefined): void {
    if (typeof id !== 'string' || id === '') return;
    const uuid = uuidOf(id);
    if (uuid === undefined) this.#addNamed(id, 'id');
    else if (this.#ids.has(uuid)) this.#personIds.add(uuid);
  }

  index(): PeopleIndex {
    return {
      keys: this.#keys,
      recordIds: this.#recordIds,
      personIds: this.#personIds,
      addresses: this.#addresses,
      names: this.#names,
      fullNames: this.#fullNames,
      hasOddAddresses: this.#hasOddAddresses,
      longest: this.#longest,
    };
  }

  #addText(source: string): void {
    if (source === '') return;
    const { text } = plainView(source);
    this.#values.add(folded(text));
    for (const { uuid } of idsIn(text)) this.#ids.add(uuid);
    if (text.includes('@'))
      for (const { others } of addressesIn(text))
        for (const { start, end } of others) this.#addresses.set(folded(text.slice(start, end)), undefined);
    let previous: Word | undefined;
    for (const word of wordsOf(text)) {
      this.#words.add(folded(word.text));
      if (previous && areJoined(text, previous, word))
        this.#pairs.add(pairOf(folded(previous.text), folded(word.text)));
      previous = word;
    }
  }

  #addEmail(email: string): void {
    const key = folded(email);
    if (this.#addresses.has(key)) this.#addresses.set(key, email);
    else if (!isAddress(email)) this.#addNamed(email, 'email');
  }

  #addNamed(own: string, is: Named['is']): void {
    const key = folded(own);
    const words = wordsOf(key);
    const parts = words.map(({ text }) => text);
    if (!this.#values.has(key) && !this.#canHold(parts)) return;
    if (is === 'username' && this.#addresses.has(key)) this.#addresses.set(key, own);
    const named: Named = { is, own, kind: this.#kindOf(key, parts, is) };
    this.#setNamed(key, named);
    // Within a text, from its first word to its last.
    if (words.length > 0) this.#setNamed(key.slice(words[0]!.start, words.at(-1)!.end), named);
    this.#hasOddAddresses ||= isOdd(own);
    this.#longest = Math.max(this.#longest, words.length);
  }

  /** Of a text that is one's user name and another's id, it is the user name that is meant. */
  #setNamed(key: string, named: Named): void {
    const known = this.#names.get(key);
    if (known === undefined || (named.is === 'username' && known.is !== 'username'))
      this.#names.set(key, named);
  }

  /** One word alone is as likely the word; of several, or of an address, nearly always the person. */
  #kindOf(key: string, words: readonly string[], is: Named['is']): Named['kind'] {
    if (is === 'id' && words.length === 1) return key.length < SHORTEST_ID ? 'generic' : 'word';
    if (words.length === 1) return isGeneric(words) ? 'generic' : 'word';
    if (key.includes('@')) return 'person';
    return isGeneric(words) || this.#keys.has(key) ? 'word' : 'person';
  }

  #addFullName(name: string, of: FullName): void {
    const words = wordsOf(folded(name)).map(({ text }) => text);
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
}
