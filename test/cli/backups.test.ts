import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addWords, setStage, type Ran, type Stage } from './sandboxed.ts';

let stage: Stage;
/** Everything that any command of this session printed. */
const everything: string[] = [];

beforeAll(async () => {
  stage = await setStage();
  await run(...addWords(stage, 'dev'));
  await run(...addWords(stage, 'prod', '--stage', 'production'));
});
afterAll(async () => stage[Symbol.asyncDispose]());

async function run(...words: string[]): Promise<Ran> {
  const ran = await stage.run(...words);
  everything.push(ran.out, ran.err);
  return ran;
}

test('with --quiet an environment that is added tells what is not well, and nothing else of its test', async () => {
  const loud = await run(...addWords(stage, 'dev').with(2, 'again'));
  const quiet = await run(...addWords(stage, 'dev', '--quiet').with(2, 'hushed'));
  expect([loud.code, quiet.code]).toEqual([0, 0]);
  expect(loud.out).toMatch(/^ {2}ok /m);
  expect(quiet.out).not.toMatch(/^ {2}ok /m);
  const notWell = (text: string) => text.match(/^ {2}(?:note|FAILED|skipped) .*$/gm) ?? [];
  expect(notWell(quiet.out)).toHaveLength(notWell(loud.out).length);
  expect(quiet.out).toContain('Added “hushed”.');
  for (const name of ['again', 'hushed']) await run('env', 'remove', name);
});

async function backupOf(realm: string): Promise<Record<string, never>> {
  const { snapshots } = (await run('backup', 'dev', realm, '--json')).json() as unknown as {
    snapshots: Record<string, never>[];
  };
  return snapshots[0]!;
}

test('environments: listed without secrets, tested step by step', async () => {
  const listed = await run('env', 'list', '--json');
  expect(listed.json()).toMatchObject({
    environments: [
      { name: 'dev', stage: 'development', api: { clientId: 'admin-cli', insecureTls: false } },
      { name: 'prod', stage: 'production' },
    ],
  });
  expect((await run('env', 'list')).out).toMatch(
    /^dev +development +Admin API +http:\/\/127\.0\.0\.1:\d+ +client admin-cli/m,
  );
  const tested = await run('env', 'test', 'dev', '--json');
  expect([tested.code, tested.json()]).toEqual([
    0,
    expect.objectContaining({ environment: 'dev', usable: true, dialect: 'documented' }),
  ]);
  expect((await run('realms', 'dev', '--json')).json()).toMatchObject({
    realms: expect.arrayContaining([expect.objectContaining({ name: 'acme' })]),
  });
});

test('an environment that cannot be used is kept, and exit code 5 says so', async () => {
  const words = [
    'env',
    'add',
    'dead',
    '--api-url',
    'http://127.0.0.1:1',
    '--client-id',
    'x',
    '--client-secret-env',
    'DEV_SECRET',
  ];
  const added = await run(...words, '--json');
  expect(added.code).toBe(5);
  expect(added.json()).toMatchObject({ environment: { name: 'dead' }, probe: { usable: false } });
  expect((await run('env', 'test', 'dead')).code).toBe(5);
  expect(await run('realms', 'dead', '--json')).toMatchObject({ code: 5 });
  expect((await run('backup', 'dead', 'acme', '--json')).json()).toMatchObject({
    error: { code: 'UNREACHABLE' },
  });
  expect((await run('env', 'remove', 'dead')).code).toBe(0);
  expect((await run('env', 'test', 'dead')).code).toBe(1);
});

test('a wrong client secret, and a client without rights', async () => {
  const { apiUrl, limitedClient } = stage.sandbox.environment('dev');
  stage.env['WRONG'] = 'not-the-secret';
  stage.env['LIMITED'] = limitedClient.clientSecret;
  const wrong = [
    'env',
    'add',
    'wrong',
    '--api-url',
    apiUrl,
    '--client-id',
    'admin-cli',
    '--client-secret-env',
    'WRONG',
  ];
  const limited = [
    'env',
    'add',
    'limited',
    '--api-url',
    apiUrl,
    '--client-id',
    limitedClient.clientId,
    '--client-secret-env',
    'LIMITED',
  ];
  expect((await run(...wrong)).code).toBe(5);
  expect((await run(...limited, '--no-test')).code).toBe(0);
  expect((await run('realms', 'wrong', '--json')).json()).toMatchObject({ error: { code: 'AUTH_FAILED' } });
  expect((await run('realms', 'limited', '--json')).json()).toMatchObject({ error: { code: 'FORBIDDEN' } });
  await run('env', 'remove', 'wrong');
  await run('env', 'remove', 'limited');
});

test('a backup, and a second one that finds nothing changed', async () => {
  const first = await backupOf('acme');
  expect(first).toMatchObject({
    realm: 'acme',
    environment: 'dev',
    channel: 'admin-api',
    complete: true,
    counts: { realm: 1, roles: 12, users: 300 },
    missing: expect.arrayContaining([expect.objectContaining({ section: 'credentials' })]),
  });
  const second = await run('backup', 'dev', 'acme', '--tag', 'again', '--note', 'the same');
  expect(second.out).toMatch(new RegExp(`Unchanged since snapshot ${String(first['id'])}`));
  expect((await run('snapshot', 'list', '--tag', 'again', '--json')).json()).toMatchObject({
    snapshots: [{ unchanged: true, unchangedSince: first['id'], tags: ['again'], note: 'the same' }],
  });
  expect((await run('backup', 'dev')).code).toBe(2);
  expect((await run('backup', 'dev', 'acme', '--all')).code).toBe(2);
  expect((await run('backup', 'dev', 'nowhere', '--json')).json()).toMatchObject({
    error: {
      code: 'REALM_NOT_FOUND',
      remedy: 'Check the spelling. To see which realms there are: drawbridge realms dev.',
    },
  });
});

