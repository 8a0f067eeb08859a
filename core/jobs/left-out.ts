import { SECTION_WORDS } from '../../contract/sections.ts';
import { throwIfAborted } from '../../contract/errors.ts';
import type { Catalog } from '../catalog/index.ts';
import type { StoredPlan } from '../catalog/plans/plan-store.ts';
import type { JsonObject } from '../model/record.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import { counted } from '../planner/notes.ts';
import type { Reason } from '../planner/plan.ts';
import { derivePlan } from './derive-plan.ts';
import type { JobContext } from './job-context.ts';
import { planDocument } from './plan-document.ts';

const ROUTE_CANNOT: ReadonlySet<Reason> = new Set(['route-cannot', 'key-is-issued']);

/** How many records of each section a plan skips because the route cannot write them. */
export async function leftOutByRoute(
  job: JobContext,
  catalog: Catalog,
  plan: StoredPlan<JsonObject>,
): Promise<Partial<Record<Section, number>>> {
  const document = planDocument(plan);
  const found: Partial<Record<Section, number>> = {};
  const isAny = Object.values(document.summary.sections).some(({ skip }) => skip > 0);
  if (!isAny) return found;
  for await (const batch of derivePlan(job, catalog, document).items()) {
    throwIfAborted(job.signal);
    for (const { section, action, reason } of batch)
      if (action === 'skip' && ROUTE_CANNOT.has(reason)) found[section] = (found[section] ?? 0) + 1;
  }
  return found;
}

/** “3 users, 1 client”; empty where there are none. */
export function countedRecords(counts: Partial<Record<Section, number>>): string {
  return SECTIONS.flatMap((section) => {
    const count = counts[section] ?? 0;
    return count > 0 ? [counted(count, ...SECTION_WORDS[section])] : [];
  }).join(', ');
}
