import type { OutputStream } from './io.ts';
import { runCommandLine } from './program.ts';
import { Interruption, type InterruptingSignal } from './terminal/interruption.ts';

/** A terminal, npm and a shell may each pass the same Ctrl-C on: within this time they count as one. */
const SAME_PRESS_MILLISECONDS = 400;

const interruption = new Interruption();
listenFor('SIGINT', 130);
listenFor('SIGTERM', 143);
endQuietlyWhenNobodyReads(process.stdout);
endQuietlyWhenNobodyReads(process.stderr);

const exitCode = await runCommandLine(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  interruption,
});
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
// Not left to the event loop: a socket that a server keeps open would hold a finished program.
process.exit(exitCode);

/** The first asks for a clean end, the second is answered, the third ends the process at once. */
function listenFor(signal: InterruptingSignal, exitCode: number): void {
  let times = 0;
  let last = -Infinity;
  process.on(signal, () => {
    const now = performance.now();
    if (now - last < SAME_PRESS_MILLISECONDS) return;
    last = now;
    times += 1;
    if (times === 1) {
      process.stderr.write('\nStopping cleanly …\n');
      interruption.raise(signal);
    } else if (times === 2) {
      process.stderr.write(
        'Still writing down how far it came. Once more ends it at once, with that left open.\n',
      );
    } else {
      process.exit(exitCode);
    }
  });
}

/** `drawbridge snapshot list | head -1`: a closed pipe is no failure, and must not end a job midway. */
function endQuietlyWhenNobodyReads(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
  });
}

function flushed(stream: OutputStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || !stream.writable) resolve();
    else stream.write('', () => resolve());
  });
}
