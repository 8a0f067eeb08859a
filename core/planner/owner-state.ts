import type { Difference } from '../compare/difference.ts';
import type { PlanItem, Reason } from './plan.ts';
import { writes } from './plan.ts';
import type { PlanMode, SectionPlan } from './section-plan.ts';

/** What becomes of a user to whom a credential or a social link belongs. */
export type OwnerState =
  /** Created by this plan, or created again with its realm. */
  | { readonly kind: 'written' }
  /** On the target before and after. */
  | { readonly kind: 'stays' }
  | { readonly kind: 'deleted' }
  /** Not on the target and not brought there, for this reason. */
  | { readonly kind: 'left-out'; readonly reason: Reason };

export const WRITTEN: OwnerState = { kind: 'written' };
export const STAYS: OwnerState = { kind: 'stays' };
export const DELETED: OwnerState = { kind: 'deleted' };
export const NOBODY: OwnerState = { kind: 'left-out', reason: 'not-selected' };

/** What a decision about a user comes to. */
export function ownerStateOf(mode: PlanMode, item: PlanItem, isOnTarget: boolean): OwnerState {
  const { action, reason } = item;
  if (action === 'delete') return DELETED;
  if (mode === 'overwrite') return writes(item) ? WRITTEN : { kind: 'left-out', reason };
  if (action === 'create') return WRITTEN;
  if (action === 'update' || action === 'unchanged') return STAYS;
  const isSettled = reason === 'exists-policy-skip' || reason === 'only-in-target-kept';
  if (isSettled || (reason === 'route-cannot' && isOnTarget)) return STAYS;
  return { kind: 'left-out', reason };
}

/** What becomes of a user who is on one side or both, unless something is the matter with them. */
export function usualState(mode: PlanMode, users: SectionPlan): (kind: Difference['kind']) => OwnerState {
  const goes = mode === 'overwrite' || (users.source !== undefined && users.policy.extra === 'delete');
  return (kind) => {
    if (kind === 'added') return WRITTEN;
    if (kind === 'removed') return goes ? DELETED : STAYS;
    return mode === 'overwrite' ? WRITTEN : STAYS;
  };
}

/**
 * What becomes of the owners of credentials, learned in one whole pass over these: nearly always it follows from the
 * sides on which the credential is.
 */
export class LearnedOwners {
  readonly #mode: PlanMode;
  readonly #most: number;
  readonly #others = new Map<string, OwnerState>();
  #isWhole = false;

  constructor(mode: PlanMode, most: number) {
    this.#mode = mode;
    this.#most = most;
  }

  /** Whether a pass came to its end, with few enough exceptions. */
  get isUsable(): boolean {
    return this.#isWhole && this.#others.size <= this.#most;
  }

  learn(username: string, kind: Difference['kind'], state: OwnerState | undefined): void {
    if (this.#others.size > this.#most || !state || isSame(state, this.#likely(kind))) return;
    this.#others.set(`${kind} ${username}`, state);
  }

  finish(): void {
    this.#isWhole = true;
  }

  stateOf(username: string, kind: Difference['kind']): OwnerState {
    return this.#others.get(`${kind} ${username}`) ?? this.#likely(kind);
  }

  #likely(kind: Difference['kind']): OwnerState {
    if (kind === 'added') return WRITTEN;
    return this.#mode === 'overwrite' ? WRITTEN : STAYS;
  }
}

function isSame(a: OwnerState, b: OwnerState): boolean {
  return a === b || (a.kind === b.kind && a.kind !== 'left-out');
}
