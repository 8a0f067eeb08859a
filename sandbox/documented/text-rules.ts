import { z } from 'zod';

/** What PostgreSQL can store: no NUL, no half of a surrogate pair. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

function codePoints(value: string): number {
  return Array.from(value).length;
}

/** A string for a `varchar(limit)` column: the limit counts characters (code points), not UTF-16 units. */
export function text(limit: number): z.ZodString {
  return z
    .string({ error: (issue) => (issue.input === undefined ? 'is required' : 'must be a string') })
    .refine(isStorable, 'must not contain NUL or unpaired surrogates')
    .refine(
      (value) => value.length <= limit || codePoints(value) <= limit,
      `must not be longer than ${limit} characters`,
    );
}

export function requiredText(limit: number): z.ZodString {
  return text(limit).refine((value) => value.trim() !== '', 'must not be blank');
}

/** A `text` column has no limit of its own; one member of a document has. */
export const LONG_TEXT = 100_000;

export const flag = z.boolean({ error: 'must be a boolean' });

export const seconds = z
  .int({ error: 'must be an integer' })
  .min(1, 'must be at least 1')
  .max(2_147_483_647, 'must be at most 2147483647');

export const REALM_NAME = /^[a-z0-9-]+$/;

export const realmName = requiredText(255).refine(
  (value) => REALM_NAME.test(value),
  'must match ^[a-z0-9-]+$',
);
