import type { Command } from 'commander';
import { AppError } from '../../contract/errors.ts';
import type { ScheduleInput, ScheduleRun } from '../../contract/schedule.ts';
import type { Section } from '../../contract/sections.ts';
import { EXIT, exitCodeOf, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { instant } from '../render/numbers.ts';
import { runSentence, scheduleLines, scheduleListLines } from '../render/schedule.ts';
import { quoted, visible } from '../render/visible.ts';
import { collect, sectionsOption } from './arguments.ts';
import { examples } from './examples.ts';
import { registerScheduleInstall } from './schedule-install.ts';
import { policyOf, saysWhatToKeep, withRetentionFlags, type RetentionFlags } from './retention-flags.ts';
import { registerScheduleUpdate } from './schedule-update.ts';
import { fromVariable } from './secret-place.ts';

interface AddFlags extends RetentionFlags {
  readonly cron: string;
  readonly env: string;
  readonly realm?: string[];
  readonly all?: boolean;
  readonly sections?: Section[];
  readonly credentials: boolean;
  readonly tag?: string[];
  readonly onFailureCommand?: string;
  readonly onFailureArg?: string[];
  readonly webhookUrlEnv?: string;
}

/** Backups that are taken by themselves. */
export function registerSchedule(program: Command, host: Host): void {
  const schedule = program
    .command('schedule')
    .summary('backups that are taken by themselves')
    .description(
      'Backups on a cron expression. They run while the desktop application is open, or by “schedule run” under whatever starts programs on this computer.',
    );
  examples(schedule, [
    'drawbridge schedule add nightly --cron "0 2 * * *" --env prod --all',
    'drawbridge schedule list',
    'drawbridge schedule install --systemd',
  ]);
  registerAdd(schedule, host);
  registerScheduleUpdate(schedule, host);
  registerLooks(schedule, host);
  registerChanges(schedule, host);
  registerRun(schedule, host);
  registerScheduleInstall(schedule, host);
}

function registerAdd(schedule: Command, host: Host): void {
  const add = schedule
    .command('add')
    .argument('<name>', 'what to call it')
    .summary('add a schedule')
    .description(
      'Adds a schedule and says in words what its expression means. Times that pass while nothing runs it are caught up with, once.',
    )
    .requiredOption(
      '--cron <expression>',
      'five fields: minute, hour, day of the month, month, day of the week',
    )
    .option('--time-zone <zone>', 'whose clock is meant (default: this computer’s)')
    .requiredOption('--env <env>', 'the environment to back up')
    .option('--realm <realm>', 'a realm of it; may be repeated', collect)
    .option('--all', 'every realm that there is when it runs')
    .addOption(sectionsOption('only these sections; such a snapshot is not a whole backup'))
    .option('--no-credentials', 'as for “backup”')
    .option('--tag <tag>', 'a word to find the snapshots by; may be repeated', collect);
  withRetentionFlags(add)
    .option(
      '--on-failure-command <program>',
      'run this when a run fails, without a shell; the facts are in variables',
    )
    .option('--on-failure-arg <arg>', 'an argument of that program; may be repeated', collect)
    .option(
      '--webhook-url-env <variable>',
      'post to the address in this variable when a run fails; it is kept as a secret',
    )
    .action((name: string, flags: AddFlags) =>
      host.runWithEngine(add, 'existing', (io, client) => addSchedule(io, client, name, flags)),
    );
  examples(add, [
    'drawbridge schedule add nightly --cron "0 2 * * *" --time-zone Europe/Berlin --env prod --all --keep-daily 14 --keep-monthly 12',
    'drawbridge schedule add office --cron "0 8-18 * * 1-5" --env prod --realm acme --webhook-url-env ALERT_URL',
  ]);
}

function registerLooks(schedule: Command, host: Host): void {
  const list = schedule
    .command('list')
    .summary('list the schedules')
    .description('Lists the schedules with their next time, how the last run went, and what was missed.')
    .action(() =>
      host.runWithEngine(list, 'existing', async (io, client) => {
        const schedules = await client.schedules.list();
        io.result({ schedules }, () => scheduleListLines(schedules, io));
        return EXIT.done;
      }),
    );
  examples(list, ['drawbridge schedule list --json']);

  const show = schedule
    .command('show')
    .argument('<name>', 'a schedule')
    .summary('show a schedule with its last runs')
    .description('Shows a schedule: what it does, when, and how its last twenty runs went.')
    .action((name: string) =>
      host.runWithEngine(show, 'existing', async (io, client) => {
        const found = await client.schedules.get({ name });
        io.result({ schedule: found }, () => scheduleLines(found, io.paint));
        return EXIT.done;
      }),
    );
  examples(show, ['drawbridge schedule show nightly']);
}

function registerChanges(schedule: Command, host: Host): void {
  for (const [word, paused, summary, example] of [
    ['pause', true, 'let a schedule rest', 'drawbridge schedule pause nightly'],
    ['resume', false, 'let a schedule run again', 'drawbridge schedule resume nightly'],
  ] as const) {
    const command = schedule
      .command(word)
      .argument('<name>', 'a schedule')
      .summary(summary)
      .description(
        paused
          ? 'Lets a schedule rest. What passes meanwhile is not caught up with.'
          : 'Lets a schedule run again, from its next time on.',
      )
      .action((name: string) =>
        host.runWithEngine(command, 'existing', async (io, client) => {
          const changed = await client.schedules.pause({ name, paused });
          io.result({ schedule: changed }, () => scheduleLines(changed, io.paint));
          return EXIT.done;
        }),
      );
    examples(command, [example]);
  }

  const remove = schedule
    .command('remove')
    .argument('<name>', 'a schedule')
    .summary('remove a schedule')
    .description('Removes a schedule. The snapshots that it took stay.')
    .action((name: string) =>
      host.runWithEngine(remove, 'existing', async (io, client) => {
        await client.schedules.remove({ name });
        io.result({ removed: name }, () => [`Removed the schedule ${quoted(name)}. Its snapshots stay.`]);
        return EXIT.done;
      }),
    );
  examples(remove, ['drawbridge schedule remove nightly']);

  const acknowledge = schedule
    .command('acknowledge')
    .argument('[name]', 'one schedule; without it, all')
    .summary('say that failed runs are known')
    .description('Says that failed runs are known: they are no longer told at every command.')
    .action((name: string | undefined) =>
      host.runWithEngine(acknowledge, 'existing', async (io, client) => {
        const { acknowledged } = await client.schedules.acknowledge(name === undefined ? {} : { name });
        io.result({ acknowledged }, () => [`Failed runs that are known now: ${acknowledged}.`]);
        return EXIT.done;
      }),
    );
  examples(acknowledge, ['drawbridge schedule acknowledge', 'drawbridge schedule acknowledge nightly']);
}

function registerRun(schedule: Command, host: Host): void {
  const run = schedule
    .command('run')
    .argument('[name]', 'run this one, now')
    .summary('run what is due')
    .description(
      'Runs schedules when their time comes, until it is stopped; with --due once, for timers; with a name that one, now. Several may run at once, on one catalog: each time is run by one of them. With a name or --due the exit code tells when a run failed.',
    )
    .option('--due', 'run what is due now, and end')
    .option('--once', 'the same')
    .action((name: string | undefined, flags: { due?: boolean; once?: boolean }) =>
      host.runWithEngine(run, 'existing', (io, client) =>
        runSchedules(io, client, name, flags.due === true || flags.once === true),
      ),
    );
  examples(run, [
    'drawbridge schedule run',
    'drawbridge schedule run --due --quiet',
    'drawbridge schedule run nightly',
  ]);
}

export async function addSchedule(
  io: Io,
  client: EngineClient,
  name: string,
  flags: AddFlags,
): Promise<ExitCode> {
  if ((flags.realm !== undefined) === (flags.all === true))
    throw usage(
      flags.all ? 'Realms are named, and --all is given as well.' : 'No realm is named.',
      'Name the realms to back up with --realm, or give --all for every one.',
    );
  if (flags.onFailureArg && flags.onFailureCommand === undefined)
    throw usage('--on-failure-arg is given without --on-failure-command.', 'Name the program as well.');
  const input: ScheduleInput = {
    name,
    cron: flags.cron,
    timeZone: flags.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    environment: flags.env,
    ...(flags.realm && { realms: flags.realm }),
    ...(flags.sections && { sections: flags.sections }),
    credentials: flags.credentials,
    tags: flags.tag ?? [],
    ...(saysWhatToKeep(flags) && { retention: policyOf(flags) }),
    onFailure: {
      ...(flags.onFailureCommand !== undefined && {
        command: { program: flags.onFailureCommand, args: flags.onFailureArg ?? [] },
      }),
      ...(flags.webhookUrlEnv !== undefined && {
        webhookUrl: fromVariable(io, flags.webhookUrlEnv, 'address of the webhook'),
      }),
    },
  };
  const added = await client.schedules.add(input);
  io.result({ schedule: added }, () => [
    ...scheduleLines(added, io.paint),
    `It runs while “${io.self} schedule run” does. To have this computer see to that: ${io.self} schedule install --help`,
  ]);
  return EXIT.done;
}

function usage(message: string, remedy: string): AppError {
  return new AppError('USAGE', message, { notChanged: 'Nothing was changed.', remedy });
}

/** A run and how it ended, a line each; the exit code is that of the worst. */
export async function runSchedules(
  io: Io,
  client: EngineClient,
  name: string | undefined,
  onlyDue: boolean,
): Promise<ExitCode> {
  if (name !== undefined && onlyDue)
    throw usage('A schedule is named, and --due is given as well.', 'Give one of them.');
  const { signal } = io.interruption;
  const what = name !== undefined ? 'one' : onlyDue ? 'due' : 'all';
  const events = await client.schedules.run(what === 'one' ? { what, name: name! } : { what }, { signal });
  const runs: { schedule: string; run: ScheduleRun }[] = [];
  for await (const event of events) {
    if (event.kind === 'waiting')
      io.note(
        event.until === undefined
          ? 'There is no schedule to wait for; one that is added is taken up.'
          : `Waiting until ${instant(event.until)}.`,
      );
    else {
      const { schedule, run } = event;
      // How one ended is the command's result, unless it goes on for ever: too long to remember all of them.
      if (event.kind === 'ended' && what !== 'all') runs.push({ schedule, run });
      else io.note(`The schedule ${visible(schedule)} ${runSentence(run)}`);
    }
  }
  if (what !== 'all')
    io.result({ runs }, () =>
      runs.length === 0
        ? ['Nothing is due.']
        : runs.map(({ schedule, run }) => `The schedule ${visible(schedule)} ${runSentence(run)}`),
    );
  if (signal.aborted && what !== 'all') throw new AppError('CANCELED', 'Canceled.');
  return worst(runs.map(({ run }) => run));
}

function worst(runs: readonly ScheduleRun[]): ExitCode {
  const failed = runs.find(({ state }) => ['failed', 'interrupted', 'canceled'].includes(state));
  if (failed) return exitCodeOf(failed.error?.code ?? 'CANCELED');
  return runs.some(({ state }) => state === 'succeeded_with_errors') ? EXIT.itemFailures : EXIT.done;
}
