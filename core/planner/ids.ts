import type { IdSection, RouteCapabilities } from '../connectors/connector.ts';
import type { JsonObject, JsonValue } from '../model/record.ts';
import type { Section } from '../model/sections.ts';
import { isUuid } from '../model/uuid.ts';
import type { PlanNote } from './plan.ts';
import type { SectionPlan } from './section-plan.ts';

/** The sections to whose ids others refer: only of those the plan decides and promises anything. */
export const ID_SECTIONS: readonly IdSection[] = ['realm', 'roles', 'groups', 'clients', 'users'];

export function isIdSection(section: Section): section is IdSection {
  return (ID_SECTIONS as readonly Section[]).includes(section);
}

/** Whether records are created with ids that are given to the route by name; over the API it is the server's matter. */
export function keepsIds(route: RouteCapabilities, section: Section): boolean {
  const { createMembers } = route.sections[section];
  return createMembers !== 'all' && createMembers.includes('id');
}

/** An id in the form that PostgreSQL gives it; undefined for what is none. */
export function usableId(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && isUuid(value) ? value.toLowerCase() : undefined;
}

export interface ChosenId {
  /** Undefined: the target gives a new one. */
  readonly id: string | undefined;
  readonly notes: readonly PlanNote[];
}

const NO_NOTES: readonly PlanNote[] = [];
const ID_STAYS: readonly PlanNote[] = [{ kind: 'id-stays' }];
const NEW_ID: readonly PlanNote[] = [{ kind: 'new-id' }];

/**
 * The id of a record to be created: the source's where it is free. One that returns with an overwritten realm falls back
 * on the id that it has there, so that the subjects of tokens stay what they are.
 *
 * @param there the record as the target has it now, where it has it
 */
export function chosenId(
  plan: SectionPlan,
  key: string,
  source: JsonObject,
  there: JsonObject | undefined,
): ChosenId {
  const given = source['id'] ?? undefined;
  const own = usableId(given);
  if (!isIdSection(plan.section)) return { id: own, notes: NO_NOTES };
  const taken = takenOf(plan, key);
  if (own !== undefined && !taken) return { id: own, notes: NO_NOTES };
  const fallback = taken && taken !== 'all' && taken.yields ? undefined : usableId(there?.['id']);
  if (fallback !== undefined)
    return { id: fallback, notes: given === undefined || fallback === own ? NO_NOTES : ID_STAYS };
  if (given === undefined) return { id: undefined, notes: NO_NOTES };
  if (!taken || taken === 'all') return { id: undefined, notes: NEW_ID };
  return { id: undefined, notes: [{ kind: 'new-id', other: taken.other }] };
}

/** Whether another record has the id that the source has for this one. */
export function isTaken(plan: SectionPlan, key: string): boolean {
  return takenOf(plan, key) !== undefined;
}

function takenOf(
  { takenIds }: SectionPlan,
  key: string,
): 'all' | { other: string; yields?: true } | undefined {
  if (takenIds === undefined || takenIds === 'all') return takenIds;
  return Object.hasOwn(takenIds, key) ? takenIds[key] : undefined;
}

/** Whether two records have ids, and different ones. */
export function idsDiffer(a: JsonObject, b: JsonObject): boolean {
  const left = a['id'];
  const right = b['id'];
  return typeof left === 'string' && typeof right === 'string' && left.toLowerCase() !== right.toLowerCase();
}
