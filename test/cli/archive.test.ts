import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, expect, test } from 'vitest';
import pg from 'pg';
import { addDatabaseWords, setStage, type Ran, type Stage } from './sandboxed.ts';

let stage: Stage;
let identityFile: string;
let recipient: string;
const everything: string[] = [];

beforeAll(async () => {
  stage = await setStage(60);
  const identity = await generateX25519Identity();
  recipient = await identityToRecipient(identity);
  identityFile = join(stage.folder, 'key.txt');
  writeFileSync(identityFile, `# made by a test\n${identity}\n`, { mode: 0o600 });
  stage.env['ARCHIVE_PASSPHRASE'] = 'canary-passphrase';
  await run(...addDatabaseWords('dev'));
});
afterAll(async () => stage[Symbol.asyncDispose]());

async function run(...words: string[]): Promise<Ran> {
  const ran = await stage.run(...words);
  everything.push(ran.out, ran.err);
  return ran;
}

/** The same upon another, empty catalog: as on another machine. */
async function elsewhere(...words: string[]): Promise<Ran> {
  return run('--catalog', join(stage.folder, 'elsewhere'), ...words);
}

interface Document {
  readonly snapshot: { readonly id: string; readonly archived?: { readonly snapshot: string } };
  readonly snapshots: readonly { readonly id: string; readonly realm: string }[];
  readonly alreadyThere: readonly unknown[];
  readonly bytes: number;
  readonly encrypted: boolean;
  readonly error: { readonly code: string; readonly remedy: string };
}
const documentOf = (ran: Ran): Document => ran.json() as unknown as Document;

async function ids(environment: 'prod' | 'dev', realm: string): Promise<Record<string, string>> {
  const { pgUrl, databases } = stage.sandbox.environment(environment);
  const client = new pg.Client({ connectionString: pgUrl + databases.user });
  await client.connect();
  const { rows } = await client.query<{ username: string; id: string }>(
    'SELECT username, id FROM users WHERE realm_name = $1 ORDER BY username',
    [realm],
  );
  await client.end();
  return Object.fromEntries(rows.map(({ username, id }) => [username, id]));
}

test('two realms go to another machine in one file, and one is restored there with its ids', async () => {
  const { snapshots } = documentOf(await run('backup', 'dev', '--all', '--json'));
  const acme = snapshots.find(({ realm }) => realm === 'acme')!;
  const file = join(stage.folder, 'dev.age');
  const words = [
    'snapshot',
    'export',
    ...snapshots.map(({ id }) => id),
    '--format',
    'archive',
    '--out',
    file,
  ];
  const exported = await run(...words, '--recipient', recipient, '--json');
  expect(exported.code).toBe(0);
  expect(documentOf(exported)).toMatchObject({ encrypted: true, bytes: statSync(file).size });
  expect(readFileSync(file, 'latin1').startsWith('age-encryption.org/v1\n')).toBe(true);

  const nothing = await elsewhere('snapshot', 'import', file, '--json');
  expect([nothing.code, documentOf(nothing).error.code]).toEqual([8, 'PASSPHRASE_NEEDED']);
  expect(documentOf(nothing).error.remedy).toContain('--identity-file');
  const imported = await elsewhere('snapshot', 'import', file, '--identity-file', identityFile, '--json');
  const stored = documentOf(imported).snapshots;
  expect([imported.code, stored.map(({ realm }) => realm).toSorted()]).toEqual([
    0,
    snapshots.map(({ realm }) => realm).toSorted(),
  ]);
  const again = await elsewhere('snapshot', 'import', file, '--identity-file', identityFile);
  expect(again.out).toContain('is here already as snapshot');
  expect(again.out).toContain('nothing was stored twice');

  const copy = stored.find(({ realm }) => realm === 'acme')!;
  const shown = await elsewhere('snapshot', 'show', copy.id);
  expect(shown.out).toContain('from an archive of “dev”');
  expect(shown.out).toMatch(new RegExp(`There +snapshot ${acme.id}, a backup`));
  expect((await elsewhere('snapshot', 'list')).out).toContain('archive (dev)');

  await elsewhere(...addDatabaseWords('prod'));
  const nowhere = await elsewhere('restore', copy.id);
  expect([nowhere.code, nowhere.err]).toEqual([
    2,
    expect.stringMatching(/is from an archive\. It was taken of “dev”, [^]* Name the environment/),
  ]);
  const restored = await elsewhere(
    'restore',
    copy.id,
    'prod',
    '--realm-name',
    'acme-copy',
    '--clients',
    'skip',
    '--conflicts',
    'skip',
    '--json',
  );
  expect(restored.json(), restored.err).toMatchObject({ verified: true });
  const [there, here] = [await ids('prod', 'acme-copy'), await ids('dev', 'acme')];
  expect(Object.keys(there).length).toBeGreaterThan(30);
  for (const [username, id] of Object.entries(there)) expect(id).toBe(here[username]);
}, 120_000);

