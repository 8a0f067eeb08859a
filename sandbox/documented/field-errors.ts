import type { z } from 'zod';
import { invalid, type FieldError } from '../http/reply.ts';

/** What is wrong, by member: `users[3].email`. */
export function fieldErrors(error: z.ZodError, prefix: readonly PropertyKey[] = []): FieldError[] {
  return error.issues.map((issue) => ({
    field: pathText([...prefix, ...issue.path]),
    message: issue.message,
  }));
}

export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
}

/** @throws Refusal 400 with a list of the fields */
export function check<Value>(schema: z.ZodType<Value>, value: unknown): Value {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalid(fieldErrors(result.error));
}
