import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { Io, type OutputStream, type Surroundings } from '../../../cli/io.ts';
import { runCommandLine } from '../../../cli/program.ts';
import { sandboxLines } from '../../../cli/render/sandbox.ts';
import { Interruption } from '../../../cli/terminal/interruption.ts';
import { openEngine } from '../../../core/engine/index.ts';
import { startSandbox, type EnvironmentHandle, type Sandbox } from '../../../sandbox/index.ts';
import type { Step } from './pages.ts';
import { pairedIds } from './printed.ts';
import { psql } from './psql.ts';

/** As the pages have them: `drawbridge sandbox --port 8089`, and a second one at 9089 for staging. */
const PORTS: Readonly<Record<string, readonly [http: number, postgres: number]>> = {
  dev: [8089, 8091],
  prod: [8090, 8092],
  staging: [9090, 9092],
};

const USERS = 600;

/** One reader who works through the guide: a folder, a sandbox, variables, and what was printed. */
export class GuideSession implements AsyncDisposable {
  readonly #sandbox: Sandbox;
  readonly #second: Sandbox;
  readonly #folder: string;
  readonly #home = process.cwd();
  readonly #env: NodeJS.ProcessEnv;
  /** By the page's. */
  readonly #ids = new Map<string, string>();

  private constructor(sandbox: Sandbox, second: Sandbox) {
    this.#sandbox = sandbox;
    this.#second = second;
    this.#folder = mkdtempSync(join(tmpdir(), 'drawbridge-guide-'));
    this.#env = { PATH: process.env['PATH'], HOME: this.#folder };
    for (const name of Object.keys(PORTS)) {
      const { clientSecret, pgUrl } = this.#environment(name);
      this.#env[`${name.toUpperCase()}_SECRET`] = clientSecret;
      this.#env[`${name.toUpperCase()}_DATABASE`] = pgUrl;
    }
    // The pages name files as whoever types them does.
    process.chdir(this.#folder);
  }

  static async begin(): Promise<GuideSession> {
    const [sandbox, second] = await Promise.all([
      startSandbox({ users: USERS }),
      startSandbox({ users: USERS, environments: [{ name: 'staging', seed: 'prod' }] }),
    ]);
    return new GuideSession(sandbox, second);
  }

  /** @returns what was printed, line by line; nothing for what is no command */
  async run(step: Step): Promise<string[]> {
    if (step.kind === 'file') {
      writeFileSync(join(this.#folder, step.name), `${step.text}\n`);
      return [];
    }
    const printed = await this.#type(this.#translated(step.line));
    for (const [page, actual] of pairedIds(step.printed, printed)) this.#ids.set(page, actual);
    return printed;
  }

  /** Files and folders that the reader has been left with. */
  left(): string[] {
    return readdirSync(this.#folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.chdir(this.#home);
    await Promise.all([this.#sandbox.stop(), this.#second.stop()]);
    await rm(this.#folder, { recursive: true, force: true });
  }

  #environment(name: string): EnvironmentHandle {
    return (name === 'staging' ? this.#second : this.#sandbox).environment(name);
  }

  /** A text of the page with the ids of this run. */
  withIds(text: string): string {
    return text.replace(/\b[0-9a-z]{12}(?:[0-9a-z]{2})?\b/g, (id) => this.#ids.get(id) ?? id);
  }

  /** The page's command with the ids, addresses and ports of this run. */
  #translated(line: string): string {
    let text = this.withIds(line);
    for (const [name, [http, postgres]] of Object.entries(PORTS)) {
      const { apiUrl, pgUrl } = this.#environment(name);
      text = text
        .replaceAll(`http://127.0.0.1:${http}`, apiUrl)
        .replaceAll(`127.0.0.1:${postgres}`, new URL(pgUrl).host);
    }
    return text;
  }

  #untranslated(text: string): string {
    return Object.entries(PORTS).reduce((all, [name, [http, postgres]]) => {
      const { apiUrl, pgUrl } = this.#environment(name);
      return all
        .replaceAll(new URL(apiUrl).host, `127.0.0.1:${http}`)
        .replaceAll(new URL(pgUrl).host, `127.0.0.1:${postgres}`);
    }, text);
  }

  async #type(line: string): Promise<string[]> {
    const words = wordsOf(line, this.#env);
    const [first, ...rest] = words;
    if (first === 'export') {
      for (const word of rest)
        this.#env[word.slice(0, word.indexOf('='))] = word.slice(word.indexOf('=') + 1);
      return [];
    }
    if (first === 'psql') return psql(rest);
    if (first !== 'drawbridge') return this.#shell(line);
    const screen = new Screen();
    const around = this.#surroundings(screen);
    if (rest[0] === 'sandbox')
      return this.#lines(sandboxLines(this.#sandbox.environments, new Io(around, {})).join('\n'));
    const code = await runCommandLine(rest, around);
    return [...this.#lines(screen.text), ...(code === 0 ? [] : [`[exit code ${code}]`])];
  }

  #surroundings(screen: Screen): Surroundings {
    return {
      stdin: Object.assign(new PassThrough(), { isTTY: false }),
      stdout: screen,
      stderr: screen,
      env: this.#env,
      interruption: new Interruption(),
      openEngine: (options) => openEngine({ ...options, testing: { scrypt: { n: 2 ** 10, r: 8, p: 1 } } }),
    };
  }

  async #shell(line: string): Promise<string[]> {
    const { promise, resolve } = Promise.withResolvers<string>();
    execFile('sh', ['-c', line], { cwd: this.#folder, env: this.#env }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
    return this.#lines(await promise);
  }

  /** With the addresses of the pages, and the reader's home in place of the folder. */
  #lines(text: string): string[] {
    const lines = this.#untranslated(text).replaceAll(this.#folder, '~').split('\n');
    const isText = (line: string): boolean => line !== '';
    return lines.slice(Math.max(0, lines.findIndex(isText)), lines.findLastIndex(isText) + 1);
  }
}

/** Both streams of a terminal, in the order in which they are written to. */
class Screen extends Writable implements OutputStream {
  readonly isTTY = false;
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/**
 * A command line as the shell would take it apart: quotes, `$NAME`, `${NAME}`, `~/`. The pages use no other syntax with
 * `drawbridge` and `psql`.
 */
function wordsOf(line: string, env: NodeJS.ProcessEnv): string[] {
  return [...line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s'"])+/g)].map(([word]) =>
    word
      .replace(/^~(?=\/)|(?<==)~(?=\/)/, env['HOME'] ?? '~')
      .replace(/'([^']*)'|"([^"]*)"|\$(\w+)/g, (_all, plain?: string, quoted?: string, name?: string) =>
        name !== undefined
          ? (env[name] ?? '')
          : (plain ?? quoted!.replace(/\$(?:(\w+)|\{(\w+)\})/g, (_, one, other) => env[one ?? other] ?? '')),
      ),
  );
}
