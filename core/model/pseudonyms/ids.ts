/** UUIDs as they are written, with hyphens or without. */
const UUID =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/gi;
const WHOLE = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const HYPHENATED = 36;

export interface Id {
  readonly start: number;
  readonly end: number;
  /** With hyphens, in lower case. */
  readonly uuid: string;
  /** Hardly anything else: 32 digits may also be a hash. */
  readonly isPlain: boolean;
}

export function idsIn(text: string): Id[] {
  if (text.length < 32) return [];
  return [...text.matchAll(UUID)].map(({ 0: written, index }) => ({
    start: index,
    end: index + written.length,
    uuid: uuidOf(written)!,
    isPlain: written.length === HYPHENATED,
  }));
}

/** With hyphens, in lower case; undefined: it is none. */
export function uuidOf(text: string): string | undefined {
  if (!WHOLE.test(text)) return undefined;
  const lower = text.toLowerCase();
  if (lower.length === HYPHENATED) return lower;
  return lower.replaceAll('-', '').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A UUID written as another one is. */
export function writtenLike(written: string, uuid: string): string {
  const made = written.includes('-') ? uuid : uuid.replaceAll('-', '');
  return written === written.toUpperCase() && written !== written.toLowerCase() ? made.toUpperCase() : made;
}
