import { AppError, isAppError, throwIfAborted } from '../../contract/errors.ts';
import { asAppError } from '../../contract/wire.ts';
import type { ApplyStep } from '../connectors/connector.ts';
import type { Section } from '../model/sections.ts';
import { PhaseMeter } from './job-context.ts';
import type { JournalledContext } from './runner.ts';

export interface StepsOutcome {
  readonly items: number;
  readonly retries: number;
  readonly failures: number;
  /** Findings about whole steps, the first hundred ("28 of 30 users … existed already"). */
  readonly warnings: readonly string[];
  /** Whether this item failed. */
  readonly failed: (section: Section, key: string) => boolean;
}

/**
 * Beyond this many failing items something is wrong with all of them, not with each: the job stops. It also bounds what
 * has to be remembered for the verification.
 */
export const MOST_FAILURES = 10_000;
const MOST_WARNINGS = 100;

/**
 * Runs steps in order, each with its intent journalled before and its outcome after. A step that ends with an unknown
 * outcome keeps none in the journal.
 *
 * @throws AppError what a step throws, with how far the work came; ITEM_FAILURES beyond MOST_FAILURES; CANCELED
 */
export async function runSteps(
  job: JournalledContext,
  steps: AsyncIterable<ApplyStep>,
  totals: { items: number; safetySnapshot: string | undefined },
): Promise<StepsOutcome> {
  const meter = new PhaseMeter(job, 'Writing', 'items', totals.items);
  const failed = new Set<string>();
  const warnings: string[] = [];
  let items = 0;
  let retries = 0;
  try {
    for await (const step of steps) {
      throwIfAborted(job.signal);
      const outcome = await runStep(job, step);
      items += step.items.length;
      retries += outcome.retries;
      for (const { section, key } of outcome.failures) failed.add(`${section}/${key}`);
      warnings.push(...(outcome.warnings ?? []).slice(0, MOST_WARNINGS - warnings.length));
      meter.advance(step.items.length);
      if (failed.size > MOST_FAILURES) throw tooManyFailures(failed.size);
    }
  } catch (error) {
    throw stoppedAfter(asAppError(error), { ...totals, done: items });
  }
  return {
    items,
    retries,
    failures: failed.size,
    warnings,
    failed: (section, key) => failed.has(`${section}/${key}`),
  };
}

async function runStep(job: JournalledContext, step: ApplyStep) {
  const first = step.items[0];
  const last = step.items.at(-1);
  const seq = job.intent(step.label, {
    section: step.section,
    items: step.items.length,
    ...(first && last && { firstKey: first.key, lastKey: last.key }),
    repeatable: step.repeatable,
  });
  try {
    const outcome = await step.run(job.signal);
    if (outcome.failures.length > 0) job.addFailures(outcome.failures);
    job.outcome(seq, 'done', { failures: outcome.failures.length, retries: outcome.retries });
    return outcome;
  } catch (error) {
    // Whether a step that was broken off did its work is not known: its outcome stays open, for whoever looks next.
    if (isAppError(error) && !leavesOutcomeUnknown(error))
      job.outcome(seq, 'failed', { code: error.code, message: error.message });
    throw error;
  }
}

/** Only an error that says so proves that nothing more was done than it says. */
function leavesOutcomeUnknown(error: AppError): boolean {
  return !['refused', 'not-sent'].includes(String(error.details['outcome']));
}

function stoppedAfter(
  error: AppError,
  at: { done: number; items: number; safetySnapshot: string | undefined },
): AppError {
  const count = (n: number) => n.toLocaleString('en');
  return new AppError(
    error.code,
    `${error.message} It stopped after ${count(at.done)} of ${count(at.items)} items.`,
    {
      notChanged: [
        error.notChanged,
        at.done === 0
          ? 'No step before it had written anything.'
          : at.done === 1
            ? 'The one item before it was handled; the others were not written.'
            : `The ${count(at.done)} items before it were handled; the others were not written.`,
      ]
        .filter((sentence) => sentence !== '')
        .join(' '),
      remedy: [
        error.remedy,
        'A new plan shows what is left to do.',
        at.safetySnapshot === undefined
          ? ''
          : `The target as it was before is snapshot ${at.safetySnapshot}.`,
      ]
        .filter((sentence) => sentence !== '')
        .join(' '),
      details: {
        ...error.details,
        itemsDone: at.done,
        items: at.items,
        safetySnapshot: at.safetySnapshot ?? null,
      },
      cause: error,
    },
  );
}

function tooManyFailures(count: number): AppError {
  return new AppError(
    'ITEM_FAILURES',
    `${count.toLocaleString('en')} items failed; that is too many to go on.`,
    {
      remedy: 'Look at the reasons in the job’s report: most likely they have one cause.',
    },
  );
}
