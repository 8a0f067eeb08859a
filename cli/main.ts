import { EXIT } from './exit-codes.ts';
import type { OutputStream } from './io.ts';
import { runCommandLine } from './program.ts';
import { Interruption } from './terminal/interruption.ts';
import { listenForSignals } from './terminal/signals.ts';

// drawbridge.mjs may have set it for this process: what is started from here is not meant.
delete process.env['MALLOC_MMAP_THRESHOLD_'];
const interruption = new Interruption();
listenForSignals(process, interruption, (line) => process.stderr.write(`\n${line}\n`));
const broken = { stdout: undefined as NodeJS.ErrnoException | undefined };
goOnWhenNobodyReads(process.stdout, (error) => (broken.stdout = error));
goOnWhenNobodyReads(process.stderr, () => {});

const exitCode = await runCommandLine(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  interruption,
});
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
if (broken.stdout)
  process.stderr.write(
    `What was printed did not all arrive (${broken.stdout.message}): free space, and look again.\n`,
  );
// Not left to the event loop: a socket that a server keeps open would hold a finished program.
process.exit(broken.stdout && exitCode === 0 ? EXIT.failed : exitCode);

/**
 * `drawbridge snapshot list | head -1`: a closed pipe is no failure, and must not end a job midway. Nor must a full disk behind
 * standard output, of which is told at the end.
 */
function goOnWhenNobodyReads(stream: NodeJS.WriteStream, told: (error: NodeJS.ErrnoException) => void): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') told(error);
  });
}

function flushed(stream: OutputStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || !stream.writable) resolve();
    else stream.write('', () => resolve());
  });
}
