import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../cli/program.ts';
import { captured } from '../cli/captured.ts';
import { startSandbox, type EnvironmentHandle, type Sandbox } from '../../sandbox/index.ts';
import { curlCommands, jsonExample, namedCalls, shellScript } from './page-commands.ts';
import { missingTools, Shell } from './shell.ts';

const page = (name: string): Promise<string> =>
  readFile(join(import.meta.dirname, 'fixtures', `${name}.txt`), 'utf8');

const importExport = await page('import-export');
const realmsApi = await page('realms-api');

let sandbox: Sandbox;
let server: EnvironmentHandle;

beforeAll(async () => {
  sandbox = await startSandbox({ environments: ['server'], bcryptCost: 4 });
  server = sandbox.environment('server');
});

afterAll(() => sandbox.stop());

/** The command as the page has it, but for host, port and secret. */
function adapted(command: string): string {
  return command
    .replace(/http:\/\/localhost:80(?:80|89)/g, server.apiUrl)
    .replace('your-secret', server.clientSecret);
}

/** The commands that fit a pattern, in the order of the page. */
function found(commands: readonly string[], pattern: RegExp): string {
  const matching = commands.filter((command) => pattern.test(command));
  if (matching.length !== 1) throw new Error(`${matching.length} commands fit ${pattern}`);
  return adapted(matching[0] ?? '');
}

const toolSets = [
  { name: 'with the tools of this machine', standIns: missingTools() },
  { name: 'with stand-ins for curl and jq', standIns: ['curl', 'jq'] },
];

