import { AppError } from '../../contract/errors.ts';
import { settlementsOf } from '../../contract/settling.ts';
import type { Catalog } from '../catalog/index.ts';
import type { StoredPlan } from '../catalog/plans/plan-store.ts';
import { displayKey } from '../model/natural-key.ts';
import type { JsonObject } from '../model/record.ts';
import { explain } from '../planner/explain.ts';
import { derivePlan } from './derive-plan.ts';
import type { JobContext } from './job-context.ts';
import { planDocument } from './plan-document.ts';

const MOST_TOLD = 10;
/** The decisions that a seeding takes as well. */
const SEED_FLAGS = /^--(?:unsupported|issued-clients) /;

/**
 * A seeding has nobody who could look at its plan, and perhaps no catalog in which that would be found: the error itself
 * says what stands in the way.
 *
 * @throws AppError PLAN_BLOCKED
 */
export async function refuseBlockedSeed(
  job: JobContext,
  catalog: Catalog,
  plan: StoredPlan<JsonObject>,
): Promise<void> {
  const document = planDocument(plan);
  const { sections, blocked } = document.summary;
  if (!blocked) return;
  const total = Object.values(sections).reduce((sum, { conflict }) => sum + conflict, 0);
  const told: string[] = [];
  const flags = new Set<string>();
  search: for await (const batch of derivePlan(job, catalog, document).items()) {
    for (const item of batch) {
      if (item.action !== 'conflict') continue;
      for (const { flag } of settlementsOf(item)) if (SEED_FLAGS.test(flag)) flags.add(flag);
      if (told.length === MOST_TOLD) break search;
      told.push(`${item.section}/${displayKey(item.key)}: ${explain(item.reason, item)}`);
    }
  }
  const { environment, realm } = document.target;
  const what = total === 1 ? 'one record stands' : `${total} records stand`;
  throw new AppError(
    'PLAN_BLOCKED',
    [`${environment}/${realm} cannot be seeded: ${what} in the way.`, ...told].join('\n') +
      (total > told.length ? `\n… and ${total - told.length} more` : ''),
    {
      notChanged: 'Nothing was changed.',
      remedy: [
        'Correct the file, or what is on the server.',
        ...(flags.size === 0
          ? []
          : [`Or say that it is meant, in this command: ${[...flags].join(' or ')}.`]),
        '“plan” with this file has flags that leave such records out, or settle them in other ways.',
      ].join(' '),
      details: { plan: plan.id, conflicts: total },
    },
  );
}
