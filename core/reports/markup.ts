import { visibleLines } from '../../contract/visible.ts';

/** What XML 1.0 has no way to hold, and what `visible` leaves. */
const IMPOSSIBLE = /[\uFFFE\uFFFF]/g;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Text from outside, as text in HTML or XML: within an element or a quoted attribute. Characters that could not be seen, or
 * that turn the direction of what follows, are written out. Its own line breaks stay.
 */
export function escaped(text: string): string {
  return visibleLines(text)
    .replace(IMPOSSIBLE, (character) => `\\u{${character.codePointAt(0)!.toString(16).toUpperCase()}}`)
    .replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
