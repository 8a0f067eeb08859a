import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import bcrypt from 'bcryptjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addDatabaseWords, setStage, type Ran, type Stage } from './sandboxed.ts';

let stage: Stage;
const everything: string[] = [];

beforeAll(async () => {
  stage = await setStage(60);
  stage.env['STAGING_PASSWORD'] = 'canary-staging';
  await run(...addDatabaseWords('dev'));
  await run(...addDatabaseWords('prod', '--stage', 'staging'));
  await run('backup', 'dev', 'acme');
});
afterAll(async () => stage[Symbol.asyncDispose]());

async function run(...words: string[]): Promise<Ran> {
  const ran = await stage.run(...words);
  everything.push(ran.out, ran.err);
  return ran;
}

async function rows(environment: 'prod' | 'dev', sql: string): Promise<Record<string, string>[]> {
  const { pgUrl, databases } = stage.sandbox.environment(environment);
  const client = new pg.Client({ connectionString: pgUrl + databases.user });
  await client.connect();
  try {
    return (await client.query<Record<string, string>>(sql)).rows;
  } finally {
    await client.end();
  }
}

interface Document {
  readonly snapshot: { readonly id: string; readonly pseudonymized: object };
  readonly source: { readonly snapshot: string; readonly pseudonymized?: object };
  readonly destructive: boolean;
  readonly warnings: readonly string[];
  readonly next: string;
  readonly error: { readonly code: string };
}
const documentOf = (ran: Ran): Document => ran.json() as unknown as Document;

test('production comes to staging without its people, who all log in with one password', async () => {
  const words = [
    'migrate',
    'latest:dev/acme',
    'prod',
    '--realm-name',
    'copy',
    '--clients',
    'skip',
    '--conflicts',
    'skip',
  ];
  const ran = await run(...words, '--pseudonymize', '--password-env', 'STAGING_PASSWORD', '--json');
  expect(ran.json(), ran.err).toMatchObject({ verified: true });
  expect(ran.err).toContain('pseudonymised copy');
  const before = await rows('dev', "SELECT * FROM users WHERE realm_name = 'acme'");
  const after = await rows('prod', "SELECT * FROM users WHERE realm_name = 'copy'");
  expect(after.length).toBe(before.length);
  const originals = before.flatMap(({ id, username, email }) => [id, username, email]);
  const text = JSON.stringify(after);
  for (const original of originals) expect(text).not.toContain(`"${original}"`);
  const [credential] = await rows(
    'prod',
    "SELECT secret_hash FROM user_credentials JOIN users ON users.id = user_id WHERE realm_name = 'copy' LIMIT 1",
  );
  expect(await bcrypt.compare('canary-staging', credential!['secret_hash']!)).toBe(true);
}, 120_000);

