import { once } from 'node:events';
import { Option, type Command } from 'commander';
import type { DialectName, SandboxEnvironment } from '../../sandbox/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import { sandboxLines } from '../render/sandbox.ts';
import { wholeNumber } from './arguments.ts';
import { examples } from './examples.ts';

const DIALECTS: readonly DialectName[] = ['documented', 'v1.1'];

interface SandboxFlags {
  readonly dialect: DialectName;
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
    .addOption(
      new Option(
        '--dialect <name>',
        'which OpenGate they play: as its documentation describes it, or release v1.1.0 with seven servers each and no export endpoints',
      )
        .choices(DIALECTS)
        .default('documented'),
    )
    .option('--users <n>', 'users of the realm acme in dev', wholeNumber(0, 2_000_000), 5000)
    .option(
      '--port <n>',
      'first HTTP port of dev; prod and the databases take those that follow. In v1.1 each has ten, in the release’s order: 9080 puts dev where the release is (default: free ports)',
      wholeNumber(1, 65_000),
    )
    .action((flags: SandboxFlags) => host.run(sandbox, (io) => runSandbox(io, flags)));
  examples(sandbox, [
    'drawbridge sandbox',
    'drawbridge sandbox --users 100000 --port 8089',
    'drawbridge sandbox --dialect v1.1 --port 9080',
    'drawbridge sandbox --json',
  ]);
}

/** Runs until it is interrupted: that is how it is meant to end, so then the exit code is 0. */
export async function runSandbox(io: Io, { dialect, users, port }: SandboxFlags): Promise<ExitCode> {
  const { signal } = io.interruption;
  io.note('Starting two OpenGate stand-ins …');
  // Loaded when needed, as it brings a database server along.
  const { startSandbox } = await import('../../sandbox/index.ts');
  await using sandbox = await startSandbox({
    dialect,
    users,
    ...(port === undefined ? {} : { port }),
    signal,
  });
  // Handed over as plain data: nothing of a running stand-in belongs into the document.
  const environments: readonly SandboxEnvironment[] = sandbox.environments;
  io.result({ environments }, () => sandboxLines(environments, io));
  if (!signal.aborted) await once(signal, 'abort');
  return EXIT.done;
}
