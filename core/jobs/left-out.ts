import { SECTION_WORDS } from '../../contract/sections.ts';
import { throwIfAborted } from '../../contract/errors.ts';
import type { ApplyResult } from '../../contract/job.ts';
import { counted, listed } from '../../contract/numbers.ts';
import type { Catalog } from '../catalog/index.ts';
import type { StoredPlan } from '../catalog/plans/plan-store.ts';
import { displayKey } from '../model/natural-key.ts';
import type { JsonObject } from '../model/record.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import type { Policy, Reason } from '../planner/plan.ts';
import { derivePlan } from './derive-plan.ts';
import type { JobContext } from './job-context.ts';
import { planDocument } from './plan-document.ts';

/** What cannot be read there cannot be compared, and is not written either. */
const ROUTE_CANNOT: ReadonlySet<Reason> = new Set(['route-cannot', 'key-is-issued', 'target-unknown']);
const MOST_NAMED = 5;

export type LeftOut = NonNullable<ApplyResult['leftOut']>;

/**
 * Which records a plan skips because the route cannot write them; undefined: none.
 *
 * @param asked what was decided about such records by whoever began the job
 */
export async function leftOutByRoute(
  job: JobContext,
  catalog: Catalog,
  plan: StoredPlan<JsonObject>,
  asked: Partial<Pick<Policy, 'unsupported' | 'issuedClients'>>,
): Promise<LeftOut | undefined> {
  const document = planDocument(plan);
  const isAny = Object.values(document.summary.sections).some(({ skip }) => skip > 0);
  if (!isAny) return undefined;
  const isAsked = (reason: Reason): boolean =>
    asked.unsupported === 'skip' || (reason === 'key-is-issued' && asked.issuedClients === 'leave');
  const found: LeftOut = { count: 0, asked: 0, sections: {}, first: [] };
  for await (const batch of derivePlan(job, catalog, document).items()) {
    throwIfAborted(job.signal);
    for (const { section, key, action, reason } of batch) {
      if (action !== 'skip' || !ROUTE_CANNOT.has(reason)) continue;
      found.count++;
      if (isAsked(reason)) found.asked++;
      const before = found.sections[section] ?? 0;
      found.sections[section] = before + 1;
      if (before < MOST_NAMED) found.first.push({ section, key: displayKey(key) });
    }
  }
  return found.count === 0 ? undefined : found;
}

/** “2 roles (“a”, “b”), 7 clients (“c”, “d”, “e”, “f”, “g” and 2 more)”. */
export function namedRecords({ sections, first }: LeftOut): string {
  return SECTIONS.flatMap((section) => {
    const count = sections[section] ?? 0;
    if (count === 0) return [];
    const names = first.filter((record) => record.section === section).map(({ key }) => `“${key}”`);
    const more = count > names.length ? [`${(count - names.length).toLocaleString('en-US')} more`] : [];
    return [`${counted(count, ...SECTION_WORDS[section])} (${listed([...names, ...more])})`];
  }).join(', ');
}

/** “3 users, 1 client”; empty where there are none. */
export function countedRecords(counts: Partial<Record<Section, number>>): string {
  return SECTIONS.flatMap((section) => {
    const count = counts[section] ?? 0;
    return count > 0 ? [counted(count, ...SECTION_WORDS[section])] : [];
  }).join(', ');
}
