import type { Command } from 'commander';
import { AppError } from '../../contract/errors.ts';
import type { RetentionPolicyInput } from '../../contract/retention.ts';
import { EXIT, exitCodeOf, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { runJob } from '../jobs/run-job.ts';
import { errorDocument, errorLines } from '../render/error.ts';
import { pruneLines, verdictLines } from '../render/retention.ts';
import { collect, wholeNumber } from './arguments.ts';
import { lengthOfTime } from './durations.ts';
import { examples } from './examples.ts';

interface PruneFlags {
  readonly env?: string;
  readonly realm?: string;
  readonly tag?: string;
  readonly keepLast?: number;
  readonly keepHourly?: number;
  readonly keepDaily?: number;
  readonly keepWeekly?: number;
  readonly keepMonthly?: number;
  readonly keepYearly?: number;
  readonly keepWithin?: string;
  readonly keepTag?: string[];
  readonly keepSafety?: string;
  readonly timeZone?: string;
  readonly dryRun?: boolean;
}

const MOST = 100_000;

export function registerPrune(snapshot: Command, host: Host): void {
  const prune = snapshot
    .command('prune')
    .summary('keep snapshots by a rule, and move the others to the trash')
    .description(
      'Keeps of each realm the snapshots that a rule names, and moves the others to the trash. What has been in the trash for longer than the grace period is deleted, and its space given back. --dry-run lists every snapshot with the rule that keeps it or lets it go.',
    )
    .option('--env <env>', 'only snapshots of this environment')
    .option('--realm <realm>', 'only snapshots of this realm')
    .option('--tag <tag>', 'only snapshots with this tag')
    .option('--keep-last <n>', 'keep the newest', wholeNumber(0, MOST))
    .option(
      '--keep-hourly <n>',
      'keep the newest of each of so many hours that have any',
      wholeNumber(0, MOST),
    )
    .option('--keep-daily <n>', 'of each of so many days', wholeNumber(0, MOST))
    .option('--keep-weekly <n>', 'of each of so many weeks, from Monday on', wholeNumber(0, MOST))
    .option('--keep-monthly <n>', 'of each of so many months', wholeNumber(0, MOST))
    .option('--keep-yearly <n>', 'of each of so many years', wholeNumber(0, MOST))
    .option('--keep-within <time>', 'keep what is not older than the newest by more than this', lengthOfTime)
    .option('--keep-tag <tag>', 'keep what has this tag; may be repeated', collect)
    .option(
      '--keep-safety <time>',
      'keep safety snapshots for so long, with which jobs can be rolled back (default: 90d); that of the last job on a realm stays for good',
      lengthOfTime,
    )
    .option('--time-zone <zone>', 'whose days, weeks and months are meant (default: this computer’s)')
    .option('--dry-run', 'only show what would stay and what would go')
    .action((flags: PruneFlags) =>
      host.runWithEngine(prune, 'existing', (io, client) => pruneSnapshots(io, client, flags)),
    );
  examples(prune, [
    'drawbridge snapshot prune --keep-daily 14 --keep-weekly 8 --keep-monthly 12 --dry-run',
    'drawbridge snapshot prune --env prod --realm acme --keep-within 90d --keep-yearly 10 --keep-tag release',
    'drawbridge snapshot prune --tag nightly --keep-last 30 --json --quiet',
  ]);
}

export async function pruneSnapshots(io: Io, client: EngineClient, flags: PruneFlags): Promise<ExitCode> {
  const input = {
    ...(flags.env === undefined ? {} : { environment: flags.env }),
    ...(flags.realm === undefined ? {} : { realm: flags.realm }),
    ...(flags.tag === undefined ? {} : { tag: flags.tag }),
    policy: policyOf(flags),
  };
  if (flags.dryRun) {
    const view = await client.snapshots.previewPrune(input);
    io.result({ dryRun: true, ...view }, () => verdictLines(view, io));
    return EXIT.done;
  }
  const { id, result, error } = await runJob(io, client, { kind: 'prune', ...input });
  io.result({ job: id, ...result.pruned, ...(error ? errorDocument(error) : {}) }, () =>
    pruneLines(result.pruned, io),
  );
  if (!error) return EXIT.done;
  if (!io.json)
    for (const line of errorLines(error, io.paintNotes)) io.surroundings.stderr.write(`${line}\n`);
  return exitCodeOf(error.code);
}

function policyOf(flags: PruneFlags): RetentionPolicyInput {
  const { keepLast, keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly } = flags;
  const counts = { keepLast, keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly };
  const given = Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== undefined));
  const keepsSome = Object.values(given).some((count) => count !== undefined && count > 0);
  if (!keepsSome && flags.keepWithin === undefined && flags.keepTag === undefined)
    throw new AppError('USAGE', 'No rule says what to keep.', {
      notChanged: 'No snapshot was touched.',
      remedy:
        'Give at least one of --keep-last, --keep-hourly, --keep-daily, --keep-weekly, --keep-monthly, --keep-yearly, --keep-within and --keep-tag.',
    });
  return {
    ...given,
    ...(flags.keepWithin === undefined ? {} : { keepWithin: flags.keepWithin }),
    ...(flags.keepTag === undefined ? {} : { keepTags: flags.keepTag }),
    ...(flags.keepSafety === undefined ? {} : { keepSafety: flags.keepSafety }),
    timeZone: flags.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}
