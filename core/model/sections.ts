import { SECTIONS, type Section } from '../../contract/sections.ts';

export { isSection, narrowed, SECTIONS, type Section } from '../../contract/sections.ts';

/** A table with one entry for each section. */
export function perSection<T>(entry: (section: Section) => T): Readonly<Record<Section, T>> {
  return Object.fromEntries(SECTIONS.map((section) => [section, entry(section)])) as Record<Section, T>;
}
