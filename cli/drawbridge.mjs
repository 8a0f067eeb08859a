#!/usr/bin/env node
// The one file of the command line that an old Node must be able to read: plain JavaScript, nothing newer than dynamic
// import. Everything else is TypeScript that Node runs by stripping the types; chunks are compressed with zstd dictionaries,
// which came with 24.6.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED = '24.6';
/** A small young generation costs no time that could be measured and saves some 100 MB with a million users. */
const FLAGS = ['--max-semi-space-size=8'];

if (isNewEnough(process.versions.node)) {
  import('./main.ts').catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
} else {
  const newer = bundledNode();
  if (newer === undefined) {
    console.error(
      `Drawbridge needs Node.js ${NEEDED} or newer, and this is ${process.versions.node}: run "npm ci" in its folder, which ` +
        'brings one along, or install one from https://nodejs.org/.',
    );
    process.exitCode = 1;
  } else {
    runWith(newer);
  }
}

function isNewEnough(version) {
  const parts = version.split('.').map(Number);
  return parts[0] > 24 || (parts[0] === 24 && parts[1] >= 6);
}

/** The Node.js that `npm ci` put beside our dependencies. */
function bundledNode() {
  const modules = join(dirname(dirname(fileURLToPath(import.meta.url))), 'node_modules');
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const system = process.platform === 'win32' ? 'win' : process.platform;
  return [
    join(modules, `node-${system}-${process.arch}`, 'bin', name),
    join(modules, `node-bin-${system}-${process.arch}`, 'bin', name),
    join(modules, '.bin', name),
  ].find((path) => existsSync(path));
}

/**
 * Hands everything over; signals too, because whoever started us knows only our process id. Should we be killed, which no
 * signal tells, the channel breaks: then the other one ends as well.
 */
function runWith(executable) {
  const child = spawn(executable, [...FLAGS, ...process.argv.slice(1)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`Drawbridge could not start ${executable}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code === null ? 128 + (constants.signals[signal] || 0) : code;
  });
}
