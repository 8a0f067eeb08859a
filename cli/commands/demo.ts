import type { Command } from 'commander';
import type { ExitCode } from '../exit-codes.ts';
import { EXIT } from '../exit-codes.ts';
import { Demonstration, type RunCommandLine } from '../demo/demonstration.ts';
import { evidenceLines } from '../demo/evidence.ts';
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
      'Starts two OpenGate stand-ins, backs up realms of one, previews an import into the other, settles its conflicts, imports, verifies, and prints the evidence. It asks nothing, needs no network and no display, and leaves nothing behind: no process, no file.',
    )
    .option('--users <n>', 'users of the realm that travels', wholeNumber(100, 200_000), 5000)
    .action((flags: { users: number }) => host.run(demo, (io) => demonstrate(io, run, flags.users)));
  examples(demo, ['drawbridge demo', 'drawbridge demo --users 100000', 'drawbridge demo --json 2>story.txt']);
}

export async function demonstrate(io: Io, run: RunCommandLine, users: number): Promise<ExitCode> {
  await using demonstration = await Demonstration.begin(io, run);
  const evidence = await tellStory(demonstration, users);
  await demonstration[Symbol.asyncDispose]();
  io.result({ evidence }, () => evidenceLines(evidence, io.paint));
  return EXIT.done;
}
