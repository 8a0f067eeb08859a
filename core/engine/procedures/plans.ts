import type { Catalog } from '../../catalog/index.ts';
import { implementer } from '../implementer.ts';
import type { PlanPages } from '../pages/plan-pages.ts';
import { storedPlanView } from '../plan-view.ts';

export function planProcedures(catalog: Catalog, pages: PlanPages) {
  const { plans } = implementer;
  return {
    list: plans.list.handler(() => catalog.plans.list().map(storedPlanView)),
    get: plans.get.handler(({ input }) => storedPlanView(catalog.plans.get(input.plan))),
    items: plans.items.handler(
      ({ input: { plan, actions, ...range }, signal = new AbortController().signal }) =>
        pages.page(plan, { ...range, kinds: actions }, signal),
    ),
  };
}
