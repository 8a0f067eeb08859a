import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { settingsLines, statsLines } from '../render/catalog.ts';
import { lengthOfTime } from './durations.ts';
import { examples } from './examples.ts';

interface SettingsFlags {
  readonly trash?: string;
  readonly plans?: string;
  readonly jobs?: string;
}

/** What the catalog takes of the disk, and how long it keeps things. */
export function registerCatalogKeeping(catalog: Command, host: Host): void {
  const stats = catalog
    .command('stats')
    .summary('what each realm costs, and what was saved')
    .description(
      'Shows for each realm what its snapshots contain, what of the disk only they need and what they share with others, and what was saved by storing equal records once and by compressing; what the trash holds; and how large the file is.',
    )
    .action(() => host.runWithEngine(stats, 'existing', (io, client) => showStats(io, client)));
  examples(stats, ['drawbridge catalog stats', 'drawbridge catalog stats --json']);

  const settings = catalog
    .command('settings')
    .summary('show or change how long things are kept')
    .description(
      'Shows how long the catalog keeps what nobody asked it to keep for good, or changes it. It is looked at whenever snapshots are pruned.',
    )
    .option('--trash <time>', 'snapshots in the trash', lengthOfTime)
    .option('--plans <time>', 'plans that were not applied', lengthOfTime)
    .option('--jobs <time>', 'jobs that have ended, and that nobody can undo any more', lengthOfTime)
    .action((flags: SettingsFlags) =>
      host.runWithEngine(settings, 'existing', (io, client) => showSettings(io, client, flags)),
    );
  examples(settings, ['drawbridge catalog settings', 'drawbridge catalog settings --trash 30d --jobs 2y']);
}

export async function showStats(io: Io, client: EngineClient): Promise<ExitCode> {
  const stats = await client.catalog.stats(undefined, { signal: io.interruption.signal });
  io.result(stats, () => statsLines(stats, io));
  return EXIT.done;
}

export async function showSettings(io: Io, client: EngineClient, flags: SettingsFlags): Promise<ExitCode> {
  const { trash, plans, jobs } = flags;
  const isChange = trash !== undefined || plans !== undefined || jobs !== undefined;
  const settings = isChange
    ? await client.catalog.changeSettings({
        ...(trash === undefined ? {} : { trash }),
        ...(plans === undefined ? {} : { plans }),
        ...(jobs === undefined ? {} : { jobs }),
      })
    : await client.catalog.settings();
  io.result({ settings }, () => settingsLines(settings));
  return EXIT.done;
}
