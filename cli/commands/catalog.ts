import type { Command } from 'commander';
import { resolve } from 'node:path';
import { AppError, isAppError } from '../../contract/errors.ts';
import { asAppError } from '../../contract/wire.ts';
import { catalogPlace } from '../catalog-place.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import { shellWord, type GlobalOptions, type Io } from '../io.ts';
import type { EngineClient, MaintenanceClient } from '../jobs/engine-client.ts';
import { runJob } from '../jobs/run-job.ts';
import { runWork } from '../jobs/run-work.ts';
import { catalogLines, damageLines, repairLines, verifyLines } from '../render/catalog-health.ts';
import { bytes, counted } from '../render/numbers.ts';
import { quoted, visible, visibleLines } from '../render/visible.ts';
import { registerCatalogKeeping } from './catalog-keeping.ts';
import { registerCatalogKeys } from './catalog-keys.ts';
import { examples } from './examples.ts';

export function registerCatalog(program: Command, host: Host): void {
  const catalog = program
    .command('catalog')
    .summary('the catalog itself: its keys, its size, its copies, its health')
    .description(
      'The catalog itself: how it is opened, where it is, how large it is, whether it is whole, and copies of it. Everything that Drawbridge keeps is in it.',
    );
  examples(catalog, ['drawbridge catalog show', 'drawbridge catalog backup /mnt/backups/']);

  const show = catalog
    .command('show')
    .summary('where it is, how it is opened, what it holds')
    .description('Shows where the catalog is, how it is opened, and how much it holds. Needs no key.')
    .action(() =>
      host.run(show, (io) => host.withMaintenance(io, show, (client) => showCatalog(io, client))),
    );
  examples(show, ['drawbridge catalog show', 'drawbridge catalog show --json']);

  const init = catalog
    .command('init')
    .summary('make a new, empty one')
    .description(
      'Makes a new, empty catalog. `env add` and `snapshot import` do so by themselves; this one says beforehand where, and how it is opened.',
    )
    .action(() => host.run(init, (io) => initCatalog(io, host, init)));
  examples(init, ['drawbridge catalog init', 'drawbridge --catalog /srv/drawbridge catalog init']);

  registerCatalogKeys(catalog, host);
  registerCatalogKeeping(catalog, host);
  registerHealth(catalog, host);
}

export async function showCatalog(
  io: Io,
  client: Pick<MaintenanceClient, 'show'> | EngineClient['catalog'],
): Promise<ExitCode> {
  const catalog = await client.show();
  io.result({ catalog }, () => catalogLines(catalog, io));
  return EXIT.done;
}

async function initCatalog(io: Io, host: Host, command: Command): Promise<ExitCode> {
  await host.withMaintenance(io, command, refuseExisting);
  return host.withEngine(io, command, 'create', (client) => showCatalog(io, client.catalog));
}

async function refuseExisting(client: MaintenanceClient): Promise<void> {
  try {
    const { dir } = await client.show();
    throw new AppError('USAGE', `There is a catalog in “${dir}” already.`, {
      notChanged: 'It was left as it is.',
      remedy: 'Use it, or name another folder by --catalog.',
    });
  } catch (error) {
    const known = asAppError(error);
    if (known.code !== 'CATALOG_MISSING') throw known;
  }
}

interface RepairFlags {
  readonly to?: string;
  readonly dryRun?: boolean;
}

function registerHealth(catalog: Command, host: Host): void {
  const verify = catalog
    .command('verify')
    .summary('prove that everything in it is whole')
    .description(
      'Proves the whole catalog: the file’s own structure, every byte of every snapshot, and every sealed entry of everything else. Tells each finding. Changes nothing. The exit code is 8 if anything is damaged.',
    )
    .action(() => host.run(verify, (io) => verifyCatalog(io, host, verify)));
  examples(verify, ['drawbridge catalog verify', 'drawbridge catalog verify --json --quiet']);

  const backup = catalog
    .command('backup')
    .argument(
      '<file-or-folder>',
      'a file that is not there yet, or a folder, in which it is named after the time',
    )
    .summary('copy it into one file, while others work with it')
    .description(
      'Copies the whole catalog, as it is at one moment, into one file, while others go on working with it, and proves every byte of the copy. Nothing is ever overwritten. The copy is encrypted as the catalog is, and opens with the keys that the catalog has now.',
    )
    .action((place: string) =>
      host.runWithEngine(backup, 'existing', (io, client) => backUpCatalog(io, client, place)),
    );
  examples(backup, [
    'drawbridge catalog backup /mnt/backups/',
    'drawbridge catalog backup ./before-upgrade.db',
  ]);

  const compact = catalog
    .command('compact')
    .summary('give the free space in its file back to the disk')
    .description(
      'Writes the catalog’s file anew, without the free space in it, and checks it. One that an older Drawbridge made gives free space back by itself from then on. Refused while anybody works with it; needs the size of the file twice, free, for as long as it takes. It cannot be stopped once the file is being written; a process that is killed leaves the catalog as it was.',
    )
    .action(() =>
      host.run(compact, (io) => host.withMaintenance(io, compact, (client) => compactCatalog(io, client))),
    );
  examples(compact, [
    'drawbridge catalog compact',
    'drawbridge catalog stats    # tells whether it is worth it',
  ]);

  const repair = catalog
    .command('repair')
    .summary('make a new one of what is whole in a damaged one')
    .description(
      'Makes a new catalog of what is whole in a damaged one, every snapshot, environment, plan and job that can be proved, and says exactly what is lost. The damaged catalog is left as it is. Refuses when nothing is damaged. The exit code is 7 if something is lost.',
    )
    .option(
      '--to <folder>',
      'where to make the new catalog; beside the damaged one, its name with “-repaired”, by default',
    )
    .option('--dry-run', 'only tell what would be kept and what lost')
    .action((flags: RepairFlags) =>
      host.run(repair, (io) =>
        host.withMaintenance(io, repair, (client) => repairCatalog(io, client, flags)),
      ),
    );
  examples(repair, [
    'drawbridge catalog repair --dry-run',
    'drawbridge catalog repair --to /srv/drawbridge-2',
  ]);

  const move = catalog
    .command('move')
    .argument('<folder>', 'where it is to be')
    .summary('move it into another folder')
    .description(
      'Moves the catalog into another folder, also on another disk. The old one is removed when every byte of the new one has been proved; whenever this is broken off, there is a whole one. Refused while anybody works with it.',
    )
    .action((folder: string) =>
      host.run(move, (io) =>
        host.withMaintenance(io, move, (client) => moveCatalog(io, client, folder, move)),
      ),
    );
  examples(move, ['drawbridge catalog move /srv/drawbridge']);
}