test('every realm at once', async () => {
  const { snapshots } = (await run('backup', 'prod', '--all', '--json', '--quiet')).json() as unknown as {
    snapshots: { realm: string }[];
  };
  expect(snapshots.map(({ realm }) => realm).toSorted()).toEqual(['acme', 'master', 'partner-portal']);
});

test('snapshots are shown, searched, proved, tagged, pinned, deleted and taken back', async () => {
  const { id } = (await backupOf('field-ops')) as unknown as { id: string };
  expect((await run('snapshot', 'show', id)).out).toContain('field-ops');
  expect((await run('snapshot', 'show', id.slice(0, -1), '--json')).json()).toMatchObject({
    snapshot: { id },
  });
  const alice = await run('snapshot', 'show', 'latest:dev/acme', '--record', 'users/alice', '--json');
  expect(alice.json()).toMatchObject({
    section: 'users',
    key: 'alice',
    record: { username: 'alice', lastName: 'Liddell' },
  });
  expect((await run('snapshot', 'search', 'latest:dev/acme', 'CAPITAL', '--json')).json()).toMatchObject({
    matches: [{ section: 'users', key: 'Alice' }],
    truncated: false,
  });
  expect(
    (await run('snapshot', 'search', 'latest:dev/acme', 'acme', '--limit', '3', '--json')).json(),
  ).toMatchObject({ truncated: true });
  expect((await run('snapshot', 'verify', '--json')).json()).toMatchObject({ damaged: [] });
  expect((await run('snapshot', 'tag', id, 'one', 'two', '--json')).json()).toMatchObject({
    snapshot: { tags: ['one', 'two'] },
  });
  expect((await run('snapshot', 'tag', id, '--remove', 'one', '--json')).json()).toMatchObject({
    snapshot: { tags: ['two'] },
  });
  expect((await run('snapshot', 'pin', id, '--json')).json()).toMatchObject({ snapshot: { pinned: true } });
  expect((await run('snapshot', 'delete', id)).code).not.toBe(0);
  expect((await run('snapshot', 'pin', id, '--unpin')).code).toBe(0);
  expect((await run('snapshot', 'delete', id, '--json')).json()).toEqual({ deleted: id });
  expect((await run('snapshot', 'list', '--json')).out).not.toContain(id);
  expect((await run('snapshot', 'list', '--trash', '--json')).json()).toMatchObject({ snapshots: [{ id }] });
  expect((await run('snapshot', 'restore-from-trash', id)).code).toBe(0);
  expect((await run('snapshot', 'show', id)).code).toBe(0);
});

test('a snapshot becomes a file, and a file a snapshot that differs in nothing', async () => {
  const file = join(stage.folder, 'acme.json');
  expect((await run('snapshot', 'export', 'latest:dev/acme', '--out', file, '--json')).json()).toMatchObject({
    path: file,
  });
  expect(statSync(file).mode & 0o077).toBe(0);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ realm: { id: 'acme' } });
  expect((await run('snapshot', 'export', 'latest:dev/acme', '--out', file)).code).toBe(1);
  expect(
    (await run('snapshot', 'export', 'latest:dev/acme', '--out', file, '--replace', '--format', 'users'))
      .code,
  ).toBe(0);
  await run('snapshot', 'export', 'latest:dev/acme', '--out', file, '--replace');
  const imported = (await run('snapshot', 'import', file, '--json')).json() as unknown as {
    snapshot: { id: string };
  };
  const diff = await run('diff', 'latest:dev/acme', imported.snapshot.id, '--json');
  expect([diff.code, diff.json()]).toEqual([0, expect.objectContaining({ equal: true })]);
});

test('a file that is not a document says where it is wrong', async () => {
  const file = join(stage.folder, 'broken.json');
  writeFileSync(file, '{"realm": {"id": "x"},\n "users": [{"username": 1}]}');
  const { code, err } = await run('snapshot', 'import', file);
  expect(code).toBe(1);
  expect(err).toMatch(/line 2/);
});

test('two commands at once on one catalog', async () => {
  const both = await Promise.all([
    run('backup', 'dev', 'acme', '--json'),
    run('backup', 'prod', 'acme', '--json'),
  ]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect((await run('snapshot', 'verify', '--json')).json()).toMatchObject({ damaged: [] });
});

test('a wrong passphrase opens nothing', async () => {
  const around = stage.surroundings();
  const ran = await stage.begin(
    { ...around, env: { ...stage.env, DRAWBRIDGE_PASSPHRASE: 'wrong' } },
    'env',
    'list',
    '--json',
  );
  expect([ran.code, ran.json()]).toMatchObject([8, { error: { code: 'WRONG_KEY' } }]);
});

test('no secret was printed by any of this, and no data reached the terminal unescaped', () => {
  const printed = everything.join('');
  for (const secret of [
    stage.env['DEV_SECRET']!,
    stage.env['PROD_SECRET']!,
    stage.env['LIMITED']!,
    'correct horse',
    'smtp-password-of-acme',
  ]) {
    expect(printed.includes(secret)).toBe(false);
  }
  // CSV has CR LF; nothing else of C0 and C1, and no direction marks.
  expect(
    printed
      .replaceAll('\r\n', '')
      .match(/[\p{Cc}\p{Bidi_Control}]/gu)
      ?.filter((character) => character !== '\n'),
  ).toEqual([]);
});
