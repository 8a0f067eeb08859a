import { SCHEMA_V1 } from './v1.ts';
import { SCHEMA_V2 } from './v2.ts';
import { SCHEMA_V3 } from './v3.ts';

/** What brings a catalog from version `n` to `n + 1`, at index `n`. Never change one that was released: add the next. */
export const MIGRATIONS: readonly string[] = [SCHEMA_V1, SCHEMA_V2, SCHEMA_V3];
