import type { Command } from 'commander';
import { AppError } from '../../contract/errors.ts';
import type { JobView } from '../../contract/job.ts';
import type { PlanItemView, PlanView } from '../../contract/plan.ts';
import { EXIT, exitCodeOf, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import { shellWord, type Io } from '../io.ts';
import { withUndoOf } from '../jobs/apply-job.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { followJob, toItsEnd, type FinishedJob } from '../jobs/run-job.ts';
import { whatWasDone } from '../jobs/what-was-done.ts';
import { errorLines } from '../render/error.ts';
import { jobLines } from '../render/job.ts';
import { itemLines } from '../render/plan.ts';
import { counted } from '../render/numbers.ts';
import { visibleLines } from '../render/visible.ts';
import { addConfirmationFlags, carryOut, reportApply, REPORTS } from './apply.ts';
import { meantId } from './arguments.ts';
import { reportBackup } from './backup.ts';
import { confirmationWords, confirmed, type ConfirmationFlags } from './confirmation.ts';
import { examples } from './examples.ts';
import { warnOfInsecureTls } from './insecure-tls.ts';
import { conflictsOf, previewLines } from './plan.ts';

interface RetryFlags extends ConfirmationFlags {
  readonly dryRun?: boolean;
}

/** What changes the course of a job: resume, cancel, retry. */
export function registerJobControl(job: Command, host: Host): void {
  const resume = job
    .command('resume')
    .argument('<job>', 'id, or at least 4 characters of one', meantId)
    .summary('go on with a job that was broken off')
    .description(
      `Goes on with a job that was interrupted, canceled or failed, where it stopped and under the same id. An import goes on after the last step that its journal acknowledges and looks again at one whose outcome is not known; it refuses, saying which, when the plan, the target or the catalog is not the one that it knows. Over PostgreSQL, what was broken off before the first commit is done again; between two commits only rollback helps. ${REPORTS}`,
    )
    .action((id: string) =>
      host.runWithEngine(resume, 'existing', (io, client) => resumeJob(io, client, id)),
    );
  examples(resume, ['drawbridge job resume pyz8c5h5']);

  const cancel = job
    .command('cancel')
    .argument('<job>', 'id, or at least 4 characters of one', meantId)
    .summary('stop a job, whatever process runs it')
    .description(
      'Asks a job to stop at its next batch, also one that another process runs, waits until it has, and says what was and what was not done. Between the commits of an import it goes to its end. One that nobody runs any more is canceled at once.',
    )
    .action((id: string) =>
      host.runWithEngine(cancel, 'existing', (io, client) => cancelJob(io, client, id)),
    );
  examples(cancel, ['drawbridge job cancel pyz8c5h5']);

  const retry = job
    .command('retry')
    .argument('<job>', 'id, or at least 4 characters of one', meantId)
    .summary('try again what failed in a finished job')
    .description(
      `Tries again only what failed in a job that has come to its end: of a backup the realms; of an import the records, by a plan of these alone that is previewed first. ${REPORTS}`,
    )
    .option('--dry-run', 'only show what it would do');
  addConfirmationFlags(retry).action((id: string, flags: RetryFlags) =>
    host.runWithEngine(retry, 'existing', (io, client) => retryJob(io, client, id, flags)),
  );
  examples(retry, ['drawbridge job retry pyz8c5h5', 'drawbridge job retry pyz8c5h5 --dry-run']);
}

export async function resumeJob(io: Io, client: EngineClient, id: string): Promise<ExitCode> {
  const { id: job } = await client.jobs.get({ job: id });
  const begin = async (): Promise<JobView> => await client.jobs.resume({ job });
  return report(io, client, await withUndoOf(io, client, async () => await followJob(io, client, begin)));
}

async function report(io: Io, client: EngineClient, ended: FinishedJob): Promise<ExitCode> {
  const { result } = ended;
  if (result.kind === 'apply') return reportApply(io, { ...ended, result }, {});
  if (result.kind === 'seed') return reportApply(io, { ...ended, result }, {});
  if (result.kind === 'backup') return reportBackup(io, client, { ...ended, result });
  const job = await client.jobs.get({ job: ended.id });
  io.result({ job }, () => [
    ...jobLines(job, io),
    ...('plan' in result ? ['', ...previewLines(io, result.plan)] : []),
  ]);
  return ended.error ? exitCodeOf(ended.error.code) : EXIT.done;
}

export async function cancelJob(io: Io, client: EngineClient, id: string): Promise<ExitCode> {
  const before = await client.jobs.get({ job: id });
  if (before.finishedAt !== undefined) throw hasEnded(io, before);
  let ended = await toItsEnd(io, client, await client.jobs.cancel({ job: before.id }));
  // Its process had died: nobody was there to hear.
  if (ended.state === 'interrupted') ended = await client.jobs.cancel({ job: before.id });
  if (ended.state !== 'canceled') throw hasEnded(io, ended);
  const job = await client.jobs.get({ job: ended.id });
  const done = await whatWasDone(await client.jobs.steps({ job: job.id }));
  io.result({ job, done }, () => [
    `Job ${io.paint.bold(ended.id)} is canceled.`,
    visibleLines(done),
    ...(ended.error ? errorLines(ended.error, io) : []),
    ...resumeLine(io, job),
  ]);
  return EXIT.done;
}

function resumeLine(io: Io, job: JobView): string[] {
  if (!job.resumable || job.error?.remedy.includes('job resume')) return [];
  return [`To go on where it stopped: ${io.self} job resume ${job.id}`];
}

function hasEnded(io: Io, { id, state }: JobView): AppError {
  return new AppError('USAGE', `Job ${id} has come to its end (${state.replaceAll('_', ' ')}).`, {
    notChanged: 'There is nothing to stop.',
    remedy: `See what it did: ${io.self} job show ${id}`,
    details: { job: id },
  });
}

export async function retryJob(
  io: Io,
  client: EngineClient,
  id: string,
  flags: RetryFlags,
): Promise<ExitCode> {
  const { id: job, kind } = await client.jobs.get({ job: id });
  if (kind === 'backup' && flags.dryRun)
    throw new AppError('USAGE', 'A backup changes nothing: there is no dry run of it.', {
      notChanged: 'Nothing was started.',
      remedy: `See what failed: ${io.self} job report ${job}`,
    });
  const ended = await followJob(io, client, async () => await client.jobs.retry({ job }));
  const { result } = ended;
  if (result.kind !== 'retry-plan') return report(io, client, ended);
  const { plan } = result;
  await warnOfInsecureTls(io, client, [plan.target.environment]);
  const command = ['job', 'retry', job];
  const typed = (words: readonly string[]): string =>
    [io.self, ...[...command, ...words].map(shellWord)].join(' ');
  if (flags.dryRun) {
    const next = plan.empty || plan.blocked ? null : typed(confirmationWords(plan));
    io.result({ ...plan, retries: job, next }, () => [
      ...previewLines(io, plan),
      ...(next === null ? [] : ['', 'Nothing was changed yet. To do it:', `  ${next}`]),
    ]);
    return EXIT.done;
  }
  io.print(previewLines(io, plan));
  if (plan.blocked) throw blocked(io, plan, await conflictsOf(client, plan));
  const confirmation = plan.empty
    ? {}
    : await confirmed(io, plan, flags, command, { lossesRead: io.surroundings.stdout.isTTY === true });
  io.print(['']);
  return carryOut(io, client, plan, confirmation, { preview: plan });
}

/** A retry takes no policy but that of the first plan, so the way round is a plan of one's own. */
function blocked(io: Io, plan: PlanView, conflicts: readonly PlanItemView[]): AppError {
  io.print(['', ...itemLines(conflicts.slice(0, MOST_SHOWN), io.paint)]);
  const own = ['plan', plan.source.snapshot, plan.target.environment, '--realm', 'merge'];
  return new AppError('PLAN_BLOCKED', `${counted(conflicts.length, 'record')} still cannot be written.`, {
    notChanged: 'The target was not changed.',
    remedy: `Settle what stands in the way, then run this again. Or decide otherwise in a plan of your own: ${[io.self, ...own.map(shellWord)].join(' ')}`,
    details: { plan: plan.plan },
  });
}

const MOST_SHOWN = 50;
