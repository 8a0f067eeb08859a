#!/usr/bin/env node
// The one file of the command line that an old Node must be able to read: plain JavaScript, nothing newer than dynamic
// import. Everything else is TypeScript that Node runs by stripping the types; chunks are compressed with zstd dictionaries,
// which came with 24.6.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED = '24.6';
/** A small young generation costs no time that could be measured and saves some 100 MB with a million users. */
const FLAGS = ['--max-semi-space-size=4'];
/** Commands for which a start that is 40 ms longer is nothing, and that may be given a realm with a million users. */
const HEAVY = ['apply', 'backup', 'migrate', 'plan', 'restore', 'rollback', 'schedule', 'seed', 'serve'];
/**
 * Those of them that wait for a server while they write. For them glibc is to give every larger piece of memory back when it
 * is free, which saves some 50 MB with a million users; a backup, which waits for nobody, could be slower by that.
 */
const WRITING = ['apply', 'migrate', 'plan', 'restore', 'rollback', 'seed'];
const MALLOC = { MALLOC_MMAP_THRESHOLD_: '262144' };

/** Of the options before a command only this one has a value. */
const isCommand = (word, at, words) => !word.startsWith('-') && words[at - 1] !== '--catalog';
const command = process.argv.slice(2).find(isCommand) || '';
const env = WRITING.includes(command) ? { ...MALLOC, ...process.env } : process.env;

if (isNewEnough(process.versions.node)) {
  if (HEAVY.includes(command)) startAsMeasured();
  import('./main.ts').catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
} else {
  const newer = bundledNode();
  if (newer === undefined) {
    console.error(
      `Drawbridge needs Node.js ${NEEDED} or newer, and this is ${process.versions.node}: ` +
        (npmBringsOne()
          ? 'run "npm ci" in its folder, which brings one along, or install one from https://nodejs.org/.'
          : `install one from https://nodejs.org/. For this system (${process.platform}, ${process.arch}) npm brings none along.`),
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

/**
 * In the place of this process, with the flags and the variable that one cannot give to oneself. Where that cannot be done (on
 * Windows; in a child whose parent talks to it), it goes on as it was started, and needs more memory.
 */
function startAsMeasured() {
  const hasFlags = FLAGS.every((flag) => process.execArgv.includes(flag));
  const hasVariable = Object.keys(MALLOC).every((name) => env[name] === process.env[name]);
  if (
    (hasFlags && hasVariable) ||
    !process.execve ||
    process.platform === 'win32' ||
    process.env.NODE_CHANNEL_FD
  )
    return;
  try {
    const given = process.execArgv.filter((flag) => !FLAGS.includes(flag));
    process.execve(process.execPath, [process.execPath, ...FLAGS, ...given, ...process.argv.slice(1)], env);
  } catch {
    // It may not be allowed to: then as it was started.
  }
}

/** Whether our dependencies have a Node.js for this system; there is none for all. */
function npmBringsOne() {
  try {
    const { optionalDependencies } = JSON.parse(readFileSync(join(folder(), 'package.json'), 'utf8'));
    return nodePackage() in optionalDependencies;
  } catch {
    return false;
  }
}

function nodePackage() {
  return `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
}

function folder() {
  return dirname(dirname(fileURLToPath(import.meta.url)));
}

/** The Node.js that `npm ci` put beside our dependencies. */
function bundledNode() {
  const modules = join(folder(), 'node_modules');
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  return [join(modules, nodePackage(), 'bin', name), join(modules, '.bin', name)].find((path) =>
    existsSync(path),
  );
}

/**
 * Hands everything over; signals too, because whoever started us knows only our process id. Should we be killed, which no
 * signal tells, the channel breaks: then the other one ends as well.
 */
function runWith(executable) {
  const child = spawn(executable, [...FLAGS, ...process.argv.slice(1)], {
    env,
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
