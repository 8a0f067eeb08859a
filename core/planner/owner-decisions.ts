import { recordFinder } from '../compare/record-finder.ts';
import { compareKeys } from '../model/key-order.ts';
import { isPlanItem, type PlanEntry, type PlanItem, type Reason } from './plan.ts';
import { planUsers, type StandingRoles } from './plan-users.ts';
import { planMode, type PlanInputs } from './section-plan.ts';

/** What becomes of a user to whom a credential or a social link belongs. */
export type OwnerState =
  /** Created by this plan, or created again with its realm. */
  | { readonly kind: 'written' }
  /** On the target before and after. */
  | { readonly kind: 'stays' }
  | { readonly kind: 'deleted' }
  /** Not on the target and not brought there, for this reason. */
  | { readonly kind: 'left-out'; readonly reason: Reason };

/**
 * Tells what the plan does about users, by planning them along once more: names asked for in key order take one pass
 * in all, others a new pass each time they go back. Holds no more than the names asked for at once.
 */
export class OwnerDecisions {
  readonly #inputs: PlanInputs;
  readonly #standing: StandingRoles;
  #pass: AsyncIterator<readonly PlanEntry[]> | undefined;
  #batch: readonly PlanItem[] = [];
  #next = 0;
  #last: string | undefined;

  constructor(inputs: PlanInputs, standing: StandingRoles) {
    this.#inputs = { ...inputs, terse: true };
    this.#standing = standing;
  }

  async statesOf(usernames: Iterable<string>): Promise<ReadonlyMap<string, OwnerState>> {
    const states = new Map<string, OwnerState>();
    const target = this.#inputs.target.users && recordFinder(this.#inputs.target.users);
    for (const username of [...new Set(usernames)].sort(compareKeys)) {
      const decided = await this.#itemOf(username);
      const onTarget = async (): Promise<boolean> => (await target?.find(username)) !== undefined;
      states.set(username, await this.#state(decided, onTarget));
    }
    return states;
  }

  async close(): Promise<void> {
    await this.#pass?.return?.();
    this.#pass = undefined;
  }

  async #state(decided: PlanItem | undefined, onTarget: () => Promise<boolean>): Promise<OwnerState> {
    if (!decided)
      return (await onTarget()) ? { kind: 'stays' } : { kind: 'left-out', reason: 'not-selected' };
    if (decided.action === 'delete') return { kind: 'deleted' };
    if (planMode(this.#inputs.context) === 'overwrite')
      return decided.write ? { kind: 'written' } : { kind: 'left-out', reason: decided.reason };
    if (decided.action === 'create') return { kind: 'written' };
    if (decided.action === 'update' || decided.action === 'unchanged') return { kind: 'stays' };
    const settled = decided.reason === 'exists-policy-skip' || decided.reason === 'only-in-target-kept';
    if (settled) return { kind: 'stays' };
    if (decided.reason === 'route-cannot' && (await onTarget())) return { kind: 'stays' };
    return { kind: 'left-out', reason: decided.reason };
  }

  async #itemOf(username: string): Promise<PlanItem | undefined> {
    if (this.#last === undefined || compareKeys(username, this.#last) < 0) await this.#startOver();
    this.#last = username;
    for (let head = await this.#head(); head; head = await this.#head()) {
      const order = compareKeys(head.key, username);
      if (order === 0) return head;
      if (order > 0) return undefined;
      this.#next++;
    }
    return undefined;
  }

  async #head(): Promise<PlanItem | undefined> {
    while (this.#next >= this.#batch.length && this.#pass) {
      const { done, value } = await this.#pass.next();
      this.#batch = done === true ? [] : value.filter(isPlanItem);
      this.#next = 0;
      if (done === true) this.#pass = undefined;
    }
    return this.#batch[this.#next];
  }

  async #startOver(): Promise<void> {
    await this.close();
    this.#batch = [];
    this.#next = 0;
    this.#pass = planUsers(this.#inputs, this.#standing)[Symbol.asyncIterator]();
  }
}
