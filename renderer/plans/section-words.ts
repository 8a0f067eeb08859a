import type { Section } from '../../contract/sections.ts';
import { counted } from '../design/moments.ts';

/** Sections as headings. */
export const SECTION_TITLES: Readonly<Record<Section, string>> = {
  realm: 'Realm settings',
  roles: 'Roles',
  groups: 'Groups',
  clients: 'Clients',
  policies: 'Policies',
  users: 'Users',
  credentials: 'Credentials',
  socialLinks: 'Social links',
};

const ONE: Readonly<Record<Section, readonly [string, string]>> = {
  realm: ['realm', 'realms'],
  roles: ['role', 'roles'],
  groups: ['group', 'groups'],
  clients: ['client', 'clients'],
  policies: ['policy', 'policies'],
  users: ['user', 'users'],
  credentials: ['credential', 'credentials'],
  socialLinks: ['social link', 'social links'],
};

/** One record of a section: "user". */
export function recordWord(section: Section): string {
  return ONE[section][0];
}

/** "1 user", "1,203 users". */
export function countedRecords(section: Section, number: number): string {
  return counted(number, ...ONE[section]);
}
