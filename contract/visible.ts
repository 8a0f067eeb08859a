/**
 * What must not reach a terminal from data: control characters (escape sequences, line breaks, backspaces), marks that
 * turn the writing direction of what follows, and characters that are there without being seen. Joiners stay: many
 * scripts and emoji need them.
 */
const DANGEROUS =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\u00AD\u180E\u200B\u2060-\u2064\u206A-\u206F\uFEFF\uFFF9-\uFFFB]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Text from outside as it may be printed: data cannot forge terminal output. A key's NUL separator shows as a slash. */
export function visible(text: string): string {
  return text.replaceAll('\u0000', '/').replace(DANGEROUS, escape);
}

/** A name inside a sentence. */
export function quoted(text: string): string {
  return `“${visible(text)}”`;
}

/** A sentence of ours that may carry data: its own line breaks stay, indented so that none can pass for a line of ours. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n  ');
}

/** JSON that is as harmless on a terminal; any parser reads the same values from it. */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value).replace(DANGEROUS, jsonEscape);
}

function escape(character: string): string {
  return SHORT[character] ?? `\\u{${character.codePointAt(0)!.toString(16).toUpperCase()}}`;
}

function jsonEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
