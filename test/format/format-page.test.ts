import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ARCHIVE_VERSION } from '../../core/formats/archive/archive-manifest.ts';
import { MIGRATIONS } from '../../core/catalog/migrations/migrations.ts';
import { MEMBERS } from '../../core/model/members.ts';
import { SECTIONS } from '../../core/model/sections.ts';

const read = (page: string): string => readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
const page = read('format.md');

test('docs/format.md has the sections and their members in the order of the program', () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| (\*\*`\w+`.*) \|$/gm)].map(([, section, cells]) => [
    section,
    [...cells!.matchAll(/(\*\*)?`(\w+)`/g)].map(([, bold, name]) => ({ name, key: bold !== undefined })),
  ]);
  expect(rows).toEqual(
    SECTIONS.map((section) => [section, MEMBERS[section].map(({ name, key = false }) => ({ name, key }))]),
  );
});

test('the pages tell the versions that the program writes', () => {
  expect(page).toContain(`\`user_version\` ${MIGRATIONS.length}.`);
  expect(read('archive-format.md')).toContain(`version ${ARCHIVE_VERSION} of the format`);
});

test('the second reader knows nothing but the page', () => {
  const source = readFileSync(new URL('second-reader.ts', import.meta.url), 'utf8');
  const imported = [...source.matchAll(/(?:from|import\()\s*'([^']*)'/g)].map(([, name]) => name);
  expect(imported).toEqual(['node:crypto', 'node:zlib', 'better-sqlite3']);
});
