import { once } from 'node:events';
import type { Command } from 'commander';
import type { SandboxEnvironment } from '../../sandbox/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import { sandboxLines } from '../render/sandbox.ts';
import { wholeNumber } from './arguments.ts';
import { examples } from './examples.ts';

interface SandboxFlags {
  readonly users: number;
  readonly port?: number;
}

export function registerSandbox(program: Command, host: Host): void {
  const sandbox = program
    .command('sandbox')
    .summary('two OpenGate stand-ins to play with')
    .description(
      'Starts two OpenGate stand-ins, dev and prod, filled with realms, users, roles and clients, each over a PostgreSQL of its own. They run until Ctrl-C, and leave nothing behind.',
    )
    .option('--users <n>', 'users of the realm acme in dev', wholeNumber(0, 2_000_000), 5000)
    .option(
      '--port <n>',
      'HTTP port of dev; prod and the databases take those that follow (default: free ports)',
      wholeNumber(1, 65_000),
    )
    .action((flags: SandboxFlags) => host.run(sandbox, (io) => runSandbox(io, flags)));
  examples(sandbox, [
    'drawbridge sandbox',
    'drawbridge sandbox --users 100000 --port 8089',
    'drawbridge sandbox --json',
  ]);
}

/** Runs until it is interrupted: that is how it is meant to end, so then the exit code is 0. */
export async function runSandbox(io: Io, { users, port }: SandboxFlags): Promise<ExitCode> {
  const { signal } = io.interruption;
  io.note('Starting two OpenGate stand-ins …');
  // Loaded when needed, as it brings a database server along.
  const { startSandbox } = await import('../../sandbox/index.ts');
  await using sandbox = await startSandbox({ users, ...(port === undefined ? {} : { port }), signal });
  // Handed over as plain data: nothing of a running stand-in belongs into the document.
  const environments: readonly SandboxEnvironment[] = sandbox.environments;
  io.result({ environments }, () => sandboxLines(environments, io));
  if (!signal.aborted) await once(signal, 'abort');
  return EXIT.done;
}
