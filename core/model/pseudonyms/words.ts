/** Letters and digits of any script; what stands between them joins or separates. */
const WORD = /[\p{L}\p{M}\p{N}]+/gu;
/** Between the words of one name: "jonathan.quimby", "Quimby, Jonathan", "CORP\jquimby"; not from one part of a path to the next. */
const JOINT = /^[^\p{L}\p{M}\p{N}/\r\n]{1,3}$/u;

export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export function wordsOf(text: string): Word[] {
  return [...text.matchAll(WORD)].map((match) => ({
    text: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** Whether the two, one after the other, may be of one name. */
export function areJoined(text: string, one: Word, next: Word): boolean {
  return next.start - one.end <= 6 && JOINT.test(text.slice(one.end, next.start));
}

export function pairOf(one: string, next: string): string {
  return `${one} ${next}`;
}
