import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EXIT } from '../../cli/exit-codes.ts';
import { runCommandLine } from '../../cli/program.ts';
import { fill, FIXTURES } from '../../core/catalog/migrations/make-fixture.ts';
import { PASSPHRASE, TestCatalogs } from '../../core/catalog/test-catalog.ts';
import { openEngine, openMaintenance, type KeySource } from '../../core/engine/index.ts';
import { captured, typing } from './captured.ts';

const catalogs = new TestCatalogs();
let folder: string;
let dir: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-test-'));
  dir = join(folder, 'catalog');
  const catalog = await catalogs.open({ dir });
  await fill(catalog);
  catalog.close();
});
afterEach(() => {
  catalogs.clear();
  rmSync(folder, { recursive: true, force: true });
});

/** A keychain of this test's own: the real one is that of whoever runs it. */
class MemoryKeychain implements NonNullable<KeySource['keychain']> {
  readonly entries = new Map<string, Buffer>();
  async get(account: string): Promise<Buffer | undefined> {
    return this.entries.get(account);
  }
  async set(account: string, secret: Buffer): Promise<void> {
    this.entries.set(account, secret);
  }
  async delete(account: string): Promise<void> {
    this.entries.delete(account);
  }
}

interface Setting {
  readonly env?: NodeJS.ProcessEnv;
  readonly keychain?: MemoryKeychain;
  /** On a terminal: what is typed at which question. */
  readonly answers?: readonly (readonly [question: string, typed: string])[];
  /** Ctrl-C is pressed at once. */
  readonly interrupted?: boolean;
}

async function run(words: readonly string[], { env, keychain, answers, interrupted }: Setting = {}) {
  const around = captured(
    { DRAWBRIDGE_CATALOG: dir, NO_COLOR: '1', ...(env ?? { DRAWBRIDGE_PASSPHRASE: PASSPHRASE }) },
    { tty: answers !== undefined },
  );
  if (interrupted) around.interruption.raise('SIGINT');
  const left = typing(around, answers ?? []);
  const ours = (keys: KeySource): KeySource => ({ ...keys, keychain });
  const code = await runCommandLine(words, {
    ...around,
    openEngine: ({ keys, ...options }) =>
      openEngine({ ...options, keys: ours(keys), testing: { scrypt: { n: 1024, r: 8, p: 1 } } }),
    openMaintenance: ({ keys, ...options }) =>
      openMaintenance({ ...options, keys: ours(keys), testing: { patience: 200 } }),
  });
  expect(left).toEqual([]);
  const out = around.out();
  return { code, out, err: around.err(), json: () => JSON.parse(out) as Record<string, never> };
}

const opensWith = async (passphrase: string) =>
  (await run(['env', 'list'], { env: { DRAWBRIDGE_PASSPHRASE: passphrase } })).code === EXIT.done;

function damage(sql: string, file = join(dir, 'catalog.db')): void {
  const db = new Database(file);
  db.exec(sql);
  db.close();
}

test('show needs no key, and advises a recovery key where there is none', async () => {
  const shown = await run(['catalog', 'show', '--json'], { env: {} });
  expect(shown.json()).toEqual({
    catalog: {
      dir,
      id: expect.any(String),
      version: expect.any(Number),
      knownVersion: expect.any(Number),
      createdAt: expect.any(String),
      waysIn: [
        { kind: 'passphrase', createdAt: expect.any(String), damaged: false },
        { kind: 'recovery', createdAt: expect.any(String), damaged: false },
      ],
      recoveryKey: true,
      bytes: statSync(join(dir, 'catalog.db')).size,
      counts: { snapshots: 2, trash: 0, environments: 2, plans: 2, jobs: 3 },
    },
  });
  expect((await run(['catalog', 'show'], { env: {} })).out).not.toContain('No recovery key');
  damage(`DELETE FROM key_slots WHERE kind = 'recovery'`);
  const advised = await run(['catalog', 'show'], { env: {} });
  expect(advised.out).toMatch(/No recovery key: if its passphrase is lost, nothing in it can be decrypted/);
  expect(advised.out).toContain('catalog recovery-key new');
});

test('show tells the version of a catalog that is newer than this program', async () => {
  damage('UPDATE catalog SET schema_version = 99; PRAGMA user_version = 99');
  const { catalog } = (await run(['catalog', 'show', '--json'], { env: {} })).json();
  expect(catalog).toMatchObject({ version: 99 });
  expect(catalog).not.toHaveProperty('counts');
});

