import { isJsonObject, type JsonObject, type JsonValue } from '../../../model/record.ts';

/** How many users an import says it wrote; a count that it does not tell is undefined. */
export interface ImportCounts {
  readonly created?: number;
  readonly updated?: number;
  readonly skipped?: number;
}

/**
 * Reads the answer of `users/import` leniently: the documentation does not give it. Known shapes are counts beside
 * each other, below `users`, or below `users` in a whole import's outcome; lists count as their length.
 */
export function importCounts(answer: JsonValue | undefined): ImportCounts {
  if (!isJsonObject(answer)) return {};
  const counts = isJsonObject(answer['users']) ? answer['users'] : answer;
  const created = countOf(counts, ['created', 'imported', 'added']);
  const updated = countOf(counts, ['updated', 'merged']);
  const skipped = countOf(counts, ['skipped', 'ignored']);
  return {
    ...(created === undefined ? {} : { created }),
    ...(updated === undefined ? {} : { updated }),
    ...(skipped === undefined ? {} : { skipped }),
  };
}

function countOf(counts: JsonObject, names: readonly string[]): number | undefined {
  for (const name of names) {
    const value = counts[name];
    if (typeof value === 'number') return value;
    if (Array.isArray(value)) return value.length;
  }
  return undefined;
}
