import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { AppError, throwIfAborted, type ErrorCode, type ErrorFacts } from '../../contract/errors.ts';
import type { SandboxEnvironment } from '../../sandbox/index.ts';
import { messageOf } from '../../contract/wire.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type Io, type OutputStream, type Surroundings } from '../io.ts';
import { quoted } from '../render/visible.ts';
import { Interruption } from '../terminal/interruption.ts';

export type RunCommandLine = (words: readonly string[], surroundings: Surroundings) => Promise<ExitCode>;

/**
 * A stage for a story that is told with the very commands that users have: a catalog of its own in a temporary folder, a
 * sandbox, and an environment in which nobody is asked anything. Disposing it ends the sandbox and removes the folder.
 */
export class Demonstration implements AsyncDisposable {
  readonly io: Io;
  private readonly run: RunCommandLine;
  private readonly folder: string;
  private readonly env: NodeJS.ProcessEnv;
  private readonly curtain = new Interruption();
  private sandbox: Promise<ExitCode> | undefined;

  private constructor(io: Io, run: RunCommandLine, folder: string) {
    this.io = io;
    this.run = run;
    this.folder = folder;
    this.env = {
      ...io.surroundings.env,
      DRAWBRIDGE_CATALOG: join(folder, 'catalog'),
      DRAWBRIDGE_PASSPHRASE: randomBytes(16).toString('hex'),
    };
    // Keys of another catalog, which would be tried on this one.
    delete this.env['DRAWBRIDGE_PASSPHRASE_FILE'];
    delete this.env['DRAWBRIDGE_RECOVERY_KEY_FILE'];
  }

  /** @throws AppError FILE_FAILED without a temporary folder to write into */
  static async begin(io: Io, run: RunCommandLine): Promise<Demonstration> {
    return new Demonstration(io, run, await temporaryFolder());
  }

  /** A heading of the story. */
  say(...lines: readonly string[]): void {
    this.writeStory(['', ...lines.map((line) => this.io.paint.cyan(`# ${line}`))]);
  }

  /**
   * Runs a command line (words without blanks in them), shown as it is typed, its output as it comes.
   *
   * @throws AppError CANCELED when interrupted, INTERNAL when it ends otherwise than `expected`
   */
  async show(line: string, expected: ExitCode = EXIT.done): Promise<void> {
    throwIfAborted(this.io.interruption.signal);
    this.writeCommand(line);
    const exitCode = await this.run(line.split(' '), this.stage(this.storyStream()));
    throwIfAborted(this.io.interruption.signal);
    if (exitCode !== expected) throw offScript(line, exitCode, expected);
    if (exitCode !== EXIT.done) this.writeStory([this.io.paint.dim(`(exit code ${exitCode})`)]);
  }

  /** What a command says with `--json`; not shown. */
  async ask(line: string): Promise<unknown> {
    const heard = new Heard();
    const exitCode = await this.run([...line.split(' '), '--json', '--quiet'], this.stage(heard.stream));
    throwIfAborted(this.io.interruption.signal);
    if (exitCode !== EXIT.done) throw offScript(line, exitCode, EXIT.done);
    return JSON.parse(heard.text);
  }

  /**
   * Starts the sandbox by its command, and keeps it running behind the scene.
   *
   * @throws AppError CANCELED when interrupted, or what the sandbox says when it cannot start
   */
  async startSandbox(users: number): Promise<readonly SandboxEnvironment[]> {
    const { signal } = this.io.interruption;
    throwIfAborted(signal);
    const line = `sandbox --users ${users} --json`;
    this.writeCommand(`${line} &`);
    const heard = new Heard();
    const stopWithUs = (): void => this.curtain.raise(this.io.interruption.name ?? 'SIGTERM');
    signal.addEventListener('abort', stopWithUs, { once: true });
    this.sandbox = this.run([...line.split(' '), '--quiet'], {
      ...this.stage(heard.stream),
      interruption: this.curtain,
    });
    const ready = await Promise.race([heard.firstLine, this.sandbox]);
    throwIfAborted(signal);
    if (typeof ready !== 'string') throw offScript(line, ready, EXIT.done);
    const said = JSON.parse(ready) as SandboxSays;
    if ('error' in said) throw new AppError(said.error.code, said.error.message, said.error);
    return said.environments;
  }

  /** A secret for `--client-secret-env`. */
  setVariable(name: string, value: string): void {
    this.env[name] = value;
  }

  /** Bytes of the catalog's files. */
  async catalogBytes(): Promise<number> {
    const folder = this.env['DRAWBRIDGE_CATALOG']!;
    const files = await readdir(folder, { recursive: true, withFileTypes: true });
    const sizes = await Promise.all(
      files
        .filter((file) => file.isFile())
        .map(async (file) => (await stat(join(file.parentPath, file.name))).size),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.curtain.raise('SIGTERM');
    await this.sandbox;
    try {
      await rm(this.folder, { recursive: true, force: true });
    } catch (error) {
      this.io.warn(
        `The demo’s folder ${quoted(this.folder)} could not be removed (${codeOf(error)}): remove it by hand.`,
      );
    }
  }

  private stage(stdout: OutputStream): Surroundings {
    // Nobody is asked: a question would stop a demonstration that promises to ask nothing.
    return {
      ...this.io.surroundings,
      stdin: Object.assign(new PassThrough(), { isTTY: false }),
      stdout,
      stderr: this.storyStream(),
      env: this.env,
    };
  }

  private storyStream(): OutputStream {
    if (this.io.quiet) return new PassThrough().resume();
    return this.io.json ? this.io.surroundings.stderr : this.io.surroundings.stdout;
  }

  private writeCommand(line: string): void {
    this.writeStory(['', this.io.paint.bold(`$ drawbridge ${line}`)]);
  }

  private writeStory(lines: readonly string[]): void {
    this.storyStream().write(lines.map((line) => `${line}\n`).join(''));
  }
}

/** The one line of `sandbox --json`: where it is, or why it is not. */
type SandboxSays =
  | { readonly environments: readonly SandboxEnvironment[] }
  | { readonly error: ErrorFacts & { readonly code: ErrorCode; readonly message: string } };

/** Collects what a command writes. */
class Heard {
  readonly stream: OutputStream = new PassThrough();
  readonly firstLine: Promise<string>;
  text = '';

  constructor() {
    this.firstLine = new Promise((resolve) => {
      this.stream.on('data', (chunk: Buffer) => {
        this.text += chunk.toString('utf8');
        const end = this.text.indexOf('\n');
        if (end >= 0) resolve(this.text.slice(0, end));
      });
    });
  }
}

async function temporaryFolder(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), 'drawbridge-demo-'));
  } catch (cause) {
    throw new AppError('FILE_FAILED', `No folder could be made in ${quoted(tmpdir())} (${codeOf(cause)}).`, {
      notChanged: 'The demo was not begun.',
      remedy: 'Set TMPDIR (TEMP on Windows) to a folder that exists and in which you may write, or unset it.',
      cause,
    });
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? messageOf(error);
}

function offScript(line: string, exitCode: ExitCode, expected: ExitCode): AppError {
  return new AppError(
    'INTERNAL',
    `The demo did not go as it should: “drawbridge ${line}” ended with exit code ${exitCode} instead of ${expected}.`,
    {
      notChanged: 'Everything the demo had started was ended and removed.',
      remedy:
        'What the command printed says why (not with --quiet). If it is not your computer’s doing, please report it.',
    },
  );
}