test('a passphrase comes from a variable or a file, and a wrong one is told as such', async () => {
  const file = join(stage.folder, 'secret.age');
  const words = ['snapshot', 'export', 'latest:dev/acme', '--format', 'archive', '--out', file];
  expect((await run(...words, '--passphrase-env', 'ARCHIVE_PASSPHRASE')).out).toContain('encrypted.');
  const none = documentOf(await run('snapshot', 'import', file, '--json')).error;
  expect(none.remedy).toContain('--passphrase-env or --passphrase-file');
  stage.env['OTHER'] = 'another';
  const wrong = await run('snapshot', 'import', file, '--passphrase-env', 'OTHER', '--json');
  expect([wrong.code, documentOf(wrong).error.code]).toEqual([8, 'WRONG_KEY']);
  const path = join(stage.folder, 'passphrase');
  writeFileSync(path, 'canary-passphrase\n', { mode: 0o600 });
  const there = await run('snapshot', 'import', file, '--passphrase-file', path, '--json');
  expect([there.code, documentOf(there).alreadyThere.length]).toEqual([0, 1]);
}, 120_000);

test('how it is encrypted has to be said, once; nothing is written without', async () => {
  const file = join(stage.folder, 'never');
  const words = ['snapshot', 'export', 'latest:dev/acme', '--out', file];
  for (const flags of [
    ['--format', 'archive'],
    ['--format', 'archive', '--unencrypted', '--recipient', recipient],
    ['--format', 'archive', '--passphrase-env', 'ARCHIVE_PASSPHRASE', '--passphrase-file', 'x'],
    ['--format', 'archive', '--passphrase-env', 'NOT_SET'],
    ['--format', 'archive', '--recipient', 'age1nonsense'],
    ['--format', 'archive', '--unencrypted', '--include-secrets'],
    ['--recipient', recipient],
    ['--no-credentials'],
    ['--unencrypted'],
  ])
    expect((await run(...words, ...flags)).code, flags.join(' ')).toBe(2);
  expect((await run('snapshot', 'export', 'latest:dev/acme', 'latest:dev/acme', '--out', file)).code).toBe(2);
  expect(existsSync(file)).toBe(false);
  const plain = await run(...words, '--format', 'archive', '--unencrypted', '--no-credentials');
  expect(plain.code).toBe(0);
  expect(plain.err).toContain('will not be encrypted');
  expect(plain.out).toContain('not encrypted');
});

test('an archive is no source: it is imported first', async () => {
  const file = join(stage.folder, 'dev.age');
  const ran = await run('diff', file, 'latest:dev/acme', '--json');
  expect(documentOf(ran).error).toMatchObject({
    code: 'INVALID_DOCUMENT',
    remedy: expect.stringContaining('snapshot import'),
  });
});

test('no passphrase and no identity is ever shown, nor kept with a job', async () => {
  for (const text of everything) {
    expect(text).not.toContain('canary-passphrase');
    expect(text).not.toMatch(/AGE-SECRET-KEY-1\w/);
  }
  const { openCatalog } = await import('../../core/catalog/index.ts');
  const catalog = await openCatalog({
    dir: stage.env['DRAWBRIDGE_CATALOG']!,
    keys: { passphrase: () => Promise.resolve('correct horse') },
  });
  const jobs = JSON.stringify(catalog.jobs.list());
  catalog.close();
  expect(jobs).toContain('export-archive');
  expect(jobs).not.toMatch(/canary-passphrase|AGE-SECRET-KEY-1\w/);
});
