import type { Command } from 'commander';
import { AppError } from '../../contract/errors.ts';
import type { ExitCode } from '../exit-codes.ts';
import { EXIT } from '../exit-codes.ts';
import { Demonstration, type RunCommandLine } from '../demo/demonstration.ts';
import { evidenceLines, type DemoEvidence } from '../demo/evidence.ts';
import { tellStory } from '../demo/story.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import { wholeNumber } from './arguments.ts';
import { examples } from './examples.ts';

export function registerDemo(program: Command, host: Host, run: RunCommandLine): void {
  const demo = program
    .command('demo')
    .summary('see a realm travel, in about a minute')
    .description(
      'Starts two OpenGate stand-ins, backs up realms of one, previews an import into the other, settles its conflicts, imports, verifies, brings the passwords along over PostgreSQL, undoes that, and prints the evidence. It asks nothing, needs no network and no display, and leaves nothing behind: no process, no file.',
    )
    .option('--users <n>', 'users of the realm that travels', wholeNumber(100, 200_000), 5000)
    .action((flags: { users: number }) => host.run(demo, (io) => demonstrate(io, run, flags.users)));
  examples(demo, ['drawbridge demo', 'drawbridge demo --users 100000', 'drawbridge demo --json 2>story.txt']);
}

export async function demonstrate(io: Io, run: RunCommandLine, users: number): Promise<ExitCode> {
  const evidence = await told(io, run, users);
  if (io.interruption.signal.aborted) throw interrupted();
  io.result({ evidence }, () => evidenceLines(evidence, io.paint));
  return EXIT.done;
}

/** Nothing is left of the demonstration when this returns, or throws. */
async function told(io: Io, run: RunCommandLine, users: number): Promise<DemoEvidence> {
  try {
    await using demonstration = await Demonstration.begin(io, run);
    return await tellStory(demonstration, users);
  } catch (cause) {
    // Ctrl-C reaches the sandbox’s servers too: whatever failed after it, failed because of it.
    throw io.interruption.signal.aborted ? interrupted(cause) : cause;
  }
}

function interrupted(cause?: unknown): AppError {
  return new AppError('CANCELED', 'The demo was interrupted.', {
    notChanged: 'Nothing is left of it.',
    cause,
  });
}
