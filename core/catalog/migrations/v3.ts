import { SCHEMA_V3_RETENTION } from './v3-retention.ts';
import { SCHEMA_V3_SCHEDULES } from './v3-schedules.ts';

/** Version 3, by topics. */
export const SCHEMA_V3 = SCHEMA_V3_RETENTION + SCHEMA_V3_SCHEDULES;
