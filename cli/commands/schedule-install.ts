import { resolve } from 'node:path';
import type { Command } from 'commander';
import { AppError } from '../../contract/errors.ts';
import { catalogPlace } from '../catalog-place.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { SERVICES, serviceFile, type ServiceManager } from '../render/service-file.ts';
import { examples } from './examples.ts';

/** What starts `schedule run`, ready to be put in its place. Nothing on the machine is changed. */
export function registerScheduleInstall(schedule: Command, host: Host): void {
  const install = schedule
    .command('install')
    .summary('print what makes this computer run the schedules')
    .description(
      'Prints a ready-made file on standard output; and, beside it, where it belongs, how to switch it on, and how to give the passphrase there. It changes nothing by itself.',
    )
    .option('--systemd', 'a service for Linux')
    .option('--launchd', 'an agent for macOS')
    .option('--cron', 'a line for crontab, which looks every five minutes')
    .option('--task-scheduler', 'a task for Windows')
    .action((flags: Partial<Record<ServiceManager, boolean>>) =>
      host.run(install, async (io) => printFile(io, install, flags)),
    );
  examples(install, [
    'drawbridge schedule install --systemd',
    'drawbridge schedule install --launchd > ~/Library/LaunchAgents/drawbridge.schedules.plist',
    'drawbridge --catalog /srv/drawbridge schedule install --cron',
  ]);
}

function printFile(io: Io, command: Command, flags: Partial<Record<ServiceManager, boolean>>): ExitCode {
  const chosen = SERVICES.filter((service) => flags[service] === true);
  const [service] = chosen;
  if (service === undefined || chosen.length > 1)
    throw new AppError('USAGE', 'What starts programs on this computer is not said.', {
      notChanged: 'Nothing was printed.',
      remedy: 'Give one of --systemd, --launchd, --cron and --task-scheduler.',
    });
  const { env } = io.surroundings;
  const catalog = resolve(catalogPlace(command.optsWithGlobals<GlobalOptions>().catalog, env));
  const { file, steps } = serviceFile(service, {
    program: thisProgram(),
    catalog,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
  io.result({ service, files: [file], steps }, () => file.text.trimEnd().split('\n'));
  // Beside the file, not in it: whoever sends it to where it belongs gets nothing else.
  if (!io.json) for (const line of [`This belongs into: ${file.path}`, ...steps]) io.note(line);
  return EXIT.done;
}

/**
 * What starts this command line again: a script and its Node.js, or the desktop program, which is both; an
 * AppImage lies elsewhere than it runs.
 */
function thisProgram(): string[] {
  if (process.versions['electron'] !== undefined) return [process.env['APPIMAGE'] ?? process.execPath];
  return [
    process.execPath,
    ...process.execArgv.filter((word) => !word.startsWith('--inspect')),
    resolve(process.argv[1] ?? 'drawbridge'),
  ];
}
