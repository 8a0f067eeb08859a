import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export const projectFolder = resolve(import.meta.dirname, '../..');

/** A command of the real executable that runs until it is stopped. */
export class Program {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #line: string;
  #complaint = '';

  constructor(line: string, env: NodeJS.ProcessEnv) {
    this.#line = line;
    this.#child = spawn(process.execPath, [join(projectFolder, 'cli/drawbridge.mjs'), ...line.split(' ')], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint += text;
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** @throws when it ends before it says anything */
  firstLine(): Promise<string> {
    return new Promise((resolve, reject) => {
      createInterface({ input: this.#child.stdout }).once('line', resolve);
      this.#child.once('exit', (code) =>
        reject(new Error(`drawbridge ${this.#line} ended with ${code}: ${this.#complaint}`)),
      );
    });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGINT');
    await ended;
  }

  /** As a crash would. */
  async kill(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
