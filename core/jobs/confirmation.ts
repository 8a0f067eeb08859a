import { AppError } from '../../contract/errors.ts';
import { ifThereIsOne } from '../../contract/unseen-losses.ts';
import type { Losses } from '../planner/plan.ts';
import type { PlanDocument } from './plan-document.ts';

export interface Confirmation {
  /** The target realm's name, typed by a person or given by a script on purpose. */
  readonly confirm?: string | undefined;
  readonly confirmEnvironment?: string | undefined;
}

/**
 * A destructive plan needs the realm's name; on a production environment also the environment's.
 *
 * @throws AppError CONFIRMATION_NEEDED, with the losses in numbers
 */
export function requireConfirmation({ target, summary }: PlanDocument, given: Confirmation): void {
  if (!summary.destructive) return;
  const production = target.stage === 'production';
  const missing = [
    ...(given.confirm === target.realm ? [] : ['confirm']),
    ...(production && given.confirmEnvironment !== target.environment ? ['confirmEnvironment'] : []),
  ];
  if (missing.length === 0) return;
  const typed = [
    ...(given.confirm !== undefined && given.confirm !== target.realm
      ? [`“${given.confirm}” is not the realm’s name.`]
      : []),
    ...(production &&
    given.confirmEnvironment !== undefined &&
    given.confirmEnvironment !== target.environment
      ? [`“${given.confirmEnvironment}” is not the environment’s name.`]
      : []),
  ];
  const losses = lossSentences(summary.losses);
  throw new AppError(
    'CONFIRMATION_NEEDED',
    [
      `This plan destroys what is on ${target.environment}/${target.realm}`,
      losses.length === 0 ? '.' : `: ${losses.join('; ')}.`,
      ...typed.map((sentence) => ` ${sentence}`),
    ].join(''),
    {
      notChanged: 'Nothing was changed.',
      remedy: `If that is meant, confirm it: --confirm ${target.realm}${
        production ? ` --confirm-environment ${target.environment}` : ''
      }.`,
      details: {
        realm: target.realm,
        environment: target.environment,
        losses: summary.losses,
        needs: missing,
      },
    },
  );
}

/** What a plan destroys, each a phrase with a number: "12 users are deleted". */
export function lossSentences(losses: Losses): string[] {
  const counted = (count: number, one: string, many: string) =>
    count === 0 ? [] : [count === 1 ? `1 ${one}` : `${count.toLocaleString('en')} ${many}`];
  return [
    ...counted(losses.users, 'user is deleted', 'users are deleted'),
    ...counted(losses.passwordHashes, 'password is lost', 'passwords are lost').map(
      (text) => `${text}${ifThereIsOne(losses.passwordHashes, losses.unseen?.passwordHashes)}`,
    ),
    ...Object.entries(losses.otherCredentials ?? {}).flatMap(([type, count]) =>
      counted(count, `credential “${type}” is lost`, `credentials “${type}” are lost`),
    ),
    ...counted(losses.clientSecrets, 'client secret is lost', 'client secrets are lost').map(
      (text) => `${text}${ifThereIsOne(losses.clientSecrets, losses.unseen?.clientSecrets)}`,
    ),
    ...(losses.sessions === 'all' ? ['every session ends'] : []),
    ...Object.entries(losses.records)
      .filter(([section]) => section !== 'users')
      .flatMap(([section, count]) =>
        counted(count, `record of “${section}” is deleted`, `records of “${section}” are deleted`),
      ),
  ];
}
