import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { VEHICLE, vehicleFolder, vehicleExecutable, vehicleIsMissing } from './vehicle.ts';

// Makes the Electron of the tests present: npm run e2e:electron. It ends with 0 also where that cannot be: then the
// tests that need it are skipped, and say so. With --required it ends with 1, where there could be one.

const canBeHad = process.platform === 'linux' && process.arch === 'x64';
/** A mirror may have a bad minute. */
const attempts = canBeHad ? 3 : 0;
for (let attempt = 1; attempt <= attempts && vehicleIsMissing() !== undefined; attempt++) {
  try {
    fetchVehicle();
    installLibraries();
  } catch (error) {
    console.error(`The Electron of the tests could not be fetched: ${String(error)}`);
  }
}
const missing = vehicleIsMissing();
console.log(
  missing ? `No Electron for the tests: ${missing}.` : `Electron for the tests: ${vehicleExecutable()}`,
);
if (missing !== undefined && canBeHad && process.argv.includes('--required')) process.exitCode = 1;

/** From the npm registry, with the checksum that is written down here. */
function fetchVehicle(): void {
  if (!vehicleIsMissing()?.startsWith('there is no /')) return;
  const folder = vehicleFolder();
  mkdirSync(dirname(folder), { recursive: true });
  const work = mkdtempSync(join(dirname(folder), 'fetching-'));
  try {
    const [packed] = JSON.parse(
      execFileSync('npm', ['pack', '--json', VEHICLE.package], { cwd: work, encoding: 'utf8' }),
    ) as { filename: string }[];
    const archive = join(work, packed?.filename ?? '');
    const integrity = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (integrity !== VEHICLE.integrity)
      throw new Error(`${VEHICLE.package} is not what it was: ${integrity}`);
    tar('-xzf', archive, '-C', work);
    const unpacked = join(work, 'electron');
    mkdirSync(unpacked);
    const program = join(work, 'package/release/app.tar.gz');
    tar('-xzf', program, '-C', unpacked, '--exclude=./resources/*', '--warning=no-unknown-keyword');
    renameSync(join(unpacked, '@wingconsoledesktop'), join(unpacked, 'electron'));
    // electron-builder reads it.
    writeFileSync(join(unpacked, 'version'), VEHICLE.version);
    putDefaultApp(join(unpacked, 'resources/app'));
    rmSync(folder, { recursive: true, force: true });
    renameSync(unpacked, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What an Electron has of its own: it loads the file that it is started with. */
function putDefaultApp(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"name":"electron","main":"main.js"}\n');
  writeFileSync(
    join(folder, 'main.js'),
    `const { app } = require('electron');
const path = require('node:path');
const file = path.resolve(process.argv.slice(1).find((word) => !word.startsWith('-')));
const { version } = require(path.resolve(path.dirname(file), '../../package.json'));
app.setVersion(version);
app.setAppPath(path.dirname(file));
require(file);
`,
  );
}

/** As root on Debian they can be had; anybody else is told what to install. */
function installLibraries(): void {
  const missing = vehicleIsMissing();
  if (!missing) return;
  if (process.getuid?.() !== 0) {
    console.error(`The Electron of the tests needs: apt-get install ${VEHICLE.debianPackages.join(' ')}`);
    return;
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit', env });
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...VEHICLE.debianPackages], {
    stdio: 'inherit',
    env,
  });
}

function tar(...args: string[]): void {
  execFileSync('tar', args, { stdio: 'inherit' });
}
