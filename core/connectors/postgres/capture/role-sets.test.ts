import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareKeys } from '../../../model/key-order.ts';
import { RoleSets } from './role-sets.ts';
import { UuidTable } from './uuid-table.ts';

const NO_LIMITS = { users: Infinity, sets: Infinity };

describe('the roles of users', () => {
  it('are those that were added, in whatever order they came', () => {
    const mappings = fc.array(fc.tuple(fc.nat(20), fc.nat(6)), { maxLength: 200 });
    const names = fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(mappings, names, (added, roles) => {
        roles.sort(compareKeys);
        const sets = new RoleSets(roles, NO_LIMITS);
        const expected = new Map<number, Set<number>>();
        for (const [user, role] of added) {
          expect(sets.add(bytesOf(idOf(user)), 0, role)).toBe(true);
          expected.set(user, (expected.get(user) ?? new Set()).add(role));
        }
        for (let user = 0; user <= 20; user++) {
          const theirs = [...(expected.get(user) ?? [])].sort((a, b) => a - b).map((role) => roles[role]);
          expect(textOf(sets, idOf(user))).toBe(JSON.stringify(theirs));
        }
      }),
    );
  });

  it('tell which users were never asked for, and how many mappings they have', () => {
    const sets = new RoleSets(['a', 'b', 'c'], NO_LIMITS);
    const ids = [randomUUID(), randomUUID(), randomUUID()];
    for (const [user, role] of [
      [0, 0],
      [0, 1],
      [1, 2],
      [2, 0],
      [2, 1],
      [2, 2],
    ] as const)
      sets.add(bytesOf(ids[user]!), 0, role);
    sets.textOf(bytesOf(ids[0]!), 0);
    sets.textOf(bytesOf(ids[0]!), 0);
    sets.textOf(bytesOf(randomUUID()), 0);
    const strangers = new Map<string, number>();
    sets.strangers((mappings, id) => strangers.set(id(), mappings));
    expect(strangers).toEqual(
      new Map([
        [ids[1], 1],
        [ids[2], 3],
      ]),
    );
  });

  it('are refused beyond the bounds, and only then', () => {
    const few = new RoleSets(['a', 'b'], { users: 2, sets: 100 });
    expect(few.add(bytesOf(idOf(1)), 0, 0)).toBe(true);
    expect(few.add(bytesOf(idOf(2)), 0, 0)).toBe(true);
    expect(few.add(bytesOf(idOf(2)), 0, 1)).toBe(true);
    expect(few.add(bytesOf(idOf(3)), 0, 0)).toBe(false);
    const plain = new RoleSets(['a', 'b', 'c'], { users: 100, sets: 2 });
    expect(plain.add(bytesOf(idOf(1)), 0, 0)).toBe(true);
    expect(plain.add(bytesOf(idOf(2)), 0, 1)).toBe(true);
    expect(plain.add(bytesOf(idOf(3)), 0, 1)).toBe(true);
    expect(plain.add(bytesOf(idOf(4)), 0, 2)).toBe(false);
  });

  it('take memory by the mapping, not by the square of a user’s roles', () => {
    const names = Array.from({ length: 3_000 }, (_, i) => `role ${String(i).padStart(5, '0')}`);
    const sets = new RoleSets(names, { users: 10, sets: names.length });
    for (let role = names.length - 1; role >= 0; role--)
      expect(sets.add(bytesOf(idOf(1)), 0, role)).toBe(true);
    expect(JSON.parse(textOf(sets, idOf(1)))).toEqual(names);
  });
});

describe('the table of ids', () => {
  it.each([
    ['random ones', () => randomUUID()],
    ['ones that begin alike', (i: number) => `01900000-0000-7000-8000-${i.toString(16).padStart(12, '0')}`],
    ['ones that end alike', (i: number) => `${i.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`],
  ])('finds each of many: %s', (_what, id) => {
    const table = new UuidTable();
    const ids = Array.from({ length: 20_000 }, (_, i) => bytesOf(id(i)));
    ids.forEach((bytes, i) => table.set(table.place(bytes, 0), bytes, 0, i + 1));
    expect(table.size).toBe(ids.length);
    ids.forEach((bytes, i) => expect(table.valueAt(table.place(bytes, 0))).toBe(i + 1));
    expect(table.valueAt(table.place(bytesOf(randomUUID()), 0))).toBe(0);
    const seen = new Map<number, string>();
    table.forEach((value, place) => seen.set(value, table.idAt(place)));
    expect(seen.size).toBe(ids.length);
    expect(bytesOf(seen.get(77)!)).toEqual(ids[76]);
  });
});

function textOf(sets: RoleSets, user: string): string {
  const { words, length } = sets.textOf(bytesOf(user), 0);
  const bytes = Buffer.alloc(4 * words.length);
  words.forEach((word, i) => bytes.writeInt32BE(word, 4 * i));
  return bytes.toString('utf8', 0, length);
}

function idOf(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

function bytesOf(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}