test('a copy is shown as one everywhere, also in an archive, and is never latest', async () => {
  const made = documentOf(
    await run('snapshot', 'pseudonymize', 'latest:dev/acme', '--keep-domains', '--tag', 'safe', '--json'),
  );
  const { id } = made.snapshot;
  expect(made.snapshot.pseudonymized).toMatchObject({
    environment: 'dev',
    keepDomains: true,
    passwords: 'removed',
  });
  expect((await run('snapshot', 'show', id)).out).toContain('Pseudonymised copy of snapshot');
  expect((await run('snapshot', 'list', '--tag', 'safe')).out).toMatch(/copy of dev .*pseudonymised, #safe/);
  expect((await run('snapshot', 'show', 'latest:dev/acme')).out).not.toContain('Pseudonymised');
  const file = join(stage.folder, 'copy.tar.zst');
  const archived = ['--format', 'archive', '--unencrypted', '--out'];
  const exported = await run('snapshot', 'export', id, ...archived, file);
  // Nothing is warned of that it does not hold.
  expect(exported.out + exported.err).not.toMatch(/personal data|password|client secrets|guard/);
  const original = join(stage.folder, 'original.tar.zst');
  const told = await run('snapshot', 'export', 'latest:dev/acme', ...archived, original);
  expect(told.out + told.err).toMatch(/personal data.* client secrets and passwords of mail servers/);
  const elsewhere = ['--catalog', join(stage.folder, 'elsewhere'), 'snapshot'];
  const imported = documentOf(await run(...elsewhere, 'import', file, '--json'));
  expect(imported.snapshot.pseudonymized).toEqual(made.snapshot.pseudonymized);
}, 120_000);

test('it does not get back to where it came from by itself', async () => {
  const { id } = documentOf(await run('snapshot', 'pseudonymize', 'latest:dev/acme', '--json')).snapshot;
  const plan = documentOf(
    await run(
      'plan',
      id,
      'dev',
      '--realm-name',
      'acme-two',
      '--clients',
      'skip',
      '--conflicts',
      'skip',
      '--json',
    ),
  );
  expect(plan.destructive).toBe(true);
  expect(plan.warnings[0]).toContain('pseudonymised: its users are made up');
  expect(plan.source).toEqual({ snapshot: id, realm: 'acme', pseudonymized: { environment: 'dev' } });
  expect(plan.next).toContain('--confirm acme-two');
  const restored = await run(
    'restore',
    id,
    'dev',
    '--realm-name',
    'acme-two',
    '--conflicts',
    'skip',
    '--json',
  );
  expect([restored.code, documentOf(restored).error.code]).toEqual([4, 'CONFIRMATION_NEEDED']);
  const nowhere = await run('restore', id);
  expect(nowhere.code).toBe(2);
  expect(nowhere.err).toContain('is a pseudonymised copy');
  const shown = await run('plan', id, 'prod', '--realm-name', 'copy-two', '--conflicts', 'skip');
  expect(shown.out).toContain(`as in snapshot ${id}, a pseudonymised copy of “acme” from “dev”.`);
}, 120_000);

test('an archive of a copy with secrets that were given warns of these', async () => {
  const made = documentOf(
    await run(
      'snapshot',
      'pseudonymize',
      'latest:dev/acme',
      '--password-env',
      'STAGING_PASSWORD',
      '--client-secret-env',
      'STAGING_PASSWORD',
      '--json',
    ),
  );
  const file = join(stage.folder, 'given.tar.zst');
  const words = ['--format', 'archive', '--unencrypted', '--out', file];
  const { out, err } = await run('snapshot', 'export', made.snapshot.id, ...words);
  expect(out + err).toMatch(
    /holds .*password hash.*, the hash of the client secret that was given for its pseudonymised copies: guard/,
  );
  expect(out + err).not.toMatch(/personal data|mail servers/);
}, 120_000);

test('a document can be written without the people, too', async () => {
  const file = join(stage.folder, 'safe.json');
  expect((await run('snapshot', 'export', 'latest:dev/acme', '--out', file, '--pseudonymize')).code).toBe(0);
  const [first] = await rows(
    'dev',
    "SELECT username FROM users WHERE realm_name = 'acme' ORDER BY username LIMIT 1",
  );
  expect(readFileSync(file, 'utf8')).not.toContain(`"${first!['username']}"`);
});

test('flags of pseudonyms without pseudonyms are refused, and no password is shown or kept', async () => {
  for (const words of [
    ['plan', 'latest:dev/acme', 'prod', '--keep-domains'],
    ['migrate', 'latest:dev/acme', 'prod', '--password-env', 'STAGING_PASSWORD'],
    [
      'snapshot',
      'export',
      'latest:dev/acme',
      '--out',
      join(stage.folder, 'no'),
      '--pseudonym-key-env',
      'STAGING_PASSWORD',
    ],
    ['snapshot', 'pseudonymize', 'latest:dev/acme', '--password-env', 'NOT_SET'],
  ])
    expect((await run(...words)).code, words.join(' ')).toBe(2);
  for (const text of everything) expect(text).not.toContain('canary-staging');
});
