import { Option, type Command } from 'commander';
import { AppError } from '../../contract/errors.ts';
import type { RetentionPolicyInput } from '../../contract/retention.ts';
import type { ScheduleView } from '../../contract/schedule.ts';
import type { Section } from '../../contract/sections.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { scheduleLines } from '../render/schedule.ts';
import { collect, sectionsOption } from './arguments.ts';
import { examples } from './examples.ts';
import { givenRules, saysWhatToKeep, withRetentionFlags, type RetentionFlags } from './retention-flags.ts';
import { fromVariable } from './secret-place.ts';

interface UpdateFlags extends RetentionFlags {
  readonly name?: string;
  readonly cron?: string;
  readonly env?: string;
  readonly realm?: string[];
  readonly all?: boolean;
  readonly sections?: Section[];
  readonly allSections?: boolean;
  /** Undefined: as before. */
  readonly credentials?: boolean;
  readonly tag?: string[];
  readonly keepEverything?: boolean;
  readonly onFailureCommand?: string;
  readonly onFailureArg?: string[];
  readonly webhookUrlEnv?: string;
  readonly removeCommand?: boolean;
  readonly removeWebhook?: boolean;
}

const KEEP_NAMES = [
  'keepLast',
  'keepHourly',
  'keepDaily',
  'keepWeekly',
  'keepMonthly',
  'keepYearly',
  'keepWithin',
  'keepTag',
  'keepSafety',
];

export function registerScheduleUpdate(schedule: Command, host: Host): void {
  const update = schedule
    .command('update')
    .argument('<name>', 'a schedule')
    .summary('change a schedule')
    .description(
      'Changes what is given of a schedule; all else stays, its runs too. Where its times change, it begins with the next of the new ones.',
    )
    .option('--name <name>', 'what to call it from now on')
    .option('--cron <expression>', 'five fields: minute, hour, day of the month, month, day of the week')
    .option('--time-zone <zone>', 'whose clock is meant')
    .option('--env <env>', 'the environment to back up')
    .option('--realm <realm>', 'a realm of it, in place of those before; may be repeated', collect)
    .addOption(new Option('--all', 'every realm that there is when it runs').conflicts('realm'))
    .addOption(sectionsOption('only these sections; such a snapshot is not a whole backup'))
    .addOption(new Option('--all-sections', 'all that can be read').conflicts('sections'))
    .option('--credentials', 'with password hashes and client secrets')
    .option('--no-credentials', 'as for “backup”')
    .option(
      '--tag <tag>',
      'a word to find the snapshots by, in place of those before; may be repeated',
      collect,
    );
  withRetentionFlags(update)
    .addOption(new Option('--keep-everything', 'no rules any more: nothing is deleted').conflicts(KEEP_NAMES))
    .option('--on-failure-command <program>', 'run this when a run fails, without a shell')
    .option('--on-failure-arg <arg>', 'an argument of that program; may be repeated', collect)
    .addOption(
      new Option('--remove-command', 'run nothing when a run fails').conflicts([
        'onFailureCommand',
        'onFailureArg',
      ]),
    )
    .option('--webhook-url-env <variable>', 'post to the address in this variable when a run fails')
    .addOption(new Option('--remove-webhook', 'post nowhere').conflicts('webhookUrlEnv'))
    .action((name: string, flags: UpdateFlags) =>
      host.runWithEngine(update, 'existing', (io, client) => updateSchedule(io, client, name, flags)),
    );
  examples(update, [
    'drawbridge schedule update nightly --cron "30 3 * * *"',
    'drawbridge schedule update nightly --keep-daily 30 --webhook-url-env ALERT_URL',
    'drawbridge schedule update nightly --all --keep-everything',
    'drawbridge schedule update nightly --name weekly --cron "0 3 * * 0"',
  ]);
}

export async function updateSchedule(
  io: Io,
  client: EngineClient,
  name: string,
  flags: UpdateFlags,
): Promise<ExitCode> {
  if (Object.keys(flags).every((flag) => ['catalog', 'json', 'quiet'].includes(flag)))
    throw usage('Nothing is given that should change.', 'Give the flags of what is to be another.');
  const before = await client.schedules.get({ name });
  const retention = retentionFrom(before, flags);
  const command = commandFrom(before, flags);
  const changed = await client.schedules.update({
    name,
    ...(flags.name !== undefined && { newName: flags.name }),
    ...(flags.cron !== undefined && { cron: flags.cron }),
    ...(flags.timeZone !== undefined && { timeZone: flags.timeZone }),
    ...(flags.env !== undefined && { environment: flags.env }),
    ...(flags.all ? { realms: null } : flags.realm && { realms: flags.realm }),
    ...(flags.allSections ? { sections: null } : flags.sections && { sections: flags.sections }),
    ...(flags.credentials !== undefined && { credentials: flags.credentials }),
    ...(flags.tag && { tags: flags.tag }),
    ...(retention !== undefined && { retention }),
    ...(command !== undefined && { command }),
    ...(flags.removeWebhook
      ? { webhookUrl: null }
      : flags.webhookUrlEnv !== undefined && {
          webhookUrl: fromVariable(io, flags.webhookUrlEnv, 'address of the webhook'),
        }),
  });
  io.result({ schedule: changed }, () => scheduleLines(changed, io.paint));
  return EXIT.done;
}

/** The rules that are given, beside those that it has; undefined: they stay. */
function retentionFrom(
  { retention, timeZone }: ScheduleView,
  flags: UpdateFlags,
): RetentionPolicyInput | null | undefined {
  if (flags.keepEverything) return null;
  const clock = flags.timeZone ?? timeZone;
  if (!saysWhatToKeep(flags))
    return retention && flags.timeZone !== undefined ? { ...retention, timeZone: clock } : undefined;
  return { ...retention, ...givenRules(flags), timeZone: clock };
}

/** Undefined: it stays. */
function commandFrom(
  { onFailure }: ScheduleView,
  { removeCommand, onFailureCommand, onFailureArg }: UpdateFlags,
): { program: string; args: string[] } | null | undefined {
  if (removeCommand) return null;
  if (onFailureCommand !== undefined) return { program: onFailureCommand, args: onFailureArg ?? [] };
  if (onFailureArg === undefined) return undefined;
  if (onFailure.command) return { program: onFailure.command.program, args: onFailureArg };
  throw usage('--on-failure-arg is given, and no program is run.', 'Name it: --on-failure-command.');
}

function usage(message: string, remedy: string): AppError {
  return new AppError('USAGE', message, { notChanged: 'The schedule was not changed.', remedy });
}
