import { throwIfAborted } from '../../contract/errors.ts';
import { compareSection } from '../compare/compare-section.ts';
import type { Difference, Stretch } from '../compare/difference.ts';
import type { SectionSide } from '../compare/section-side.ts';

/** Bytes of lines, of one section: some ten thousand users that differ. */
const MOST_BYTES = 12_000_000;

const remembered = new WeakMap<SectionSide, WeakMap<SectionSide, readonly Stretch[]>>();

/**
 * As `compareSection`, for sides that are compared several times, as a plan is derived in many passes: where little
 * differs, the differences are remembered as long as the sides are, and only the first pass reads chunks. Records that
 * are the same to the byte are only counted.
 *
 * @throws AppError CANCELED; what `readChunk` throws
 */
export async function* stretchesBetween(
  left: SectionSide,
  right: SectionSide,
  signal?: AbortSignal,
): AsyncIterable<Stretch> {
  const known = remembered.get(left)?.get(right);
  if (known) {
    for (const stretch of known) {
      throwIfAborted(signal);
      yield stretch;
    }
    return;
  }
  let kept: Stretch[] | undefined = [];
  let bytes = 0;
  for await (const whole of compareSection(left, right, signal)) {
    for (const stretch of withoutEqual(whole)) {
      if (kept && stretch.kind === 'records') bytes += sizeOf(stretch.records);
      if (bytes > MOST_BYTES) kept = undefined;
      kept?.push(stretch.kind === 'equal' ? stretch : { ...stretch, records: stretch.records.map(copied) });
      yield stretch;
    }
  }
  if (!kept) return;
  const ofLeft = remembered.get(left) ?? new WeakMap<SectionSide, readonly Stretch[]>();
  remembered.set(left, ofLeft.set(right, kept));
}

function* withoutEqual(stretch: Stretch): Iterable<Stretch> {
  if (stretch.kind === 'equal' || !stretch.records.some(isEqual)) {
    yield stretch;
    return;
  }
  let records: Difference[] = [];
  let count = 0;
  for (const d of stretch.records) {
    if (isEqual(d)) {
      if (records.length > 0) yield { kind: 'records', records };
      records = [];
      count++;
      continue;
    }
    if (count > 0) yield { kind: 'equal', count };
    count = 0;
    records.push(d);
  }
  if (records.length > 0) yield { kind: 'records', records };
  if (count > 0) yield { kind: 'equal', count };
}

function isEqual(d: Difference): boolean {
  return d.kind === 'same' && d.left.equals(d.right);
}

function sizeOf(records: readonly Difference[]): number {
  return records.reduce(
    (sum, d) => sum + (d.kind === 'added' ? 0 : d.left.length) + (d.kind === 'removed' ? 0 : d.right.length),
    0,
  );
}

/** A line shares the memory of its whole chunk, which must not be held for it. */
function copied(d: Difference): Difference {
  if (d.kind === 'added') return { ...d, right: Buffer.from(d.right) };
  if (d.kind === 'removed') return { ...d, left: Buffer.from(d.left) };
  return { ...d, left: Buffer.from(d.left), right: Buffer.from(d.right) };
}
