import { SECTION_WORDS } from '../../contract/sections.ts';
import { recordsOf } from '../compare/compare-section.ts';
import { SECTIONS } from '../model/sections.ts';
import { item } from './items.ts';
import { survivorsText } from './notices.ts';
import type { PlanEntry, PlanItem } from './plan.ts';
import { hasLeftovers, sectionPlan, survives, type PlanInputs, type SectionPlan } from './section-plan.ts';
import { updateNotices } from './update-notices.ts';
import { onTarget } from './walk-section.ts';

/**
 * Deleting a realm, with all that bears its name, and putting nothing in its place. Every record is an item, so that
 * nothing goes unseen; only the realm's own is carried out, and it is there for leftovers without a realm as well.
 */
export async function* planRemoval(inputs: PlanInputs): AsyncIterable<readonly PlanEntry[]> {
  const { context, target, signal } = inputs;
  const { route } = context;
  if (!context.targetExists && !hasLeftovers(target)) return;
  const unseen = SECTIONS.filter(
    (section) => section !== 'realm' && !target[section] && !survives(route, section),
  );
  if (unseen.length > 0)
    yield unseen.map((section) => ({
      kind: 'notice',
      text: `The target does not tell about ${SECTION_WORDS[section][1]}: ${
        route.goesWithRealm?.includes(section) === false
          ? 'if there are any, it is not known whether removing the realm deletes them. What stays, a realm of the same name has again.'
          : 'removing the realm deletes those too, if there are any.'
      }`,
    }));
  const outliving = survivorsText(inputs);
  if (outliving !== undefined) yield [{ kind: 'notice', text: outliving }];
  for (const text of await updateNotices(inputs)) yield [{ kind: 'notice', text }];
  // Where records go one by one, there is nothing to be done for a realm that is not there.
  if (context.targetExists || !route.survivors) yield [realmItem(inputs)];
  for (const section of SECTIONS) {
    const side = target[section];
    if (section === 'realm' || !side) continue;
    const plan = sectionPlan(inputs, section);
    for await (const records of recordsOf(side, signal))
      yield records.map(({ key, line }) =>
        survives(route, section)
          ? item(plan, key, { action: 'skip', reason: 'survives' })
          : deletion(plan, key, line),
      );
  }
}

function deletion(plan: SectionPlan, key: string, line: Buffer): PlanItem {
  const deleted = item(plan, key, { action: 'delete', reason: 'deleted-with-realm' });
  return plan.writesById ? onTarget(deleted, plan, line) : deleted;
}

function realmItem(inputs: PlanInputs): PlanEntry {
  const { policy, route, targetRealm } = inputs.context;
  const plan = sectionPlan(inputs, 'realm');
  if (!route.removeRealm) return item(plan, targetRealm, { action: 'conflict', reason: 'route-cannot' });
  if (policy.exclude.length > 0 || policy.sections !== undefined)
    return item(plan, targetRealm, {
      action: 'conflict',
      reason: 'excluded',
      warning: 'A realm is removed whole: nothing of it can be left out.',
    });
  return item(plan, targetRealm, { action: 'delete', reason: 'deleted-with-realm' });
}
