import type { Difference, Stretch } from '../compare/difference.ts';
import { recordsOf } from '../compare/compare-section.ts';
import { recordFinder } from '../compare/record-finder.ts';
import { canonicalRecord } from '../model/canonical.ts';
import { parseLine } from '../model/exact-json.ts';
import { compareKeys } from '../model/key-order.ts';
import { leftOut } from './items.ts';
import type { PlanEntry, PlanItem } from './plan.ts';
import { sectionPlan, type PlanInputs, type SectionPlan } from './section-plan.ts';
import { stretchesOf, walkSection } from './walk-section.ts';

/**
 * Roles, and those that come into being only because a user carries them: OpenGate creates an unknown role of a mapping
 * (OpenGate documentation, Import/Export page, "Import Behaviour").
 */
export async function* planRoles(
  inputs: PlanInputs,
  mapped: ReadonlySet<string>,
): AsyncIterable<readonly PlanEntry[]> {
  const plan: SectionPlan = { ...sectionPlan(inputs, 'roles'), mappedRoles: mapped };
  const groupsNeed = await rolesOfChosenGroups(inputs);
  const onlyMapped = await mappedWithoutRecord(plan, mapped);
  const implied = new Set(onlyMapped);
  const stretches = withImplied(stretchesOf(plan, inputs.signal), onlyMapped);
  yield* walkSection(plan, stretches, (decided, d) => {
    if (inputs.exclusions.onlyIfNeeded(d.key) && !isNeeded(decided, d))
      return leftOut(plan, d, 'skip', { reason: 'excluded' });
    if (decided.action === 'create' && implied.has(d.key))
      return { ...decided, reason: 'created-by-mapping' };
    if (decided.action === 'delete' && plan.mode !== 'overwrite')
      return { ...decided, warnings: [...decided.warnings, 'Users and groups that have this role lose it.'] };
    return decided;
  });

  /** One that is there already serves whoever was chosen as it is, and what only the target has is no matter of theirs. */
  function isNeeded({ action, reason }: PlanItem, { key, kind }: Difference): boolean {
    if (action === 'skip' || action === 'unchanged' || reason === 'deleted-with-realm') return true;
    return plan.mode === 'overwrite' || kind === 'added' ? mapped.has(key) || groupsNeed.has(key) : false;
  }
}

/** Where only some records were chosen: what the groups among them carry. */
async function rolesOfChosenGroups({
  context,
  source,
  exclusions,
  signal,
}: PlanInputs): Promise<Set<string>> {
  const names = new Set<string>();
  if (!context.policy.only || !source.groups) return names;
  for await (const records of recordsOf(source.groups, signal))
    for (const { key, line } of records) {
      if (exclusions.excludes('groups', key)) continue;
      const { roles } = parseLine(line);
      if (Array.isArray(roles)) for (const role of roles) if (typeof role === 'string') names.add(role);
    }
  return names;
}

/** In key order: carried by users, and no record of the source; on the target only where an overwrite takes them away. */
async function mappedWithoutRecord(plan: SectionPlan, mapped: ReadonlySet<string>): Promise<string[]> {
  if (!plan.targetKnown) return [];
  const source = plan.source && recordFinder(plan.source);
  const target = plan.mode === 'overwrite' ? undefined : recordFinder(plan.target);
  const names: string[] = [];
  for (const name of [...mapped].sort(compareKeys)) {
    // What cannot be a role's name is for the server to judge, with the user who carries it.
    if (name === '' || name.includes('\u0000')) continue;
    if (!(await source?.find(name)) && !(await target?.find(name))) names.push(name);
  }
  return names;
}

async function* withImplied(
  stretches: AsyncIterable<Stretch>,
  names: readonly string[],
): AsyncIterable<Stretch> {
  let next = 0;
  for await (const stretch of stretches) {
    if (stretch.kind === 'equal') {
      yield stretch;
      continue;
    }
    const records: Difference[] = [];
    for (const d of stretch.records) {
      while (next < names.length && compareKeys(names[next]!, d.key) < 0)
        records.push(impliedRecord(names[next++]!));
      if (names[next] === d.key && d.kind === 'removed') records.push(returning(d, names[next++]!));
      else records.push(d);
    }
    yield { kind: 'records', records };
  }
  if (next < names.length) yield { kind: 'records', records: names.slice(next).map(impliedRecord) };
}

function impliedRecord(name: string): Difference {
  return { kind: 'added', key: name, right: canonicalRecord('roles', { name }).line };
}

/** An overwrite takes the role away, and a user brings it back by name. */
function returning(d: Difference & { kind: 'removed' }, name: string): Difference {
  return {
    kind: 'changed',
    key: name,
    left: d.left,
    right: canonicalRecord('roles', { name }).line,
    changes: [],
  };
}
