/** Texts that people take for the same one have the same form here: case, and how a letter with an accent is written. */
export function folded(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/** Which of two spellings of one name stands for it: that which is written, if it differs from the other by case only. */
export function spelledAs(own: string, written: string): string {
  return own.toLowerCase() === written.toLowerCase() ? written : own;
}
