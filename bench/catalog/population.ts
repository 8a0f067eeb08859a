import type { CanonicalRecord } from '../../core/model/record.ts';

const FIRST = [
  'Amira',
  'Björn',
  'Chloé',
  'Đặng',
  'Elif',
  'Фёдор',
  'Grace',
  '弘',
  'Ines',
  'Ján',
  'ສົມສັກ',
  'Mary-Ann',
];
const LAST = [
  'Abadi',
  'Åkesson',
  'Côté',
  'Nguyễn',
  'Öztürk',
  'Иванов',
  'Hopper',
  '山田',
  'García',
  'Kováč',
  'ពេជ្រ',
  "O'Neil",
];
const LOGIN = [
  'amira',
  'bjorn',
  'chloe',
  'dang',
  'elif',
  'fyodor',
  'grace',
  'hiroshi',
  'ines',
  'jan',
  'somsak',
  'mary',
];
const ROLES = [
  '"default-roles"',
  '"default-roles","offline_access"',
  '"billing","default-roles"',
  '"admin","default-roles"',
];
const BCRYPT = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/**
 * A realm's users, each with one password hash, as canonical lines (about 500 bytes for the two). The same every time;
 * who exists, and in which revision, can be changed between two snapshots. Ids that were never given are users to come.
 */
export class Population {
  /** Whether everyone is told in key order, as a database does, instead of in an order that has nothing to do with names. */
  readonly inOrder: boolean;
  readonly #userRevision: Uint8Array;
  readonly #hashRevision: Uint8Array;
  readonly #exists: Uint8Array;
  readonly #step: number;
  #next: number;
  /** Ids in the order of names, where that is wanted. */
  #sorted: Uint32Array | undefined;
  #random = 0x2545f491;

  /** @param spare how many users can be inserted later */
  constructor(users: number, spare: number, { inOrder = false } = {}) {
    this.inOrder = inOrder;
    this.#userRevision = new Uint8Array(users + spare);
    this.#hashRevision = new Uint8Array(users + spare);
    this.#exists = new Uint8Array(users + spare).fill(1, 0, users);
    this.#next = users;
    this.#step = coprimeNear(Math.floor((users + spare) * 0.618), users + spare);
  }

  updateUsers(count: number): void {
    for (const id of this.#pick(count)) this.#userRevision[id]!++;
  }

  insertUsers(count: number): void {
    this.#exists.fill(1, this.#next, this.#next + count);
    this.#next += count;
  }

  deleteUsers(count: number): void {
    for (const id of this.#pick(count)) this.#exists[id] = 0;
  }

  /** @param count everyone's if left out */
  rotateHashes(count?: number): void {
    for (const id of count === undefined ? this.#ids() : this.#pick(count)) this.#hashRevision[id]!++;
  }

  /** Everyone. */
  *users(): Generator<CanonicalRecord> {
    for (const id of this.#ids()) yield userLine(id, this.#userRevision[id]!);
  }

  *credentials(): Generator<CanonicalRecord> {
    for (const id of this.#ids()) yield credentialLine(id, this.#hashRevision[id]!);
  }

  *#ids(): Generator<number> {
    const all = this.#exists.length;
    if (this.inOrder) {
      this.#sorted ??= byName(all);
      for (const id of this.#sorted) if (this.#exists[id] === 1) yield id;
      return;
    }
    for (let i = 0, id = 0; i < all; i++, id = (id + this.#step) % all) if (this.#exists[id] === 1) yield id;
  }

  /** So many different users, at random. */
  #pick(count: number): Set<number> {
    const picked = new Set<number>();
    while (picked.size < count) {
      this.#random = spread(this.#random, 77);
      const id = this.#random % this.#next;
      if (this.#exists[id] === 1) picked.add(id);
    }
    return picked;
  }
}

function byName(count: number): Uint32Array {
  const names = Array.from({ length: count }, (_, id) => userName(id));
  // All of them are ASCII.
  return new Uint32Array(count).map((_, id) => id).sort((a, b) => (names[a]! < names[b]! ? -1 : 1));
}

/** Any user's name; ids below the number of users exist unless deleted. */
export function userName(id: number): string {
  return `${LOGIN[spread(id, 1) % LOGIN.length]}.${(spread(id, 2) % 46_656).toString(36)}-${id}`;
}

function userLine(id: number, revision: number): CanonicalRecord {
  const key = userName(id);
  const first = FIRST[spread(id, 1) % FIRST.length]!;
  const last = LAST[spread(id, 3 + revision) % LAST.length]!;
  const day = String(1 + (spread(id, 50 + revision) % 28)).padStart(2, '0');
  const line =
    `{"username":"${key}","email":"${key}@corp${spread(id, 4) % 40}.example","firstName":"${first}",` +
    `"lastName":"${last}${revision === 0 ? '' : ` ${revision}`}","enabled":${id % 50 !== 0},"emailVerified":${id % 3 !== 0},` +
    `"roles":[${ROLES[spread(id, 5) % ROLES.length]}],"id":"${uuid(id, 10)}",` +
    `"createdAt":"2023-0${1 + (id % 9)}-${day}T08:${String(10 + (id % 50))}:00.${id % 1000}Z",` +
    `"updatedAt":"2025-0${1 + (revision % 9)}-${day}T09:${String(10 + (id % 47))}:00Z"}`;
  return { key, line: Buffer.from(line) };
}

function credentialLine(id: number, revision: number): CanonicalRecord {
  const username = userName(id);
  let hash = '$2a$12$';
  for (let word = 0; hash.length < 60; word++)
    for (
      let bits = spread(id, 1000 * revision + 100 + word), i = 0;
      i < 5 && hash.length < 60;
      i++, bits >>>= 6
    )
      hash += BCRYPT[bits & 63];
  const line =
    `{"username":"${username}","type":"PASSWORD","secretHash":"${hash}","id":"${uuid(id, 20)}",` +
    `"updatedAt":"2025-0${1 + (revision % 9)}-01T00:00:00Z"}`;
  return { key: `${username}\u0000PASSWORD`, line: Buffer.from(line) };
}

function uuid(id: number, salt: number): string {
  const [a, b, c, d] = [0, 1, 2, 3].map((i) =>
    spread(id, salt + i)
      .toString(16)
      .padStart(8, '0'),
  ) as [string, string, string, string];
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`;
}

/** 32 bits that look random and are always the same. */
function spread(number: number, salt: number): number {
  let hash = Math.imul(number + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function coprimeNear(wanted: number, all: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  let step = Math.max(1, wanted);
  while (divisor(step, all) !== 1) step++;
  return step;
}
