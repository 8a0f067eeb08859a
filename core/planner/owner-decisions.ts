import { compareKeys } from '../model/key-order.ts';
import { firstComparison, type FirstComparison } from './first-comparison.ts';
import type { FirstLook } from './first-look.ts';
import { NOBODY, ownerStateOf, usualState, STAYS, type OwnerState } from './owner-state.ts';
import { isPlanItem, type PlanEntry, type PlanItem } from './plan.ts';
import { planUsers } from './plan-users.ts';
import { planMode, sectionPlan, type PlanInputs } from './section-plan.ts';
import { SideCursor } from './side-cursor.ts';

/**
 * Tells what the plan does about users. With few whom it treats in another way than usual, it is enough to know on
 * which sides a user is, which the first comparison tells where little differs; otherwise the users are planned along
 * once more: names asked for in key order take one pass in all, others a new pass each time they go back. Holds no more
 * than the names asked for at once.
 */
export class OwnerDecisions {
  readonly #inputs: PlanInputs;
  readonly #look: FirstLook;
  readonly #onTarget: SideCursor | undefined;
  readonly #inSource: SideCursor | undefined;
  readonly #usual: ReturnType<typeof usualState>;
  #comparison: FirstComparison | undefined;
  #pass: AsyncIterator<readonly PlanEntry[]> | undefined;
  #batch: readonly PlanItem[] = [];
  #next = 0;
  #last: string | undefined;

  constructor(inputs: PlanInputs, look: FirstLook) {
    this.#inputs = { ...inputs, lean: true };
    this.#look = look;
    const plan = sectionPlan(inputs, 'users');
    this.#onTarget = inputs.target.users && new SideCursor(inputs.target.users);
    this.#inSource = plan.source && new SideCursor(plan.source);
    this.#usual = usualState(plan.mode, plan);
  }

  async statesOf(usernames: Iterable<string>): Promise<ReadonlyMap<string, OwnerState>> {
    const states = new Map<string, OwnerState>();
    const { unusual } = this.#look;
    this.#comparison ??= await firstComparison(this.#inputs);
    for (const username of [...new Set(usernames)].sort(compareKeys)) {
      const state = unusual ? (unusual.get(username) ?? this.#byPlace(username)) : this.#byPlanning(username);
      states.set(username, state instanceof Promise ? await state : state);
    }
    return states;
  }

  async close(): Promise<void> {
    await this.#pass?.return?.();
    this.#pass = undefined;
  }

  #byPlace(username: string): OwnerState | Promise<OwnerState> {
    const place = this.#comparison?.placeOf(username);
    if (place !== undefined) return place === 'nowhere' ? NOBODY : this.#usual(place);
    const inSource = this.#inSource?.has(username) ?? false;
    return inSource instanceof Promise
      ? inSource.then((isThere) => this.#byTarget(username, isThere))
      : this.#byTarget(username, inSource);
  }

  #byTarget(username: string, inSource: boolean): OwnerState | Promise<OwnerState> {
    // In an overwrite whoever is in the source is written, wherever else they are.
    if (inSource && this.#usual('same') === this.#usual('added')) return this.#usual('added');
    const onTarget = this.#onTarget?.has(username) ?? false;
    const usual = (isOn: boolean): OwnerState => {
      if (inSource) return this.#usual(isOn ? 'same' : 'added');
      return isOn ? this.#usual('removed') : NOBODY;
    };
    return onTarget instanceof Promise ? onTarget.then(usual) : usual(onTarget);
  }

  async #byPlanning(username: string): Promise<OwnerState> {
    const decided = await this.#itemOf(username);
    const isOnTarget = (await this.#onTarget?.has(username)) ?? false;
    if (!decided) return isOnTarget ? STAYS : NOBODY;
    return ownerStateOf(planMode(this.#inputs.context), decided, isOnTarget);
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
    this.#pass = planUsers(this.#inputs, this.#look.standing)[Symbol.asyncIterator]();
  }
}
