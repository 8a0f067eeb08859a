import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addDatabaseWords, addWords, setStage, type Stage } from '../cli/sandboxed.ts';
import { SecondReader, type Key } from './second-reader.ts';

const PASSPHRASE: Key = { passphrase: 'correct horse' };

let stage: Stage;
/** Before and after many changes, over the databases; one over the Admin API, which hides secrets. */
let snapshots: string[];

beforeAll(async () => {
  stage = await setStage(4000);
  await stage.run(...addDatabaseWords('dev'));
  snapshots = [await backUp('dev', 'acme')];
  const changes = [
    `UPDATE users SET last_name = 'Öther' WHERE realm_name = 'acme' AND md5(username) < '04'`,
    // Joins what was stored apart: then changes are told against two chunks.
    `DELETE FROM users WHERE realm_name = 'acme' AND username IN (${lastOfChunks(snapshots[0]!).join()})`,
    `UPDATE users SET first_name = 'Änn' WHERE realm_name = 'acme' AND md5(username) > 'f8'`,
  ];
  for (const change of changes) {
    await stage.sandbox.environment('dev').query('user', change);
    snapshots.push(await backUp('dev', 'acme'));
  }
  const [env, add, , ...words] = addWords(stage, 'dev');
  await stage.run(env!, add!, 'api', ...words);
  // The second has sections without any record.
  snapshots.push(await backUp('api', 'partner-portal'), await backUp('dev', 'master'));
});
afterAll(async () => stage?.[Symbol.asyncDispose]());

/** The users with whom chunks end, as SQL texts. */
function lastOfChunks(id: string): string[] {
  using catalog = reader(PASSPHRASE);
  const { sections, firstKeys } = catalog.snapshot(id);
  const names = [
    ...sections
      .get('users')!
      .toString()
      .matchAll(/^{"username":"([^"]*)"/gm),
  ].map(([, name]) => name!);
  const [, ...later] = firstKeys.get('users')!;
  expect(later.length).toBeGreaterThan(4);
  return later.map((key) => `'${names[names.indexOf(key) - 1]!.replaceAll("'", "''")}'`);
}

async function backUp(environment: string, realm: string): Promise<string> {
  const { snapshots } = (await stage.run('backup', environment, realm, '--json')).json() as unknown as {
    snapshots: { id: string }[];
  };
  return snapshots[0]!.id;
}

function reader(key: Key): SecondReader {
  return new SecondReader(join(stage.env['DRAWBRIDGE_CATALOG']!, 'catalog.db'), key);
}

test('a reader that knows docs/format.md alone finds in every snapshot what an export writes, byte by byte', async () => {
  using catalog = reader(PASSPHRASE);
  for (const id of snapshots) {
    const { manifest, labels, sections } = catalog.snapshot(id);
    expect(labels).toMatchObject({ tags: [], pinned: false });
    const exported = await exportedSections(id);
    expect([...sections.keys()]).toEqual([...exported.keys()]);
    for (const [section, text] of sections) {
      expect(text.equals(exported.get(section)!), `${section} of ${id}`).toBe(true);
      expect(exported.get(section)!.length).toBe(manifest.summaries[section]!.bytes);
    }
  }
  const [first, last] = [catalog.snapshot(snapshots[0]!), catalog.snapshot(snapshots[3]!)];
  expect(first.manifest.summaries['users']!.count).toBe(4000);
  const ended = first.firstKeys.get('users')!.length - 1;
  expect(last.manifest.summaries['users']!.count).toBe(4000 - ended);
  expect(catalog.snapshot(snapshots[5]!).sections.get('clients')).toHaveLength(0);
  expect(catalog.snapshot(snapshots[4]!).sections.get('clients')!.toString()).toContain(
    '{"$secret":"redacted"}',
  );
});

test('every form that the page describes was met', () => {
  using catalog = reader(PASSPHRASE);
  for (const id of snapshots) catalog.snapshot(id);
  expect(new Set(catalog.met.keys())).toEqual(
    new Set(['1 0, 0 bases', '2 0, 0 bases', '1 1, 1 bases', '1 1, 2 bases']),
  );
});

test('the recovery key opens it too; another key, or one with a typing error, does not', async () => {
  const file = join(stage.folder, 'recovery-key');
  expect(await stage.run('catalog', 'recovery-key', 'new', '--out', file)).toMatchObject({ code: 0 });
  const recoveryKey = readFileSync(file, 'utf8').trim();
  {
    using catalog = reader({ recoveryKey: recoveryKey.toLowerCase() });
    expect(catalog.snapshot(snapshots[1]!).manifest.realm).toBe('acme');
  }
  expect(() => reader({ passphrase: 'correct horsf' })).toThrow('unable to authenticate');
  const [letter] = recoveryKey;
  expect(() => reader({ recoveryKey: (letter === '7' ? '8' : '7') + recoveryKey.slice(1) })).toThrow(
    'Damaged',
  );
});

/** The lines of each section, from an archive that is not encrypted: zstd around a tar. */
async function exportedSections(id: string): Promise<Map<string, Buffer>> {
  const path = join(stage.folder, `${id}.tar.zst`);
  const words = ['snapshot', 'export', id, '--format', 'archive', '--unencrypted', '--out', path];
  expect(await stage.run(...words)).toMatchObject({ code: 0 });
  const tar = zstdDecompressSync(readFileSync(path));
  const sections = new Map<string, Buffer>();
  for (let at = 0; tar[at] !== 0;) {
    const name = tar.toString('utf8', at, tar.indexOf(0, at));
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8);
    const section = /\/(\w+)\.ndjson$/.exec(name)?.[1];
    if (section !== undefined) sections.set(section, tar.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return sections;
}
