import type { PlanItemView } from '../../../contract/plan.ts';
import { throwIfAborted } from '../../../contract/errors.ts';
import type { Catalog } from '../../catalog/index.ts';
import { derivePlan } from '../../jobs/derive-plan.ts';
import { planDocument } from '../../jobs/plan-document.ts';
import { displayKey } from '../../model/natural-key.ts';
import { explain } from '../../planner/explain.ts';
import type { PlanItem } from '../../planner/plan.ts';
import { implementer } from '../implementer.ts';
import { storedPlanView } from '../plan-view.ts';

export function planProcedures(catalog: Catalog) {
  const { plans } = implementer;
  return {
    list: plans.list.handler(() => catalog.plans.list().map(storedPlanView)),
    get: plans.get.handler(({ input }) => storedPlanView(catalog.plans.get(input.plan))),
    items: plans.items.handler(async ({ input, signal = new AbortController().signal }) => {
      const document = planDocument(catalog.plans.get(input.plan));
      const derived = derivePlan({ signal, progress: () => {} }, catalog, document);
      const items: PlanItemView[] = [];
      for await (const batch of derived.items()) {
        throwIfAborted(signal);
        for (const item of batch) {
          if (!isWanted(item, input)) continue;
          if (items.length === input.limit) return { items, truncated: true };
          items.push(itemView(item));
        }
      }
      return { items, truncated: false };
    }),
  };
}

interface Filter {
  readonly actions?: readonly string[] | undefined;
  readonly sections?: readonly string[] | undefined;
  readonly text?: string | undefined;
}

function isWanted(item: PlanItem, { actions, sections, text }: Filter): boolean {
  if (actions && !actions.includes(item.action)) return false;
  if (sections && !sections.includes(item.section)) return false;
  return text === undefined || item.key.toLowerCase().includes(text.toLowerCase());
}

function itemView(item: PlanItem): PlanItemView {
  const { section, key, action, reason, other, changes, warnings, channels } = item;
  return {
    section,
    key: displayKey(key),
    action,
    reason,
    explanation: explain(reason, item),
    ...(other !== undefined && { other: displayKey(other) }),
    changes: changes.map((change) => ({ ...change })),
    warnings: [...warnings],
    ...(channels && { channels: [...channels] }),
  };
}
