import type { FoundAgain } from './job.ts';

/** What stood there of a record that had failed, once the target was read again. */
export const FOUND_SENTENCES: Readonly<Record<FoundAgain, string>> = {
  'as-promised': 'Read again afterwards, it is as promised.',
  'as-before': 'Read again afterwards, it is as it was before.',
  absent: 'Read again afterwards, it is not there.',
  other: 'Read again afterwards, it is there, but neither as promised nor as it was before.',
};

/** Why a record failed, and what stood there afterwards, where that is known. */
export function failureText(reason: string, found: FoundAgain | undefined): string {
  if (found === undefined) return reason;
  return `${reason}${/[.!?…]$/.test(reason) ? '' : '.'} ${FOUND_SENTENCES[found]}`;
}
