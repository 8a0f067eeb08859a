import type { Command } from 'commander';
import { EXIT, exitCodeOf, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { runJob } from '../jobs/run-job.ts';
import { errorDocument } from '../render/error.ts';
import { pruneLines, verdictLines } from '../render/retention.ts';
import { examples } from './examples.ts';
import { policyOf, withRetentionFlags, type RetentionFlags } from './retention-flags.ts';

interface PruneFlags extends RetentionFlags {
  readonly env?: string;
  readonly realm?: string;
  readonly tag?: string;
  readonly dryRun?: boolean;
}

export function registerPrune(snapshot: Command, host: Host): void {
  const prune = snapshot
    .command('prune')
    .summary('keep snapshots by a rule, and move the others to the trash')
    .description(
      'Keeps of each realm the snapshots that a rule names, and moves the others to the trash. What has been in the trash for longer than the grace period is deleted, and its space given back. --dry-run lists every snapshot with the rule that keeps it or lets it go.',
    )
    .option('--env <env>', 'only snapshots of this environment')
    .option('--realm <realm>', 'only snapshots of this realm')
    .option('--tag <tag>', 'only snapshots with this tag');
  withRetentionFlags(prune)
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
  io.failure(error);
  return exitCodeOf(error.code);
}
