import { AppError, isAppError, throwIfAborted } from '../../contract/errors.ts';
import type { ApplyStep, BegunBefore, IssuedKey, StepOutcome } from '../connectors/connector.ts';
import type { JsonObject } from '../model/record.ts';
import type { Section } from '../model/sections.ts';
import { PhaseMeter } from './job-context.ts';
import type { JournalledContext } from './runner.ts';
import { kindOf, type StepKind } from './step-kind.ts';
import type { HeldTarget } from './target-session.ts';

export interface StepsOutcome {
  readonly items: number;
  readonly retries: number;
  readonly failures: number;
  /** Findings about whole steps, the first hundred ("28 of 30 users … existed already"). */
  readonly warnings: readonly string[];
  /** Records that stand there under keys which the server gave them; without secrets. */
  readonly issued: readonly IssuedKey[];
  /** Whether this item failed. */
  readonly failed: (section: Section, key: string) => boolean;
}

export interface StepsRun {
  readonly target: Pick<HeldTarget, 'signal' | 'hold'>;
  /** How many items there are, for the progress. */
  readonly items: number;
  /** Whether all steps are one transaction (RouteCapabilities). */
  readonly transactional: boolean;
  /** What became of a commit whose answer was lost. */
  commitOutcome(facts: JsonObject): Promise<'committed' | 'aborted' | 'unknown'>;
  /** Where attempts before have written a part of it. */
  readonly resumed?: ResumedSteps;
}

/** What steps that are done have told. */
export interface StepsSoFar {
  /** "section/key" of each item that failed. */
  readonly failed: ReadonlySet<string>;
  readonly retries: number;
  readonly warnings: readonly string[];
  readonly issued: readonly IssuedKey[];
}

/** Where the steps go on that attempts before have run in part. */
export interface ResumedSteps {
  /** So many of those that write at once are done. */
  readonly steps: number;
  readonly items: number;
  /** The number in the journal of the one after them, if it was begun. */
  readonly open?: number;
  /** Nothing that is staged or committed has to be done again. */
  readonly databasesWritten: boolean;
  readonly soFar: StepsSoFar;
  readonly before: BegunBefore;
}

/**
 * Beyond this many failing items something is wrong with all of them, not with each: the job stops. It also bounds what
 * has to be remembered for the verification.
 */
export const MOST_FAILURES = 10_000;
export const MOST_WARNINGS = 100;

/** That the work stopped, and how many items are written for good. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  readonly itemsDone: number;

  constructor(cause: unknown, itemsDone: number) {
    super('The work stopped.', { cause });
    this.itemsDone = itemsDone;
  }
}

/**
 * Runs steps in order, each with its intent journalled before and its outcome after. A step that ends with an unknown
 * outcome keeps none in the journal. From the first commit on, neither a cancel nor a journal that cannot be written
 * keeps the others from being made: half of them would be worse than all.
 *
 * @throws Stopped with what a step threw as its cause; ITEM_FAILURES beyond MOST_FAILURES; CANCELED
 */
export async function runSteps(
  job: JournalledContext,
  steps: AsyncIterable<ApplyStep>,
  run: StepsRun,
): Promise<StepsOutcome> {
  const { resumed } = run;
  let items = resumed?.items ?? 0;
  const meter = new PhaseMeter(job, 'Writing', 'items', run.items, items);
  const journal = new HeldJournal(job);
  const failed = new Set<string>(resumed?.soFar.failed);
  const warnings: string[] = [...(resumed?.soFar.warnings ?? [])];
  const issued: IssuedKey[] = [...(resumed?.soFar.issued ?? [])];
  let retries = resumed?.soFar.retries ?? 0;
  let lasting = items;
  let stepsToSkip = resumed?.steps ?? 0;
  let open = resumed?.open;
  try {
    for await (const step of steps) {
      const kind = kindOf(step, run.transactional);
      if (kind === 'direct' ? stepsToSkip-- > 0 : resumed?.databasesWritten) {
        meter.count(step.items);
        continue;
      }
      if (kind === 'direct') journal.release();
      throwIfAborted(kind === 'direct' ? job.signal : run.target.signal);
      const outcome = await runStep(job, journal, step, run, open);
      open = undefined;
      items += step.items.length;
      if (kind !== 'staged') lasting = items;
      retries += outcome.retries;
      for (const { section, key } of outcome.failures) failed.add(`${section}/${key}`);
      for (const { section, key, issued: given } of outcome.issued ?? [])
        issued.push({ section, key, issued: given });
      warnings.push(...(outcome.warnings ?? []).slice(0, MOST_WARNINGS - warnings.length));
      meter.advanceBy(step.items);
      if (failed.size > MOST_FAILURES) throw tooManyFailures(failed.size);
    }
    journal.rethrow();
  } catch (error) {
    throw new Stopped(error, lasting);
  }
  return {
    items,
    retries,
    failures: failed.size,
    warnings,
    issued,
    failed: (section, key) => failed.has(`${section}/${key}`),
  };
}

