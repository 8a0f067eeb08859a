import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const START = fileURLToPath(new URL('start.mjs', import.meta.url));
const FOLDERS = ['cli', 'contract', 'core', 'electron', 'renderer', 'resources', 'sandbox'];
const BUILT = [
  'out/main/index.cjs',
  'out/preload/index.cjs',
  'out/renderer/index.html',
  'out/engine/engine.mjs',
];

let project: string;

/** A checkout that is built, as far as the starter looks at it; its browser mode prints what it was called with. */
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'drawbridge-start-'));
  for (const folder of FOLDERS) mkdirSync(join(project, folder));
  put('electron.vite.config.ts', '');
  put('package-lock.json', '{}');
  put('cli/drawbridge.mjs', 'console.log("browser:", process.argv.slice(2).join(" "))');
  copyFileSync(START, join(project, 'electron/start.mjs'));
  for (const file of BUILT) {
    put(file, '');
    const later = Date.now() / 1000 + 60;
    utimesSync(join(project, file), later, later);
  }
});
afterEach(() => rmSync(project, { recursive: true }));

function put(name: string, text: string): void {
  mkdirSync(dirname(join(project, name)), { recursive: true });
  writeFileSync(join(project, name), text);
}

/** @param as the user that the starter takes itself for */
async function start(words: readonly string[], env: NodeJS.ProcessEnv, as = 1000) {
  const asUser = `data:text/javascript,process.getuid = () => ${as}`;
  const child = spawn(process.execPath, ['--import', asUser, join(project, 'electron/start.mjs'), ...words], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.on('close', resolve);
  return { code: await promise, ...said };
}

test('an Electron that cannot be downloaded is said to be tried again, and the browser opens', async () => {
  put('node_modules/electron/package.json', '{"name":"electron"}');
  put('node_modules/electron/install.js', 'process.exit(1)');
  const { code, out } = await start([], {});
  expect(code).toBe(0);
  expect(out).toMatch(/^Electron is not here yet: downloading it from GitHub …\n/);
  expect(out).toContain('The next start tries again, unless ELECTRON_SKIP_BINARY_DOWNLOAD=1 is set.\n');
  expect(out).toContain('browser: serve --open\n');

  put('prod.tar.zst', '');
  const words = ['--catalog', project, join(project, 'prod.tar.zst')];
  const again = (await start(words, { ELECTRON_SKIP_BINARY_DOWNLOAD: '1' })).out;
  expect(again).not.toContain('downloading');
  expect(again).toContain(`browser: serve --open --catalog ${project}\n`);
  expect(again).toContain(`Drop ${join(project, 'prod.tar.zst')} into the page`);
});

// Chromium's own words, and its end by a signal, are those of Linux.
test.runIf(process.platform === 'linux')(
  'as root, the flag that Chromium wants is named after it refused',
  async () => {
    put(
      'electron-of-ours/electron',
      '#!/bin/sh\ncase "$*" in *--no-sandbox*) exit 0;; esac\nkill -TRAP $$\n',
    );
    chmodSync(join(project, 'electron-of-ours/electron'), 0o755);
    const env = { ELECTRON_OVERRIDE_DIST_PATH: join(project, 'electron-of-ours') };
    const refused = await start([], env, 0);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('npm start -- --no-sandbox');
    expect(await start(['--no-sandbox'], env, 0)).toEqual({ code: 0, out: '', err: '' });
    // Whatever it was for another user, it was not that.
    expect((await start([], env, 1000)).err).not.toContain('sandbox');
  },
);
