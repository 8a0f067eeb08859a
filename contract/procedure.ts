import { oc } from '@orpc/contract';
import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from './errors.ts';

const errorData = z.object({
  notChanged: z.string(),
  remedy: z.string(),
  details: z.record(z.string(), z.unknown()),
});

const errors = Object.fromEntries(ERROR_CODES.map((code) => [code, { data: errorData }])) as Record<
  ErrorCode,
  { data: typeof errorData }
>;

/** Every procedure answers with one of our errors, or with its output. */
export const procedure = oc.errors(errors);
