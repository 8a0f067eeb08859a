import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';
import { isNewEnough, nodeEnvironment, otherNode } from './other-node.ts';
import { PLACES } from './places.ts';

/** As cli/drawbridge.mjs has it. */
const FLAGS = ['--max-semi-space-size=4'];

/**
 * The command line, in this same program: no window, its output and its exit code. Electron does not start without a display
 * on Linux, and an old one cannot run the engine: then it is handed over, before Electron looks for a display, to a Node.js.
 */
export function runCommand(words: readonly string[]): void {
  if (isNewEnough(process.versions.node) && hasDisplay()) void runHere(words);
  else handOver(words);
}

async function runHere(words: readonly string[]): Promise<void> {
  app.dock?.hide();
  process.argv = [process.execPath, 'drawbridge', ...words];
  try {
    await import(pathToFileURL(PLACES.commandLine).href);
  } catch (error) {
    console.error(error);
    app.exit(1);
  }
}

function handOver(words: readonly string[]): never {
  try {
    const node = otherNode(PLACES.ownNode);
    // A terminal tells both; this one only waits, and ends as the other does.
    for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
    const { status, signal, error } = spawnSync(node, [...FLAGS, PLACES.commandLine, ...words], {
      stdio: 'inherit',
      env: nodeEnvironment(),
    });
    if (error) throw error;
    process.exit(status ?? 128 + (signal === null ? 0 : constants.signals[signal]));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

function hasDisplay(): boolean {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  return process.platform !== 'linux' || Boolean(DISPLAY) || Boolean(WAYLAND_DISPLAY);
}
