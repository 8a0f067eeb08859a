import { expect, test } from 'vitest';
import { runCommandLine } from '../../cli/program.ts';
import { exitCodeOf } from '../../cli/exit-codes.ts';
import { ERROR_HELP } from '../../contract/error-help.ts';
import { ERROR_CODES } from '../../contract/errors.ts';
import { captured } from './captured.ts';

async function run(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const around = captured({ DRAWBRIDGE_CATALOG: '/nonexistent/catalog', DRAWBRIDGE_PASSPHRASE: 'x' });
  const code = await runCommandLine(words, around);
  return { code, out: around.out(), err: around.err() };
}

const WRONG: [string, RegExp][] = [
  ['bakup dev acme', /Unknown command “bakup” \(Did you mean backup\?\)/],
  ['snapshot lst', /Unknown command “lst” \(Did you mean list\?\)/],
  ['plan a b --usrs merge', /Unknown option “--usrs” \(Did you mean --users\?\)/],
  ['env list --jsn', /Did you mean --json\?/],
  [
    'env add dev --client-secret x',
    /“--client-secret” \(Did you mean --client-secret-env or --client-secret-file\?\)/,
  ],
  [
    'env add dev --pg-password=x',
    /“--pg-password=…” \(Did you mean --pg-password-env or --pg-password-file\?/,
  ],
  ['--catlog x env list', /Did you mean --catalog\?/],
  ['plan a b --users replace', /Allowed choices are skip, merge\./],
  ['plan a b --realm', /“--realm <policy>” argument missing/],
  [
    'plan a b --sections users,rols',
    /There is no section “rols”; there are realm, roles, .* and socialLinks\./,
  ],
  ['plan a b --exclude alice', /named as section\/key/],
  ['plan a b --update roles/admin', /Only users and clients can be named here/],
  ['plan a b --limit ten', /a whole number from 1 to 10000/],
  ['plan a b --limit 0', /a whole number from 1 to 10000/],
  ['realms a b', /Too many arguments for “realms”\. Expected 1 argument but got 2/],
  ['realms', /Missing required argument “env”/],
  ['snapshot export x', /Required option “--out <file>” not specified/],
  [
    'env add dev --api-url x --client-id y --client-secret-env A --client-secret-file B',
    /cannot be used with/,
  ],
  [
    'env add dev --client-secret hunter2 --api-url http://x --client-id y',
    /Unknown option “--client-secret”/,
  ],
  [
    'seed x.json --api-url localhost:8089 --client-id y',
    /does not say whether it is http:\/\/ or https:\/\/: localhost:8089[^]*--api-url http:\/\/localhost:8089;/,
  ],
  [
    'seed x.json --gateway-url iam.example.com --client-id y',
    /Give --gateway-url https:\/\/iam\.example\.com\. Only where that server speaks no TLS/,
  ],
];

test.each(WRONG)('%s: exit code 2 and a sentence', async (line, complaint) => {
  const { code, out, err } = await run(...line.split(' '));
  expect(code).toBe(2);
  expect(out).toBe('');
  expect(err).toMatch(complaint);
  expect(err).toContain('What to do: ');
});

test('with --json a wrong command line is a document on standard output', async () => {
  const { code, out, err } = await run('plan', 'a', 'b', '--usrs', 'merge', '--json');
  expect(code).toBe(2);
  expect(err).toBe('');
  expect(JSON.parse(out)).toEqual({
    error: {
      code: 'USAGE',
      message: expect.stringContaining('Unknown option “--usrs”'),
      notChanged: 'Nothing was done.',
      remedy: expect.stringContaining('--help'),
    },
  });
});

test('an abbreviated flag is not guessed', async () => {
  expect((await run('env', 'list', '--cat', 'x')).code).toBe(2);
});

test('without a command the help is shown, on standard error, with exit code 2', async () => {
  for (const words of [[], ['snapshot'], ['--quiet']]) {
    const { code, out, err } = await run(...words);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('Usage: drawbridge');
    expect(err).toContain('Examples:');
  }
  expect(JSON.parse((await run('--json')).out)).toMatchObject({
    error: { code: 'USAGE', message: 'A command is missing.' },
  });
});

test('--help and --version go to standard output, with exit code 0', async () => {
  expect(await run('--version')).toEqual({
    code: 0,
    out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    err: '',
  });
  for (const words of [
    ['--help'],
    ['plan', '--help'],
    ['help', 'plan'],
    ['help', 'plan', 'show'],
    ['env', 'help', 'add'],
    ['help', 'catalog', 'keychain', 'on'],
    ['snapshot', 'export', '--help'],
  ]) {
    const { code, out, err } = await run(...words);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('Examples:');
  }
});

test.each([
  ['nonsense --help', /Unknown command “nonsense”/],
  ['env edit --help', /Unknown command “edit” \(Did you mean update\?\)/],
  ['env edit', /Unknown command “edit” \(Did you mean update\?\)/],
  ['env rm dev', /Unknown command “rm” \(Did you mean remove\?\)/],
  ['snapshot remove x --help', /Unknown command “remove” \(Did you mean delete\?\)/],
  ['catalog keychain onn --help', /Unknown command “onn” \(Did you mean on\?\)/],
  ['help nonsense', /Unknown command “nonsense”/],
  ['help env edit', /Unknown command “edit” \(Did you mean update\?\)/],
  ['env help edit', /Usage: drawbridge env /],
])('%s: no other help, and exit code 2', async (line, complaint) => {
  const { code, out, err } = await run(...line.split(' '));
  expect([code, out, err]).toEqual([2, '', expect.stringMatching(complaint)]);
});

test('--version --json prints JSON', async () => {
  for (const words of [
    ['--version', '--json'],
    ['--json', '--version'],
  ])
    expect(JSON.parse((await run(...words)).out)).toEqual({ version: expect.stringMatching(/^\d+\.\d+/) });
});

test('an error has its code in its first line, and “help” says what lies behind it', async () => {
  expect((await run('env', 'list')).err).toMatch(/^Error \(CATALOG_MISSING\): There is no catalog/);
  for (const code of ERROR_CODES) {
    const { out, code: exit } = await run('help', code);
    expect(exit).toBe(0);
    expect(out).toMatch(new RegExp(`^${code} \\(exit code ${exitCodeOf(code)}\\)\n`));
    expect(out).toContain(ERROR_HELP[code].remedy);
  }
  expect((await run('help', 'TARGET_CHNGED')).err).toContain('(Did you mean TARGET_CHANGED?)');
  expect((await run('help', 'target_chnged')).err).toContain('(Did you mean TARGET_CHANGED?)');
  expect(JSON.parse((await run('help', 'target_changed', '--json')).out)).toEqual({
    code: 'TARGET_CHANGED',
    exitCode: 6,
    ...ERROR_HELP.TARGET_CHANGED,
  });
});

test('the help has jobs, and what keeps the catalog, under headings of their own', async () => {
  const { out } = await run('--help');
  expect(out).toMatch(/\n\nKeeping the catalog:\n {2}catalog {3,}\S.*\n\n/);
  expect(out).toMatch(/\n\nJobs:\n {2}job {3,}\S.*\n\n/);
});

test('a catalog that is not there is said so by all that needs something of it, with exit code 8', async () => {
  for (const line of [
    'env list',
    'snapshot list',
    'job list',
    'realms dev',
    'diff a b',
    'apply xxxx',
    'restore latest:a/b',
    'backup dev acme',
    'plan latest:dev/acme prod',
    'migrate dev/acme prod',
    'seed realm.json dev',
    'snapshot pseudonymize latest:dev/acme',
  ]) {
    const { code, err } = await run(...line.split(' '));
    expect([line, code]).toEqual([line, 8]);
    expect(err).toContain('There is no catalog in');
  }
});

test('global flags are taken before and after the command', async () => {
  for (const words of [
    ['--json', 'env', 'list'],
    ['env', '--json', 'list'],
    ['env', 'list', '--json'],
  ]) {
    expect(JSON.parse((await run(...words)).out)).toMatchObject({ error: { code: 'CATALOG_MISSING' } });
  }
});
