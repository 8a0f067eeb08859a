import type { Command } from 'commander';
import { AppError } from '../../contract/errors.ts';
import type { RetentionPolicyInput } from '../../contract/retention.ts';
import { collect, wholeNumber } from './arguments.ts';
import { lengthOfTime } from './durations.ts';

/** What is kept, as flags say it. */
export interface RetentionFlags {
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
}

const MOST = 100_000;

/** Adds them to a command. */
export function withRetentionFlags(command: Command): Command {
  return command
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
    );
}

/** Whether any of them is given. */
export function saysWhatToKeep({ timeZone: _timeZone, ...flags }: RetentionFlags): boolean {
  return Object.entries(flags).some(([name, value]) => name.startsWith('keep') && value !== undefined);
}

/** @throws AppError USAGE when nothing would be kept */
export function policyOf(flags: RetentionFlags): RetentionPolicyInput {
  const keepsSome = Object.values(givenCounts(flags)).some((count) => count > 0);
  if (!keepsSome && flags.keepWithin === undefined && flags.keepTag === undefined)
    throw new AppError('USAGE', 'No rule says what to keep.', {
      notChanged: 'No snapshot was touched.',
      remedy:
        'Give at least one of --keep-last, --keep-hourly, --keep-daily, --keep-weekly, --keep-monthly, --keep-yearly, --keep-within and --keep-tag.',
    });
  return {
    ...givenRules(flags),
    timeZone: flags.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}

/** The rules that are given, and no other. */
export function givenRules(flags: RetentionFlags): RetentionPolicyInput {
  return {
    ...givenCounts(flags),
    ...(flags.keepWithin === undefined ? {} : { keepWithin: flags.keepWithin }),
    ...(flags.keepTag === undefined ? {} : { keepTags: flags.keepTag }),
    ...(flags.keepSafety === undefined ? {} : { keepSafety: flags.keepSafety }),
  };
}

function givenCounts(flags: RetentionFlags): Record<string, number> {
  const { keepLast, keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly } = flags;
  const counts = { keepLast, keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly };
  return Object.fromEntries(
    Object.entries(counts).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}