describe.each(toolSets)('the documentation, $name', ({ standIns }) => {
  let directory: string;
  let shell: Shell;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'seed-pages-'));
    shell = await Shell.create(directory, standIns);
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
    for (const { name } of await server.query<{ name: string }>('realm', 'SELECT name FROM realms'))
      if (name !== 'master') await request('DELETE', `/api/realms/${name}`);
  });

  async function request(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(server.apiUrl + path, {
      method,
      headers: { authorization: `Bearer ${server.issueToken()}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  const commands = curlCommands(importExport);

  /** What the page's first command puts into TOKEN. */
  async function token(): Promise<{ TOKEN: string }> {
    const { exitCode, stdout } = await shell.run(`${found(commands, /^TOKEN=/)}\nprintf '%s' "$TOKEN"`);
    expect(exitCode).toBe(0);
    return { TOKEN: stdout };
  }

  test('authenticates', async () => {
    const { TOKEN } = await token();
    const answer = await fetch(`${server.apiUrl}/api/realms`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    expect(answer.status).toBe(200);
  });

  test('exports a realm and its users into files, and imports them again', async () => {
    const example = jsonExample(importExport, 'realm');
    expect((await request('POST', '/admin/realms/import', example)).status).toBe(201);
    const environment = await token();

    await shell.run(found(commands, /my-realm\/export/), environment);
    const exported = await readJson('my-realm-export.json');
    expect(exported).toMatchObject({
      ...example,
      // The server names its members' defaults, and adds the roles it has been given.
      clients: [expect.objectContaining((example['clients'] as object[])[0] ?? {})],
    });

    await shell.run(found(commands, /users\/export/), environment);
    expect(await readJson('my-realm-users.json')).toEqual({ users: exported['users'] });

    const importRealm = found(commands, /-X POST[^]*realms\/import$/);
    expect(await shell.call(importRealm, environment)).toMatchObject({
      status: 409,
      body: { error: 'REALM_EXISTS' },
    });
    expect((await request('DELETE', '/api/realms/my-realm')).status).toBe(204);
    expect(await shell.call(importRealm, environment)).toMatchObject({
      status: 201,
      body: { realm: 'my-realm', users: { created: 1 } },
    });
    expect(await (await request('GET', '/admin/realms/my-realm/export')).json()).toEqual(exported);

    expect(await shell.call(found(commands, /users\/import$/), environment)).toMatchObject({
      status: 200,
      body: { users: { created: 0, skipped: 1 } },
    });
  });

  test('replaces a realm and its users with ?overwrite=true', async () => {
    const example = jsonExample(importExport, 'realm');
    await writeFile(join(directory, 'my-realm-export.json'), JSON.stringify(example));
    await request('POST', '/admin/realms/import', {
      realm: { id: 'my-realm' },
      users: [{ username: 'bob', email: 'bob@example.com' }],
    });
    const answer = await shell.call(found(commands, /overwrite=true/), await token());
    expect(answer).toMatchObject({ status: 200, body: { users: { created: 1 } } });
    const users = await server.query('user', `SELECT username FROM users WHERE realm_name = 'my-realm'`);
    expect(users).toEqual([{ username: 'alice' }]);
  });

  test('seeds a realm with the script of the page once, and fails on the second run', async () => {
    const example = jsonExample(importExport, 'realm');
    await mkdir(join(directory, 'config'));
    await writeFile(join(directory, 'config', 'realm-seed.json'), JSON.stringify(example, null, 2));
    const script = shellScript(importExport);
    const environment = { OPENGATE_URL: server.apiUrl, ADMIN_SECRET: server.clientSecret };

    const first = await shell.run(script, environment);
    expect(first).toMatchObject({ exitCode: 0 });
    expect(first.stdout).toContain('Realm seeded successfully');
    const before = await server.query('realm', `SELECT * FROM realms WHERE name = 'my-realm'`);
    expect(before).toHaveLength(1);

    // The page calls the script idempotent. It is not: curl -f turns the 409 into exit code 22.
    const second = await shell.run(script, environment);
    expect(second.exitCode).toBe(22);
    expect(second.stdout).not.toContain('Realm seeded successfully');
    expect(await server.query('realm', `SELECT * FROM realms WHERE name = 'my-realm'`)).toEqual(before);
  });

  test('drawbridge seed is what the page says of its script: the second run skips, and succeeds', async () => {
    const file = join(directory, 'realm-seed.json');
    await writeFile(file, JSON.stringify(jsonExample(importExport, 'realm'), null, 2));
    const words = [
      '--api-url',
      server.apiUrl,
      '--client-id',
      'admin-cli',
      '--client-secret-env',
      'ADMIN_SECRET',
    ];
    const run = async (): Promise<{ exitCode: number; status: unknown }> => {
      const around = captured({ ADMIN_SECRET: server.clientSecret });
      const exitCode = await runCommandLine(['seed', file, ...words, '--json', '--quiet'], around);
      return { exitCode, status: (JSON.parse(around.out()) as { status: unknown }).status };
    };
    expect(await run()).toEqual({ exitCode: 0, status: 'succeeded' });
    const before = await server.query('realm', `SELECT * FROM realms WHERE name = 'my-realm'`);
    expect(await run()).toEqual({ exitCode: 0, status: 'exists' });
    expect(await server.query('realm', `SELECT * FROM realms WHERE name = 'my-realm'`)).toEqual(before);
  });

  test('fails the seeding script when the secret is wrong', async () => {
    const script = shellScript(importExport);
    const result = await shell.run(script, { OPENGATE_URL: server.apiUrl, ADMIN_SECRET: 'wrong' });
    expect(result.exitCode).not.toBe(0);
    expect(result.stdout).not.toContain('Realm seeded successfully');
  });

  test('lists, creates, reads, changes and deletes a realm with the commands of the Realms API page', async () => {
    const realmCommands = curlCommands(realmsApi);
    expect(realmCommands).toHaveLength(5);
    const environment = await token();
    const run = (pattern: RegExp): ReturnType<Shell['call']> =>
      shell.call(found(realmCommands, pattern), environment);

    const documentedPage = jsonExample(realmsApi, 'content');
    const list = await run(/^curl -H[^]*api\/realms$/);
    expect(list.status).toBe(200);
    expect(Object.keys(list.body as object)).toEqual(Object.keys(documentedPage));
    const [row] = (list.body as { content: object[] }).content;
    expect(Object.keys(row ?? {})).toEqual(Object.keys((documentedPage['content'] as object[])[0] ?? {}));

    const created = await run(/-X POST/);
    expect(created).toMatchObject({
      status: 201,
      body: { name: 'acme-corp', tokenLifespanSeconds: 300, refreshTokenLifespanSeconds: 86_400 },
    });
    const read = await run(/^curl -H[^]*acme-corp$/);
    expect(read).toEqual({ status: 200, body: created.body });
    const changed = await run(/-X PUT/);
    expect(changed).toMatchObject({
      status: 200,
      body: { displayName: 'ACME Corp (Updated)', mfaRequired: true, tokenLifespanSeconds: 300 },
    });
    expect(await run(/-X DELETE/)).toEqual({ status: 204, body: undefined });
    expect((await run(/^curl -H[^]*acme-corp$/)).status).toBe(404);
  });

  async function readJson(name: string): Promise<Record<string, unknown>> {
    return JSON.parse(await readFile(join(directory, name), 'utf8')) as Record<string, unknown>;
  }
});

describe('every call that the pages name', () => {
  const calls = [...namedCalls(importExport), ...namedCalls(realmsApi)];

  test.each(calls)('$method $path is served', async ({ method, path }) => {
    const url = server.apiUrl + path.replace(/\{\w+\}/g, 'no-such-realm');
    const answer = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${server.issueToken()}` },
    });
    const body = (await answer.json()) as { error?: string };
    // An unknown route would be NOT_FOUND.
    expect([undefined, 'REALM_NOT_FOUND', 'UNSUPPORTED_MEDIA_TYPE']).toContain(body.error);
  });
});
