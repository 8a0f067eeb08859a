import type { ApplyResult } from './job.ts';

/** How many records of its file a seeding left out although nobody had asked for that: it did not do all that it was to do. */
export function leftOutUnasked({ leftOut }: ApplyResult): number {
  return leftOut ? leftOut.count - leftOut.asked : 0;
}
