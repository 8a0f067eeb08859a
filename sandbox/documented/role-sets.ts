import pg from 'pg';
import type { Session } from '../databases.ts';

const FIRST_CAPACITY = 1 << 12;
export const NO_ROLES = Buffer.from('[]');

/**
 * Which roles each user of a realm has, in about 24 bytes a user: an open-addressing table from the user's id (four
 * 32-bit words) to the number of a *set* of roles. There are few distinct sets, each kept once, with its JSON text.
 */
export class RoleSets {
  readonly #names: readonly string[];
  /** Of each set: its roles' indexes in ascending order, and their names as a JSON array. Set 0 is empty. */
  readonly #members: number[][] = [[]];
  readonly #texts: Buffer[] = [NO_ROLES];
  readonly #byMembers = new Map<string, number>([['', 0]]);
  readonly #extended = new Map<number, number>();

  #capacity = FIRST_CAPACITY;
  #used = 0;
  #ids = new Uint32Array(4 * FIRST_CAPACITY);
  /** The number of the set; 0 where the place is free. */
  #sets = new Uint32Array(FIRST_CAPACITY);

  private constructor(names: readonly string[]) {
    this.#names = names;
  }

  static async read(session: Session, realm: string): Promise<RoleSets> {
    const roles = await session.query<{ id: string; name: string }>(
      'SELECT id, name FROM roles WHERE realm_name = $1 ORDER BY name',
      [realm],
    );
    const sets = new RoleSets(roles.map((role) => role.name));
    const ids = roles.map((role) => pg.escapeLiteral(role.id)).join();
    const mappings = session.copyOut(
      `SELECT user_id, position::int - 1
       FROM user_role_mappings JOIN unnest(ARRAY[${ids}]::uuid[]) WITH ORDINALITY AS role (id, position) ON role_id = role.id
       WHERE realm_name = ${pg.escapeLiteral(realm)}`,
      // Two columns: the length of the first at 2, its 16 bytes at 6, the four bytes of the second at 26.
      (row) => sets.#add(row, 6, row.readInt32BE(26)),
    );
    await mappings.done;
    return sets;
  }

  /**
   * The names of a user's roles as a JSON array, sorted; `[]` for none.
   *
   * @param bytes hold the 16 bytes of the user's id at `offset`
   */
  jsonOf(bytes: Buffer, offset: number): Buffer {
    this.#readId(bytes, offset);
    return this.#texts[this.#sets[this.#find()] ?? 0] ?? NO_ROLES;
  }

  #add(bytes: Buffer, offset: number, role: number): void {
    if (this.#used * 2 >= this.#capacity) this.#grow();
    this.#readId(bytes, offset);
    const place = this.#find();
    const before = this.#sets[place] ?? 0;
    if (before === 0) {
      this.#ids.set(this.#words, 4 * place);
      this.#used++;
    }
    this.#sets[place] = this.#extend(before, role);
  }

  /** The set that is `set` with one role more. */
  #extend(set: number, role: number): number {
    const step = set * this.#names.length + role;
    const known = this.#extended.get(step);
    if (known !== undefined) return known;
    const members = [...new Set([...(this.#members[set] ?? []), role])].sort((a, b) => a - b);
    const key = members.join();
    let extended = this.#byMembers.get(key);
    if (extended === undefined) {
      extended = this.#members.push(members) - 1;
      this.#texts.push(Buffer.from(JSON.stringify(members.map((index) => this.#names[index]))));
      this.#byMembers.set(key, extended);
    }
    this.#extended.set(step, extended);
    return extended;
  }

  /** The id at hand. */
  readonly #words = new Uint32Array(4);

  #readId(bytes: Buffer, offset: number): void {
    for (let word = 0; word < 4; word++) this.#words[word] = bytes.readUInt32BE(offset + 4 * word);
  }

  /** The place where the user at hand is, or would be. Ids are random, or as good as: two of their words are the hash. */
  #find(): number {
    const words = this.#words;
    const ids = this.#ids;
    const mask = this.#capacity - 1;
    for (let place = (words[0]! ^ words[3]!) & mask; ; place = (place + 1) & mask) {
      if (this.#sets[place] === 0) return place;
      const at = 4 * place;
      if (
        ids[at] === words[0] &&
        ids[at + 1] === words[1] &&
        ids[at + 2] === words[2] &&
        ids[at + 3] === words[3]
      )
        return place;
    }
  }

  #grow(): void {
    const ids = this.#ids;
    const sets = this.#sets;
    this.#capacity *= 2;
    this.#ids = new Uint32Array(4 * this.#capacity);
    this.#sets = new Uint32Array(this.#capacity);
    const mask = this.#capacity - 1;
    for (let from = 0; from < sets.length; from++) {
      if (sets[from] === 0) continue;
      let place = (ids[4 * from]! ^ ids[4 * from + 3]!) & mask;
      while (this.#sets[place] !== 0) place = (place + 1) & mask;
      this.#ids.set(ids.subarray(4 * from, 4 * from + 4), 4 * place);
      this.#sets[place] = sets[from]!;
    }
  }
}
