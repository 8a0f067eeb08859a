/** The kinds of record a realm consists of, in the order in which they are captured, shown and applied. */
export const SECTIONS = [
  'realm',
  'roles',
  'groups',
  'clients',
  'policies',
  'users',
  'credentials',
  'socialLinks',
] as const;

export type Section = (typeof SECTIONS)[number];

export function isSection(word: string): word is Section {
  return (SECTIONS as readonly string[]).includes(word);
}

/** What a record of each section is called, and several. */
export const SECTION_WORDS: Readonly<Record<Section, readonly [one: string, several: string]>> = {
  realm: ['realm', 'realms'],
  roles: ['role', 'roles'],
  groups: ['group', 'groups'],
  clients: ['client', 'clients'],
  policies: ['policy', 'policies'],
  users: ['user', 'users'],
  credentials: ['credential', 'credentials'],
  socialLinks: ['social link', 'social links'],
};

/** A choice of sections; all of them are none: undefined. */
export function narrowed(sections: readonly Section[] | undefined): Section[] | undefined {
  if (sections === undefined || SECTIONS.every((section) => sections.includes(section))) return undefined;
  return [...sections];
}
