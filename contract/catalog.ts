import { z } from 'zod';
import { duration } from './retention.ts';
import { series } from './series.ts';

const bytes = z.int();

/** What was not stored, in bytes: because it is stored once already, and because what is stored is compressed. */
const savedView = z.object({ deduplication: bytes, compression: bytes });

/** What a realm of one environment, or as archives or files brought it, costs. All sizes are bytes. */
const realmStats = series.extend({
  /** Backups and imported files. */
  snapshots: z.int(),
  /** Snapshots taken of a target around a job or a preview. */
  around: z.int(),
  /** When the newest of them was taken: of what archives brought, where it comes from. */
  newest: z.string(),
  /** Canonical records of all its snapshots together, as if each were a file of its own. */
  content: bytes,
  /** Stored, and needed by this realm alone: so much would become free without it. */
  own: bytes,
  /** Stored, and needed by others as well. */
  shared: bytes,
  saved: savedView,
});

export const catalogStats = z.object({
  realms: z.array(realmStats),
  trash: z.object({
    snapshots: z.int(),
    /** Needed by snapshots in the trash alone. */
    bytes,
    /** How long they stay there. */
    grace: duration,
  }),
  total: z.object({
    snapshots: z.int(),
    content: bytes,
    /** Everything that is stored of records. */
    stored: bytes,
    saved: savedView,
    /** Of it, what no snapshot needs any more: it becomes free with the next prune. */
    unneeded: bytes,
  }),
  file: z.object({
    /** Size of the catalog's file, and of its write-ahead log. */
    bytes,
    log: bytes,
    /** Empty space within the file, which is filled before it grows. */
    free: bytes,
    /** Whether pruning also makes the file smaller; not of a catalog that an older Drawbridge made, which fills its gaps again. */
    shrinks: z.boolean(),
  }),
  /** Snapshots of which not everything can be read: what they need is not known, and while there are any, nothing is freed. */
  damaged: z.array(z.string()),
});
export type CatalogStats = z.infer<typeof catalogStats>;