async function verifyCatalog(io: Io, host: Host, command: Command): Promise<ExitCode> {
  try {
    const { report } = await host.withEngine(io, command, 'existing', async (client) => {
      const { result } = await runJob(io, client, { kind: 'verify' });
      return result;
    });
    io.result(report, () => verifyLines(report, io));
    return report.damaged.length === 0 ? EXIT.done : EXIT.catalog;
  } catch (error) {
    if (!isAppError(error, 'CATALOG_DAMAGED')) throw error;
    return tellUnopened(io, error);
  }
}

/** Damage that keeps the catalog from being opened at all: what is known of it is the report. */
function tellUnopened(io: Io, { message, remedy, details }: AppError): ExitCode {
  const problems = Array.isArray(details['problems']) ? details['problems'].map(String) : [];
  const damaged = [message, ...problems].map((text) => ({ snapshot: '', in: 'file' as const, text }));
  io.result({ snapshots: 0, chunks: 0, bytes: 0, damaged }, () => [
    `${io.paint.red('Damaged:')} the catalog cannot be opened.`,
    ...damageLines(damaged, io.paint),
    `${io.paint.bold('What to do:')} ${visibleLines(remedy)}`,
  ]);
  return EXIT.catalog;
}

export async function backUpCatalog(io: Io, client: EngineClient, place: string): Promise<ExitCode> {
  const { result } = await runJob(io, client, { kind: 'catalog-backup', path: place });
  const { kind: _, ...backup } = result;
  io.result({ backup }, () => [
    `Copied the catalog to ${quoted(backup.path)} (${bytes(backup.bytes)}): ${counted(backup.snapshots, 'snapshot')} in ${counted(backup.chunks, 'chunk')}, every byte of the copy proved.`,
    '  It opens with the keys that the catalog has now. To use it, put it into an empty folder under the name catalog.db:',
    `    mkdir -m 700 restored && cp ${visible(shellWord(backup.path))} restored/catalog.db && ${io.self.split(' --catalog')[0]} --catalog restored catalog show`,
  ]);
  return EXIT.done;
}

export async function repairCatalog(
  io: Io,
  client: MaintenanceClient,
  { to, dryRun = false }: RepairFlags,
): Promise<ExitCode> {
  const repair = await runWork(io, (signal) =>
    client.repair({ dryRun, ...(to === undefined ? {} : { to }) }, { signal }),
  );
  io.result({ repair }, () => repairLines(repair, io));
  return repair.lost.length === 0 ? EXIT.done : EXIT.itemFailures;
}

async function compactCatalog(io: Io, client: MaintenanceClient): Promise<ExitCode> {
  const compact = await runWork(io, (signal) => client.compact(undefined, { signal }));
  const { before, after, shrank } = compact;
  io.result({ compact }, () => [
    after < before
      ? `The catalog’s file has ${bytes(after)} now, ${bytes(before - after)} less than before.`
      : `The catalog’s file has ${bytes(after)}, as before: there was no free space in it.`,
    ...(shrank ? [] : ['From now on it gives free space back by itself whenever snapshots are pruned.']),
  ]);
  return EXIT.done;
}

async function moveCatalog(
  io: Io,
  client: MaintenanceClient,
  folder: string,
  command: Command,
): Promise<ExitCode> {
  const move = await runWork(io, (signal) => client.move({ to: folder }, { signal }));
  const { env } = io.surroundings;
  const { catalog } = command.optsWithGlobals<GlobalOptions>();
  const usual = resolve(catalogPlace(undefined, { ...env, DRAWBRIDGE_CATALOG: '' })) === move.to;
  io.result({ move }, () => [
    `The catalog is in ${quoted(move.to)} now (${bytes(move.bytes)}), every byte of it proved.`,
    ...(move.leftBehind === undefined
      ? [`  ${quoted(move.from)} is gone.`]
      : [`  ${io.paint.yellow('Warning:')} ${visibleLines(move.leftBehind)}`]),
    ...(usual
      ? [
          '  It is where Drawbridge looks by itself: take --catalog and DRAWBRIDGE_CATALOG away where they name the old folder.',
        ]
      : [
          `  From now on: export DRAWBRIDGE_CATALOG=${visible(shellWord(move.to))}${catalog === undefined ? '' : ', or --catalog with it'}`,
          '  Name it also wherever the old folder is named: in pipelines, timers and services.',
        ]),
  ]);
  return EXIT.done;
}
