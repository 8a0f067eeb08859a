import { throwIfAborted } from '../../../contract/errors.ts';
import { whole } from '../chunks/damage.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import { nextTurn, Reach, type ReachSource } from './reach.ts';
import type { SeqSet } from './seq-set.ts';
import { storedSizes } from './stored-sizes.ts';

/** Snapshots whose cost is told as one: those of a realm, or of the trash. */
export interface CostGroup {
  /** Ids. */
  readonly snapshots: readonly string[];
}

/** In bytes. */
export interface Cost {
  /** Canonical records, each run of them once. */
  readonly distinct: number;
  /** Stored, and needed by no other group. */
  readonly own: number;
  /** Stored, and needed by others as well. */
  readonly shared: number;
}

export interface Costs {
  /** In the order of the groups. */
  readonly groups: readonly Cost[];
  /** Of all groups together; `own`: what is stored of records at all. */
  readonly distinct: number;
  readonly stored: number;
  /** Stored, and needed by no snapshot. */
  readonly unneeded: number;
  /** Snapshots of which not all lists can be read: what these need is not counted. */
  readonly damaged: readonly string[];
}

/** In the array of owners: several groups need it. */
const SEVERAL = -1;

/** What each group of snapshots needs of what is stored. Every snapshot is to be in a group, or its chunks count as unneeded. */
export async function costsOf(
  source: ReachSource,
  groups: readonly CostGroup[],
  signal?: AbortSignal,
): Promise<Costs> {
  const { db } = source;
  const reach = await Reach.over(source, signal);
  const everything = reach.none();
  const sizes = await storedSizes(db, everything.last, signal);
  const listsOf = db
    .prepare<[string], number>(
      'SELECT list FROM snapshot_sections JOIN snapshots ON snapshots.seq = snapshot WHERE id = ?',
    )
    .pluck();
  const owners = new Int32Array(everything.last + 1);
  const damaged: string[] = [];
  const found: { distinct: number; stored: number }[] = [];
  let distinct = 0;
  for (const [at, { snapshots }] of groups.entries()) {
    const needed = reach.none();
    let ofGroup = 0;
    for (const id of snapshots) {
      const { damage } = whole(() => {
        for (const list of withSqliteErrors(() => listsOf.all(id))) {
          ofGroup += reach.addList(needed, list);
          distinct += reach.addList(everything, list);
        }
      });
      if (damage !== undefined) damaged.push(id);
      await nextTurn();
      throwIfAborted(signal);
    }
    reach.addBases(needed);
    found.push({ distinct: ofGroup, stored: claim(owners, needed, sizes, at + 1) });
  }
  const own = Array.from({ length: groups.length + 1 }, () => 0);
  let stored = 0;
  for (const [seq, owner] of owners.entries()) {
    stored += sizes[seq]!;
    if (owner !== SEVERAL) own[owner]! += sizes[seq]!;
  }
  return {
    groups: found.map((group, at) => ({
      distinct: group.distinct,
      own: own[at + 1]!,
      shared: group.stored - own[at + 1]!,
    })),
    distinct,
    stored,
    unneeded: own[0]!,
    damaged,
  };
}

/** Notes who needs each chunk. @returns the bytes of all that this one needs */
function claim(owners: Int32Array, needed: SeqSet, sizes: Uint32Array, owner: number): number {
  let bytes = 0;
  for (let seq = 1; seq < owners.length; seq++) {
    if (!needed.has(seq)) continue;
    owners[seq] = owners[seq] === 0 ? owner : SEVERAL;
    bytes += sizes[seq]!;
  }
  return bytes;
}
