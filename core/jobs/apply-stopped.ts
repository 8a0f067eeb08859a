import { AppError } from '../../contract/errors.ts';
import type { WrittenView } from '../../contract/job.ts';
import { asAppError } from '../../contract/wire.ts';

export interface StoppedAt {
  readonly job: string;
  /** Items written for good, of so many. */
  readonly itemsDone: number;
  readonly items: number;
  readonly safetySnapshot: string | undefined;
  /** Where it is the databases that stopped it: what they hold. */
  readonly written: WrittenView | undefined;
}

/** What stopped an import, with how far it came: what was written, what was not, and what to do. */
export function stoppedImport(cause: unknown, at: StoppedAt): AppError {
  const error = asAppError(cause);
  const told = at.written ? ofDatabases(error, at, at.written) : ofItems(error, at);
  return new AppError(told.code, sentences(error.message, told.message), {
    notChanged: told.notChanged,
    remedy: sentences(
      told.remedy,
      at.safetySnapshot ? `The target as it was before is snapshot ${at.safetySnapshot}.` : '',
    ),
    details: {
      ...error.details,
      itemsDone: at.written?.state === 'nothing' ? 0 : at.itemsDone,
      items: at.items,
      safetySnapshot: at.safetySnapshot ?? null,
      ...(at.written && { databases: at.written.databases }),
    },
    cause: error,
  });
}

type Told = Pick<AppError, 'code' | 'message' | 'notChanged' | 'remedy'>;

function ofDatabases(error: AppError, { job }: StoppedAt, written: WrittenView): Told {
  const { code, remedy } = error;
  switch (written.state) {
    case 'nothing':
      return {
        code,
        message: '',
        notChanged: error.notChanged.includes(NOTHING)
          ? error.notChanged
          : sentences(error.notChanged, `${NOTHING}.`),
        remedy: sentences(
          remedy,
          `As long as the target stays as it is, it can be done again: ${resume(job)}`,
        ),
      };
    case 'part':
      return {
        code: 'HALF_WRITTEN',
        // The route's own message names the databases already.
        message: code === 'HALF_WRITTEN' ? '' : written.text,
        notChanged: 'Nothing else is written to this realm until that is settled.',
        remedy: `Bring it back to what it was before: drawbridge rollback ${job}.`,
      };
    case 'everything':
      return {
        code,
        message: written.text,
        notChanged: '',
        remedy: sentences(remedy, `What is left is to verify it: ${resume(job)}`),
      };
    case 'unknown':
      return {
        code,
        message: written.text,
        notChanged: '',
        remedy: sentences(
          remedy,
          `When the databases can be reached again, this tells, and goes on if it can: ${resume(job)}`,
        ),
      };
  }
}

const NOTHING = 'Nothing was written';

function resume(job: string): string {
  return `drawbridge job resume ${job}.`;
}

function ofItems(error: AppError, { job, itemsDone, items }: StoppedAt): Told {
  const count = (n: number) => n.toLocaleString('en');
  return {
    code: error.code,
    message: `${count(itemsDone)} of ${count(items)} items ${itemsDone === 1 ? 'was' : 'were'} handled before the step in which it stopped.`,
    notChanged: sentences(
      error.notChanged,
      itemsDone === 0
        ? 'No step before that one had written anything, and no item after that step was written.'
        : itemsDone === 1
          ? 'The one item before that step was handled; no item after that step was written.'
          : `The ${count(itemsDone)} items before that step were handled; no item after that step was written.`,
    ),
    remedy: sentences(
      error.remedy,
      `To go on where it stopped: ${resume(job)} A new plan shows what is left to do.`,
    ),
  };
}

function sentences(...some: string[]): string {
  return some.filter((sentence) => sentence !== '').join(' ');
}
