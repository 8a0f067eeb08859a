import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { _electron, errors, type ElectronApplication, type Page } from '@playwright/test';
import { projectFolder } from './program.ts';
import { vehicleExecutable } from './vehicle.ts';

/** A display without a screen. */
export class Display {
  readonly #server: ChildProcessByStdio<null, Readable, null>;
  readonly name: string;

  private constructor(server: ChildProcessByStdio<null, Readable, null>, name: string) {
    this.#server = server;
    this.name = name;
  }

  static async start(): Promise<Display> {
    const server = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1600x1200x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const number = await new Promise<string>((resolve, reject) => {
      createInterface({ input: server.stdout }).once('line', resolve);
      server.once('exit', (code) => reject(new Error(`Xvfb ended with ${code}`)));
      server.once('error', reject);
    });
    return new Display(server, `:${number}`);
  }

  async stop(): Promise<void> {
    if (this.#server.exitCode !== null || this.#server.signalCode !== null) return;
    const ended = once(this.#server, 'exit');
    this.#server.kill();
    await ended;
  }
}

export interface ElectronStart {
  readonly env: NodeJS.ProcessEnv;
  readonly display: Display;
  /** After the program, as somebody would type them. */
  readonly words?: readonly string[];
  /** An installed program, in place of the checkout. */
  readonly program?: string;
}

/** The arguments and the surroundings with which the program of the checkout, or an installed one, is started. */
export function electronCall({ env, display, words = [], program }: ElectronStart): {
  executablePath: string;
  args: string[];
  env: Record<string, string>;
} {
  return {
    executablePath: program ?? vehicleExecutable(),
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--lang=en-GB',
      // There is none: without this, Chromium tries several times, and now and then no window is drawn.
      '--disable-gpu',
      ...(program === undefined ? [join(projectFolder, 'out/main/index.cjs')] : []),
      ...words,
    ],
    env: {
      ...definedOf(env),
      DISPLAY: display.name,
      TZ: 'UTC',
      DRAWBRIDGE_NODE: process.execPath,
    },
  };
}

export async function startElectron(start: ElectronStart): Promise<{ app: ElectronApplication; page: Page }> {
  const app = await launched(start);
  const page = await app.firstWindow();
  return { app, page };
}

/**
 * One launch in fifty says nothing to Playwright while its window stands there: the two wait for each other. That is no matter
 * of the program's, and is tried once more.
 */
async function launched(start: ElectronStart): Promise<ElectronApplication> {
  const call = electronCall(start);
  try {
    return await _electron.launch({ ...call, timeout: 20_000 });
  } catch (error) {
    if (!(error instanceof errors.TimeoutError)) throw error;
    return await _electron.launch({ ...call, timeout: 30_000 });
  }
}

function definedOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
