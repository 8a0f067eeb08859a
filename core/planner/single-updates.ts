import type { Exclusions } from './exclusions.ts';

/** The users and clients that are changed although others that exist are left as they are, or stop the plan. */
export interface SingleUpdates {
  /** Whether the record, which exists, is one of them; what is left out is not. */
  includes(section: 'users' | 'clients', key: string): boolean;
  /** As they were given: "users/alice". */
  readonly entries: readonly string[];
}

const NONE: SingleUpdates = { includes: () => false, entries: [] };

export function singleUpdates(entries: readonly string[] = [], exclusions: Exclusions): SingleUpdates {
  if (entries.length === 0) return NONE;
  const chosen = new Set(entries);
  return {
    entries,
    includes: (section, key) => chosen.has(`${section}/${key}`) && !exclusions.excludes(section, key),
  };
}
