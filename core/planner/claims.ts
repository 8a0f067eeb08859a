import { recordsOf } from '../compare/compare-section.ts';
import { compareKeys } from '../model/key-order.ts';
import { parseLine } from '../model/exact-json.ts';
import type { CanonicalRecord } from '../model/record.ts';
import { parseExclusions } from './exclusions.ts';
import { isPlanItem, type PlanContext, type PlanEntry, type PlanItem } from './plan.ts';
import { planUsers } from './plan-users.ts';
import { standingRoles } from './role-references.ts';
import { planMode, type PlanInputs } from './section-plan.ts';
import type { SnapshotSides } from '../compare/section-side.ts';

/** That a user has, or will have, an e-mail address (or a name), seen without upper and lower case. */
export interface Claim {
  readonly fold: string;
  /** The address as it is written; undefined for a name, as equal names are one user. */
  readonly value?: string;
  readonly username: string;
  /** `source`: the plan would write it. `target`: it is there now, and the plan does not delete its user. */
  readonly side: 'target' | 'source';
}

/** So many addresses to be written are remembered, so that only those of the target have to be sorted. */
const REMEMBERED = 100_000;

/**
 * Who claims which e-mail address, in no particular order: sort them by `claimRecord`'s key, pass them to
 * `findCollisions`, sort the outcome by user name, and hand it to the plan. Nothing is claimed where nothing is written.
 *
 * A user whose address changes claims the old one as well: it is free only once that user was written, which may be too
 * late for another.
 *
 * @throws AppError USAGE, CANCELED
 */
export function emailClaims(
  context: PlanContext,
  sides: { readonly target: SnapshotSides; readonly source: SnapshotSides },
  signal?: AbortSignal,
): AsyncIterable<readonly Claim[]> {
  return claims(inputsOf(context, sides, signal), {
    of: 'email',
    written: (item) => textOf(item.write?.['email']),
    standing: (record) => textOf(parseLine(record.line)['email']),
  });
}

/** As `emailClaims`, for names: a user to be created may differ only by case from one that exists. */
export function nameClaims(
  context: PlanContext,
  sides: { readonly target: SnapshotSides; readonly source: SnapshotSides },
  signal?: AbortSignal,
): AsyncIterable<readonly Claim[]> {
  return claims(inputsOf(context, sides, signal), {
    of: 'name',
    written: (item) => (item.action === 'create' || planMode(context) === 'overwrite' ? item.key : undefined),
    standing: (record) => record.key,
  });
}

interface ClaimedValue {
  readonly of: 'email' | 'name';
  written(item: PlanItem): string | undefined;
  standing(record: CanonicalRecord): string | undefined;
}

async function* claims(inputs: PlanInputs, value: ClaimedValue): AsyncIterable<readonly Claim[]> {
  const standing = await standingRoles(inputs);
  const folds = new Set<string>();
  for await (const items of itemsOf(planUsers(inputs, standing))) {
    const batch = items.flatMap((item): Claim[] => {
      const text = item.write && value.written(item);
      return text === undefined || text === '' ? [] : [claim(value.of, text, item.key, 'source')];
    });
    for (const { fold } of batch) if (folds.size <= REMEMBERED) folds.add(fold);
    if (batch.length > 0) yield batch;
  }
  // In an overwrite nobody of the target is left.
  if (folds.size === 0 || planMode(inputs.context) === 'overwrite' || !inputs.target.users) return;
  const isWanted = folds.size > REMEMBERED ? (): boolean => true : (fold: string): boolean => folds.has(fold);
  const deletes = inputs.context.policy.extra === 'delete';
  const deleted = deletes ? new DeletedUsers(itemsOf(planUsers(inputs, standing))) : undefined;
  for await (const records of recordsOf(inputs.target.users, inputs.signal)) {
    const batch: Claim[] = [];
    for (const record of records) {
      const text = value.standing(record);
      if (text === undefined || text === '') continue;
      const standingClaim = claim(value.of, text, record.key, 'target');
      if (isWanted(standingClaim.fold) && !(await deleted?.has(record.key))) batch.push(standingClaim);
    }
    if (batch.length > 0) yield batch;
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

function inputsOf(
  context: PlanContext,
  sides: { readonly target: SnapshotSides; readonly source: SnapshotSides },
  signal: AbortSignal | undefined,
): PlanInputs {
  return {
    context,
    ...sides,
    lookups: {},
    exclusions: parseExclusions(context.policy.exclude),
    signal,
    terse: true,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
