import { z } from 'zod';
import type { FoundAgain } from '../../contract/found-again.ts';
import type { ITEM_OUTCOMES } from '../../contract/report.ts';
import type { Job, JobItemFailure, JournalStep } from '../catalog/jobs/job.ts';
import { ExternalSorter } from '../catalog/staging/external-sort.ts';
import type { ApplyItem } from '../connectors/connector.ts';
import { compareKeys } from '../model/key-order.ts';
import type { CanonicalRecord } from '../model/record.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import { applyItemOf, singleItemsOf } from '../planner/apply-item.ts';
import type { PlanItem } from '../planner/plan.ts';
import type { PlanDocument } from './plan-document.ts';

type Outcome = (typeof ITEM_OUTCOMES)[number];

export interface ReportedItem {
  readonly item: PlanItem;
  readonly outcome: Outcome;
  /** Of one that failed: why. */
  readonly reason?: string;
  /** Of one that failed: what stood there when the target was read again. */
  readonly found?: FoundAgain | undefined;
}

type WriteAction = ApplyItem['action'];

/**
 * How far a job's writing came, as its journal tells: everything, nothing, nobody knows, or up to a place of each action.
 * A route may write creations and changes apart, each in the order of the items.
 */
export type Reach = 'everything' | 'nothing' | 'unknown' | ReadonlyMap<Sequence, Mark>;

/** Where records are deleted one by one, their realm goes after all of them. */
type Sequence = WriteAction | 'realm-deletion';

/** Items up to `done` are written for good; of those after it, up to `open`, it is not known. */
interface Mark {
  done: string;
  open: string;
}

/**
 * @param appliedByIt whether the plan is marked as applied by this job: then all was written, whatever happened afterwards
 */
export function reachOf(
  job: Pick<Job, 'result' | 'written'>,
  { route }: Pick<PlanDocument, 'route'>,
  appliedByIt: boolean,
  steps: Iterable<JournalStep>,
): Reach {
  if (job.result !== undefined || appliedByIt || job.written?.state === 'everything') return 'everything';
  if (job.written) return job.written.state === 'nothing' ? 'nothing' : 'unknown';
  const marks = new Map<Sequence, Mark>();
  for (const { intent, outcome } of steps) {
    if (intent['facts'] !== undefined) return 'unknown';
    if (intent['direct'] !== true || intent['items'] === 0) continue;
    const of = writtenStep.safeParse(intent).data;
    // Journalled before steps told this.
    if (!of) return 'unknown';
    const place = placeOf(of.lastSection, of.lastKey);
    for (const action of of.actions) {
      const sequence = sequenceOf(route, of.lastSection, action);
      const mark = marks.get(sequence) ?? { done: '', open: '' };
      if (outcome === 'done') mark.done = place;
      // A step that failed was refused as a whole, but for a route that writes its records one by one.
      else if (outcome === null || route.survivors) mark.open = place;
      marks.set(sequence, mark);
    }
  }
  return marks.size === 0 ? 'nothing' : marks;
}

function sequenceOf({ survivors }: PlanDocument['route'], section: Section, action: WriteAction): Sequence {
  return survivors && section === 'realm' && action === 'delete' ? 'realm-deletion' : action;
}

const writtenStep = z.object({
  lastSection: z.enum(SECTIONS),
  lastKey: z.string(),
  actions: z.array(z.enum(['create', 'update', 'delete'])),
});

/**
 * Every item of a plan with what became of it. Failures are told in the order in which they happened; they are sorted into
 * that of the items on disk, so that any number of them takes no more memory.
 *
 * @param deviates whether an item, read again, was not as promised
 */
export async function* reportedItems(from: {
  readonly items: AsyncIterable<readonly PlanItem[]>;
  readonly failures: Iterable<readonly JobItemFailure[]>;
  readonly reach: Reach;
  readonly document: Pick<PlanDocument, 'route' | 'summary'>;
  readonly deviates: (section: Section, key: string) => boolean;
  readonly stagingDir: string;
  readonly signal: AbortSignal;
}): AsyncGenerator<readonly ReportedItem[]> {
  const sorter = new ExternalSorter({ dir: from.stagingDir, onDuplicate: 'keep', what: 'failures' });
  try {
    for (const batch of from.failures)
      await sorter.add(
        batch.map(({ section, key, reason, found }) => ({
          key: placeOf(section, key),
          line: Buffer.from(JSON.stringify({ reason, found } satisfies Failed)),
        })),
      );
    const failures = new SortedFailures(sorter.sorted(from.signal));
    for await (const items of from.items) {
      const reported: ReportedItem[] = [];
      for (const item of items) {
        const failed = await failures.at(placeOf(item.section, item.key));
        reported.push(
          failed ? { item, outcome: 'failed', ...failed } : { item, outcome: outcomeOf(item, from) },
        );
      }
      yield reported;
    }
  } finally {
    await sorter.dispose();
  }
}

function outcomeOf(
  item: PlanItem,
  { reach, document, deviates }: Pick<Parameters<typeof reportedItems>[0], 'reach' | 'document' | 'deviates'>,
): Outcome {
  const { section, key, action } = item;
  if (deviates(section, key)) return 'deviates';
  const write = writeOf(item, document);
  // What goes with its realm is deleted although no step of its own does it.
  if (!write && action !== 'delete') return 'left';
  if (reach === 'everything') return 'done';
  if (reach === 'nothing') return 'not-written';
  if (reach === 'unknown') return 'unknown';
  if (!write) return goneWithRealm(reach);
  const mark = reach.get(sequenceOf(document.route, section, write.action)) ?? { done: '', open: '' };
  const place = placeOf(section, key);
  if (compareKeys(place, mark.done) <= 0) return 'done';
  return compareKeys(place, mark.open) <= 0 ? 'unknown' : 'not-written';
}

/** The realm's own step is the first of all. */
function goneWithRealm(reach: ReadonlyMap<Sequence, Mark>): Outcome {
  const marks = [...reach.values()];
  if (marks.some(({ done }) => done !== '')) return 'done';
  return marks.some(({ open }) => open !== '') ? 'unknown' : 'not-written';
}

/** What is done for an item last: a record that returns is deleted first, and then written. */
function writeOf(
  item: PlanItem,
  { route, summary }: Pick<PlanDocument, 'route' | 'summary'>,
): ApplyItem | undefined {
  if (!route.survivors) return applyItemOf(item, summary.mode);
  const { deletion, writing } = singleItemsOf(item, summary.mode, route);
  return writing ?? deletion;
}

/** Sections in their order, then keys: one order over all of a plan. */
function placeOf(section: Section, key: string): string {
  return `${SECTIONS.indexOf(section)}/${key}`;
}

type Failed = Pick<JobItemFailure, 'reason' | 'found'>;

class SortedFailures {
  readonly #batches: AsyncIterator<readonly CanonicalRecord[]>;
  #batch: readonly CanonicalRecord[] = [];
  #at = 0;

  constructor(batches: AsyncIterable<readonly CanonicalRecord[]>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  /** To be asked in order. */
  async at(place: string): Promise<Failed | undefined> {
    for (;;) {
      if (this.#at === this.#batch.length) {
        const next = await this.#batches.next();
        if (next.done) return undefined;
        this.#batch = next.value;
        this.#at = 0;
        continue;
      }
      const { key, line } = this.#batch[this.#at]!;
      const order = compareKeys(key, place);
      if (order > 0) return undefined;
      if (order === 0) return JSON.parse(line.toString('utf8')) as Failed;
      this.#at += 1;
    }
  }
}
