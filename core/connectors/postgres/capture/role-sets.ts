import { wordsOf, type Words } from './byte-writing.ts';
import { UuidTable } from './uuid-table.ts';

/** How much of who has which role is held in memory at once. */
export interface RoleSetLimits {
  /** Users with roles; 25 to 50 bytes each. */
  readonly users: number;
  /** Different ways in which users came to their roles; some 100 bytes each. */
  readonly sets: number;
}

/** Texts of sets are kept up to so many bytes; then they are made anew. */
const TEXT_BYTES = 8 << 20;
const NO_ROLES = wordsOf('[]');
/** Of a user's value: whether the user has been seen among the realm's users. */
const SEEN = 0x8000_0000;

/**
 * Which roles each user has, as role mappings in any order tell it. A user's value is the number of a set; sets are few.
 * A set is another one and a role more, so that one costs no more than a mapping does, however large it is.
 */
export class RoleSets {
  readonly #limits: RoleSetLimits;
  /** As JSON, in key order. */
  readonly #roles: readonly string[];
  readonly #users = new UuidTable();
  /** By number of the set; 0 is the empty one. */
  readonly #before: number[] = [0];
  readonly #added: number[] = [0];
  readonly #extended = new Map<number, number>();
  readonly #texts = new Map<number, Words>();
  #textBytes = 0;

  /** @param roles names in key order */
  constructor(roles: readonly string[], limits: RoleSetLimits) {
    this.#roles = roles.map((role) => JSON.stringify(role));
    this.#limits = limits;
  }

  /**
   * Adds a mapping of the user whose id is at `at`, to the role of this index.
   *
   * @returns false when that would be more than is to be held
   */
  add(bytes: Buffer, at: number, role: number): boolean {
    const place = this.#users.place(bytes, at);
    const set = this.#users.valueAt(place);
    const more = this.#extend(set, role);
    if (more === undefined) return false;
    if (set !== 0) this.#users.change(place, more);
    else if (this.#users.size < this.#limits.users) this.#users.set(place, bytes, at, more);
    else return false;
    return true;
  }

  /** The user's role names as a JSON array, sorted. The user is one of the realm: `strangers` does not count it. */
  textOf(bytes: Buffer, at: number): Words {
    const place = this.#users.place(bytes, at);
    const value = this.#users.valueAt(place);
    if (value === 0) return NO_ROLES;
    if (value < SEEN) this.#users.change(place, (value | SEEN) >>> 0);
    const set = value & ~SEEN;
    return this.#texts.get(set) ?? this.#textOfSet(set);
  }

  /** Calls back for each user that `textOf` was not asked for. */
  strangers(each: (mappings: number, id: () => string) => void): void {
    this.#users.forEach((value, place) => {
      if (value < SEEN) each(this.#members(value).length, () => this.#users.idAt(place));
    });
  }

  #extend(set: number, role: number): number | undefined {
    const step = set * this.#roles.length + role;
    const known = this.#extended.get(step);
    if (known !== undefined) return known;
    if (this.#before.length > this.#limits.sets) return undefined;
    const extended = this.#before.push(set) - 1;
    this.#added.push(role);
    this.#extended.set(step, extended);
    return extended;
  }

  #members(set: number): number[] {
    const members: number[] = [];
    for (let at = set; at !== 0; at = this.#before[at]!) members.push(this.#added[at]!);
    return members;
  }

  #textOfSet(set: number): Words {
    const sorted = [...new Set(this.#members(set))].sort((a, b) => a - b);
    const text = wordsOf(`[${sorted.map((role) => this.#roles[role]).join()}]`);
    if (this.#textBytes + text.length > TEXT_BYTES) {
      this.#texts.clear();
      this.#textBytes = 0;
    }
    this.#texts.set(set, text);
    this.#textBytes += text.length;
    return text;
  }
}
