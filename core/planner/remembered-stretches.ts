import { throwIfAborted } from '../../contract/errors.ts';
import { compareSection } from '../compare/compare-section.ts';
import type { Difference, Stretch } from '../compare/difference.ts';
import { inOwnMemory } from '../compare/own-memory.ts';
import type { SectionSide } from '../compare/section-side.ts';

/** Bytes of lines, of one section: some forty thousand users that differ. */
const MOST_BYTES = 24_000_000;

type Kept = readonly Stretch[] | 'too much';

const remembered = new WeakMap<SectionSide, WeakMap<SectionSide, Kept>>();

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
  if (known && known !== 'too much') {
    for (const stretch of known) {
      throwIfAborted(signal);
      yield stretch;
    }
    return;
  }
  const memory = new StretchMemory();
  for await (const whole of compareSection(left, right, signal)) {
    for (const stretch of withoutEqual(whole)) {
      if (!known) memory.keep(stretch);
      yield stretch;
    }
  }
  if (!known) remember(left, right, memory.kept);
}

interface Looking {
  readonly see?: (chunk: SectionSide['chunks'][number], text: Buffer) => void;
  readonly meet?: (records: readonly Difference[]) => void;
}

/**
 * All differences at once, where they are few enough to be remembered; undefined otherwise, and then no more is read
 * than it takes to find that out.
 *
 * @param looking.see is shown the text of chunks that are read of the left side, if they are read for the first time
 * @param looking.meet is shown what differs, as it is found
 * @throws AppError CANCELED; what reading a chunk throws
 */
export async function fewDifferences(
  left: SectionSide,
  right: SectionSide,
  signal?: AbortSignal,
  { see, meet }: Looking = {},
): Promise<readonly Stretch[] | undefined> {
  const known = remembered.get(left)?.get(right);
  if (known) return known === 'too much' ? undefined : known;
  const memory = new StretchMemory();
  for await (const whole of compareSection(see ? shown(left, see) : left, right, signal)) {
    for (const stretch of withoutEqual(whole)) {
      memory.keep(stretch);
      if (stretch.kind === 'records') meet?.(stretch.records);
    }
    if (memory.kept === 'too much') break;
  }
  remember(left, right, memory.kept);
  return memory.kept === 'too much' ? undefined : memory.kept;
}

function remember(left: SectionSide, right: SectionSide, kept: Kept): void {
  const ofLeft = remembered.get(left) ?? new WeakMap<SectionSide, Kept>();
  remembered.set(left, ofLeft.set(right, kept));
}

class StretchMemory {
  #stretches: Stretch[] = [];
  #bytes = 0;

  get kept(): Kept {
    return this.#bytes > MOST_BYTES ? 'too much' : this.#stretches;
  }

  keep(stretch: Stretch): void {
    if (stretch.kind === 'records') this.#bytes += sizeOf(stretch.records);
    if (this.#bytes > MOST_BYTES) this.#stretches = [];
    else
      this.#stretches.push(
        stretch.kind === 'equal' ? stretch : { ...stretch, records: copied(stretch.records) },
      );
  }
}

/** The side, with somebody looking over the reader's shoulder. */
function shown(side: SectionSide, see: NonNullable<Looking['see']>): SectionSide {
  const { lines } = side;
  if (!lines) return side;
  return {
    ...side,
    lines: {
      ...lines,
      read(chunk) {
        const text = lines.read(chunk);
        see(chunk, text);
        return text;
      },
    },
  };
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

/** A line may share the memory of its whole chunk, which must not be held for it. */
function copied(records: readonly Difference[]): Difference[] {
  const lines = inOwnMemory(
    records.flatMap((d) => [
      ...(d.kind === 'added' ? [] : [d.left]),
      ...(d.kind === 'removed' ? [] : [d.right]),
    ]),
  );
  let next = 0;
  return records.map((d) => {
    if (d.kind === 'added') return { ...d, right: lines[next++]! };
    if (d.kind === 'removed') return { ...d, left: lines[next++]! };
    return { ...d, left: lines[next++]!, right: lines[next++]! };
  });
}
