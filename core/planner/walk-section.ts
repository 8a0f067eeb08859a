import { compareSection } from '../compare/compare-section.ts';
import type { Difference, Stretch } from '../compare/difference.ts';
import { emptySide } from '../compare/section-side.ts';
import { decide } from './decide.ts';
import { parseLine } from '../model/exact-json.ts';
import { writes, type PlanEntry, type PlanItem } from './plan.ts';
import { stretchesBetween } from './remembered-stretches.ts';
import type { SectionPlan } from './section-plan.ts';

/** What a section adds to a decision: dependencies on other records, look-ups. Undefined: no part of the plan after all. */
export type Review = (item: PlanItem, d: Difference) => PlanItem | undefined | Promise<PlanItem | undefined>;

/** The stretches to decide on; none where the source does not tell and the target is left alone. */
export function stretchesOf(plan: SectionPlan, signal?: AbortSignal): AsyncIterable<Stretch> {
  if (!plan.source && plan.mode !== 'overwrite') return none();
  const source = plan.source ?? emptySide(plan.section);
  return plan.mode === 'overwrite'
    ? compareSection(plan.target, source, signal, { readEqual: true })
    : stretchesBetween(plan.target, source, signal);
}

/** A section's entries: an item for each record that is decided on, the equal ones between them counted. */
export async function* walkSection(
  plan: SectionPlan,
  stretches: AsyncIterable<Stretch>,
  review?: Review,
): AsyncIterable<readonly PlanEntry[]> {
  for await (const stretch of stretches) {
    if (stretch.kind === 'equal') {
      yield [{ kind: 'unchanged', section: plan.section, count: stretch.count }];
      continue;
    }
    const entries: PlanEntry[] = [];
    let equal = 0;
    for (const d of stretch.records) {
      const decided = decide(plan, d);
      if (!decided) {
        equal++;
        continue;
      }
      if (equal > 0) entries.push({ kind: 'unchanged', section: plan.section, count: equal });
      equal = 0;
      const reviewing = review ? review(decided, d) : decided;
      // Many reviews need not wait: a turn of the event loop for each of a million records would be felt.
      const reviewed = reviewing instanceof Promise ? await reviewing : reviewing;
      if (reviewed) entries.push(plan.writesById ? withTarget(plan, reviewed, d) : reviewed);
    }
    if (equal > 0) entries.push({ kind: 'unchanged', section: plan.section, count: equal });
    if (entries.length > 0) yield entries;
  }
}

function withTarget(plan: SectionPlan, item: PlanItem, d: Difference): PlanItem {
  if (d.kind === 'added' || !(writes(item) || item.action === 'delete')) return item;
  return onTarget(item, plan, d.left);
}

/** @param line the target's */
export function onTarget(item: PlanItem, { mode }: Pick<SectionPlan, 'mode'>, line: Buffer): PlanItem {
  const body = parseLine(line);
  const { id } = body;
  if (typeof id !== 'string') return item;
  // A change is told by its members: only where the record goes is all of it needed.
  const goes = item.action === 'delete' || mode === 'overwrite';
  return { ...item, targetId: id, ...(goes && { targetBody: body }) };
}

async function* none(): AsyncIterable<never> {}
