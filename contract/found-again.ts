import { z } from 'zod';

/**
 * What stood there of a record that had failed, when the target was read again after the writing: `other`: it was there, neither
 * as promised nor as before.
 */
export const FOUND_AGAIN = ['as-promised', 'as-before', 'absent', 'other'] as const;
export const foundAgain = z.enum(FOUND_AGAIN);
export type FoundAgain = z.infer<typeof foundAgain>;

/** What stood there of a record that had failed, once the target was read again. */
export const FOUND_SENTENCES: Readonly<Record<FoundAgain, string>> = {
  'as-promised': 'Read again afterwards, it is as promised.',
  'as-before': 'Read again afterwards, it is as it was before.',
  absent: 'Read again afterwards, it is not there.',
  other: 'Read again afterwards, it is there, but neither as promised nor as it was before.',
};

/** Of a record that failed, such as a user who was created and could not be given a role: whether it is there all the same. */
export function isThere(found: FoundAgain | undefined): boolean {
  return found === 'as-promised' || found === 'other';
}

/** Why a record failed, and what stood there afterwards, where that is known. */
export function failureText(reason: string, found: FoundAgain | undefined): string {
  if (found === undefined) return reason;
  return `${reason}${/[.!?…]$/.test(reason) ? '' : '.'} ${FOUND_SENTENCES[found]}`;
}
