import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { runCommandLine } from '../../cli/program.ts';
import { openEngine } from '../../core/engine/index.ts';
import { captured, typing, type Captured } from './captured.ts';

const root = mkdtempSync(join(tmpdir(), 'drawbridge-interactive-'));
let catalog = '';
beforeEach((context) => {
  catalog = join(root, context.task.id);
});
afterAll(() => rmSync(root, { recursive: true }));

const ADD = ['env', 'add', 'dev', '--api-url', 'http://127.0.0.1:1', '--client-id', 'x', '--no-test'];

/** A terminal at which somebody types each answer when its question is shown. Without a keychain: it is the machine's. */
async function atTerminal(
  words: readonly string[],
  answers: readonly (readonly [question: string, typed: string])[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number; around: Captured; printed: string }> {
  const around = captured({ DRAWBRIDGE_CATALOG: catalog, NO_COLOR: '1', ...env }, { tty: true });
  const left = typing(around, answers);
  const code = await runCommandLine(words, {
    ...around,
    openEngine: ({ keys, ...options }) =>
      openEngine({
        ...options,
        keys: { passphrase: keys.passphrase, prompt: keys.prompt },
        testing: { scrypt: { n: 1024, r: 8, p: 1 } },
      }),
  });
  expect(left).toEqual([]);
  return { code, around, printed: around.out() + around.err() };
}

test('a new catalog’s passphrase is asked for twice, an existing one’s once, and neither is shown', async () => {
  const created = await atTerminal(ADD, [
    ['New passphrase: ', 'hunter2-catalog\r'],
    ['The same again: ', 'hunter2-catalog\r'],
    ['Client secret: ', 'hunter2-client\r'],
  ]);
  expect(created.code).toBe(0);
  expect(created.printed).not.toContain('hunter2');
  const opened = await atTerminal(['env', 'list'], [['Passphrase of the catalog: ', 'hunter2-catalog\r']]);
  expect([opened.code, opened.around.out()]).toEqual([0, expect.stringContaining('dev')]);
  const wrong = await atTerminal(['env', 'list'], [['Passphrase of the catalog: ', 'hunter3\r']]);
  expect([wrong.code, wrong.printed]).toEqual([8, expect.not.stringContaining('hunter3')]);
});

test('a passphrase that is not typed the same twice is asked for again', async () => {
  const { code } = await atTerminal(
    [...ADD, '--client-secret-env', 'SECRET'],
    [
      ['New passphrase: ', '\r'],
      ['New passphrase: ', 'one\r'],
      ['The same again: ', 'other\r'],
      ['New passphrase: ', 'one\r'],
      ['The same again: ', 'one\r'],
    ],
    { SECRET: 's' },
  );
  expect(code).toBe(0);
});

test('Ctrl-C and Ctrl-D at a question end the program, and leave no catalog behind', async () => {
  const interrupted = await atTerminal(
    [...ADD, '--client-secret-env', 'SECRET'],
    [['New passphrase: ', '\u0003']],
    { SECRET: 's' },
  );
  expect(interrupted.code).toBe(130);
  const ended = await atTerminal(
    [...ADD, '--client-secret-env', 'SECRET'],
    [['New passphrase: ', '\u0004']],
    { SECRET: 's' },
  );
  expect(ended.code).toBe(1);
  expect(existsSync(catalog)).toBe(false);
});

test('with --json nobody is asked, on a terminal either', async () => {
  const { code, around } = await atTerminal([...ADD, '--client-secret-env', 'SECRET', '--json'], [], {
    SECRET: 's',
  });
  expect([code, JSON.parse(around.out())]).toMatchObject([8, { error: { code: 'PASSPHRASE_NEEDED' } }]);
  const withoutSecret = await atTerminal([...ADD, '--json'], [], { DRAWBRIDGE_PASSPHRASE: 'p' });
  expect([withoutSecret.code, JSON.parse(withoutSecret.around.out())]).toMatchObject([
    2,
    { error: { code: 'USAGE' } },
  ]);
});

test('secrets in files: the line break at the end does not count, and others’ eyes are warned about', async () => {
  const passphrase = join(root, 'passphrase');
  const secret = join(root, 'secret');
  writeFileSync(passphrase, 'from-a-file\n', { mode: 0o600 });
  writeFileSync(secret, 'client-secret-in-file\r\n');
  chmodSync(secret, 0o644);
  const env = { DRAWBRIDGE_PASSPHRASE_FILE: passphrase };
  const added = await atTerminal([...ADD, '--client-secret-file', secret], [], env);
  expect(added.code).toBe(0);
  expect(added.around.err()).toMatch(/Warning: “.*secret” can be read by other users .* chmod 600 /);
  expect(added.around.err()).not.toContain('passphrase” can be read');
  expect(added.printed).not.toContain('client-secret-in-file');
  expect((await atTerminal(['env', 'list'], [], { DRAWBRIDGE_PASSPHRASE: 'from-a-file' })).code).toBe(0);
  chmodSync(passphrase, 0o640);
  expect((await atTerminal(['env', 'list', '--quiet'], [], env)).around.err()).toMatch(
    /passphrase” can be read by other users/,
  );
});

test('a secret’s file that is missing, empty or endless; a variable that is not set', async () => {
  const empty = join(root, 'empty');
  writeFileSync(empty, '\n', { mode: 0o600 });
  const env = { DRAWBRIDGE_PASSPHRASE: 'p', EMPTY: '' };
  for (const [words, code, sentence] of [
    [['--client-secret-file', join(root, 'nowhere')], 1, 'could not be read (ENOENT)'],
    [['--client-secret-file', empty], 2, 'is empty'],
    [['--client-secret-file', '/dev/zero'], 2, 'is larger than 64 kB'],
    [['--client-secret-env', 'NOT_SET'], 2, 'is not set'],
    [['--client-secret-env', 'EMPTY'], 2, 'is empty'],
  ] as const) {
    const ran = await atTerminal([...ADD, ...words], [], env);
    expect([ran.code, ran.around.err()]).toEqual([code, expect.stringContaining(sentence)]);
  }
});

test('an unchecked certificate is warned about at every use, also with --quiet', async () => {
  const env = { DRAWBRIDGE_PASSPHRASE: 'p', SECRET: 's' };
  const added = await atTerminal(
    [...ADD, '--client-secret-env', 'SECRET', '--insecure-tls', '--quiet'],
    [],
    env,
  );
  expect(added.around.err()).toMatch(/Warning: The certificate of “dev” is NOT checked/);
  for (const words of [
    ['env', 'test', 'dev'],
    ['realms', 'dev'],
    ['backup', 'dev', 'acme'],
    ['plan', 'dev/acme', 'dev'],
    ['diff', 'dev/a', 'dev/b'],
    ['seed', 'x.json', 'dev'],
  ]) {
    const { around } = await atTerminal([...words, '--quiet'], [], env);
    expect(around.err().match(/NOT checked/g)).toHaveLength(1);
  }
  expect((await atTerminal(['env', 'list'], [], env)).around.out()).toContain('NOT CHECKED');
});

test('colours on a terminal, unless NO_COLOR says otherwise', async () => {
  const env = { DRAWBRIDGE_PASSPHRASE: 'p', SECRET: 's' };
  await atTerminal([...ADD, '--client-secret-env', 'SECRET'], [], env);
  expect((await atTerminal(['env', 'list'], [], { ...env, NO_COLOR: '' })).around.out()).toContain(
    '\u001b[1mdev',
  );
  expect((await atTerminal(['env', 'list'], [], env)).around.out()).not.toContain('\u001b');
  expect(
    (await atTerminal(['env', 'list'], [], { ...env, NO_COLOR: '', TERM: 'dumb' })).around.out(),
  ).not.toContain('\u001b');
});