test('show where there is none, or something else', async () => {
  const elsewhere = { DRAWBRIDGE_CATALOG: join(folder, 'nothing') };
  expect(await run(['catalog', 'show'], { env: elsewhere })).toMatchObject({ code: EXIT.catalog });
  expect(existsSync(join(folder, 'nothing'))).toBe(false);
  writeFileSync(join(dir, 'catalog.db'), 'Dear diary');
  expect((await run(['catalog', 'show', '--json'], { env: {} })).json()).toMatchObject({
    error: { code: 'CATALOG_DAMAGED' },
  });
});

test('init makes a catalog, once', async () => {
  const env = { DRAWBRIDGE_CATALOG: join(folder, 'new'), DRAWBRIDGE_PASSPHRASE: 'p' };
  const made = await run(['catalog', 'init'], { env });
  expect([made.code, made.out]).toEqual([EXIT.done, expect.stringContaining('No recovery key')]);
  expect(made.err).toContain('Warning: The new passphrase is shorter than 12 characters');
  expect(await run(['catalog', 'init'], { env })).toMatchObject({
    code: EXIT.usage,
    err: expect.stringContaining('already'),
  });
});

test('passphrase: from a variable, a file, or typed twice; the old one opens no more', async () => {
  const given = await run(['catalog', 'passphrase'], {
    env: { DRAWBRIDGE_PASSPHRASE: PASSPHRASE, DRAWBRIDGE_NEW_PASSPHRASE: 'second' },
  });
  expect(given.code).toBe(EXIT.done);
  expect(given.err).toContain('DRAWBRIDGE_PASSPHRASE is set to the earlier passphrase');
  expect(given.err).toContain('Warning: The new passphrase is shorter than 12 characters');
  expect([await opensWith(PASSPHRASE), await opensWith('second')]).toEqual([false, true]);

  const file = join(folder, 'new-passphrase');
  writeFileSync(file, 'third\n', { mode: 0o600 });
  await run(['catalog', 'passphrase'], {
    env: { DRAWBRIDGE_PASSPHRASE: 'second', DRAWBRIDGE_NEW_PASSPHRASE_FILE: file },
  });
  expect(await opensWith('third')).toBe(true);

  const typed = await run(['catalog', 'passphrase'], {
    env: {},
    answers: [
      ['Passphrase of the catalog, or its recovery key: ', 'third\r'],
      ['New passphrase: ', 'fourth\r'],
      ['The same again: ', 'fourth\r'],
    ],
  });
  expect(typed.code).toBe(EXIT.done);
  expect(typed.out + typed.err).not.toMatch(/fourth|third/);
  expect(await opensWith('fourth')).toBe(true);

  const nobody = await run(['catalog', 'passphrase', '--json'], { env: { DRAWBRIDGE_PASSPHRASE: 'fourth' } });
  expect(nobody.json()).toMatchObject({
    error: { code: 'PASSPHRASE_NEEDED', remedy: expect.stringContaining('DRAWBRIDGE_NEW_PASSPHRASE_FILE') },
  });
});

