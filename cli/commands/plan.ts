import { Option, type Command } from 'commander';
import { AppError } from '../../contract/errors.ts';
import { ACTIONS, type PlanItemView, type PlanView } from '../../contract/plan.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import { shellWord, type Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { runJob } from '../jobs/run-job.ts';
import { counted, theFirst } from '../render/numbers.ts';
import { itemLines, planLines, settlingLines } from '../render/plan.ts';
import { harmlessPolicy } from '../../contract/settling.ts';
import { wholeNumber } from './arguments.ts';
import { confirmationWords } from './confirmation.ts';
import { envVarsOption, fileWords, type FileFlags } from './env-vars.ts';
import { examples, SOURCE_HELP } from './examples.ts';
import { addPseudonymFlags, perhapsPseudonymized, type PseudonymFlags } from './pseudonym-flags.ts';
import { environmentOfSource, warnOfInsecureTls } from './insecure-tls.ts';
import { addPolicyFlags, policyFrom, policyWords, type PolicyFlags } from './policy-flags.ts';

type Shown = (typeof ACTIONS)[number] | 'all';

/** Which single records are shown of a plan. */
export interface ShowFlags {
  readonly show?: Shown;
  readonly limit: number;
}

interface PlanFlags extends PolicyFlags, PseudonymFlags, FileFlags, ShowFlags {
  readonly exitCode?: boolean;
}

const MOST_ITEMS = 10_000;
const STANDARD_ITEMS = 50;

export function registerPlan(program: Command, host: Host): void {
  const plan = program
    .command('plan')
    .argument('<source>', 'what to bring there')
    .argument('<env>', 'the environment to change')
    .summary('preview a migration; changes nothing')
    .description(
      'Captures the target, compares it with the source, and shows exactly what an apply would do. Nothing is changed. The plan is kept: apply carries out this plan and no other.',
    );
  addShowFlags(addPseudonymFlags(addPolicyFlags(plan), { optional: true }).addOption(envVarsOption()))
    .option(
      '--exit-code',
      'exit with 3 if there is anything to do, or to settle first; without it the exit code is 0, also of a plan that is blocked',
    )
    .action((source: string, environment: string, flags: PlanFlags) =>
      host.runWithEngine(plan, 'existing', (io, client) => preview(io, client, source, environment, flags)),
    );
  examples(
    plan,
    [
      'drawbridge plan latest:dev/acme prod',
      'drawbridge plan dev/acme prod --realm merge --users merge --clients skip',
      'drawbridge plan ./acme.json prod --realm-name acme-eu --exclude users/test-robot',
      'drawbridge plan latest:prod/acme prod --realm merge --users merge --only users/ingrid',
      'drawbridge plan dev/acme prod --realm merge --clients skip --update users/ingrid --update clients/portal',
      'drawbridge plan latest:dev/acme prod --realm merge --show update --limit 200',
      'drawbridge plan latest:prod/acme staging --pseudonymize --password-env STAGING_PASSWORD',
    ],
    SOURCE_HELP,
  );
}

export function addShowFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--show <action>', 'list the single records with this action').choices([...ACTIONS, 'all']),
    )
    .option('--limit <n>', 'how many single records to list', wholeNumber(1, MOST_ITEMS), STANDARD_ITEMS);
}

export async function preview(
  io: Io,
  client: EngineClient,
  asked: string,
  environment: string,
  flags: PlanFlags,
): Promise<ExitCode> {
  // What is typed next names the copy: it is there already, and needs no flags of its own.
  const { from: source, fileFlags } = await perhapsPseudonymized(io, client, asked, flags);
  const plan = await makePlan(io, client, source, environment, { ...flags, ...fileFlags });
  await showPlan(io, client, plan, ['plan', source, environment, ...fileWords(fileFlags)], flags);
  return flags.exitCode && (!plan.empty || plan.blocked) ? EXIT.different : EXIT.done;
}

/**
 * Shows a plan that nothing is done with now, and what to type next.
 *
 * @param again the command that makes it anew, to which the flags are added that settle its conflicts
 */
export async function showPlan(
  io: Io,
  client: EngineClient,
  plan: PlanView,
  again: readonly string[],
  flags: ShowFlags = { limit: STANDARD_ITEMS },
): Promise<void> {
  const conflicts = await conflictsOf(client, plan);
  const shown = await shownItems(client, plan, conflicts, flags);
  const next = nextCommand(io, plan, conflicts, again);
  io.result({ ...plan, ...(flags.show === undefined ? {} : { items: shown.items }), next }, () => [
    ...planLines(plan, io.paint),
    ...itemsPart(io, plan, shown, flags),
    '',
    ...nextLines(io, plan, conflicts, next),
  ]);
}

