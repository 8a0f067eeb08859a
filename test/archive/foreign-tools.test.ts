import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Catalog } from '../../core/catalog/index.ts';
import { capture, factsOf, readAll, users } from '../../core/catalog/snapshots/testing/scratch-store.ts';
import { TestCatalogs } from '../../core/catalog/test-catalog.ts';
import { exportArchive, type ExportArchiveRequest } from '../../core/jobs/export-archive.ts';
import { importArchive } from '../../core/jobs/import-archive.ts';
import { canonicalRecord } from '../../core/model/canonical.ts';
import type { SnapshotManifest } from '../../core/model/snapshot.ts';
import { ageDecrypt } from './age-by-the-book.ts';

const PASSPHRASE = 'a passphrase of some length';
const catalogs = new TestCatalogs();
const job = { signal: new AbortController().signal, progress: () => {} };
let folder: string;
let catalog: Catalog;
let snapshot: SnapshotManifest;
/** The lines of its users, as they have to come out everywhere. */
let lines: string;

beforeAll(async () => {
  folder = catalogs.newFolder();
  catalog = await catalogs.open();
  const content = {
    realm: [canonicalRecord('realm', { name: 'acme', displayName: 'Äcme 🦆' })],
    users: users(3000),
  };
  snapshot = await capture(
    catalog.snapshots,
    content,
    { environment: 'prod', realm: 'acme', purpose: 'backup' },
    factsOf(content),
  );
  const records = await readAll(catalog.snapshots, snapshot.id, 'users');
  lines = records.map(({ line }) => `${line.toString()}\n`).join('');
});
afterAll(() => catalogs.clear());

async function archive(name: string, keys: ExportArchiveRequest['keys']): Promise<string> {
  const path = join(folder, name);
  await exportArchive(job, catalog.snapshots, [snapshot], {
    path,
    replace: true,
    kept: {},
    credentials: true,
    keys,
  });
  return path;
}

it('opens without Drawbridge and without the library that wrote it: by the book of age, zstd and tar', async () => {
  const tar = zstdDecompressSync(
    ageDecrypt(readFileSync(await archive('book.age', { passphrase: PASSPHRASE })), PASSPHRASE),
  );
  const files = filesIn(tar);
  const id = snapshot.id;
  expect([...files.keys()]).toEqual([
    'drawbridge-archive/manifest.json',
    'drawbridge-archive/README.txt',
    `drawbridge-archive/snapshots/${id}/realm.ndjson`,
    `drawbridge-archive/snapshots/${id}/users.ndjson`,
  ]);
  const manifest = JSON.parse(files.get('drawbridge-archive/manifest.json')!.toString()) as {
    files: { path: string; bytes: number; sha256: string }[];
  };
  for (const { path, bytes, sha256 } of manifest.files) {
    const content = files.get(path)!;
    expect([content.length, createHash('sha256').update(content).digest('hex')]).toEqual([bytes, sha256]);
  }
  expect(files.get(`drawbridge-archive/snapshots/${id}/users.ndjson`)!.toString()).toBe(lines);
});

/** After POSIX ustar: a header of 512 bytes, the content filled up to 512, two blocks of zeros. */
function filesIn(tar: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = 0; tar[at] !== 0;) {
    const name = tar.toString('utf8', at, tar.indexOf(0, at));
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8);
    files.set(name, tar.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

const missing = ['age', 'zstd', 'tar'].filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
if (missing.length > 0)
  console.warn(
    `SKIPPED: ${missing.join(', ')} not installed; only the test by the book proves what others can read.`,
  );

describe.skipIf(missing.length > 0)('with the system’s own age, zstd and tar', () => {
  let identityFile: string;
  let recipient: string;
  beforeAll(async () => {
    const identity = await generateX25519Identity();
    recipient = await identityToRecipient(identity);
    identityFile = join(folder, 'key.txt');
    writeFileSync(identityFile, `# a comment\n${identity}\n`, { mode: 0o600 });
  });

  const inShell = (command: string, cwd = folder) =>
    execFileSync('sh', ['-euc', command], { cwd, stdio: 'pipe' });

  it('an archive is unpacked, and its hashes are those of the manifest', async () => {
    const path = await archive('tools.age', { recipients: [recipient] });
    const place = join(folder, 'unpacked');
    mkdirSync(place);
    inShell(`age -d -i '${identityFile}' '${path}' | zstd -dq | tar x`, place);
    const unpacked = join(place, 'drawbridge-archive');
    expect(readFileSync(join(unpacked, 'snapshots', snapshot.id, 'users.ndjson'), 'utf8')).toBe(lines);
    const manifest = JSON.parse(readFileSync(join(unpacked, 'manifest.json'), 'utf8')) as {
      files: { path: string; sha256: string }[];
    };
    writeFileSync(
      join(place, 'sums'),
      manifest.files.map(({ path: file, sha256 }) => `${sha256}  ${file}\n`).join(''),
    );
    expect(inShell('sha256sum -c sums', place).toString()).not.toContain('FAILED');
    rmSync(place, { recursive: true });
  });

  it('an archive that was unpacked and packed again by them is imported', async () => {
    const path = await archive('plain', 'none');
    const again = join(folder, 'again.age');
    inShell(
      `zstd -dcq '${path}' > a.tar && tar tf a.tar > names && tar xf a.tar && tar cf b.tar --format=ustar --no-recursion -T names && zstd -q -19 -c b.tar | age -r '${recipient}' > '${again}'`,
    );
    const other = await catalogs.open();
    const identity = readFileSync(identityFile, 'utf8').split('\n')[1]!;
    const { stored } = await importArchive(job, other.snapshots, {
      path: again,
      keys: { identities: [identity] },
    });
    expect(stored).toHaveLength(1);
    const records = await readAll(other.snapshots, stored[0]!.id, 'users');
    expect(records.map(({ line }) => `${line.toString()}\n`).join('')).toBe(lines);
  });
});
