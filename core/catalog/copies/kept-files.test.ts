import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refuseKept, type Kept } from './kept-files.ts';

let folder: string;
let catalogDir: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-kept-'));
  catalogDir = join(folder, 'catalog');
  mkdirSync(join(catalogDir, 'staging'), { recursive: true });
  writeFileSync(join(catalogDir, 'catalog.db'), 'SQLite format 3\0 and more');
  writeFileSync(join(catalogDir, 'catalog.db-wal'), 'log');
  writeFileSync(join(catalogDir, 'staging', 'sort-1.tmp'), 'sorted');
});
afterEach(() => rmSync(folder, { recursive: true }));

function refused(path: string, kept: Kept = { catalogDir }): boolean {
  try {
    refuseKept(path, kept);
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: 'USAGE', details: { path } });
    return true;
  }
}

describe('a catalog’s own files', () => {
  it.each([
    'catalog/catalog.db',
    'catalog/catalog.db-wal',
    'catalog/catalog.db-shm',
    'catalog/catalog.db-journal',
    'catalog/CATALOG.DB',
    'catalog/../catalog/./catalog.db',
    'catalog/staging/sort-1.tmp',
    'catalog/staging/not-there-yet',
    'catalog/staging',
  ])('%s is refused, there or not', (name) => {
    expect(refused(`${folder}/${name}`)).toBe(true);
    expect(refused(relative(process.cwd(), `${folder}/${name}`))).toBe(true);
  });

  it.each(['catalog.db', 'catalog.db-wal', 'catalog.db-shm', 'staging/sort-1.tmp'])(
    '%s is refused through links',
    (name) => {
      const own = join(catalogDir, name);
      symlinkSync(own, join(folder, 'link'));
      symlinkSync(join(folder, 'link'), join(folder, 'link-to-link'));
      symlinkSync(catalogDir, join(folder, 'other-folder'));
      for (const path of ['link', 'link-to-link', join('other-folder', name)])
        expect(refused(join(folder, path)), path).toBe(true);
      if (name === 'catalog.db-shm') return;
      linkSync(own, join(folder, 'hard'));
      expect(refused(join(folder, 'hard'))).toBe(true);
    },
  );

  it('are refused by whichever way the folder is named', () => {
    symlinkSync(catalogDir, join(folder, 'by-link'));
    expect(refused(join(catalogDir, 'catalog.db-wal'), { catalogDir: join(folder, 'by-link') })).toBe(true);
  });

  it('of another catalog are refused as well', () => {
    const elsewhere = { catalogDir: join(folder, 'none') };
    for (const name of ['catalog.db', 'catalog.db-wal', 'staging/x'])
      expect(refused(join(catalogDir, name), elsewhere), name).toBe(true);
    writeFileSync(join(folder, 'copy.db'), 'SQLite format 3\0 and more');
    expect(refused(join(folder, 'copy.db'), {})).toBe(true);
  });

  it('what lies beside them is free', () => {
    mkdirSync(join(catalogDir, 'reports'));
    for (const name of ['report.html', 'catalog.json', 'reports/x.xml', 'catalog.dbx'])
      expect(refused(join(catalogDir, name)), name).toBe(false);
    expect(refused(join(folder, 'nowhere', 'x.xml'))).toBe(false);
    expect(refused('/dev/null')).toBe(false);
  });
});

it('what the same command reads is refused, by any name', () => {
  const input = join(folder, 'seed.json');
  writeFileSync(input, '{}');
  symlinkSync(input, join(folder, 'link'));
  linkSync(input, join(folder, 'hard'));
  for (const name of ['seed.json', './seed.json', 'link', 'hard'])
    expect(refused(`${folder}/${name}`, { inputs: [input] }), name).toBe(true);
  expect(refused(join(folder, 'seed.json'), { inputs: [join(folder, 'link')] })).toBe(true);
  expect(refused(join(folder, 'other.json'), { inputs: [input, join(folder, 'not-there')] })).toBe(false);
});
