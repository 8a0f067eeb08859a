/**
 * Knows the secrets of one connector and takes them out of any text that came from a server: some echo what they were
 * sent. Nothing here can be printed: private members only.
 */
export class Scrubber {
  readonly #permanent: string[];
  #tokens: string[] = [];

  constructor(secrets: readonly string[]) {
    this.#permanent = secrets.flatMap(spellings);
  }

  /** Tokens come and go; the last few can still be echoed. */
  addToken(token: string): void {
    this.#tokens = [...spellings(token), ...this.#tokens].slice(0, 12);
  }

  clean(text: string): string {
    let cleaned = text;
    for (const secret of [...this.#permanent, ...this.#tokens])
      cleaned = cleaned.replaceAll(secret, '<hidden>');
    return cleaned;
  }
}

function spellings(secret: string): string[] {
  if (secret === '') return [];
  const form = new URLSearchParams({ x: secret }).toString().slice(2);
  return [...new Set([secret, encodeURIComponent(secret), form, JSON.stringify(secret).slice(1, -1)])];
}
