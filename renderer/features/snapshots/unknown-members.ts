import type { Section } from '../../../contract/sections.ts';
import type { SnapshotView } from '../../../contract/snapshot.ts';

/** Members of which the source of a snapshot told nothing: that a record does not have them says nothing. */
export function unknownMembers({ missing }: Pick<SnapshotView, 'missing'>, of: Section): ReadonlySet<string> {
  return new Set(
    missing.flatMap(({ section, member }) => (section === of && member !== undefined ? [member] : [])),
  );
}
