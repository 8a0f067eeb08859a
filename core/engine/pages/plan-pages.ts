import type { PlanItemView } from '../../../contract/plan.ts';
import { AppError, isAppError } from '../../../contract/errors.ts';
import type { Catalog } from '../../catalog/index.ts';
import { derivePlan } from '../../jobs/derive-plan.ts';
import type { PlanRecording } from '../../jobs/make-plan.ts';
import { planDocument, type PlanDraft } from '../../jobs/plan-document.ts';
import type { Section } from '../../model/sections.ts';
import type { EntryLists } from './entry-lists.ts';
import { PlanEntryMaker, planItemView } from './plan-entries.ts';
import type { Entry, EntryRange } from './recorded-entries.ts';

/**
 * The items of plans by the page. Those of a plan that is made here are recorded on the way; those of another are derived
 * again when they are asked for.
 */
export class PlanPages {
  readonly #catalog: Catalog;
  readonly #lists: EntryLists;

  constructor(catalog: Catalog, lists: EntryLists) {
    this.#catalog = catalog;
    this.#lists = lists;
  }

  /**
   * Records a plan that is being made. What cannot be kept (the disk is full) is no reason not to plan: then the items are
   * derived again when somebody asks for them, who is told if that fails as well.
   */
  recording(): PlanRecording {
    const recorded = this.#lists.newRecording();
    const maker = new PlanEntryMaker();
    let isKept = true;
    const orNot = async (work: () => Promise<void>): Promise<void> => {
      if (!isKept) return;
      try {
        await work();
      } catch (error) {
        isKept = false;
        await recorded.close();
        if (!isAppError(error)) throw error;
      }
    };
    return {
      add: (entries) => orNot(() => recorded.add(maker.entriesOf(entries))),
      keep: (plan) =>
        orNot(async () => {
          await recorded.finish();
          this.#lists.keep(nameOf(plan), recorded);
        }),
      discard: () => recorded.close(),
    };
  }

  /** @throws AppError NOT_FOUND, PLAN_OUTDATED, CANCELED; what deriving the items throws */
  async page(idOrPrefix: string, range: EntryRange, signal: AbortSignal) {
    const stored = this.#catalog.plans.get(idOrPrefix);
    const document = planDocument(stored);
    const derived = (canceling: AbortSignal) => this.#derived(document, canceling);
    const { entries, ...rest } = await this.#lists.page(nameOf(stored.id), derived, range, signal);
    const lineOf = this.#lineOf(document);
    return { items: entries.map((entry): PlanItemView => planItemView(entry, lineOf)), ...rest };
  }

  async *#derived(document: PlanDraft, signal: AbortSignal): AsyncGenerator<readonly Entry[]> {
    const maker = new PlanEntryMaker();
    const derived = derivePlan({ signal, progress: () => {} }, this.#catalog, document);
    for await (const batch of derived.entries()) yield maker.entriesOf(batch);
  }

  #lineOf({ source }: PlanDraft): (section: Section, key: string) => Buffer | undefined {
    const { snapshots } = this.#catalog;
    return (section, key) => {
      const found = snapshots.find(source.snapshot, section, key);
      if (found) return found.line;
      throw new AppError(
        'INTERNAL',
        `Snapshot ${source.snapshot} lacks a record that a plan creates from it.`,
      );
    };
  }
}

function nameOf(plan: string): string {
  return `plan ${plan}`;
}
