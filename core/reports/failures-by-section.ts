import type { ItemFailure } from '../../contract/job.ts';
import type { Section } from '../../contract/sections.ts';

export interface SectionFailures {
  readonly section: Section;
  /** Of a backup, the realm; of other jobs, undefined. */
  readonly realm?: string;
  count: number;
  /** The first of them. */
  readonly first: ItemFailure[];
}

/** As many as a person reads; a report for pipelines has a size limit besides (GitLab reads up to 30 MB). */
const FIRST = 100;
const MOST_GROUPS = 1000;

/**
 * How many failed in each section, and the first of them: what fits into memory of any number of failures.
 *
 * @param byKey apart for each key: the failures of a backup are sections of realms
 */
export async function failuresBySection(
  batches: AsyncIterable<readonly ItemFailure[]>,
  byKey: boolean,
): Promise<SectionFailures[]> {
  const groups = new Map<string, SectionFailures>();
  for await (const batch of batches)
    for (const failure of batch) {
      const { section, key } = failure;
      const name = byKey ? `${section}/${key}` : section;
      let group = groups.get(name);
      if (!group) {
        if (groups.size === MOST_GROUPS) continue;
        group = { section, ...(byKey && { realm: key }), count: 0, first: [] };
        groups.set(name, group);
      }
      group.count += 1;
      if (group.first.length < FIRST) group.first.push(failure);
    }
  return [...groups.values()];
}
