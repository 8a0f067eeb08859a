import { SCHEMA_V3_RETENTION } from './v3-retention.ts';

/** Version 3, by topics. */
export const SCHEMA_V3 = SCHEMA_V3_RETENTION;
