import { addressesIn, isAddress } from './addresses.ts';
import { folded, spelledAs } from './folded.ts';
import { idsIn, uuidOf, writtenLike } from './ids.ts';
import type { Pseudonymizer } from './pseudonymizer.ts';
import { areJoined, wordsOf, type Word } from './words.ts';

/** What a text calls somebody, other than an address or a UUID. */
export interface Named {
  readonly is: 'username' | 'email' | 'id';
  /** As it stands in the user's record. */
  readonly own: string;
  /** "person": can hardly be anything else. The others may be no more than words, "generic" ones nearly always. */
  readonly kind: 'person' | 'word' | 'generic';
}

export interface FullName {
  readonly username: string;
  /** The last name comes first. */
  readonly reversed: boolean;
}

/** Those users of a realm whom texts outside their own records name, all by folded texts. */
export interface PeopleIndex {
  /** Of roles, groups, clients and policies. */
  readonly keys: ReadonlySet<string>;
  /** UUIDs of the realm, roles, groups, clients and policies. */
  readonly recordIds: ReadonlySet<string>;
  /** UUIDs of users, and of what belongs to them. */
  readonly personIds: ReadonlySet<string>;
  /** As it stands in the user's record. */
  readonly addresses: ReadonlyMap<string, string | undefined>;
  readonly names: ReadonlyMap<string, Named>;
  readonly fullNames: ReadonlyMap<string, FullName>;
  /** Some names are addresses of a form of their own: "Ann Lee@corp.example". */
  readonly hasOddAddresses: boolean;
  /** Words of the longest name. */
  readonly longest: number;
}

/** A part of a text that names somebody. */
export interface Mention {
  readonly start: number;
  readonly end: number;
  /** What stands for it; undefined: it may be no more than a word. */
  readonly by: string | undefined;
  /** It is a name that holds an address, and more. */
  readonly isOddAddress?: boolean;
}

/** What is found in a text beside what was found already. */
export function besides(
  text: string,
  mentions: readonly Mention[],
  find: (between: string) => readonly Mention[],
): Mention[] {
  const all: Mention[] = [];
  let done = 0;
  for (const mention of [...mentions, undefined]) {
    const between = text.slice(done, mention?.start);
    if (between !== '')
      for (const { start, end, ...found } of find(between))
        all.push({ start: done + start, end: done + end, ...found });
    if (mention) {
      all.push(mention);
      done = mention.end;
    }
  }
  return all;
}

export class MentionedPeople {
  readonly #index: PeopleIndex;
  readonly #names: Pseudonymizer;

  constructor(index: PeopleIndex, names: Pseudonymizer) {
    this.#index = index;
    this.#names = names;
  }

  /** It is the key of a role, group, client or policy, and may stand for it. */
  isKey(text: string): boolean {
    return this.#index.keys.has(folded(text));
  }

  /** The pseudonym of whom the text as a whole names, be it no more than a word elsewhere; undefined: of no user. */
  named(text: string): string | undefined {
    const named = this.#index.names.get(folded(text));
    return named && this.#pseudonym(named, text);
  }

  /** Likewise of whom a UUID names where only people stand: of anybody; one that belongs to another record stays. */
  withId(text: string): string | undefined {
    const uuid = uuidOf(text);
    if (uuid === undefined) return undefined;
    return this.#index.recordIds.has(uuid) ? text : writtenLike(text, this.#names.uuid(uuid));
  }

  /**
   * Addresses of anybody, and UUIDs of users: what cannot be taken for anything else. Wherever a text has them, they become
   * the same.
   *
   * @param stranger called if the text has a UUID that belongs to no record
   */
  certainIn(text: string, stranger: () => void = () => {}): Mention[] {
    if (!this.#index.hasOddAddresses || !text.includes('@')) return this.#plainIn(text, stranger);
    const odd = this.namesIn(text).filter(({ by, isOddAddress }) => isOddAddress && by !== undefined);
    return besides(text, odd, (between) => this.#plainIn(between, stranger));
  }

  /** User names, and first and last names together, in a text without any of the above. */
  namesIn(text: string): Mention[] {
    if (this.#index.names.size === 0 && this.#index.fullNames.size === 0) return [];
    const words = wordsOf(text);
    const mentions: Mention[] = [];
    for (let i = 0; i < words.length;) {
      const found = this.#longestAt(text, words, i);
      if (found) {
        const { length, ...mention } = found;
        mentions.push({ start: words[i]!.start, end: words[i + length - 1]!.end, ...mention });
      }
      i += found?.length ?? 1;
    }
    return mentions;
  }

  #plainIn(text: string, stranger: () => void): Mention[] {
    const addresses = text.includes('@')
      ? addressesIn(text).map((address) => this.#address(text, address))
      : [];
    const mentions: Mention[] = [];
    let next = 0;
    let done = 0;
    for (const { start, end, uuid, isPlain } of idsIn(text)) {
      while (next < addresses.length && addresses[next]!.start < end) {
        done = addresses[next]!.end;
        mentions.push(addresses[next++]!);
      }
      if (start < done) continue;
      if (this.#index.personIds.has(uuid))
        mentions.push({ start, end, by: writtenLike(text.slice(start, end), this.#names.uuid(uuid)) });
      else if (isPlain && !this.#index.recordIds.has(uuid) && !this.#index.names.has(uuid)) stranger();
    }
    return [...mentions, ...addresses.slice(next)];
  }

  #address(text: string, { start, end, others }: ReturnType<typeof addressesIn>[number]): Mention {
    for (const other of others) {
      const written = text.slice(other.start, other.end);
      const own = this.#index.addresses.get(folded(written));
      if (own !== undefined) return { ...other, by: this.#names.email(spelledAs(own, written)) };
    }
    return { start, end, by: this.#names.email(text.slice(start, end)) };
  }

  /** The longest name that begins with this word, and by what it is replaced, if it is. */
  #longestAt(
    text: string,
    words: readonly Word[],
    from: number,
  ): { length: number; by: string | undefined; isOddAddress?: boolean } | undefined {
    for (let length = this.#reach(text, words, from); length > 0; length--) {
      const chosen = words.slice(from, from + length);
      const written = text.slice(chosen[0]!.start, chosen.at(-1)!.end);
      const named = this.#index.names.get(folded(written));
      if (named?.kind === 'person')
        return { length, by: this.#pseudonym(named, written), isOddAddress: isOdd(named.own) };
      const full = this.#index.fullNames.get(chosen.map((one) => folded(one.text)).join(' '));
      if (full) return { length, by: this.#fullName(full, written.includes(',')) };
      if (named?.kind === 'word') return { length, by: undefined };
    }
    return undefined;
  }

  /** Over how many words a name could reach from here. */
  #reach(text: string, words: readonly Word[], from: number): number {
    let length = 1;
    while (
      length < this.#index.longest &&
      from + length < words.length &&
      areJoined(text, words[from + length - 1]!, words[from + length]!)
    )
      length++;
    return length;
  }

  #pseudonym({ is, own }: Named, written: string): string {
    if (is === 'id') return this.#names.uuid(own);
    return this.#names[is](spelledAs(own, written));
  }

  #fullName({ username, reversed }: FullName, comma: boolean): string {
    const [first, last] = [this.#names.firstName(username), this.#names.lastName(username)];
    if (!reversed) return `${first} ${last}`;
    return comma ? `${last}, ${first}` : `${last} ${first}`;
  }
}

/** It holds an address, or nearly one, and more. */
export function isOdd(name: string): boolean {
  return name.includes('@') && !isAddress(name);
}
