/** Soft hyphen, spaces of no width and the like. */
const UNSEEN = /[\u00ad\u200b\u2060\ufeff]/g;

const BEYOND_ASCII = /[^\p{ASCII}]/u;

/**
 * Texts that people take for the same one have the same form here, whatever their case, how a letter with an accent is
 * written, and what nobody sees.
 */
export function folded(text: string): string {
  // Nearly all are of plain letters, and there are many.
  if (!BEYOND_ASCII.test(text)) return text.toLowerCase();
  return text.replaceAll(UNSEEN, '').normalize('NFC').toLowerCase();
}

/** Which of two spellings of one name stands for it: that which is written, if it differs from the other by case only. */
export function spelledAs(own: string, written: string): string {
  return own.toLowerCase() === written.toLowerCase() ? written : own;
}