export async function makePlan(
  io: Io,
  client: EngineClient,
  source: string,
  environment: string,
  flags: PolicyFlags & FileFlags,
): Promise<PlanView> {
  await warnOfInsecureTls(io, client, [environmentOfSource(source), environment]);
  const { result } = await runJob(io, client, {
    kind: 'plan',
    source,
    environment,
    policy: policyFrom(flags),
    variables: flags.envVars === true,
  });
  return result.plan;
}

/** Only the first ten thousand: they are looked at for their kinds, and fifty of them are shown. */
export async function conflictsOf(client: EngineClient, plan: PlanView): Promise<readonly PlanItemView[]> {
  if (!plan.blocked) return [];
  const { items } = await client.plans.items({ plan: plan.plan, actions: ['conflict'], limit: MOST_ITEMS });
  return items;
}

interface ShownItems {
  readonly items: readonly PlanItemView[];
  readonly truncated: boolean;
  readonly action: Shown;
}

async function shownItems(
  client: EngineClient,
  plan: PlanView,
  conflicts: readonly PlanItemView[],
  { show, limit }: Pick<PlanFlags, 'show' | 'limit'>,
): Promise<ShownItems> {
  const action = show ?? 'conflict';
  if (action === 'conflict')
    return { items: conflicts.slice(0, limit), truncated: conflicts.length > limit, action };
  const actions = action === 'all' ? undefined : [action];
  const found = await client.plans.items({
    plan: plan.plan,
    limit,
    ...(actions === undefined ? {} : { actions }),
  });
  return { ...found, action };
}

function itemsPart(
  io: Io,
  { plan }: PlanView,
  { items, truncated, action }: ShownItems,
  { limit }: Pick<PlanFlags, 'limit'>,
): string[] {
  if (items.length === 0) return [];
  const more = `… ${theFirst(items.length, 'record')}. To see more: ${io.self} plan show ${plan} --show ${action} --limit ${Math.min(limit * 20, MOST_ITEMS)}`;
  return ['', ...itemLines(items, io.paint), ...(truncated ? [more] : [])];
}

/** The lines that `migrate` and `restore` show of a plan that they are about to apply. */
export function previewLines(io: Io, plan: PlanView): string[] {
  return planLines(plan, io.paint);
}

/** What to type next: the apply, or the same plan with its conflicts settled in the way that changes least, if there is one. */
function nextCommand(
  io: Io,
  plan: PlanView,
  conflicts: readonly PlanItemView[],
  command: readonly string[],
): string | null {
  if (plan.applied) return null;
  // What a rollback brings back is not to be decided otherwise.
  if (plan.undoes !== undefined)
    return plan.empty || plan.blocked
      ? null
      : [
          io.self,
          ...['rollback', plan.undoes, ...confirmationWords(plan, { always: true })].map(shellWord),
        ].join(' ');
  if (plan.blocked) {
    const policy = harmlessPolicy(plan.policy, conflicts);
    return policy === undefined
      ? null
      : [io.self, ...[...command, ...policyWords(policy)].map(shellWord)].join(' ');
  }
  if (plan.empty) return null;
  return [io.self, 'apply', ...[plan.plan, ...confirmationWords(plan)].map(shellWord)].join(' ');
}

function nextLines(
  io: Io,
  plan: PlanView,
  conflicts: readonly PlanItemView[],
  next: string | null,
): string[] {
  if (plan.applied) return ['This plan was applied.'];
  if (plan.blocked)
    return [
      `${io.paint.red('Blocked:')} ${conflicts.length === 1 ? 'this conflict' : 'these conflicts'} must be settled before anything can be applied.`,
      ...(plan.undoes === undefined ? settlingLines(conflicts) : []),
      ...(next === null ? [] : ['The way that changes least:', `  ${next}`]),
    ];
  return next === null
    ? ['Nothing to apply.']
    : ['Nothing was changed yet. To carry out exactly this:', `  ${next}`];
}

/** @throws AppError PLAN_BLOCKED, with the flags that settle the conflicts */
export function refuseBlocked(
  io: Io,
  plan: PlanView,
  conflicts: readonly PlanItemView[],
  retry: (words: readonly string[]) => string,
): void {
  if (!plan.blocked) return;
  const policy = harmlessPolicy(plan.policy, conflicts);
  const count =
    conflicts.length === MOST_ITEMS
      ? `at least ${counted(MOST_ITEMS, 'conflict')}`
      : counted(conflicts.length, 'conflict');
  io.print(['', ...itemLines(conflicts.slice(0, 50), io.paint), '', ...settlingLines(conflicts)]);
  throw new AppError('PLAN_BLOCKED', `The plan has ${count} that must be settled first.`, {
    notChanged: 'The target was not changed.',
    remedy:
      policy === undefined
        ? 'Choose what settles them, or take another source.'
        : `The way that changes least: ${retry(policyWords(policy))}`,
    details: { plan: plan.plan },
  });
}
