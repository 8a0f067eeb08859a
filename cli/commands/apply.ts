import type { Command } from 'commander';
import { AppError } from '../../contract/errors.ts';
import type { ApplyResult } from '../../contract/job.ts';
import { leftOutUnasked } from '../../contract/left-out.ts';
import type { PlanView } from '../../contract/plan.ts';
import type { SnapshotView } from '../../contract/snapshot.ts';
import { EXIT, exitCodeOf, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import { shellWord, type Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { runApply, withWayBack } from '../jobs/apply-job.ts';
import type { FinishedJob } from '../jobs/run-job.ts';
import { applyLines } from '../render/apply.ts';
import { errorDocument } from '../render/error.ts';
import { counted } from '../render/numbers.ts';
import { hasWritten, rollbackCommand } from '../render/undo.ts';
import { quoted } from '../render/visible.ts';
import { meantId, namedSnapshot } from './arguments.ts';
import { confirmed, type ConfirmationFlags } from './confirmation.ts';
import { envVarsOption, fileWords, type FileFlags } from './env-vars.ts';
import { examples, SOURCE_HELP } from './examples.ts';
import { warnOfInsecureTls } from './insecure-tls.ts';
import { conflictsOf, makePlan, previewLines, refuseBlocked, showPlan } from './plan.ts';
import { addPolicyFlags, policyFrom, policyWords, type PolicyFlags } from './policy-flags.ts';
import { addPseudonymFlags, perhapsPseudonymized, type PseudonymFlags } from './pseudonym-flags.ts';

type MigrateFlags = PolicyFlags &
  PseudonymFlags &
  ConfirmationFlags &
  FileFlags & { readonly dryRun?: boolean };

const DRY_RUN = ['--dry-run', 'only show what it would do; the environment is only read'] as const;

export const REPORTS =
  'Afterwards the target is captured again and held against what was promised. Exit codes: 0 verified, 1 not as promised, 4 confirmation needed, 6 the target changed since the preview, 7 some records failed.';

export function registerApply(program: Command, host: Host): void {
  const apply = program
    .command('apply')
    .argument('<plan>', 'a plan’s id, as printed by plan, or at least 4 characters of it', meantId)
    .summary('carry out a plan')
    .description(
      `Carries out a plan exactly as it was previewed, after taking a safety snapshot of the target. ${REPORTS}`,
    );
  addConfirmationFlags(apply).action((plan: string, flags: ConfirmationFlags) =>
    host.runWithEngine(apply, 'existing', (io, client) => applyPlan(io, client, plan, flags)),
  );
  examples(apply, [
    'drawbridge apply r62x0pr6',
    'drawbridge apply r62x0pr6 --confirm acme --confirm-environment prod',
  ]);

  const migrate = program
    .command('migrate')
    .argument('<source>', 'what to bring there', meantId)
    .argument('<env>', 'the environment to change')
    .summary('plan and apply in one go')
    .description(
      `Previews and, unless there are conflicts or something is destroyed, carries it out at once. --dry-run, and “plan <source> <env>”, only preview. ${REPORTS}`,
    )
    .option(...DRY_RUN);
  addConfirmationFlags(addPseudonymFlags(addPolicyFlags(migrate), { optional: true }))
    .addOption(envVarsOption())
    .action((source: string, environment: string, flags: MigrateFlags) =>
      host.runWithEngine(migrate, 'existing', (io, client) =>
        migrateRealm(io, client, source, environment, flags),
      ),
    );
  examples(
    migrate,
    [
      'drawbridge migrate latest:dev/acme staging --dry-run    # look first',
      'drawbridge migrate latest:dev/acme staging',
      'drawbridge migrate dev/acme prod --realm merge --users merge --clients skip',
      'drawbridge migrate ./acme.json dev --realm overwrite --confirm acme',
    ],
    SOURCE_HELP,
  );

  const restore = program
    .command('restore')
    .argument('<snapshot>', 'id, the beginning of one, or latest:<env>/<realm>', meantId)
    .argument('[env]', 'the environment to change; by default the one that the snapshot was taken from')
    .summary('bring a snapshot back')
    .description(
      `Brings a realm back to what a snapshot has: previews and, unless there are conflicts or something is destroyed, carries it out at once. --dry-run, and “plan <snapshot> <env>”, only preview. ${REPORTS}`,
    )
    .option(...DRY_RUN);
  addConfirmationFlags(addPolicyFlags(restore)).action(
    (snapshot: string, environment: string | undefined, flags: MigrateFlags) =>
      host.runWithEngine(restore, 'existing', (io, client) =>
        restoreSnapshot(io, client, snapshot, environment, flags),
      ),
  );
  examples(restore, [
    'drawbridge restore latest:prod/acme --realm merge --users merge --dry-run    # look first',
    'drawbridge restore latest:prod/acme --realm merge --users merge --clients update',
    'drawbridge restore latest:prod/acme --realm merge --users merge --only users/ingrid',
    'drawbridge restore 1m8mc92a staging --realm-name acme-copy',
  ]);
}

export function addConfirmationFlags(command: Command): Command {
  return command
    .option('--confirm <realm>', 'the realm’s name: confirms a plan that destroys something')
    .option('--confirm-environment <env>', 'the environment’s name: needed as well for production');
}

export async function applyPlan(
  io: Io,
  client: EngineClient,
  id: string,
  flags: ConfirmationFlags,
): Promise<ExitCode> {
  const plan = await client.plans.get({ plan: id });
  await warnOfInsecureTls(io, client, [plan.target.environment]);
  if (plan.undoes === undefined)
    refuseBlocked(io, plan, await conflictsOf(client, plan), planAgain(io, plan));
  const confirmation = await confirmed(io, plan, flags, ['apply', id]);
  return carryOut(io, client, plan, confirmation, {});
}

/** The command that makes the plan anew with other flags; those it was made with are part of its policy. */
function planAgain(io: Io, { source, target }: PlanView): (words: readonly string[]) => string {
  return (words) =>
    [io.self, ...['plan', source.snapshot, target.environment, ...words].map(shellWord)].join(' ');
}

export async function migrateRealm(
  io: Io,
  client: EngineClient,
  source: string,
  environment: string,
  flags: MigrateFlags,
): Promise<ExitCode> {
  const { from, fileFlags } = await perhapsPseudonymized(io, client, source, flags);
  const command = ['migrate', from, environment, ...fileWords(fileFlags)];
  return planAndApply(io, client, from, environment, { ...flags, ...fileFlags }, command);
}

export async function restoreSnapshot(
  io: Io,
  client: EngineClient,
  name: string,
  asked: string | undefined,
  flags: MigrateFlags,
): Promise<ExitCode> {
  const snapshot = await namedSnapshot(client, name);
  const environment = asked ?? snapshot.environment;
  if (environment === undefined)
    throw new AppError('USAGE', whyNoEnvironment(snapshot), {
      notChanged: 'Nothing was changed.',
      remedy: `Name the environment: ${io.self} restore ${shellWord(name)} <env>`,
    });
  const command = ['restore', name, ...(asked === undefined ? [] : [asked])];
  return planAndApply(io, client, snapshot.id, environment, flags, command);
}

function whyNoEnvironment({ pseudonymized, archived }: SnapshotView): string {
  if (pseudonymized)
    return 'This snapshot is a pseudonymised copy, which belongs to no environment: it says nothing about where to restore it.';
  const from = archived?.environment;
  if (from === undefined)
    return 'This snapshot was read from a file, so it says nothing about where to restore it.';
  return `This snapshot is from an archive. It was taken of ${quoted(from)}, but that is what the environment is called where the archive was made: here another one may have this name.`;
}

/** The engine's own last look at the plan comes on top: it refuses what is blocked or not confirmed as well. */
async function planAndApply(
  io: Io,
  client: EngineClient,
  source: string,
  environment: string,
  flags: MigrateFlags,
  command: readonly string[],
): Promise<ExitCode> {
  const plan = await makePlan(io, client, source, environment, flags);
  if (flags.dryRun) {
    await showPlan(io, client, plan, [...command, '--dry-run']);
    return EXIT.done;
  }
  io.print(previewLines(io, plan));
  const again = (words: readonly string[]): string =>
    [io.self, ...[...command, ...words].map(shellWord)].join(' ');
  refuseBlocked(io, plan, await conflictsOf(client, plan), again);
  const confirmation = await confirmed(
    io,
    plan,
    flags,
    [...command, ...policyWords(policyFrom(flags))],
    // The preview has them, unless it went into a file or a pipe.
    { lossesRead: io.surroundings.stdout.isTTY === true },
  );
  io.print(['']);
  return carryOut(io, client, plan, confirmation, { preview: plan });
}

/** Applies a plan and shows what it came to. */
export async function carryOut(
  io: Io,
  client: EngineClient,
  plan: PlanView,
  confirmation: ConfirmationFlags,
  besides: object,
): Promise<ExitCode> {
  const job = await runApply(io, client, { kind: 'apply', plan: plan.plan, ...confirmation });
  return reportApply(io, job, besides);
}

/** Shows what an apply or a seeding came to. An outcome that is not as promised is an error beside the result. */
export function reportApply(
  io: Io,
  job: FinishedJob<'apply'> | FinishedJob<'seed'>,
  besides: object,
): ExitCode {
  const { result } = job.result;
  const undo = io.keepsJobs && hasWritten(result) ? rollbackCommand(io, job.id) : undefined;
  const error = withUndo(job.error ?? shortcoming(io, job.id, result), undo);
  io.result(
    { job: job.id, ...result, ...besides, undo: undo ?? null, ...(error ? errorDocument(error) : {}) },
    // The way back is the last that is said: where an error follows, it says it.
    () => applyLines(job.id, result, io, { undo: error ? undefined : undo, secretsKept: job.secretsKept }),
  );
  if (error === undefined) return EXIT.done;
  io.failure(error);
  return exitCodeOf(error.code);
}

function withUndo(error: AppError | undefined, undo: string | undefined): AppError | undefined {
  return error === undefined || undo === undefined ? error : withWayBack(error, undo);
}

/** Why an apply that came to a result is an error all the same; undefined: it is none. */
export function shortcoming(io: Io, job: string, result: ApplyResult): AppError | undefined {
  const remedy = io.keepsJobs ? `See which, and why: ${io.self} job report ${job}` : '';
  const again = io.keepsJobs ? `\nThen try those again: ${io.self} job retry ${job}` : '';
  if (result.failures > 0)
    return new AppError(
      'ITEM_FAILURES',
      `${counted(result.failures, 'record')} could not be written; all others were.`,
      { remedy: `${remedy}${again}` },
    );
  const settled = result.status === 'exists' || result.status === 'nothing-to-do';
  if (result.verified || settled) return leftOutAlone(result);
  if (result.deviationCount === 0)
    return new AppError(
      'VERIFICATION_FAILED',
      'The target could not be read again as a whole, so not everything is verified.',
      { remedy },
    );
  return new AppError(
    'VERIFICATION_FAILED',
    `The target, read again, is not what was promised, in ${counted(result.deviationCount, 'record')}.`,
    { remedy },
  );
}

/** A pipeline has to see that the realm is not what the file says, unless it said itself that this is well. */
function leftOutAlone(result: ApplyResult): AppError | undefined {
  const count = leftOutUnasked(result);
  if (count === 0) return undefined;
  const [were, them] = count === 1 ? ['was', 'it'] : ['were', 'them'];
  return new AppError(
    'ITEM_FAILURES',
    `${counted(count, 'record')} of the file ${were} left out: the channel to the environment cannot write ${them}.`,
    {
      notChanged: 'What was left out is on the target as it was.',
      remedy: `Bring ${them} there over PostgreSQL, or change ${them} on the server. If ${them === 'it' ? 'it is' : 'they are'} meant to be left out, say so: --unsupported skip.`,
      details: { leftOut: count },
    },
  );
}
