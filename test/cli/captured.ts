import { PassThrough } from 'node:stream';
import type { OutputStream, Surroundings } from '../../cli/io.ts';
import { openEngine } from '../../core/engine/index.ts';
import { Interruption } from '../../cli/terminal/interruption.ts';

export interface Captured extends Surroundings {
  readonly out: () => string;
  readonly err: () => string;
}

/** Surroundings whose streams are kept as text; no terminal unless asked for. */
export function captured(env: NodeJS.ProcessEnv = {}, { tty = false } = {}): Captured {
  const stdout = collector(tty);
  const stderr = collector(tty);
  return {
    stdin: Object.assign(new PassThrough(), { isTTY: tty }),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env,
    interruption: new Interruption(),
    openEngine: (options) => openEngine({ ...options, testing: { scrypt: { n: 2 ** 10, r: 8, p: 1 } } }),
    out: stdout.text,
    err: stderr.text,
  };
}

function collector(tty: boolean): { stream: OutputStream; text: () => string } {
  const chunks: Buffer[] = [];
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return {
    stream: Object.assign(stream, { isTTY: tty, columns: 100 }),
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}

/**
 * Types each answer when its question is shown on standard error.
 *
 * @returns the answers that are left: none, once all questions were asked
 */
export function typing(
  around: Captured,
  answers: readonly (readonly [question: string, typed: string])[],
): readonly unknown[] {
  const left = [...answers];
  let from = 0;
  around.stderr.on('data', () => {
    const [next] = left;
    const at = next === undefined ? -1 : around.err().indexOf(next[0], from);
    if (next === undefined || at < 0) return;
    from = at + next[0].length;
    left.shift();
    setImmediate(() => around.stdin.push(next[1]));
  });
  return left;
}
