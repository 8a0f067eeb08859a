import { AppError } from '../../contract/errors.ts';
import type { JournalStep } from '../catalog/jobs/job.ts';
import type { ApplyItem, ApplyStep } from '../connectors/connector.ts';
import { compareKeys } from '../model/key-order.ts';
import type { Section } from '../model/sections.ts';
import type { WorkSoFar, WorkState } from '../planner/expected-so-far.ts';
import { kindOf } from './step-kind.ts';

/** Up to where the steps of an apply were carried out, by the journal of the attempts before. */
export interface ResumePoint {
  /** So many steps that write at once are done, and are not run again. */
  readonly steps: number;
  /** What these wrote, with what the databases hold. */
  readonly items: number;
  /** The step that was begun, and of which nobody knows how it ended. */
  readonly open?: {
    readonly seq: number;
    readonly step: Pick<ApplyStep, 'section' | 'repeatable'> & { readonly items: number };
  };
  /** The databases have all that is theirs: only the calls to the Admin API are left. */
  readonly databasesWritten: boolean;
  /** What was written, item by item; `assuming`: what the open step is taken for. */
  work(assuming?: 'done' | 'pending'): WorkSoFar;
}

/**
 * Holds the journal against the steps, which are derived again: as many as it acknowledges, in the same order, must be
 * the same.
 *
 * @param journal the steps of the attempts before, in order
 * @param steps as a session gives them; read up to the first that was not acknowledged
 * @throws AppError PLAN_OUTDATED when they are others
 */
export async function resumePoint(
  journal: Iterable<JournalStep>,
  steps: AsyncIterable<ApplyStep>,
  of: {
    readonly databasesWritten: boolean;
    readonly transactional: boolean;
    readonly leftToCalls?: WorkSoFar['leftToCalls'];
  },
): Promise<ResumePoint> {
  const begun = acknowledgedOrOpen(journal);
  const done = new Handled();
  const open = new Handled();
  let [count, items] = [0, 0];
  let openStep: ResumePoint['open'];
  for await (const step of steps) {
    if (kindOf(step, of.transactional) !== 'direct') {
      items += step.items.length;
      continue;
    }
    const { value: earlier } = begun.next();
    if (!earlier) break;
    requireSame(earlier, step);
    if (earlier.outcome === null) {
      const { section, repeatable } = step;
      openStep = { seq: earlier.seq, step: { section, repeatable, items: step.items.length } };
      open.add(step);
      break;
    }
    count++;
    items += step.items.length;
    done.add(step);
  }
  const beyond = begun.next().value;
  if (beyond) throw otherSteps(beyond.label);
  return {
    steps: count,
    items,
    ...(openStep && { open: openStep }),
    databasesWritten: of.databasesWritten,
    work: (assuming) => {
      const state = (isDone: boolean, isOpen: boolean): WorkState =>
        isDone ? 'done' : isOpen ? (assuming ?? 'open') : 'pending';
      return {
        stateOf: (item) => state(done.has(item), open.has(item)),
        realm: state(done.hasRealm, open.hasRealm),
        ...(of.databasesWritten && { leftToCalls: of.leftToCalls }),
      };
    },
  };
}

/** The steps that write at once: those that failed wrote nothing, and were, or will be, begun again. */
function* acknowledgedOrOpen(journal: Iterable<JournalStep>): Generator<JournalStep, undefined> {
  for (const step of journal) if (step.intent['direct'] === true && step.outcome !== 'failed') yield step;
}

function requireSame({ label, intent }: JournalStep, step: ApplyStep): void {
  const isSame =
    label === step.label &&
    intent['section'] === step.section &&
    intent['items'] === step.items.length &&
    (step.items.length === 0 ||
      (intent['firstKey'] === step.items[0]!.key && intent['lastKey'] === step.items.at(-1)!.key));
  if (!isSame) throw otherSteps(label);
}

function otherSteps(label: string): AppError {
  return new AppError(
    'PLAN_OUTDATED',
    `The plan does not come to the same steps any more: “${label}” is not among them.`,
    {
      notChanged: 'Nothing more was written.',
      remedy:
        'This happens when Drawbridge was updated, or the limits of the environment were changed (--api-concurrency). A new plan shows what is left to do.',
    },
  );
}

/**
 * The items of some steps. Users come in the order of their keys, those of each action apart: of them, however many, only
 * the last is kept.
 */
class Handled {
  readonly #single = new Set<string>();
  readonly #lastUser = new Map<ApplyItem['action'], { first: string; last: string }>();
  hasRealm = false;

  add({ items }: ApplyStep): void {
    for (const { section, key, action } of items) {
      if (section === 'realm') this.hasRealm = true;
      if (section !== 'users') this.#single.add(nameOf({ section, key, action }));
      else {
        const range = this.#lastUser.get(action);
        this.#lastUser.set(action, { first: range?.first ?? key, last: key });
      }
    }
  }

  has(item: {
    readonly section: Section;
    readonly key: string;
    readonly action: ApplyItem['action'];
  }): boolean {
    if (item.section !== 'users') return this.#single.has(nameOf(item));
    const range = this.#lastUser.get(item.action);
    return (
      range !== undefined && compareKeys(range.first, item.key) <= 0 && compareKeys(item.key, range.last) <= 0
    );
  }
}

function nameOf(item: { section: Section; key: string; action: ApplyItem['action'] }): string {
  return `${item.action} ${item.section}/${item.key}`;
}
