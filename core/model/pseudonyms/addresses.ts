/** An e-mail address in a text, as far as its form tells. */
export interface Address {
  readonly start: number;
  readonly end: number;
  /** How far else it may reach, if it is known that there is such an address; the longest first. */
  readonly others: readonly { readonly start: number; readonly end: number }[];
}

// Generous: better an address too many than one that stays. Characters beyond ASCII count as letters, with their marks and
// the joiners that some scripts need.
const LOCAL = /^[\p{L}\p{M}\p{N}\p{Join_Control}.!#$%&'*+/=?^_`{|}~-]$/u;
const DOMAIN =
  /[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}\p{Join_Control}._-]*[\p{L}\p{M}\p{N}])?|\[[0-9a-f:.]+\]/iuy;
const WHOLE =
  /^[\p{L}\p{M}\p{N}\p{Join_Control}.!#$%&'*+/=?^_`{|}~-]+@[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}\p{Join_Control}._-]*[\p{L}\p{M}\p{N}])?$/u;
/** Allowed in an address, and nearly always what stands before one: in paths, queries, templates, quotes. */
const SEPARATORS = "/=&?#|{}$!*%^`~'";
const LETTER = /^[\p{L}\p{M}\p{N}]/u;
/** Of places where an address may begin, those that are nearest to its “@”. */
const MOST_STARTS = 8;

export function isAddress(text: string): boolean {
  return WHOLE.test(text);
}

/** From left to right. In linear time: no character is looked at for more than two of them. */
export function addressesIn(text: string): Address[] {
  const found: Address[] = [];
  let done = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const widest = localFrom(text, done, at);
    DOMAIN.lastIndex = at + 1;
    const domain = widest === at ? undefined : DOMAIN.exec(text)?.[0];
    if (domain === undefined) continue;
    const end = at + 1 + domain.length;
    const { start, starts } = startsIn(text, widest, at);
    const cut = text.slice(0, end).indexOf('_', at);
    const ends = cut < 0 ? [end] : [end, cut];
    found.push({
      start,
      end,
      others: starts.flatMap((from) => ends.map((to) => ({ start: from, end: to }))),
    });
    done = end;
  }
  return found;
}

/** Where what may be the part before the “@” begins. */
function localFrom(text: string, from: number, at: number): number {
  let start = at;
  while (start > from) {
    const low = text.charCodeAt(start - 1);
    const width = low >= 0xdc00 && low <= 0xdfff && start - 1 > from ? 2 : 1;
    if (!LOCAL.test(text.slice(start - width, start))) break;
    start -= width;
  }
  return start;
}

function startsIn(text: string, widest: number, at: number): { start: number; starts: number[] } {
  const starts: number[] = [];
  let start: number | undefined;
  for (let i = at - 1; i >= widest && starts.length < MOST_STARTS; i--) {
    if (!SEPARATORS.includes(text[i]!)) continue;
    if (i + 1 < at) starts.push(i + 1);
    // "o'brien" is one name.
    if (text[i] !== "'" || i === widest || !LETTER.test(text[i - 1]!)) start ??= i + 1;
  }
  starts.push(widest);
  // A line feed as a program writes it: "\nann@corp.example".
  if (text[widest - 1] === '\\' && 'nrt'.includes(text[widest]!) && widest + 1 < at) starts.push(widest + 1);
  start ??= widest;
  let trimmed = start;
  while (trimmed < at && ".-_+'".includes(text[trimmed]!)) trimmed++;
  // Where nothing but separators stands before the “@”, all of them do.
  const chosen = trimmed < at ? trimmed : start < at ? start : widest;
  return { start: chosen, starts: [...new Set([...starts, chosen])].toSorted((a, b) => a - b) };
}
