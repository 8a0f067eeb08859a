import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { planListLines } from '../render/plan-list.ts';
import { wholeNumber } from './arguments.ts';
import { examples } from './examples.ts';
import { addShowFlags, showPlan, type ShowFlags } from './plan.ts';

/** Looking again at plans that were made. */
export function registerStoredPlans(program: Command, host: Host): void {
  const list = program
    .command('list-plans')
    .name('plan list')
    .summary('list the plans that are kept')
    .description(
      'Lists the plans that are kept, the newest first, and tells which were applied. A file of this name is planned from as ./list.',
    )
    .option('--limit <n>', 'how many', wholeNumber(1, 1000), 50)
    .action((flags: { limit: number }) =>
      host.runWithEngine(list, 'existing', (io, client) => listPlans(io, client, flags.limit)),
    );
  examples(list, ['drawbridge plan list', 'drawbridge plan list --limit 10 --json']);

  const show = program
    .command('show-plan')
    .name('plan show')
    .argument('<plan>', 'id, or the beginning of one')
    .summary('show a plan that is kept')
    .description(
      'Shows a plan as it was shown when it was made: counts, losses, conflicts, and single records. Reads no environment.',
    );
  addShowFlags(show).action((id: string, flags: ShowFlags) =>
    host.runWithEngine(show, 'existing', (io, client) => showStoredPlan(io, client, id, flags)),
  );
  examples(show, [
    'drawbridge plan show r62x0pr6',
    'drawbridge plan show r62x0pr6 --show update --limit 200',
  ]);
}

export async function listPlans(io: Io, client: EngineClient, limit: number): Promise<ExitCode> {
  const plans = (await client.plans.list()).slice(0, limit);
  io.result({ plans }, () => planListLines(plans, io));
  return EXIT.done;
}

export async function showStoredPlan(
  io: Io,
  client: EngineClient,
  id: string,
  flags: ShowFlags,
): Promise<ExitCode> {
  const plan = await client.plans.get({ plan: id });
  // What settles its conflicts is another plan, from the same snapshot.
  await showPlan(io, client, plan, ['plan', plan.source.snapshot, plan.target.environment], flags);
  return EXIT.done;
}
