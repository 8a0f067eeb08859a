import type { Command } from 'commander';
import { AppError } from '../../contract/errors.ts';
import type { TrashView } from '../../contract/retention.ts';
import { EXIT, exitCodeOf, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { runJob } from '../jobs/run-job.ts';
import { errorDocument } from '../render/error.ts';
import { counted } from '../render/numbers.ts';
import { emptiedLines, trashLines } from '../render/retention.ts';
import { ask } from '../terminal/prompt.ts';
import { wholeNumber } from './arguments.ts';
import { lengthOfTime } from './durations.ts';
import { examples } from './examples.ts';

interface EmptyTrashFlags {
  readonly olderThan?: string;
  readonly confirm?: number;
  readonly dryRun?: boolean;
}

export function registerEmptyTrash(snapshot: Command, host: Host): void {
  const empty = snapshot
    .command('empty-trash')
    .summary('delete what is in the trash for good')
    .description(
      'Deletes the snapshots for good that have been in the trash for longer than the grace period, and gives back their space. Those that an open plan, a job or a rollback counts on stay. To cut the grace period short, confirm how many are to go.',
    )
    .option('--older-than <time>', 'those that have been there for longer than this; 0d: all', lengthOfTime)
    .option(
      '--confirm <n>',
      'how many are to go: needed to cut the grace period short',
      wholeNumber(0, 1_000_000),
    )
    .option('--dry-run', 'only show what would go')
    .action((flags: EmptyTrashFlags) =>
      host.runWithEngine(empty, 'existing', (io, client) => emptyTrash(io, client, flags)),
    );
  examples(empty, [
    'drawbridge snapshot empty-trash',
    'drawbridge snapshot empty-trash --older-than 0d --dry-run',
    'drawbridge snapshot empty-trash --older-than 0d --confirm 12',
  ]);
}

export async function emptyTrash(io: Io, client: EngineClient, flags: EmptyTrashFlags): Promise<ExitCode> {
  const olderThan = flags.olderThan === undefined ? {} : { olderThan: flags.olderThan };
  const view = await client.snapshots.previewEmptyTrash(olderThan);
  if (flags.dryRun) {
    io.result({ dryRun: true, ...view }, () => trashLines(view, io));
    return EXIT.done;
  }
  const confirm = await confirmed(io, view, flags);
  const { id, result, error } = await runJob(io, client, {
    kind: 'empty-trash',
    ...olderThan,
    ...(confirm === undefined ? {} : { confirm }),
  });
  // Their time is over, or was to be: what keeps them is the answer to why they are still there.
  const held = view.snapshots.filter(({ reasons }) => reasons.length > 0);
  io.result({ job: id, freed: result.freed, held, ...(error ? errorDocument(error) : {}) }, () => [
    ...emptiedLines(result.freed, io, held),
  ]);
  if (!error) return EXIT.done;
  io.failure(error);
  return exitCodeOf(error.code);
}

/** @throws AppError CONFIRMATION_NEEDED, naming how many and the command that confirms it */
async function confirmed(
  io: Io,
  view: TrashView,
  { confirm, olderThan }: EmptyTrashFlags,
): Promise<number | undefined> {
  const { goes, needsConfirmation, grace } = view;
  if (!needsConfirmation) return confirm;
  if (confirm === goes) return confirm;
  const what = `${counted(goes, 'snapshot')} would be deleted for good, before the grace period of ${grace} is over.`;
  if (io.interactive && confirm === undefined) {
    io.surroundings.stderr.write(`${io.paintNotes.yellow('Warning:')} ${what}\n`);
    const typed = await ask(io, `Type their number (${goes}) to go on, or press Enter to cancel: `);
    if (typed === String(goes)) return goes;
  }
  throw new AppError(
    'CONFIRMATION_NEEDED',
    `${what} ${confirm === undefined ? 'That was not confirmed.' : `${confirm} is not their number.`}`,
    {
      notChanged: 'Nothing was deleted.',
      remedy: `If that is what you want: ${io.self} snapshot empty-trash --older-than ${olderThan ?? grace} --confirm ${goes}`,
      details: { snapshots: goes },
    },
  );
}
