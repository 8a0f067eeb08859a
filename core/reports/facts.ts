import { integer } from '../../contract/numbers.ts';

export type Fact = readonly [name: string, value: string];

const MOST_LISTED = 50;

/**
 * Any value of the contract as names and values for people: a report must not keep silent about a kind of job that is
 * younger than its own parts.
 */
export function factsOf(value: object, prefix = ''): Fact[] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]): Fact[] => {
    const title = prefix === '' ? words(name) : `${prefix} ${words(name).toLowerCase()}`;
    if (inner === undefined || inner === null || inner === '') return [];
    if (Array.isArray(inner)) return listFacts(title, inner);
    if (typeof inner === 'object') return factsOf(inner, title);
    return [[title, scalar(inner)]];
  });
}

function listFacts(title: string, values: readonly unknown[]): Fact[] {
  if (values.length === 0) return [];
  if (values.some((value) => typeof value === 'object')) return [[title, integer(values.length)]];
  const shown = values.slice(0, MOST_LISTED).map(scalar).join(', ');
  const more = values.length - MOST_LISTED;
  return [[title, more > 0 ? `${shown} … and ${integer(more)} more` : shown]];
}

function scalar(value: unknown): string {
  if (typeof value === 'number') return integer(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}

/** “realmName” → “Realm name”. */
function words(name: string): string {
  const spaced = name.replace(/([a-z])([A-Z])/g, '$1 $2').replaceAll('-', ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1).toLowerCase();
}
