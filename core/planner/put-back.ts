import type { Difference } from '../compare/difference.ts';
import { recordFinder } from '../compare/record-finder.ts';
import { shownValue } from '../model/hide-secrets.ts';
import { parseLine } from '../model/exact-json.ts';
import type { JsonObject } from '../model/record.ts';
import { creationOf } from './creation.ts';
import { item } from './items.ts';
import type { PlanEntry, PlanItem } from './plan.ts';
import { sectionPlan, type PlanInputs, type SectionPlan } from './section-plan.ts';
import { stretchesOf, walkSection } from './walk-section.ts';

type Gone = Difference & { readonly kind: 'removed' };

/** What goes with the realm and is written again as it was. */
export function puttingBack(plan: SectionPlan, { key, left }: Gone): PlanItem {
  const { write } = creationOf(plan.section, parseLine(left), plan.route.createMembers);
  return item(plan, key, { action: 'unchanged', reason: 'kept-through-overwrite', write, promise: write });
}

/**
 * A section of which the source tells nothing, put back as the target has it. A group loses the roles that do not come
 * back: written with them, it would bring them back by name.
 */
export async function* planPutBack(
  inputs: PlanInputs,
  plan: SectionPlan,
  mapped: ReadonlySet<string>,
): AsyncIterable<readonly PlanEntry[]> {
  const comesBack = returningRoles(inputs, mapped);
  yield* walkSection(plan, stretchesOf(plan, inputs.signal), async (decided, d) => {
    if (d.kind !== 'removed') return decided;
    const kept = puttingBack(plan, d);
    const roles = kept.write?.['roles'];
    if (plan.section !== 'groups' || !Array.isArray(roles)) return kept;
    const gone: string[] = [];
    for (const role of roles) if (typeof role === 'string' && !(await comesBack(role))) gone.push(role);
    return gone.length === 0 ? kept : withoutRoles(plan, d, kept.write!, gone);
  });
}

function withoutRoles(
  plan: SectionPlan,
  { key }: Gone,
  group: JsonObject,
  gone: readonly string[],
): PlanItem {
  const was = group['roles'] as string[];
  const roles = was.filter((role) => !gone.includes(role));
  const write = { ...group, roles };
  const shown = (value: string[]) => shownValue('groups', 'roles', value);
  return item(plan, key, {
    action: 'update',
    reason: 'kept-through-overwrite',
    changes: [{ member: 'roles', from: shown(was), to: shown(roles) }],
    write,
    promise: write,
    notes: gone.map((role) => ({ kind: 'role-gone', other: role })),
  });
}

/** Whether a role of this name is there once the realm is replaced: the source has it, or a user brings it by name. */
function returningRoles(inputs: PlanInputs, mapped: ReadonlySet<string>): (name: string) => Promise<boolean> {
  const { source } = sectionPlan(inputs, 'roles');
  const finder = source && recordFinder(source);
  const known = new Map<string, boolean>();
  return async (name) => {
    let returns = known.get(name);
    if (returns === undefined) {
      const isWritten =
        !inputs.exclusions.excludes('roles', name) && (await finder?.find(name)) !== undefined;
      known.set(name, (returns = mapped.has(name) || isWritten));
    }
    return returns;
  };
}
