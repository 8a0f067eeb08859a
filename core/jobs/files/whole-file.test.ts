import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeWhole } from './whole-file.ts';

const job = { signal: new AbortController().signal, progress: () => {} };
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-whole-file-'));
  path = join(folder, 'acme.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Somebody else takes the name while this is written. */
async function* overtaken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('ours');
  writeFileSync(path, 'theirs');
}

it('replaces no file that has appeared while it was written', async () => {
  const writing = writeWhole(job, { path, replace: false, kept: {} }, 'Writing', () =>
    Promise.resolve(overtaken()),
  );
  await expect(writing).rejects.toMatchObject({ code: 'FILE_FAILED' });
  expect(readFileSync(path, 'utf8')).toBe('theirs');
  expect(readdirSync(folder)).toEqual(['acme.json']);
});

it('replaces one on request, and only its owner may read it', async () => {
  const bytes = await writeWhole(job, { path, replace: true, kept: {} }, 'Writing', () =>
    Promise.resolve(overtaken()),
  );
  expect([bytes, readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual([4, 'ours', 0o600]);
  expect(readdirSync(folder)).toEqual(['acme.json']);
});
