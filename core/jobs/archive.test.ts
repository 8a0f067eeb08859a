import {
  chmodSync,
  existsSync,
  readFileSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Catalog } from '../catalog/index.ts';
import { capture, factsOf, users } from '../catalog/snapshots/testing/scratch-store.ts';
import { TestCatalogs } from '../catalog/test-catalog.ts';
import {
  ARCHIVE_FORMAT,
  ARCHIVE_VERSION,
  expectedFiles,
  README_PATH,
  type ArchiveManifest,
  type Expected,
} from '../formats/archive/archive-manifest.ts';
import { README, writeArchive } from '../formats/archive/write-archive.ts';
import { canonicalRecord } from '../model/canonical.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import { retentionPolicy } from '../../contract/retention.ts';
import { catalogStats } from '../engine/catalog-stats.ts';
import { judgeSnapshots } from './prune.ts';
import { exportArchive, type ExportArchiveRequest } from './export-archive.ts';
import { importArchive, isArchiveFile, type ImportArchiveRequest } from './import-archive.ts';
import { sectionDigest } from './section-bytes.ts';

const catalogs = new TestCatalogs();
const job = { signal: new AbortController().signal, progress: () => {} };
const HASH = '$2a$12$canarycanarycanarycanaO';
const IDENTITY = await generateX25519Identity();
const RECIPIENT = await identityToRecipient(IDENTITY);

let folder: string;
let here: Catalog;
let there: Catalog;
let monday: SnapshotManifest;
let tuesday: SnapshotManifest;

function content(people: number) {
  return {
    realm: [
      canonicalRecord('realm', {
        name: 'acme',
        smtpConfig: { host: 'mail', password: 'canary-smtp' },
        id: '7b8d3a1e-0000-4000-8000-000000000000',
      }),
    ],
    clients: [
      canonicalRecord('clients', { clientId: 'app', secretHash: `${HASH}client`, publicClient: false }),
      canonicalRecord('clients', { clientId: 'site', publicClient: true }),
    ],
    users: users(people).toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key))),
    credentials: [canonicalRecord('credentials', { username: 'x', type: 'PASSWORD', secretHash: HASH })],
  };
}

