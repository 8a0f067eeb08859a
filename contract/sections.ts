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
