import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { curlCommands, jsonExample, namedCalls, shellScript } from './page-commands.ts';

const page = (name: string): Promise<string> =>
  readFile(join(import.meta.dirname, 'fixtures', `${name}.txt`), 'utf8');

test('finds every curl command of the Import/Export page, without the headings that run into them', async () => {
  const commands = curlCommands(await page('import-export'));
  expect(commands.map((command) => command.split(/\s+/).at(-1))).toEqual([
    '.access_token)',
    'my-realm-export.json',
    'my-realm-users.json',
    'http://localhost:8089/admin/realms/import',
    'http://localhost:8089/admin/realms/my-realm/users/import',
    '"http://localhost:8089/admin/realms/import?overwrite=true"',
  ]);
});

test('finds the seeding script of the Import/Export page from its first to its last line', async () => {
  const script = shellScript(await page('import-export'))
    .trimEnd()
    .split('\n');
  expect(script[0]).toBe('#!/bin/bash');
  expect(script.at(-1)).toBe('echo "Realm seeded successfully"');
  expect(script).toHaveLength(11);
});

test('keeps a body of several lines in one command', async () => {
  const create = curlCommands(await page('realms-api'))[1];
  expect(create).toContain('"name": "acme-corp"');
  expect(create).toMatch(/^curl -X POST[^]*http:\/\/localhost:8080\/api\/realms$/);
});

test('does not take the end of a command for a heading', () => {
  expect(curlCommands('curl http://localhost/users?mergeUsers=true')).toEqual([
    'curl http://localhost/users?mergeUsers=true',
  ]);
  expect(curlCommands('curl "http://localhost/x"\nThen go on')).toEqual(['curl "http://localhost/x"']);
});

test('finds the documented example and the calls that the prose names', async () => {
  const text = await page('import-export');
  expect(Object.keys(jsonExample(text, 'realm'))).toEqual(['realm', 'roles', 'clients', 'users']);
  expect(namedCalls(text)).toHaveLength(4);
  expect(() => jsonExample(text, 'nothing')).toThrow('no JSON example');
});