async function backup(people: number): Promise<SnapshotManifest> {
  const about = {
    environment: 'prod',
    realm: 'acme',
    purpose: 'backup' as const,
    tags: ['nightly'],
    note: 'a note',
  };
  const facts = factsOf(content(people), {
    channel: 'postgres',
    window: { from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:00:01Z' },
    warnings: ['A warning.'],
  });
  return await capture(here.snapshots, content(people), about, facts);
}

beforeAll(async () => {
  folder = catalogs.newFolder();
  here = await catalogs.open();
  there = await catalogs.open();
  monday = await backup(2000);
  tuesday = await backup(2010);
});
afterAll(() => catalogs.clear());

let files = 0;
async function written(
  snapshots: readonly SnapshotManifest[],
  request: Partial<ExportArchiveRequest> = {},
): Promise<string> {
  const path = join(folder, `${files++}.age`);
  const keys = { recipients: [RECIPIENT] };
  await exportArchive(job, here.snapshots, snapshots, {
    path,
    replace: false,
    kept: {},
    credentials: true,
    keys,
    ...request,
  });
  return path;
}

function imported(catalog: Catalog, path: string, request: Partial<ImportArchiveRequest> = {}) {
  return importArchive(job, catalog.snapshots, { path, keys: { identities: [IDENTITY] }, ...request });
}

const digest = (catalog: Catalog, snapshot: string, section: 'realm' | 'clients' | 'users' | 'credentials') =>
  sectionDigest(catalog.snapshots, { snapshot, section, redacted: false }, job.signal);

/** What the catalog has, and what its last import left in it that belongs to no snapshot. */
const stateOf = ({ snapshots }: Catalog) => snapshots.list().map(({ id }) => id);

describe('an archive', () => {
  it('brings snapshots into another catalog byte by byte, with all that was known of them', async () => {
    const path = await written([tuesday, monday]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await isArchiveFile(path)).toBe(true);
    const { stored, alreadyThere } = await imported(there, path, { tags: ['moved'] });
    expect(alreadyThere).toEqual([]);
    expect(stored.map(({ archived }) => archived?.snapshot)).toEqual([monday.id, tuesday.id]);
    for (const [index, original] of [monday, tuesday].entries()) {
      const copy = stored[index]!;
      for (const section of ['realm', 'clients', 'users', 'credentials'] as const)
        expect(await digest(there, copy.id, section)).toEqual(await digest(here, original.id, section));
      expect(copy).toMatchObject({
        realm: 'acme',
        purpose: 'import',
        channel: 'postgres',
        complete: true,
        knows: original.knows,
        window: original.window,
        warnings: ['A warning.'],
        tags: ['nightly', 'moved'],
        note: 'a note',
        archived: { environment: 'prod', purpose: 'backup', finishedAt: original.finishedAt },
      });
      expect(copy.environment).toBeUndefined();
    }
    expect(there.snapshots.latest('prod', 'acme')).toBeUndefined();
    expect((await there.snapshots.verify(undefined)).damaged).toEqual([]);
  });

  it('has in each catalog the root that the same realm has there', async () => {
    const path = await written([monday]);
    const [copy] = (await imported(await catalogs.open(), path)).stored;
    const again = await catalogs.open();
    const [other] = (await imported(again, path)).stored;
    expect(copy!.root).not.toBe(other!.root);
    const same = await capture(
      again.snapshots,
      content(2000),
      { purpose: 'import' },
      factsOf(content(2000), { channel: 'postgres' }),
    );
    expect(same.root).toBe(other!.root);
  });

  it('is not stored twice, neither where it comes from nor where it was imported', async () => {
    const path = await written([monday, tuesday]);
    for (const catalog of [here, there]) {
      const before = stateOf(catalog);
      const { stored, alreadyThere } = await imported(catalog, path);
      expect(stored).toEqual([]);
      expect(alreadyThere.map(({ archived }) => archived)).toEqual([monday.id, tuesday.id]);
      expect(stateOf(catalog)).toEqual(before);
    }
  });

  it('of an imported snapshot is known to be the same', async () => {
    const copy = there.snapshots.list()[0]!;
    const path = join(folder, 'again.tar.zst');
    await exportArchive(job, there.snapshots, [copy], {
      path,
      replace: false,
      kept: {},
      credentials: true,
      keys: 'none',
    });
    const { stored, alreadyThere } = await imported(here, path, { keys: {} });
    expect([stored, alreadyThere.map(({ snapshot }) => snapshot.id)]).toEqual([[], [tuesday.id]]);
  });

  it('has an imported copy and what it is a copy of, in whatever order they are named', async () => {
    const bare = await written([monday], { credentials: false });
    const catalog = await catalogs.open();
    const [whole] = (await imported(catalog, await written([monday]))).stored;
    const [copy] = (await imported(here, bare)).stored;
    const [other] = (await imported(catalog, bare)).stored;
    for (const [from, chosen] of [
      [here, [copy!, monday]],
      [here, [monday, copy!]],
      [catalog, [other!, whole!]],
    ] as const) {
      const path = join(folder, `beside-${files++}.tar.zst`);
      const request = { path, replace: false, kept: {}, credentials: true, keys: 'none' as const };
      await exportArchive(job, from.snapshots, chosen, request);
      const elsewhere = await catalogs.open();
      const { stored } = await imported(elsewhere, path, { keys: {} });
      expect(stored.map(({ summaries }) => summaries.credentials?.count)).toEqual(
        chosen.map(({ summaries }) => summaries.credentials?.count),
      );
    }
    here.snapshots.moveToTrash(copy!.id);
  });

  it('holds something of each of its snapshots', async () => {
    const records = { credentials: content(1).credentials };
    const about = { environment: 'prod', realm: 'hashes', purpose: 'backup' as const, complete: false };
    const only = await capture(here.snapshots, records, about, factsOf(records, { realm: 'hashes' }));
    await expect(written([monday, only], { credentials: false })).rejects.toMatchObject({
      code: 'UNSUPPORTED_BY_ROUTE',
      message: `Without its credentials nothing is left of snapshot ${only.id}.`,
    });
  });

  it('of nothing is refused', async () => {
    const sha256 = createHash('sha256').update(README).digest('hex');
    const { id, realm, startedAt, finishedAt } = monday;
    const what = { id, realm, startedAt, finishedAt, purpose: 'backup' as const, complete: false };
    const none = { knows: {}, missing: [], warnings: [], tags: [], sections: [] };
    const manifest: ArchiveManifest = {
      format: ARCHIVE_FORMAT,
      version: ARCHIVE_VERSION,
      createdAt: finishedAt,
      createdBy: 'somebody',
      snapshots: [{ ...what, ...none, channel: 'file', dialect: '' }],
      files: [{ path: README_PATH, bytes: Buffer.byteLength(README), sha256 }],
    };
    const path = join(folder, 'nothing.tar.zst');
    const files = expectedFiles(manifest) as readonly Expected[];
    await writeFile(
      path,
      writeArchive(manifest, files, () => Readable.from([Buffer.from(README)]), undefined),
    );
    // By the name that it has for whoever handed it over.
    await expect(imported(there, path, { keys: {}, name: 'dropped.tar.zst' })).rejects.toMatchObject({
      code: 'INVALID_DOCUMENT',
      message: expect.stringContaining('“dropped.tar.zst”'),
    });
  });

  it('says what is in the trash', async () => {
    const catalog = await catalogs.open();
    const path = await written([monday]);
    const [copy] = (await imported(catalog, path)).stored;
    catalog.snapshots.moveToTrash(copy!.id);
    expect((await imported(catalog, path)).alreadyThere).toMatchObject([
      { archived: monday.id, trashed: true },
    ]);
  });
});

describe('what came in archives', () => {
  const keepLast = (catalog: Catalog) =>
    judgeSnapshots(catalog, { policy: retentionPolicy.parse({ keepLast: 1 }) }).groups;

  it('is as old as it was there, in whatever order it was imported', async () => {
    const catalog = await catalogs.open();
    const [newer] = (await imported(catalog, await written([tuesday]))).stored;
    const [older] = (await imported(catalog, await written([monday]))).stored;
    expect(keepLast(catalog)).toMatchObject([
      {
        origin: 'prod',
        archived: true,
        realm: 'acme',
        snapshots: [
          { id: newer!.id, takenAt: tuesday.finishedAt, reasons: [{ rule: 'imported' }, { rule: 'last' }] },
          { id: older!.id, takenAt: monday.finishedAt, reasons: [{ rule: 'imported' }] },
        ],
      },
    ]);
    expect(await catalogStats(catalog)).toMatchObject({
      realms: [{ origin: 'prod', archived: true, snapshots: 2, newest: tuesday.finishedAt }],
    });
  });

  it('from two environments are two, though the realm has one name', async () => {
    const catalog = await catalogs.open();
    const records = content(3);
    const about = { realm: 'acme', purpose: 'backup' } as const;
    const taken = async (environment: string) =>
      await capture(here.snapshots, records, { ...about, environment }, factsOf(records));
    const pair = [await taken('one'), await taken('other')];
    const { stored } = await imported(catalog, await written(pair));
    expect(stored.map(({ unchangedSince }) => unchangedSince)).toEqual([undefined, undefined]);
    const rules = keepLast(catalog).map(({ origin, snapshots }) => [
      origin,
      snapshots.map(({ reasons }) => reasons.at(-1)!.rule),
    ]);
    expect(rules).toEqual([
      ['other', ['last']],
      ['one', ['last']],
    ]);
    const { realms } = await catalogStats(catalog);
    expect(realms.map(({ origin, snapshots }) => [origin, snapshots])).toEqual([
      ['one', 1],
      ['other', 1],
    ]);
  });
});

describe('encryption', () => {
  it('is by a passphrase or for recipients, and opens with nothing else', { timeout: 120_000 }, async () => {
    const catalog = await catalogs.open();
    const path = await written([monday], { keys: { passphrase: 'a long passphrase' } });
    for (const [keys, code] of [
      [{}, 'PASSPHRASE_NEEDED'],
      [{ identities: [IDENTITY] }, 'PASSPHRASE_NEEDED'],
      [{ passphrase: 'another' }, 'WRONG_KEY'],
    ] as const)
      await expect(imported(catalog, path, { keys })).rejects.toMatchObject({ code });
    expect(
      (await imported(catalog, path, { keys: { passphrase: 'a long passphrase' } })).stored,
    ).toHaveLength(1);
    const forOne = await written([monday]);
    for (const [keys, code] of [
      [{ passphrase: 'another' }, 'PASSPHRASE_NEEDED'],
      [{ identities: [await generateX25519Identity()] }, 'WRONG_KEY'],
      [{ identities: ['AGE-SECRET-KEY-1CANARY'] }, 'USAGE'],
    ] as const) {
      const error = await imported(catalog, forOne, { keys }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code });
      // The windows show it too, and have no flags.
      expect(error).not.toMatchObject({ remedy: expect.stringContaining('--') });
      expect(JSON.stringify(error) + String(error)).not.toContain('CANARY');
    }
  });

  it('refuses a recipient that is none, and writes no file', async () => {
    await expect(written([monday], { keys: { recipients: ['age1nonsense'] } })).rejects.toMatchObject({
      code: 'USAGE',
    });
    expect(existsSync(join(folder, `${files - 1}.age`))).toBe(false);
  });

  it('refuses a header without an end, before it is read into memory', async () => {
    const path = join(folder, 'endless.age');
    writeFileSync(path, `age-encryption.org/v1\n-> X25519 ${'A'.repeat(1 << 20)}`);
    await expect(imported(here, path)).rejects.toMatchObject({ code: 'INVALID_DOCUMENT' });
  });
});

