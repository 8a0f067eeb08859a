import type { z } from 'zod';
import type { Element } from '../http/json-stream.ts';
import { invalid, type FieldError } from '../http/reply.ts';
import { fieldErrors } from './field-errors.ts';

/** An answer lists no more; the rest would say the same. */
export const LISTED = 100;

export interface Checked<Value> {
  readonly index: number;
  readonly value: Value;
}

/** Checks the elements of a body as they come and remembers what is wrong with them, up to a hundred findings. */
export class ElementChecker {
  readonly #errors: FieldError[] = [];

  check<Value>(schema: z.ZodType<Value>, member: string, elements: readonly Element[]): Checked<Value>[] {
    const good: Checked<Value>[] = [];
    for (const { index, value } of elements) {
      const result = schema.safeParse(value);
      if (result.success) good.push({ index, value: result.data });
      else this.add(fieldErrors(result.error, [member, index]));
    }
    return good;
  }

  add(errors: readonly FieldError[]): void {
    this.#errors.push(...errors.slice(0, LISTED - this.#errors.length));
  }

  /** @throws Refusal 400 when anything was wrong */
  finish(): void {
    if (this.#errors.length > 0) throw invalid(this.#errors);
  }
}
