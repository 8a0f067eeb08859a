import { SCHEMA_V1 } from './v1.ts';

/** What brings a catalog from version `n` to `n + 1`, at index `n`. Never change one that was released: add the next. */
export const MIGRATIONS: readonly string[] = [SCHEMA_V1];