describe('without credentials', () => {
  it('no secret is in it, and what it lacks is said', async () => {
    const path = await written([monday], { credentials: false });
    const catalog = await catalogs.open();
    const [copy] = (await imported(catalog, path)).stored;
    expect(copy!.complete).toBe(false);
    expect(copy!.sections).not.toContain('credentials');
    expect(copy!.knows.clients).toEqual(['id', 'name']);
    expect(copy!.missing.map(({ section, member }) => [section, member])).toEqual([
      ['credentials', undefined],
      ['clients', 'secretHash'],
    ]);
    let text = '';
    for (const section of copy!.sections)
      for await (const records of catalog.snapshots.read(copy!.id, section))
        text += records.map(({ line }) => line.toString()).join('\n');
    expect(text).not.toContain('canary');
    expect(text).toContain('"clientId":"app","publicClient":false,"clientSecret":{"$secret":"redacted"}');
    expect(text).toContain('{"clientId":"site","publicClient":true}');
    expect(text).toContain('"smtpConfig":{"host":"mail","password":{"$secret":"redacted"}}');
  });
});

describe('what is damaged is refused whole, and nothing of it stored', () => {
  it('wherever it is cut off or changed', async () => {
    const catalog = await catalogs.open();
    for (const keys of ['none', { recipients: [RECIPIENT] }] as const) {
      const path = await written([monday, tuesday], { keys });
      const whole = readFileSync(path);
      for (let i = 0; i < 24; i++) {
        const at = Math.floor(((i + 0.5) / 24) * whole.length);
        const flipped = Buffer.from(whole);
        flipped[at]! ^= 0x40;
        writeFileSync(path, i % 2 ? flipped : whole.subarray(0, at));
        await expect(imported(catalog, path), `${i}`).rejects.toMatchObject({ code: 'INVALID_DOCUMENT' });
      }
    }
    expect(stateOf(catalog)).toEqual([]);
    expect((await catalog.snapshots.verify(undefined)).chunks).toBe(0);
  });

  it('nor is a snapshot written that the catalog cannot read any more', async () => {
    const filled = await catalogs.open();
    const [one] = (await imported(filled, await written([monday, tuesday]))).stored;
    filled.close();
    const { default: Database } = await import('better-sqlite3');
    const db = new Database(join(filled.dir, 'catalog.db'));
    db.exec(
      `UPDATE chunk_data SET sealed = zeroblob(length(sealed)) WHERE seq = (SELECT min(seq) FROM chunk_data)`,
    );
    db.close();
    // One that has just stored a chunk may still have it at hand.
    const catalog = await catalogs.open({ dir: filled.dir, create: false });
    const path = join(folder, 'never.age');
    await expect(
      exportArchive(job, catalog.snapshots, [one!], {
        path,
        replace: false,
        kept: {},
        credentials: true,
        keys: 'none',
      }),
    ).rejects.toMatchObject({ code: 'CATALOG_DAMAGED' });
    expect(readdirSync(folder).filter((name) => name.startsWith('never'))).toEqual([]);
  });
});

describe('files', () => {
  it('are not written over, nor left behind unfinished', async () => {
    const path = await written([monday]);
    const request = { path, replace: false, kept: {}, credentials: true, keys: 'none' } as const;
    await expect(exportArchive(job, here.snapshots, [monday], request)).rejects.toMatchObject({
      code: 'FILE_FAILED',
    });
    await exportArchive(job, here.snapshots, [monday], { ...request, replace: true, kept: {} });
    const canceled = { ...job, signal: AbortSignal.abort() };
    await expect(
      exportArchive(canceled, here.snapshots, [monday], { ...request, path: join(folder, 'canceled') }),
    ).rejects.toMatchObject({ code: 'CANCELED' });
    expect(readdirSync(folder).filter((name) => /canceled|unfinished/.test(name))).toEqual([]);
  });

  it('that cannot be read are told by name', async () => {
    await expect(isArchiveFile(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'FILE_FAILED' });
    const path = join(folder, 'empty');
    writeFileSync(path, '');
    truncateSync(path, 0);
    chmodSync(path, 0o600);
    expect(await isArchiveFile(path)).toBe(false);
    expect(await isArchiveFile(folder)).toBe(false);
  });
});
