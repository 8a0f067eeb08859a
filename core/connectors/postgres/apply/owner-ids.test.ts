import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { compareKeys } from '../../../model/key-order.ts';
import { OwnerIds } from './owner-ids.ts';

let owners = new OwnerIds();

afterEach(() => {
  owners.close();
  owners = new OwnerIds();
});

function leftBehind(): string[] {
  return readdirSync(tmpdir()).filter((name) => /^drawbridge-[\da-f-]{36}$/.test(name));
}

/** More than fit in memory: some are in the file. */
function many(): [string, string][] {
  return Array.from({ length: 60_000 }, (_, i): [string, string] => [
    `${i.toString(36).padStart(4, '0')}-${i % 3 === 0 ? 'ñandú' : 'user'}`,
    randomUUID(),
  ]);
}

test('few and many are found again in the order of their names', () => {
  for (const known of [many().slice(0, 10), many()]) {
    owners = new OwnerIds();
    for (const [username, id] of known) owners.add(username, id);
    for (const [username, id] of known) {
      expect(owners.find(username)).toBe(id);
      expect(owners.find(username)).toBe(id);
    }
    expect(owners.find('zzzzz')).toBeUndefined();
    owners.close();
  }
});

test('some are asked for, and some nobody has', () => {
  const known = many();
  for (const [username, id] of known) owners.add(username, id);
  for (const [i, [username, id]] of known.entries()) {
    if (i % 7 !== 0) continue;
    expect(owners.find(username)).toBe(id);
    expect(owners.find(`${username}?`)).toBeUndefined();
  }
});

test('a name out of order makes nobody known, rather than somebody wrong', () => {
  for (const [username, id] of [
    ['ada', randomUUID()],
    ['cyd', randomUUID()],
    ['bob', randomUUID()],
  ] as const)
    owners.add(username, id);
  for (const name of ['ada', 'bob', 'cyd'].toSorted(compareKeys)) expect(owners.find(name)).toBeUndefined();
});

test('the file has no name, or is gone with the object, and tells no names', () => {
  const before = leftBehind();
  const known = many();
  for (const [username, id] of known) owners.add(username, id);
  for (const name of leftBehind().filter((one) => !before.includes(one)))
    expect(readFileSync(join(tmpdir(), name)).includes('ñandú')).toBe(false);
  if (process.platform !== 'win32') expect(leftBehind()).toEqual(before);
  owners.close();
  expect(leftBehind()).toEqual(before);
  expect(owners.find(known[0]![0])).toBeUndefined();
});

test('where no file can be written nobody is known', () => {
  const { TMPDIR, TEMP, TMP } = process.env;
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = '/nonexistent/folder';
  try {
    const known = many();
    for (const [username, id] of known) owners.add(username, id);
    expect(owners.find(known[0]![0])).toBeUndefined();
  } finally {
    for (const [name, value] of Object.entries({ TMPDIR, TEMP, TMP }))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  }
});
