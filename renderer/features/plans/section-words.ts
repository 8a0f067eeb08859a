import type { Section } from '../../../contract/sections.ts';
import { counted } from '../../design/moments.ts';

const WORDS: Readonly<Record<Section, readonly [string, string]>> = {
  realm: ['realm', 'realms'],
  roles: ['role', 'roles'],
  groups: ['group', 'groups'],
  clients: ['client', 'clients'],
  policies: ['policy', 'policies'],
  users: ['user', 'users'],
  credentials: ['credential', 'credentials'],
  socialLinks: ['social link', 'social links'],
};

/** "1 user", "1,203 users". */
export function countedRecords(section: Section, number: number): string {
  return counted(number, ...WORDS[section]);
}
