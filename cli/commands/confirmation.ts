import { AppError } from '../../contract/errors.ts';
import type { PlanView } from '../../contract/plan.ts';
import { shellWord, type Io } from '../io.ts';
import { listed } from '../render/numbers.ts';
import { lossLines, lossTexts } from '../render/plan.ts';
import { quoted } from '../render/visible.ts';
import { ask } from '../terminal/prompt.ts';

export interface ConfirmationFlags {
  readonly confirm?: string;
  readonly confirmEnvironment?: string;
}

/** The flags that confirm a plan; none when it destroys nothing, unless it is confirmed `always`. */
export function confirmationWords(plan: PlanView, { always = false } = {}): string[] {
  if (!plan.destructive && !always) return [];
  const realm = ['--confirm', plan.target.realm];
  return production(plan) ? [...realm, '--confirm-environment', plan.target.environment] : realm;
}

/**
 * A destructive plan is confirmed by the realm's name, on production by the environment's as well: given as flags, or typed
 * by a person who has just read the losses.
 *
 * @param command the command line to repeat with the flags
 * @param lossesRead whether the terminal shows them already: otherwise they are shown before the question
 * @param always also when the plan destroys nothing
 * @throws AppError CONFIRMATION_NEEDED, with the losses in numbers and the command that confirms them
 */
export async function confirmed(
  io: Io,
  plan: PlanView,
  flags: ConfirmationFlags,
  command: readonly string[],
  { lossesRead = false, always = false }: { lossesRead?: boolean; always?: boolean } = {},
): Promise<ConfirmationFlags> {
  if (!plan.destructive && !always) return {};
  if (isConfirmed(plan, flags)) return onlyNames(flags);
  if (io.interactive && flags.confirm === undefined && flags.confirmEnvironment === undefined) {
    const typed = await typedConfirmation(io, plan, lossesRead);
    if (isConfirmed(plan, typed)) return typed;
  }
  throw notConfirmed(io, plan, flags, command);
}

/** Callers hand over all their flags, and a job’s input takes no others. */
function onlyNames({ confirm, confirmEnvironment }: ConfirmationFlags): ConfirmationFlags {
  return {
    ...(confirm === undefined ? {} : { confirm }),
    ...(confirmEnvironment === undefined ? {} : { confirmEnvironment }),
  };
}

function isConfirmed(plan: PlanView, { confirm, confirmEnvironment }: ConfirmationFlags): boolean {
  return (
    confirm === plan.target.realm && (!production(plan) || confirmEnvironment === plan.target.environment)
  );
}

async function typedConfirmation(io: Io, plan: PlanView, lossesRead: boolean): Promise<ConfirmationFlags> {
  if (!lossesRead)
    for (const line of lossLines(plan, io.paintNotes)) io.surroundings.stderr.write(`${line}\n`);
  const confirm = await ask(
    io,
    `Type the realm’s name (${plan.target.realm}) to go on, or press Enter to cancel: `,
  );
  if (confirm !== plan.target.realm || !production(plan)) return { confirm };
  const confirmEnvironment = await ask(
    io,
    `This is production. Type the environment’s name (${plan.target.environment}) as well: `,
  );
  return { confirm, confirmEnvironment };
}

function notConfirmed(
  io: Io,
  plan: PlanView,
  flags: ConfirmationFlags,
  command: readonly string[],
): AppError {
  const { realm, environment } = plan.target;
  const losses = lossTexts(plan.losses);
  const wrong = flags.confirm !== undefined && flags.confirm !== realm;
  const where = `realm ${quoted(realm)} on ${quoted(environment)}`;
  return new AppError(
    'CONFIRMATION_NEEDED',
    (plan.destructive
      ? `This plan destroys what is in ${where}: ${losses.length === 0 ? (plan.target.exists ? 'it is deleted and recreated' : 'what a deleted realm left behind is deleted and created anew') : listed(losses)}. `
      : `This brings ${where} back to what it was. `) +
      (wrong ? `${quoted(flags.confirm ?? '')} is not the realm’s name.` : 'That was not confirmed.'),
    {
      notChanged: 'The target was not changed.',
      remedy: `If that is what you want: ${[io.self, ...[...command, ...confirmationWords(plan, { always: true })].map(shellWord)].join(' ')}`,
      details: { plan: plan.plan, losses: plan.losses },
    },
  );
}

function production(plan: PlanView): boolean {
  return plan.target.stage === 'production';
}
