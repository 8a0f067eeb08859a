import type { Section } from '../../contract/sections.ts';
import { visible } from './visible.ts';

/** A record's name as it is shown and typed: `users/alice`, `credentials/alice/PASSWORD`, `groups/staff/support`. */
export function recordLabel(section: Section, key: string): string {
  // A group's path begins with a slash of its own.
  return section === 'groups' && key.startsWith('/') ? `groups${visible(key)}` : `${section}/${visible(key)}`;
}
