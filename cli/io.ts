import type { Readable, Writable } from 'node:stream';
import type { ErrorView } from '../contract/job.ts';
import type { openEngine, openMaintenance } from '../core/engine/index.ts';
import { asCalled } from './render/as-called.ts';
import { errorLines } from './render/error.ts';
import { visibleJson } from './render/visible.ts';
import { Interruption } from './terminal/interruption.ts';
import { paintFor, type Paint } from './terminal/paint.ts';

export type InputStream = Readable & { isTTY?: boolean };
export type OutputStream = Writable & { isTTY?: boolean; columns?: number };

/** Everything of the surrounding process that the command line touches; tests give their own. */
export interface Surroundings {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: NodeJS.ProcessEnv;
  readonly interruption: Interruption;
  /** Instead of the real one: tests spare the cost of a passphrase with it, or answer themselves. */
  readonly openEngine?: typeof openEngine;
  readonly openMaintenance?: typeof openMaintenance;
}

export interface GlobalOptions {
  readonly catalog?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Global flags that are followed by a value. */
export const GLOBAL_FLAGS_WITH_VALUE: readonly string[] = ['--catalog'];

/** What lines of text take from where they are going to: its colours, and which commands can be told of. */
export type Telling = Pick<Io, 'paint' | 'self' | 'keepsJobs'>;

/** What a command speaks through: results on standard output, everything else on standard error. */
export class Io {
  readonly surroundings: Surroundings;
  readonly json: boolean;
  readonly quiet: boolean;
  /** Colours of standard output, and of standard error. */
  readonly paint: Paint;
  readonly paintNotes: Paint;
  /** How this program was called, for commands that we tell people to type. */
  readonly self: string;
  /** Whether jobs can be looked at, and undone, by a later command. */
  readonly keepsJobs: boolean;
  /** Of the first text that standard output did not take. */
  #refused: Error | undefined;

  constructor(
    surroundings: Surroundings,
    options: GlobalOptions,
    { keepsJobs = true }: { readonly keepsJobs?: boolean } = {},
  ) {
    this.keepsJobs = keepsJobs;
    const { stdout, stderr, env } = surroundings;
    this.surroundings = surroundings;
    this.json = options.json === true;
    this.quiet = options.quiet === true;
    this.paint = paintFor(stdout, env);
    this.paintNotes = paintFor(stderr, env);
    this.self = calledAs(options, env);
  }

  get interruption(): Interruption {
    return this.surroundings.interruption;
  }

  /** Whether a person sits there who can be asked. With `--json` nobody is asked. */
  get interactive(): boolean {
    return !this.json && this.surroundings.stdin.isTTY === true && this.surroundings.stderr.isTTY === true;
  }

  /** The one result of a command: a JSON document, or lines of text. */
  result(document: unknown, lines: () => readonly string[]): void {
    if (this.json) this.document(document);
    else this.print(lines());
  }

  /** One JSON document on one line of standard output. */
  document(document: unknown): void {
    this.#write(`${visibleJson(document)}\n`);
  }

  /** Text on standard output that belongs to the result; nothing with `--json`. */
  print(lines: readonly string[]): void {
    if (!this.json) this.#write(lines.map((line) => `${line}\n`).join(''));
  }

  /** Why what was written to standard output so far did not all arrive there; undefined: it did. */
  undelivered(): Promise<Error | undefined> {
    return new Promise((resolve) =>
      this.surroundings.stdout.write('', (error) => resolve(this.#refused ?? error ?? undefined)),
    );
  }

  #write(text: string): void {
    this.surroundings.stdout.write(text, (error) => {
      this.#refused ??= error ?? undefined;
    });
  }

  /** A piece of a long result; resolves when there is room for the next. */
  piece(text: string): Promise<void> {
    // A reader that went away (`| head`) is noticed by the stream's own error listener.
    return new Promise((resolve) => this.surroundings.stdout.write(text, () => resolve()));
  }

  /** Tells what goes on; silent with `--quiet`. */
  note(line: string): void {
    if (!this.quiet) this.surroundings.stderr.write(`${line}\n`);
  }

  /** A danger: shown even with `--quiet`. */
  warn(line: string): void {
    this.surroundings.stderr.write(`${this.paintNotes.yellow('Warning:')} ${asCalled(line, this.self)}\n`);
  }

  /** What went wrong, shown even with `--quiet`; nothing with `--json`: there it stands in the document. */
  failure(error: ErrorView): void {
    if (this.json) return;
    const lines = errorLines(error, { paint: this.paintNotes, self: this.self });
    this.surroundings.stderr.write(lines.map((line) => `${line}\n`).join(''));
  }
}

function calledAs(options: GlobalOptions, env: NodeJS.ProcessEnv): string {
  const program = env['npm_lifecycle_event'] === 'drawbridge' ? 'npm run -s drawbridge --' : 'drawbridge';
  return options.catalog === undefined ? program : `${program} --catalog ${shellWord(options.catalog)}`;
}

/** A word as it is typed into a POSIX shell. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