test('a lost passphrase is replaced by whoever has the recovery key', async () => {
  const file = join(folder, 'recovery-key');
  const made = await run(['catalog', 'recovery-key', 'new', '--out', file, '--json']);
  expect(made.json()).toMatchObject({ file, catalog: { recoveryKey: true } });
  const key = readFileSync(file, 'utf8').trim();
  expect(key).toMatch(/^([0-9A-Z]{6}-){5}[0-9A-Z]{6}$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(made.out + made.err).not.toContain(key);

  const lost = await run(['snapshot', 'list', '--json'], { env: { DRAWBRIDGE_PASSPHRASE: 'forgotten' } });
  expect(lost.json()).toMatchObject({
    error: { code: 'WRONG_KEY', remedy: expect.stringContaining('DRAWBRIDGE_RECOVERY_KEY_FILE') },
  });
  const env = { DRAWBRIDGE_RECOVERY_KEY_FILE: file, DRAWBRIDGE_NEW_PASSPHRASE: 'found' };
  expect((await run(['catalog', 'passphrase'], { env })).code).toBe(EXIT.done);
  expect(await opensWith('found')).toBe(true);

  const typed = await run(['catalog', 'passphrase'], {
    env: {},
    answers: [
      ['or its recovery key: ', `${key.toLowerCase()}\r`],
      ['New passphrase: ', 'found again\r'],
      ['The same again: ', 'found again\r'],
    ],
  });
  expect(typed.code).toBe(EXIT.done);
  expect(await opensWith('found again')).toBe(true);
});

test('recovery-key new shows it once and keeps it when it was typed again; check tests one', async () => {
  const earlier = join(folder, 'earlier');
  await run(['catalog', 'recovery-key', 'new', '--out', earlier]);
  const check = (file: string) => run(['catalog', 'recovery-key', 'check', '--file', file], { env: {} });
  expect((await check(earlier)).code).toBe(EXIT.done);

  const canceled = await run(['catalog', 'recovery-key', 'new'], { answers: [['Type it again', '\r']] });
  expect([canceled.code, canceled.err]).toEqual([EXIT.failed, expect.stringContaining('is not kept')]);
  expect((await check(earlier)).code).toBe(EXIT.done);

  const wrong = await run(['catalog', 'recovery-key', 'new'], {
    answers: Array.from({ length: 3 }, () => ['Type it again', 'AAAAAA\r'] as const),
  });
  expect(wrong.code).toBe(EXIT.catalog);
  expect((await check(earlier)).code).toBe(EXIT.done);

  let shown = '';
  const around = captured({ DRAWBRIDGE_CATALOG: dir, DRAWBRIDGE_PASSPHRASE: PASSPHRASE }, { tty: true });
  around.stderr.on('data', () => {
    const key = /([0-9A-Z]{6}-){5}[0-9A-Z]{6}/.exec(around.err())?.[0];
    if (key === undefined || shown !== '' || !around.err().includes('Type it again')) return;
    shown = key;
    setImmediate(() => around.stdin.push(`${key.toLowerCase().replaceAll('-', ' ')}\r`));
  });
  expect(await runCommandLine(['catalog', 'recovery-key', 'new'], around)).toBe(EXIT.done);
  expect(around.out()).not.toContain(shown);
  expect((await check(earlier)).code).toBe(EXIT.catalog);
  const written = join(folder, 'written');
  writeFileSync(written, shown, { mode: 0o600 });
  expect((await check(written)).code).toBe(EXIT.done);
});

test('recovery-key new replaces no file, and does not show a key to nobody', async () => {
  const file = join(folder, 'there');
  writeFileSync(file, 'precious');
  const replaced = await run(['catalog', 'recovery-key', 'new', '--out', file, '--json']);
  expect(replaced.json()).toMatchObject({ error: { code: 'FILE_FAILED' } });
  expect(readFileSync(file, 'utf8')).toBe('precious');
  const nobody = await run(['catalog', 'recovery-key', 'new']);
  expect([nobody.code, nobody.err]).toEqual([EXIT.usage, expect.stringContaining('--out')]);
});

test('keychain on and off; a copy on another machine', async () => {
  const keychain = new MemoryKeychain();
  expect((await run(['catalog', 'keychain', 'on'], { keychain })).code).toBe(EXIT.done);
  expect((await run(['env', 'list'], { keychain, env: {} })).code).toBe(EXIT.done);

  // What the keychain opens without a question is not changed without one.
  const env = { DRAWBRIDGE_NEW_PASSPHRASE: 'of a stranger' };
  for (const words of [
    ['catalog', 'passphrase', '--json'],
    ['catalog', 'keychain', 'off', '--json'],
    ['catalog', 'recovery-key', 'new', '--out', join(folder, 'of-a-stranger'), '--json'],
  ])
    expect((await run(words, { keychain, env })).json()).toMatchObject({
      error: { code: 'PASSPHRASE_NEEDED', remedy: expect.stringContaining('DRAWBRIDGE_PASSPHRASE_FILE') },
    });
  const asked = 'Present passphrase of the catalog, or its recovery key: ';
  const guessed = await run(['catalog', 'passphrase'], { keychain, env, answers: [[asked, 'guessed\r']] });
  expect([guessed.code, guessed.err]).toEqual([
    EXIT.catalog,
    expect.stringContaining('This is not the passphrase of this catalog.'),
  ]);
  expect([await opensWith('of a stranger'), await opensWith(PASSPHRASE)]).toEqual([false, true]);
  const known = await run(['catalog', 'recovery-key', 'new', '--out', join(folder, 'known')], {
    keychain,
    env: {},
    answers: [[asked, `${PASSPHRASE}\r`]],
  });
  expect(known.code).toBe(EXIT.done);

  const elsewhere = await run(['env', 'list', '--json'], { keychain: new MemoryKeychain(), env: {} });
  expect(elsewhere.json()).toMatchObject({
    error: { code: 'WRONG_KEY', remedy: expect.stringContaining('copied from elsewhere') },
  });
  expect((await run(['env', 'list'], { keychain: new MemoryKeychain() })).code).toBe(EXIT.done);

  const only = await run(['catalog', 'keychain', 'on', '--forget-passphrase', '--json'], { keychain });
  expect(only.json()).toMatchObject({ catalog: { waysIn: [{ kind: 'recovery' }, { kind: 'keychain' }] } });
  const noNew = await run(['catalog', 'keychain', 'off', '--json'], { keychain, env: {} });
  expect(noNew.json()).toMatchObject({ error: { code: 'PASSPHRASE_NEEDED' } });
  const off = await run(['catalog', 'keychain', 'off', '--forget-key'], {
    keychain,
    env: { DRAWBRIDGE_NEW_PASSPHRASE: 'again' },
  });
  expect([off.code, keychain.entries.size]).toEqual([EXIT.done, 0]);
  expect(await opensWith('again')).toBe(true);
});

test('verify: whole, damaged in several places, and where nothing can be opened', async () => {
  const whole = await run(['catalog', 'verify', '--json']);
  expect([whole.code, whole.json()]).toEqual([
    EXIT.done,
    { snapshots: 2, chunks: expect.any(Number), bytes: expect.any(Number), damaged: [] },
  ]);
  damage('UPDATE environments SET secrets = zeroblob(60); UPDATE plan_documents SET document = zeroblob(60)');
  const damaged = await run(['catalog', 'verify', '--json']);
  expect(damaged.code).toBe(EXIT.catalog);
  expect((damaged.json()['damaged'] as unknown as { in: string }[]).map((one) => one.in)).toEqual([
    'environments',
    'environments',
    'plans',
    'plans',
  ]);
  const told = await run(['catalog', 'verify']);
  expect(told.out).toMatch(/Damaged: 4 findings/);
  expect(told.out).toContain('“dev”');
  expect(told.out).toContain('catalog repair --dry-run');

  const bytes = readFileSync(join(dir, 'catalog.db'));
  writeFileSync(join(dir, 'catalog.db'), bytes.fill(0, 4096 * 5, 4096 * 6));
  const unopened = await run(['catalog', 'verify', '--json']);
  expect([unopened.code, unopened.json()]).toMatchObject([EXIT.catalog, { damaged: [{ in: 'file' }] }]);
});

test('a job of an earlier Drawbridge that found damage is still shown', async () => {
  const old = await catalogs.open();
  const run_ = old.jobs.acquire(old.jobs.create({ kind: 'verify', title: 'Verify', params: {} }).id);
  const damaged = [{ snapshot: 's', section: 'users', text: 'Its records are missing.' }];
  run_.finish('failed', {
    result: { kind: 'verify', report: { snapshots: 1, chunks: 1, bytes: 1, damaged } },
  });
  old.close();
  const env = { DRAWBRIDGE_CATALOG: old.dir, DRAWBRIDGE_PASSPHRASE: PASSPHRASE };
  const listed = await run(['job', 'list', '--json'], { env });
  expect(listed.json()).toMatchObject({ jobs: [{ result: { report: { damaged } } }] });
});

test('backup: one file that can be opened elsewhere, never over another', async () => {
  const file = join(folder, 'copy.db');
  const made = await run(['catalog', 'backup', file, '--json']);
  expect(made.json()).toEqual({
    backup: { path: file, bytes: statSync(file).size, snapshots: 2, chunks: expect.any(Number) },
  });
  const again = await run(['catalog', 'backup', file]);
  expect([again.code, again.err]).toEqual([EXIT.failed, expect.stringContaining('is there already')]);
  mkdirSync(join(folder, 'restored'));
  copyFileSync(file, join(folder, 'restored', 'catalog.db'));
  const env = { DRAWBRIDGE_CATALOG: join(folder, 'restored'), DRAWBRIDGE_PASSPHRASE: PASSPHRASE };
  const listed = await run(['snapshot', 'list', '--json'], { env });
  expect(listed.json()).toEqual((await run(['snapshot', 'list', '--json'])).json());
});

test('repair: tells, makes a new catalog, and ends with 7 when something is lost', async () => {
  expect(await run(['catalog', 'repair'])).toMatchObject({
    code: EXIT.usage,
    err: expect.stringContaining('nothing to repair'),
  });
  damage('UPDATE environments SET secrets = zeroblob(60) WHERE seq = 1');
  const tried = await run(['catalog', 'repair', '--dry-run']);
  expect([tried.code, tried.out]).toEqual([
    EXIT.itemFailures,
    expect.stringMatching(/Would be kept: 2 snapshots, 1 environment, 2 plans, 3 jobs and 1 schedule\./),
  ]);
  const to = join(folder, 'new');
  const repaired = await run(['catalog', 'repair', '--to', to, '--json']);
  expect([repaired.code, repaired.json()]).toMatchObject([
    EXIT.itemFailures,
    { repair: { from: dir, to, lost: [{ in: 'environments', text: expect.stringContaining('“dev”') }] } },
  ]);
  const env = { DRAWBRIDGE_CATALOG: to, DRAWBRIDGE_PASSPHRASE: PASSPHRASE };
  expect((await run(['catalog', 'verify'], { env })).code).toBe(EXIT.done);
  expect((await run(['env', 'list', '--json'], { env })).json()).toMatchObject({
    environments: [{ name: 'prod' }],
  });
});

test('Ctrl-C leaves the catalog as it is, and no half copy', async () => {
  for (const words of [['backup', join(folder, 'copy.db')], ['move', join(folder, 'moved')], ['compact']]) {
    const stopped = await run(['catalog', ...words], { interrupted: true });
    expect([words, stopped.code]).toEqual([words, EXIT.interrupted]);
  }
  damage('UPDATE environments SET secrets = zeroblob(60) WHERE seq = 1');
  const stopped = await run(['catalog', 'repair', '--to', join(folder, 'new')], { interrupted: true });
  expect(stopped.code).toBe(EXIT.interrupted);
  expect(readdirSync(folder)).toEqual(['catalog']);
  expect((await run(['snapshot', 'list'])).code).toBe(EXIT.done);
});

test('compact: an older one becomes smaller, and says what it gained; stats advises it before', async () => {
  cpSync(join(FIXTURES, 'v2', 'catalog.db'), join(dir, 'catalog.db'));
  const env = { DRAWBRIDGE_CATALOG: dir, DRAWBRIDGE_PASSPHRASE: PASSPHRASE };
  expect((await run(['catalog', 'stats'], { env })).out).toContain(
    '“drawbridge catalog compact” changes that',
  );
  const db = new Database(join(dir, 'catalog.db'));
  db.exec('CREATE TABLE ballast AS SELECT randomblob(300000) AS noise; DROP TABLE ballast');
  db.close();
  const first = await run(['catalog', 'compact'], { env });
  expect([first.code, first.out]).toEqual([
    EXIT.done,
    expect.stringMatching(
      /^The catalog’s file has [\d.]+ kB now, [\d.]+ kB less than before\.\nFrom now on it gives free/,
    ),
  ]);
  expect((await run(['catalog', 'stats'], { env })).out).not.toContain('compact');
  const again = (await run(['catalog', 'compact', '--json'], { env })).json() as unknown as {
    compact: { before: number };
  };
  expect(again).toEqual({
    compact: { dir, before: again.compact.before, after: again.compact.before, shrank: true },
  });
});

test('move: to where it is told, and what to set afterwards', async () => {
  const to = join(folder, 'moved place');
  const moved = await run(['catalog', 'move', to]);
  expect(moved.code).toBe(EXIT.done);
  expect(moved.out).toContain(`export DRAWBRIDGE_CATALOG='${to}'`);
  expect(existsSync(dir)).toBe(false);
  const env = { DRAWBRIDGE_CATALOG: to, DRAWBRIDGE_PASSPHRASE: PASSPHRASE, XDG_DATA_HOME: folder };
  const home = await run(['catalog', 'move', join(folder, 'drawbridge')], { env });
  expect(home.out).toContain('where Drawbridge looks by itself');
  const back = await run(['catalog', 'move', dir, '--catalog', join(folder, 'drawbridge'), '--json'], {
    env: { DRAWBRIDGE_PASSPHRASE: PASSPHRASE },
  });
  expect(back.json()).toEqual({
    move: { from: join(folder, 'drawbridge'), to: dir, bytes: expect.any(Number) },
  });
});
