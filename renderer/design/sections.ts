import { SECTION_WORDS, SECTIONS, type Section } from '../../contract/sections.ts';
import { counted } from './moments.ts';

/** What the sections of a realm are called where people read them. */
export const SECTION_NAMES = {
  realm: 'Realm settings',
  roles: 'Roles',
  groups: 'Groups',
  clients: 'Clients',
  policies: 'Policies',
  users: 'Users',
  credentials: 'Credentials',
  socialLinks: 'Social links',
} as const satisfies Record<Section, string>;

/** "2,000 users, 12 roles, 8 clients": of what there is, what people look for first. */
export function contents(counts: Partial<Record<Section, number>>): string {
  const order = ['users', ...SECTIONS.filter((section) => section !== 'users')] as const;
  const parts = order.flatMap((section) => {
    const number = counts[section];
    if (section === 'realm' || number === undefined || number === 0) return [];
    return [counted(number, ...SECTION_WORDS[section])];
  });
  return parts.length > 0 ? parts.join(', ') : 'settings only';
}
