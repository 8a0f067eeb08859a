import { recordsOf } from '../compare/compare-section.ts';
import type { Difference } from '../compare/difference.ts';
import { recordFinder } from '../compare/record-finder.ts';
import { compareKeys } from '../model/key-order.ts';
import type { CanonicalRecord } from '../model/record.ts';
import { firstComparison } from './first-comparison.ts';
import { foldable, type FoldOf } from './folds.ts';
import { isPlanItem, writes, written, type PlanContext, type PlanEntry, type PlanItem } from './plan.ts';
import { planUsers } from './plan-users.ts';
import { standingRoles } from './first-look.ts';
import { repeatFilter, type RepeatFilter } from './repeat-filter.ts';
import { ownRepeats } from './own-repeats.ts';
import { inputsBeforeLookups } from './plan-inputs.ts';
import { planMode, sectionPlan, type PlanInputs, type SectionPlan } from './section-plan.ts';
import { recordCount, type SectionSide, type SnapshotSides } from '../compare/section-side.ts';
import { stretchesOf } from './walk-section.ts';

/** That a user has, or will have, an e-mail address (or a name), seen without upper and lower case. */
export interface Claim {
  readonly fold: string;
  /** The address as it is written; undefined for a name, as equal names are one user. */
  readonly value?: string;
  readonly username: string;
  /**
   * `source`: the plan would write it; of names also one that is there now, and that the source has as well. `target`: it
   * is there now, and the plan does not delete its user.
   */
  readonly side: 'target' | 'source';
}

/**
 * Who claims an e-mail address that another one may claim as well, in no particular order: sort them by `claimRecord`'s
 * key, pass them to `findCollisions`, sort the outcome by user name, and hand it to the plan. Nothing is claimed where
 * nothing is written.
 *
 * A user whose address changes claims the old one as well: it is free only once that user was written, which may be too
 * late for another.
 *
 * Most addresses are one user's alone. A first look at the lines finds those that are not, give or take some, and only
 * their users are planned.
 *
 * @throws AppError USAGE, CANCELED
 */
export function emailClaims(
  context: PlanContext,
  sides: { readonly target: SnapshotSides; readonly source: SnapshotSides },
  signal?: AbortSignal,
): AsyncIterable<readonly Claim[]> {
  return claims(inputsBeforeLookups(context, sides, signal), {
    of: 'email',
    wanted: (d) => {
      const email = foldable('email', d.right);
      const isNew = d.kind === 'added' || planMode(context) === 'overwrite';
      return isNew || email !== foldable('email', d.left) ? email : undefined;
    },
    written: (item) => textOf(written(item)?.['email']),
    standing: (record) => foldable('email', record.line),
  });
}

/**
 * As `emailClaims`, for names: a user to be created may differ only by case from one that exists. One whom the source has
 * as well, under that very name, counts as the source's: it proves that the two are two.
 */
export function nameClaims(
  context: PlanContext,
  sides: { readonly target: SnapshotSides; readonly source: SnapshotSides },
  signal?: AbortSignal,
): AsyncIterable<readonly Claim[]> {
  const isCreated = (action: string): boolean => action === 'added' || planMode(context) === 'overwrite';
  return claims(inputsBeforeLookups(context, sides, signal), {
    of: 'name',
    wanted: (d) => (isCreated(d.kind) ? d.key : undefined),
    written: (item) => (item.action === 'create' || planMode(context) === 'overwrite' ? item.key : undefined),
    standing: (record) => record.key,
    provenApart: standsIn(sides.source.users),
  });
}

type OfSource = Exclude<Difference, { kind: 'removed' }>;

interface ClaimedValue {
  readonly of: FoldOf;
  /** What the plan would write at most, before anything is decided. */
  wanted(d: OfSource): string | undefined;
  written(item: PlanItem): string | undefined;
  standing(record: CanonicalRecord): string | undefined;
  /** Whether the source shows that this user of the target is somebody else. Asked in key order. */
  readonly provenApart?: ((username: string) => Promise<boolean>) | undefined;
}

function standsIn(source: SectionSide | undefined): ((username: string) => Promise<boolean>) | undefined {
  if (!source) return undefined;
  const finder = recordFinder(source);
  return async (username) => (await finder.find(username)) !== undefined;
}

