import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { catalogView, recoveryKeyInput, wayIn } from './catalog-folder.ts';
import { jobProgress } from './job.ts';
import { procedure } from './procedure.ts';
import { damageView } from './snapshot.ts';

export const repairView = z.object({
  /** The damaged catalog's folder, which is left as it is. */
  from: z.string(),
  /** The new one's; null when it was only tried. */
  to: z.string().nullable(),
  /** What is wrong with the old one's files, a sentence each. */
  damage: z.array(z.string()),
  /** What the new one has. */
  kept: z.object({
    snapshots: z.number().int(),
    environments: z.number().int(),
    plans: z.number().int(),
    jobs: z.number().int(),
    schedules: z.number().int(),
  }),
  /** What the old one had and the new one has not, as far as it can still be named. */
  lost: z.array(damageView),
});
export type RepairView = z.infer<typeof repairView>;

export const moveView = z.object({
  /** Absolute folders. */
  from: z.string(),
  to: z.string(),
  bytes: z.number().int(),
  /** What could not be removed of the old one, as a sentence. */
  leftBehind: z.string().optional(),
});
export type MoveView = z.infer<typeof moveView>;

export const compactView = z.object({
  dir: z.string(),
  /** Sizes of its file, in bytes. */
  before: z.number().int(),
  after: z.number().int(),
  /** Whether it gave free space back by itself before; it does so now. */
  shrank: z.boolean(),
});
export type CompactView = z.infer<typeof compactView>;

/** Of work without a job: its progress, and at last its result. */
const progressEvent = z.object({ progress: jobProgress });
const moveEvent = z.union([progressEvent, z.object({ result: moveView })]);
const compactEvent = z.union([progressEvent, z.object({ result: compactView })]);
export const repairEvent = z.union([progressEvent, z.object({ result: repairView })]);

const moveInput = z.strictObject({ to: z.string().min(1) });
export const repairInput = z.strictObject({
  /** Absolute; not given: the old one's folder with “-repaired” at its end. */
  to: z.string().min(1).optional(),
  /** Only tells what would be kept and lost. */
  dryRun: z.boolean().default(false),
});

/** What can be asked of a catalog that no engine has open: where none can open it, or none may. */
export const maintenanceContract = {
  /** Needs no key. */
  show: procedure.output(catalogView),
  /** Whether this key opens the catalog. Needs no other key. */
  checkRecoveryKey: procedure.input(recoveryKeyInput).output(wayIn),
  /** Moves the catalog into another folder; the old one is removed when the new one has been proved. */
  move: procedure.input(moveInput).output(eventIterator(moveEvent)),
  /** Writes the catalog's file anew, without the free space in it. Cannot be stopped once it is being written. */
  compact: procedure.output(eventIterator(compactEvent)),
  /** Makes a new catalog of what is whole in a damaged one. */
  repair: procedure.input(repairInput).output(eventIterator(repairEvent)),
};
