#!/usr/bin/env node
// `npm start`: builds the desktop program if that is needed and starts it; where no Electron can be had, its windows open in
// the browser. Plain JavaScript: it runs before anything was built.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const BUILT = [
  'out/main/index.cjs',
  'out/preload/index.cjs',
  'out/renderer/index.html',
  'out/engine/engine.mjs',
];
const SOURCES = [
  'cli',
  'contract',
  'core',
  'electron',
  'renderer',
  'resources',
  'sandbox',
  'electron.vite.config.ts',
  'package-lock.json',
];

if (needsBuild()) {
  console.log('Building Drawbridge …');
  const { status } = spawnSync('npm', ['run', '-s', 'build'], {
    cwd: project,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}
const electron = electronProgram();
if (electron === undefined) {
  console.log(
    'There is no Electron on this computer, and it could not be downloaded: the windows of Drawbridge open in the browser ' +
      'instead. The next start tries again, unless ELECTRON_SKIP_BINARY_DOWNLOAD=1 is set.',
  );
  const words = process.argv.slice(2);
  // A folder is no file to be opened: it may be the value of --catalog.
  const files = words.filter((word) => statSync(word, { throwIfNoEntry: false })?.isFile());
  if (files.length > 0)
    console.log(`Drop ${files.join(' and ')} into the page: a browser is not given files at its start.`);
  run(process.execPath, [
    join(project, 'cli/drawbridge.mjs'),
    'serve',
    '--open',
    ...words.filter((word) => !files.includes(word)),
  ]);
} else {
  const words = process.argv.slice(2);
  run(electron, [join(project, 'out/main/index.cjs'), ...words], () => {
    if (process.platform === 'linux' && process.getuid() === 0 && !words.includes('--no-sandbox'))
      console.error(
        'As root, Chromium does not start with its sandbox. Start Drawbridge as another user; or without the sandbox: ' +
          'npm start -- --no-sandbox; or in the browser: npm run -s drawbridge -- serve --open',
      );
  });
}

function needsBuild() {
  const times = BUILT.map((file) => statSync(join(project, file), { throwIfNoEntry: false })?.mtimeMs);
  if (times.includes(undefined)) return true;
  const oldest = Math.min(...times);
  return SOURCES.some((place) => newest(join(project, place)) > oldest);
}

function newest(place) {
  const { mtimeMs } = statSync(place);
  if (!statSync(place).isDirectory()) return mtimeMs;
  return readdirSync(place, { withFileTypes: true }).reduce(
    (latest, entry) => Math.max(latest, newest(join(place, entry.name))),
    0,
  );
}

/**
 * The binary is fetched from GitHub at first use. One that lies elsewhere is named as for Electron's own commands, with
 * ELECTRON_OVERRIDE_DIST_PATH.
 */
function electronProgram() {
  const { ELECTRON_OVERRIDE_DIST_PATH: elsewhere, ELECTRON_SKIP_BINARY_DOWNLOAD: skip } = process.env;
  const name =
    { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' }[process.platform] ?? 'electron';
  if (elsewhere) return existsSync(join(elsewhere, name)) ? join(elsewhere, name) : undefined;
  let folder;
  try {
    folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  } catch {
    // Installed without the development packages.
    return undefined;
  }
  const program = join(folder, 'dist', name);
  if (!existsSync(program) && !skip) {
    console.log('Electron is not here yet: downloading it from GitHub …');
    // Its own complaint is about what we say in a sentence.
    spawnSync(process.execPath, [join(folder, 'install.js')], { stdio: 'ignore', timeout: 120_000 });
  }
  return existsSync(program) ? program : undefined;
}

function run(program, args, onFailure = () => {}) {
  const child = spawn(program, args, { stdio: 'inherit' });
  let ending = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      ending = true;
      child.kill(signal);
    });
  child.on('error', (error) => {
    console.error(`Drawbridge could not be started: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
    if (code !== 0 && !ending) onFailure();
  });
}
