import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { encodeWhole } from '../chunks/chunk-codec.ts';
import { chunkBinding, type ChunkReader } from '../chunks/chunk-reader.ts';
import type { ChunkTable } from '../chunks/chunk-table.ts';
import { whole } from '../chunks/damage.ts';
import type { Seal } from '../seal.ts';
import type { Reach } from './reach.ts';
import type { SeqSet } from './seq-set.ts';
import { ShortSteps } from './short-steps.ts';
import { storedSizes } from './stored-sizes.ts';

export interface ChainTools {
  readonly db: Database;
  readonly seal: Seal;
  readonly table: ChunkTable;
  readonly reader: ChunkReader;
}

/** Rewriting pays where the chain weighs so many times what the chunk takes whole: it has to be read and rebuilt for that. */
const WORTH_IT = 1.5;
/** Rewritten in one transaction: some 200 KB. */
const AT_ONCE = 8;
/** Who reads a chunk that is just being rewritten has read what it was built on well within this. Milliseconds. */
const READ_BY_THEN = 250;

/**
 * Stores a chunk that a snapshot consists of whole, where the chain that it is built on is there for it alone, and weighs
 * more: after half of the records had changed from one snapshot to the next, eight times over, and only the last is kept.
 * The chunk keeps its name and number, so that whatever is built on it stays as it is.
 *
 * @param direct what lists name
 * @param needed that, and what it is built on; what is not any more is taken out
 * @param isAsFound asked in each transaction; where it is not, nothing is done
 * @returns by how many bytes what is stored has grown by that; undefined when it was not so to the end
 */
export async function shortenChains(
  { db, seal, table, reader }: ChainTools,
  reach: Reach,
  { direct, needed }: { readonly direct: SeqSet; readonly needed: SeqSet },
  isAsFound: () => boolean,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const sizes = await storedSizes(db, needed.last, signal);
  const users = dependents(reach, needed);
  const isOnlyFor = (base: number) => users[base] === 1 && !direct.has(base);
  /** What goes with a base that only one chunk is built on. */
  const weightOf = (base: number): number => (isOnlyFor(base) ? sizes[base]! + weightOfBases(base) : 0);
  const weightOfBases = (seq: number): number =>
    reach.basesOf(seq).reduce((sum, base) => sum + weightOf(base), 0);
  const release = (seq: number): void => {
    for (const base of reach.basesOf(seq)) {
      users[base]!--;
      if (users[base] !== 0 || direct.has(base)) continue;
      needed.delete(base);
      release(base);
    }
  };

  /** What it would take whole, about: as much as the whole one at the end of its chain. */
  const guess = (seq: number): number => {
    const [base] = reach.basesOf(seq);
    return base === undefined ? sizes[seq]! : guess(base);
  };

  const steps = new ShortSteps(db, signal, { size: AT_ONCE, most: AT_ONCE });
  let rewritten: { seq: number; sealed: Buffer }[] = [];
  let grown = 0;
  const store = async (): Promise<boolean> => {
    const some = rewritten;
    rewritten = [];
    return await steps.run(() => {
      if (!isAsFound()) return false;
      for (const { seq, sealed } of some) table.replace(seq, sealed);
      return true;
    });
  };
  // From the newest on: what it gives up may then be there for an older one alone.
  for (let seq = needed.last; seq > 0; seq--) {
    if (!direct.has(seq)) continue;
    const chain = sizes[seq]! + weightOfBases(seq);
    if (chain < WORTH_IT * guess(seq)) continue;
    const place = table.place(seq);
    // What is damaged is left alone: a backup may yet heal it.
    const { value: plain } = whole(() => reader.passing(seq));
    if (!place || place.depth === 0 || !plain) continue;
    const sealed = seal.seal(encodeWhole(plain), chunkBinding(place.id, []));
    if (chain < WORTH_IT * sealed.length) continue;
    rewritten.push({ seq, sealed });
    grown += sealed.length - sizes[seq]!;
    release(seq);
    if (rewritten.length === AT_ONCE && !(await store())) return undefined;
  }
  if (rewritten.length > 0 && !(await store())) return undefined;
  if (grown > 0) await sleep(READ_BY_THEN);
  return grown;
}

/** How many needed chunks are built on each. */
function dependents(reach: Reach, needed: SeqSet): Uint32Array {
  const users = new Uint32Array(needed.last + 1);
  for (let seq = needed.last; seq > 0; seq--)
    if (needed.has(seq)) for (const base of reach.basesOf(seq)) users[base]!++;
  return users;
}
