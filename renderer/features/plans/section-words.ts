import { SECTION_WORDS, type Section } from '../../../contract/sections.ts';
import { counted } from '../../design/moments.ts';

/** "1 user", "1,203 users". */
export function countedRecords(section: Section, number: number): string {
  return counted(number, ...SECTION_WORDS[section]);
}
