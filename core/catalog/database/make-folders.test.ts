import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogFolder, createFolder } from './catalog-folder.ts';
import { makeFolders } from './make-folders.ts';

let base: string;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'drawbridge-folders-'));
});
afterAll(() => rmSync(base, { recursive: true }));

describe('folders', () => {
  it('are made with all that are missing around them, for their owner alone, and may be there', () => {
    const dir = join(base, 'a', 'b', 'c');
    makeFolders(dir);
    makeFolders(dir);
    for (const made of [dir, join(base, 'a')]) {
      expect(statSync(made).isDirectory()).toBe(true);
      if (process.platform !== 'win32') expect(statSync(made).mode & 0o777).toBe(0o700);
    }
  });

  it('are not made where a file is', () => {
    const file = join(base, 'file');
    writeFileSync(file, '');
    expect(() => makeFolders(file)).toThrow(/EEXIST/);
    expect(() => makeFolders(join(file, 'x', 'y'))).toThrow(/ENOTDIR|ENOENT/);
  });
});

describe.runIf(process.platform === 'linux')('a catalog in a folder that takes none', () => {
  it.each(['/proc/x', '/proc/x/y', '/sys/kernel/dw'])('is refused: %s', (dir) => {
    expect(() => createFolder(catalogFolder(dir))).toThrow(
      expect.objectContaining({
        code: 'FILE_FAILED',
        message: expect.stringContaining('create the catalog’s folder'),
        notChanged: 'No catalog was created.',
        remedy: expect.stringContaining('Choose another folder'),
      }),
    );
  });
});
