import type { Command } from 'commander';
import { AppError } from '../../contract/errors.ts';
import type { JobResult } from '../../contract/job.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import { shellWord, type Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { runJob } from '../jobs/run-job.ts';
import { counted } from '../render/numbers.ts';
import { itemLines } from '../render/plan.ts';
import { quoted, visible } from '../render/visible.ts';
import { addConfirmationFlags, carryOut, REPORTS } from './apply.ts';
import { meantId } from './arguments.ts';
import { confirmationWords, confirmed, type ConfirmationFlags } from './confirmation.ts';
import { examples } from './examples.ts';
import { warnOfInsecureTls } from './insecure-tls.ts';
import { conflictsOf, previewLines } from './plan.ts';

interface RollbackFlags extends ConfirmationFlags {
  readonly dryRun?: boolean;
}

type RollbackPlan = Extract<JobResult, { kind: 'rollback-plan' }>;

const MOST_SHOWN = 50;

export function registerRollback(program: Command, host: Host): void {
  const rollback = program
    .command('rollback')
    .argument(
      '<job>',
      'the job to undo, as printed by apply and by job list, or at least 4 characters of it',
      meantId,
    )
    .summary('undo an apply')
    .description(
      `Undoes an apply, a migrate, a restore, a seed or a rollback: brings the realm back to the safety snapshot that was taken just before it, or removes the realm if there was none. Also when that job failed, was interrupted, or was written to some databases only. What others have changed since is taken back too: the preview shows it, and the realm’s name confirms it. ${REPORTS}`,
    )
    .option('--dry-run', 'only show what it would do');
  addConfirmationFlags(rollback).action((job: string, flags: RollbackFlags) =>
    host.runWithEngine(rollback, 'existing', (io, client) => rollBack(io, client, job, flags)),
  );
  examples(rollback, [
    'drawbridge rollback pyz8c5h5 --dry-run',
    'drawbridge rollback pyz8c5h5',
    'drawbridge rollback pyz8c5h5 --confirm acme --confirm-environment prod',
  ]);
}

export async function rollBack(
  io: Io,
  client: EngineClient,
  job: string,
  flags: RollbackFlags,
): Promise<ExitCode> {
  const { result } = await runJob(io, client, { kind: 'rollback-plan', job });
  const { plan } = result;
  await warnOfInsecureTls(io, client, [plan.target.environment]);
  const command = ['rollback', result.job];
  if (flags.dryRun) {
    const next =
      plan.empty || plan.blocked ? null : typed(io, [...command, ...confirmationWords(plan, ALWAYS)]);
    const { kind: _, plan: __, ...about } = result;
    io.result({ ...plan, undoes: about.job, safetySnapshot: about.safetySnapshot, next }, () => [
      ...intentLines(result),
      ...previewLines(io, plan),
      '',
      ...(next === null ? [] : ['Nothing was changed yet. To do it:', `  ${next}`]),
    ]);
    return EXIT.done;
  }
  io.print([...intentLines(result), ...previewLines(io, plan)]);
  await refuseBlocked(io, client, result);
  const confirmation = plan.empty
    ? {}
    : await confirmed(io, plan, flags, command, {
        ...ALWAYS,
        lossesRead: io.surroundings.stdout.isTTY === true,
      });
  io.print(['']);
  return carryOut(io, client, plan, confirmation, { preview: plan });
}

/** Going back takes with it what others did meanwhile: that is confirmed even where nothing is deleted. */
const ALWAYS = { always: true };

function intentLines({ job, plan, safetySnapshot }: RollbackPlan): string[] {
  const where = `realm ${quoted(plan.target.realm)} on ${quoted(plan.target.environment)}`;
  return [
    safetySnapshot === null
      ? `To undo job ${visible(job)}: there was no ${where} before it.`
      : `To undo job ${visible(job)}: ${where} goes back to snapshot ${visible(safetySnapshot)}, taken just before it.`,
  ];
}

/** @throws AppError PLAN_BLOCKED: a rollback takes no policy, so the way round is a plan of one's own */
async function refuseBlocked(
  io: Io,
  client: EngineClient,
  { plan, safetySnapshot }: RollbackPlan,
): Promise<void> {
  if (!plan.blocked) return;
  const conflicts = await conflictsOf(client, plan);
  io.print(['', ...itemLines(conflicts.slice(0, MOST_SHOWN), io.paint)]);
  const own =
    safetySnapshot === null
      ? ''
      : ` Or bring back what can be, by a plan of your own: ${typed(io, ['plan', safetySnapshot, plan.target.environment, '--realm', 'merge', '--users', 'merge', '--clients', 'update', '--conflicts', 'skip'])}`;
  throw new AppError(
    'PLAN_BLOCKED',
    `${counted(conflicts.length, 'record')} cannot be brought back as ${conflicts.length === 1 ? 'it was' : 'they were'}.`,
    {
      notChanged: 'The target was not changed.',
      remedy: `Settle what stands in the way, then run this again.${own}`,
      details: { plan: plan.plan },
    },
  );
}

function typed(io: Io, words: readonly string[]): string {
  return [io.self, ...words.map(shellWord)].join(' ');
}
