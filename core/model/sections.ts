import { SECTIONS, type Section } from '../../contract/sections.ts';

export { isSection, SECTIONS, type Section } from '../../contract/sections.ts';

/** A choice of sections; all of them are none: undefined. */
export function narrowed(sections: readonly Section[] | undefined): Section[] | undefined {
  if (sections === undefined || SECTIONS.every((section) => sections.includes(section))) return undefined;
  return [...sections];
}

/** A table with one entry for each section. */
export function perSection<T>(entry: (section: Section) => T): Readonly<Record<Section, T>> {
  return Object.fromEntries(SECTIONS.map((section) => [section, entry(section)])) as Record<Section, T>;
}
