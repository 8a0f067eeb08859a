import { recordCount } from '../compare/section-side.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import { unmatchedExclusions } from './exclusions.ts';
import { counted, PLURAL, SINGULAR } from './notes.ts';
import type { PlanNotice } from './plan.ts';
import { isSelected, planMode, type PlanInputs } from './section-plan.ts';

/** What is to be said about the plan as a whole before its items. */
export async function planNotices(
  inputs: PlanInputs,
  droppedRoles: ReadonlySet<string>,
): Promise<PlanNotice[]> {
  const texts = [...sectionNotices(inputs)];
  for (const entry of await unmatchedExclusions(inputs.exclusions, inputs.target, inputs.source)) {
    if (!droppedRoles.has(entry.replace(/^roles\//, '')))
      texts.push(`“${entry}” was to be left out, but neither side has such a record.`);
  }
  return texts.map((text) => ({ kind: 'notice', text }));
}

function* sectionNotices(inputs: PlanInputs): Iterable<string> {
  const { context, target, source } = inputs;
  const mode = planMode(context);
  const leftovers: string[] = [];
  for (const section of SECTIONS) {
    const there = target[section];
    const count = there ? recordCount(there) : undefined;
    if (mode === 'create' && count) leftovers.push(counted(count, SINGULAR[section], PLURAL[section]));
    if (section === 'realm' || (source[section] && isSelected(context.policy, section))) continue;
    const why = source[section]
      ? `The ${PLURAL[section]} were not selected`
      : `The source does not tell about ${PLURAL[section]}`;
    if (mode === 'overwrite' && !countedElsewhere(inputs, section) && count !== 0)
      yield count === undefined
        ? `${why}: overwriting the realm deletes those of the target, if there are any.`
        : `${why}: overwriting the realm deletes the ${count.toLocaleString('en-US')} of the target.`;
    if (mode === 'merge' && context.policy.extra === 'delete' && !source[section] && count !== 0)
      yield `${why}: those of the target are left alone.`;
  }
  if (leftovers.length > 0)
    yield `Leftovers of a deleted realm of this name are still on the target (${leftovers.join(', ')}): the new realm takes them over.`;
}

/** The loss of passwords stands in numbers among the losses. */
function countedElsewhere(inputs: PlanInputs, section: Section): boolean {
  return section === 'credentials' && inputs.context.route.overwriteLosesSecrets;
}