async function* claims(inputs: PlanInputs, value: ClaimedValue): AsyncIterable<readonly Claim[]> {
  const plan = sectionPlan(inputs, 'users');
  if (!plan.source || plan.mode === 'remove') return;
  // In an overwrite nobody of the target is left.
  const target = plan.mode === 'overwrite' ? undefined : inputs.target.users;
  const repeats = await repeatedFolds(inputs, plan, target, value);
  if (!repeats) return;
  const mayRepeat = (text: string | undefined): text is string =>
    text !== undefined && text !== '' && repeats.mayRepeat(text.toLowerCase());

  const standing = await standingRoles(inputs);
  const writing = planUsers(inputs, standing, {
    only: (d) => d.kind !== 'removed' && mayRepeat(value.wanted(d)),
  });
  for await (const items of itemsOf(writing)) {
    const batch = items.flatMap((item): Claim[] => {
      const text = writes(item) ? value.written(item) : undefined;
      return text === undefined || text === '' ? [] : [claim(value.of, text, item.key, 'source')];
    });
    if (batch.length > 0) yield batch;
  }
  if (!target) return;
  const deleting = planUsers(inputs, standing, {
    only: (d) => d.kind === 'removed' && mayRepeat(value.standing({ key: d.key, line: d.left })),
  });
  const deleted = plan.policy.extra === 'delete' ? new DeletedUsers(itemsOf(deleting)) : undefined;
  for await (const records of recordsOf(target, inputs.signal)) {
    const batch: Claim[] = [];
    for (const record of records) {
      const text = value.standing(record);
      if (!mayRepeat(text) || (await deleted?.has(record.key))) continue;
      const isApart = (await value.provenApart?.(record.key)) === true;
      batch.push(claim(value.of, text, record.key, isApart ? 'source' : 'target'));
    }
    if (batch.length > 0) yield batch;
  }
}

/** The folded texts that the source brings and that come again, on either side; undefined: there are none. */
async function repeatedFolds(
  inputs: PlanInputs,
  plan: SectionPlan,
  target: SectionSide | undefined,
  value: ClaimedValue,
): Promise<RepeatFilter | undefined> {
  const { signal } = inputs;
  const own = plan.target.chunks.length === 0 ? await ownRepeats(plan.source!, signal) : undefined;
  if (own) return own[value.of].hasNone ? undefined : own[value.of];
  const first = await firstComparison(inputs);
  const repeats = repeatFilter(first?.differing ?? recordCount(plan.source!));
  for await (const folds of wantedFolds(plan, value, signal)) for (const fold of folds) repeats.add(fold);
  if (repeats.isEmpty) return undefined;
  if (!target) return repeats.hasNone ? undefined : repeats;
  const standing = await first?.standing(value.of, signal);
  if (standing) {
    for await (const folds of wantedFolds(plan, value, signal))
      for (const fold of folds) if (standing.mayHave(fold)) repeats.meet(fold);
  } else
    for await (const records of recordsOf(target, signal))
      for (const record of records) {
        const text = value.standing(record);
        if (text !== undefined && text !== '') repeats.meet(text.toLowerCase());
      }
  return repeats.hasNone ? undefined : repeats;
}

async function* wantedFolds(
  plan: SectionPlan,
  value: ClaimedValue,
  signal: AbortSignal | undefined,
): AsyncIterable<readonly string[]> {
  for await (const stretch of stretchesOf(plan, signal)) {
    if (stretch.kind === 'equal') continue;
    yield stretch.records.flatMap((d) => {
      const text = d.kind === 'removed' ? undefined : value.wanted(d);
      return text === undefined || text === '' ? [] : [text.toLowerCase()];
    });
  }
}

function claim(of: ClaimedValue['of'], text: string, username: string, side: Claim['side']): Claim {
  return { fold: text.toLowerCase(), ...(of === 'email' ? { value: text } : {}), username, side };
}

/**
 * A claim as a record for an external sorter: its key puts claims of the same fold together, of these the same values,
 * of these the target's first.
 */
export function claimRecord(claim: Claim): CanonicalRecord {
  const rank = claim.side === 'target' ? '0' : '1';
  const parts = [claim.fold, claim.value ?? '', rank, claim.username];
  return {
    key: parts.map((part) => part.replaceAll('\u0000', '\ufffd')).join('\u0000'),
    line: Buffer.from(JSON.stringify(claim)),
  };
}

export function claimOf(record: CanonicalRecord): Claim {
  return JSON.parse(record.line.toString()) as Claim;
}

/** Walks along the plan's items as the user names ascend. */
class DeletedUsers {
  readonly #batches: AsyncIterator<readonly PlanItem[]>;
  #items: readonly PlanItem[] = [];
  #next = 0;
  #ended = false;

  constructor(batches: AsyncIterable<readonly PlanItem[]>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  async has(username: string): Promise<boolean> {
    for (;;) {
      while (this.#next < this.#items.length && compareKeys(this.#items[this.#next]!.key, username) < 0)
        this.#next++;
      const head = this.#items[this.#next];
      if (head) return head.key === username && head.action === 'delete';
      if (this.#ended) return false;
      const { done, value } = await this.#batches.next();
      this.#ended = done === true;
      this.#items = done === true ? [] : value;
      this.#next = 0;
    }
  }
}

async function* itemsOf(batches: AsyncIterable<readonly PlanEntry[]>): AsyncIterable<readonly PlanItem[]> {
  for await (const entries of batches) yield entries.filter(isPlanItem);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
