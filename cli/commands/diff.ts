import type { Command } from 'commander';
import type { Section } from '../../contract/sections.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { runJob } from '../jobs/run-job.ts';
import { comparisonLines } from '../render/comparison.ts';
import { sectionsOption, wholeNumber } from './arguments.ts';
import { examples, SOURCE_HELP } from './examples.ts';
import { environmentOfSource, warnOfInsecureTls } from './insecure-tls.ts';

interface DiffFlags {
  readonly sections?: Section[];
  readonly limit: number;
}

export function registerDiff(program: Command, host: Host): void {
  const diff = program
    .command('diff')
    .argument('<left>', 'a source: the older one, or the target')
    .argument('<right>', 'a source: the newer one')
    .summary('what differs between two sources')
    .description(
      'Compares two sources record by record. The exit code is 0 if nothing differs and 3 if something does. Ids and timestamps are left out; what one side cannot know is unknown, not different.',
    )
    .addOption(sectionsOption('only these sections'))
    .option('--limit <n>', 'how many differences to show', wholeNumber(0, 10_000), 100)
    .action((left: string, right: string, flags: DiffFlags) =>
      host.runWithEngine(diff, 'existing', (io, client) => compare(io, client, left, right, flags)),
    );
  examples(
    diff,
    [
      'drawbridge diff latest:dev/acme dev/acme        # what changed since the last backup',
      'drawbridge diff prod/acme ./acme.json --sections users,roles',
      'drawbridge diff 3f9c2a 8b01de --json',
    ],
    SOURCE_HELP,
  );
}

export async function compare(
  io: Io,
  client: EngineClient,
  left: string,
  right: string,
  { sections, limit }: DiffFlags,
): Promise<ExitCode> {
  await warnOfInsecureTls(io, client, [environmentOfSource(left), environmentOfSource(right)]);
  const { result } = await runJob(io, client, {
    kind: 'diff',
    left,
    right,
    limit,
    ...(sections === undefined ? {} : { sections }),
  });
  const { comparison } = result;
  io.result(comparison, () => comparisonLines(comparison, { left, right }, io.paint));
  return comparison.equal ? EXIT.done : EXIT.different;
}
