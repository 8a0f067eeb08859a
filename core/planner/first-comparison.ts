import { throwIfAborted } from '../../contract/errors.ts';
import type { Difference } from '../compare/difference.ts';
import { findLine } from '../compare/find-line.ts';
import type { SectionSide } from '../compare/section-side.ts';
import { compareKeys } from '../model/key-order.ts';
import { FoldIndex } from './fold-index.ts';
import type { FoldOf } from './folds.ts';
import { ownersIn, type OwnedSection } from './owner-of.ts';
import { fewDifferences } from './remembered-stretches.ts';
import { sectionPlan, type PlanInputs } from './section-plan.ts';

const CHUNKS_BETWEEN_PAUSES = 16;
const OWNED: readonly OwnedSection[] = ['credentials', 'socialLinks'];

/** On which sides a user is; `same` also where nobody looked any closer. */
export type UserPlace = Difference['kind'] | 'nowhere';

/** What one pass over the users of both sides finds out, where little differs. */
export interface FirstComparison {
  /** How many users there are to be decided on. */
  readonly differing: number;
  /** Of those to whom credentials and links that differ belong; undefined for others. */
  placeOf(username: string): UserPlace | undefined;
  /** The texts of all users of the target; undefined where there are too many. @throws as `firstComparison` */
  standing(of: FoldOf, signal?: AbortSignal): Promise<FoldIndex | undefined>;
}

const known = new WeakMap<SectionSide, WeakMap<SectionSide, FirstComparison | 'too much'>>();

/**
 * Compares what belongs to users and then the users, before anything is planned. The differences are remembered
 * (remembered-stretches.ts); and while the target's users are at hand as text, what else has to be known of them is
 * looked up in it: their e-mail addresses, and whether those are there to whom belongs what differs. Later, each of
 * these would take a pass of its own.
 *
 * @returns undefined where much differs, or where the target has no users or is replaced
 * @throws AppError CANCELED; what reading a chunk throws
 */
export async function firstComparison(inputs: PlanInputs): Promise<FirstComparison | undefined> {
  const { target, source, mode } = sectionPlan(inputs, 'users');
  if (!source || mode === 'overwrite' || mode === 'remove') return undefined;
  if (!target.lines || target.chunks.length === 0) return undefined;
  const found = known.get(target)?.get(source) ?? (await compared(inputs, target, source)) ?? 'too much';
  const ofTarget = known.get(target) ?? new WeakMap<SectionSide, FirstComparison | 'too much'>();
  known.set(target, ofTarget.set(source, found));
  return found === 'too much' ? undefined : found;
}

async function compared(
  inputs: PlanInputs,
  target: SectionSide,
  source: SectionSide,
): Promise<FirstComparison | undefined> {
  const { signal } = inputs;
  const present = new PresentUsers(target, await differingOwners(inputs));
  const emails = FoldIndex.of('email', target);
  // Until the first new address is met, nobody will ask for those that are there.
  let needsEmails = false;
  const stretches = await fewDifferences(target, source, signal, {
    see(chunk, text) {
      if (needsEmails) emails?.see(chunk, text);
      present.see(chunk, text);
    },
    meet(records) {
      needsEmails ||= records.some(bringsEmail);
    },
  });
  if (!stretches) return undefined;
  await present.complete(signal);
  const differing = new Map<string, UserPlace>();
  let count = 0;
  for (const stretch of stretches) {
    if (stretch.kind === 'equal') continue;
    count += stretch.records.length;
    for (const { kind, key } of stretch.records) if (present.has(key) !== undefined) differing.set(key, kind);
  }
  let names: FoldIndex | undefined;
  return {
    differing: count,
    placeOf(username) {
      const isPresent = present.has(username);
      if (isPresent === undefined) return undefined;
      return differing.get(username) ?? (isPresent ? 'same' : 'nowhere');
    },
    async standing(of, ofCaller) {
      const index = of === 'email' ? emails : (names ??= FoldIndex.of('name', target));
      await index?.complete(ofCaller);
      return index;
    },
  };
}

function bringsEmail(d: Difference): boolean {
  return d.kind === 'added' || (d.kind === 'changed' && d.changes.some(({ member }) => member === 'email'));
}

/** The users to whom what differs belongs; none where that is too much to be remembered. */
async function differingOwners(inputs: PlanInputs): Promise<ReadonlySet<string>> {
  const owners = new Set<string>();
  for (const section of OWNED) {
    const { target, source } = sectionPlan(inputs, section);
    const stretches = source && (await fewDifferences(target, source, inputs.signal));
    for (const owner of ownersIn(section, stretches ?? [])) owners.add(owner);
  }
  return owners;
}

/** Tells of some users whether they are on a side. */
class PresentUsers {
  readonly #side: SectionSide;
  readonly #asked: readonly string[];
  readonly #present = new Map<string, boolean>();
  readonly #seen = new Set<string>();

  constructor(side: SectionSide, asked: ReadonlySet<string>) {
    this.#side = side;
    this.#asked = [...asked].sort(compareKeys);
  }

  /** Undefined: was not asked for. */
  has(username: string): boolean | undefined {
    return this.#present.get(username);
  }

  /** Looks for those asked for who would stand in this chunk. */
  see(chunk: SectionSide['chunks'][number], text: Buffer): void {
    if (this.#seen.has(chunk.id)) return;
    this.#seen.add(chunk.id);
    const { key } = this.#side.lines!;
    const last = key(text, text.lastIndexOf(0x0a, text.length - 2) + 1, text.length - 1);
    for (let i = firstFrom(this.#asked, chunk.firstKey); i < this.#asked.length; i++) {
      const username = this.#asked[i]!;
      if (compareKeys(username, last) > 0) break;
      this.#present.set(username, findLine(text, username, key) >= 0);
    }
  }

  /** Reads what is needed and was not seen. */
  async complete(signal?: AbortSignal): Promise<void> {
    const { chunks, lines } = this.#side;
    let read = 0;
    for (const [i, chunk] of chunks.entries()) {
      if (this.#seen.has(chunk.id)) continue;
      const from = firstFrom(this.#asked, chunk.firstKey);
      const next = chunks[i + 1];
      if (from < (next ? firstFrom(this.#asked, next.firstKey) : this.#asked.length)) {
        throwIfAborted(signal);
        this.see(chunk, lines!.read(chunk));
        // Let timers and signals in, or a cancel would never arrive.
        if (++read % CHUNKS_BETWEEN_PAUSES === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    }
    for (const username of this.#asked) if (!this.#present.has(username)) this.#present.set(username, false);
  }
}

function firstFrom(sorted: readonly string[], key: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(sorted[middle]!, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
