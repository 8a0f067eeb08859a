import type { Section } from '../../../contract/sections.ts';

/** What a single record of a section is called, inside a sentence. */
export const ONE: Readonly<Record<Section, string>> = {
  realm: 'realm’s settings',
  roles: 'role',
  groups: 'group',
  clients: 'client',
  policies: 'policy',
  users: 'user',
  credentials: 'credential',
  socialLinks: 'social link',
};
