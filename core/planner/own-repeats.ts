import { throwIfAborted } from '../../contract/errors.ts';
import { recordCount, type SectionSide } from '../compare/section-side.ts';
import { visitFolds, type FoldOf } from './folds.ts';
import { repeatFilter, type RepeatFilter } from './repeat-filter.ts';

const CHUNKS_BETWEEN_PAUSES = 16;

export type OwnRepeats = Readonly<Record<FoldOf, RepeatFilter>>;

const known = new WeakMap<SectionSide, OwnRepeats>();

/**
 * The e-mail addresses and the names that come twice among the users of a side, all of which are to be created: found in
 * one pass over their text, without looking at a record, and remembered as long as the side is.
 *
 * @returns undefined where the side cannot be read as lines
 * @throws AppError CANCELED; what reading a chunk throws
 */
export async function ownRepeats(side: SectionSide, signal?: AbortSignal): Promise<OwnRepeats | undefined> {
  const { lines, chunks } = side;
  if (!lines) return undefined;
  const found = known.get(side);
  if (found) return found;
  const repeats = { email: repeatFilter(recordCount(side)), name: repeatFilter(recordCount(side)) };
  let read = 0;
  for (const chunk of chunks) {
    throwIfAborted(signal);
    const text = lines.read(chunk);
    visitFolds('email', text, () => repeats.email.addLast());
    visitFolds('name', text, () => repeats.name.addLast());
    // Chunks are often read without waiting: let timers and signals in, or a cancel would never arrive.
    if (++read % CHUNKS_BETWEEN_PAUSES === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const slim = { email: slimmed(repeats.email), name: slimmed(repeats.name) };
  known.set(side, slim);
  return slim;
}

/** Where nothing came twice, which is nearly always, that is all there is to remember. */
function slimmed(repeats: RepeatFilter): RepeatFilter {
  return repeats.hasNone ? repeatFilter(0) : repeats;
}