async function runStep(
  job: JournalledContext,
  journal: HeldJournal,
  step: ApplyStep,
  run: StepsRun,
  open: number | undefined,
): Promise<StepOutcome> {
  const kind = kindOf(step, run.transactional);
  const signal = kind === 'direct' ? job.signal : run.target.signal;
  const facts = await step.facts?.(signal);
  // A step that was begun before has its intent in the journal.
  const seq = open ?? journal.intent(step, kind, facts);
  if (facts) {
    run.target.hold();
    journal.hold();
  }
  try {
    const outcome = await step.run(signal, open === undefined ? undefined : run.resumed?.before);
    journal.done(seq, outcome);
    return outcome;
  } catch (error) {
    const became = facts && (await commitBecame(facts, error, run));
    if (became === 'committed') {
      const outcome = { failures: [], retries: 1 };
      journal.done(seq, outcome);
      return outcome;
    }
    // Whether a step that was broken off did its work is not known: its outcome stays open, for whoever looks next.
    const nothingDone = kind === 'staged' || became === 'aborted';
    if (isAppError(error) && (nothingDone || !leavesOutcomeUnknown(error))) journal.failed(seq, error);
    throw error;
  }
}

/** The answer to a commit can be lost; what became of it is asked at once, so that the others are made or not. */
async function commitBecame(
  facts: JsonObject,
  error: unknown,
  run: StepsRun,
): Promise<'committed' | 'aborted' | 'unknown'> {
  if (isAppError(error) && !leavesOutcomeUnknown(error)) return 'aborted';
  try {
    return await run.commitOutcome(facts);
  } catch (unasked) {
    if (isAppError(unasked)) return 'unknown';
    throw unasked;
  }
}

/** Only an error that says so proves that nothing more was done than it says. */
function leavesOutcomeUnknown(error: AppError): boolean {
  return !['refused', 'not-sent'].includes(String(error.details['outcome']));
}

/** A journal whose failures, once commits are being made, are told after the last one. */
class HeldJournal {
  readonly #job: JournalledContext;
  #held = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(job: JournalledContext) {
    this.#job = job;
  }

  hold(): void {
    this.#held = true;
  }

  intent(step: ApplyStep, kind: StepKind, facts: JsonObject | undefined): number | undefined {
    const first = step.items[0];
    const last = step.items.at(-1);
    return this.#write(() =>
      this.#job.intent(step.label, {
        section: step.section,
        items: step.items.length,
        ...(first && last && { firstKey: first.key, lastKey: last.key, lastSection: last.section }),
        actions: [...new Set(step.items.map(({ action }) => action))],
        repeatable: step.repeatable,
        ...(kind === 'direct' && { direct: true }),
        ...(facts && { facts }),
      }),
    );
  }

  done(seq: number | undefined, { failures, retries, warnings = [], issued = [] }: StepOutcome): void {
    if (seq === undefined) return;
    const result: JsonObject = {
      failures: failures.length,
      retries,
      ...(warnings.length > 0 && { warnings: [...warnings] }),
    };
    this.#write(() => this.#job.outcome(seq, 'done', result, { failures, issued }));
  }

  failed(seq: number | undefined, { code, message }: AppError): void {
    if (seq !== undefined) this.#write(() => this.#job.outcome(seq, 'failed', { code, message }));
  }

  /** Steps that write at once are not made without a journal. @throws what kept it from being written */
  release(): void {
    this.#held = false;
    this.rethrow();
  }

  /** @throws what kept the journal from being written */
  rethrow(): void {
    if (this.#failure) throw this.#failure.error;
  }

  #write<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!this.#held) throw error;
      this.#failure ??= { error };
      return undefined;
    }
  }
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
