import type { ApplyItem } from '../connectors/connector.ts';
import { applyItemOf, singleItemsOf } from './apply-item.ts';
import type { PlanContext, PlanItem } from './plan.ts';
import { planMode, sectionMode } from './section-plan.ts';
import { APPLIED, type Expectation } from './verify-applied.ts';

/** `open`: begun, and nobody knows how far it came. */
export type WorkState = 'done' | 'open' | 'pending';

/** How far the work on a plan has come, by its journal. */
export interface WorkSoFar {
  stateOf(item: Pick<ApplyItem, 'section' | 'key' | 'action'>): WorkState;
  /** Of the step that creates, or deletes and recreates, the realm itself. */
  readonly realm: WorkState;
  /**
   * Where the databases are written, and calls to the API follow: what of an item is left to the calls; undefined: the
   * databases have all of it.
   */
  readonly leftToCalls?: ((item: ApplyItem) => ApplyItem | undefined) | undefined;
}

/**
 * What may be found of each item of a plan whose work was broken off: what was written is as promised, what was not
 * begun as it was before, and what was under way is either, or something between.
 */
export function expectedSoFar(context: PlanContext, work: WorkSoFar): (item: PlanItem) => Expectation {
  const mode = planMode(context);
  const { route } = context;
  const { leftToCalls } = work;
  if (leftToCalls)
    return (item) => {
      const writing = applyItemOf(item, mode);
      const left = writing && leftToCalls(writing);
      return left === undefined || work.stateOf(left) === 'done' ? APPLIED : BEGUN;
    };
  if (route.survivors)
    return (item) => {
      const { deletion, writing } = singleItemsOf(item, mode, route);
      const isReplaced = item.section === 'realm' && sectionMode(context, 'realm') === 'overwrite';
      return whenSingle(deletion && work.stateOf(deletion), writing && work.stateOf(writing), isReplaced);
    };
  // One call deletes all of it.
  if (mode === 'remove') return () => DELETED[work.realm];
  // One call deletes and recreates all of it.
  if (mode === 'overwrite')
    return (item) => {
      if (work.realm !== 'done') return BEFORE;
      const writing = applyItemOf(item, mode);
      return writing ? RECREATED[work.stateOf(writing)] : APPLIED;
    };
  // A role that comes into being with the first user who carries it may do so before its turn: users are sent in batches
  // of those that are new and of those that are there already.
  const comesWithUsers = mode === 'merge' && route.sections.roles.create === 'by-mapping';
  return (item) => {
    const writing = applyItemOf(item, mode);
    if (!writing) return APPLIED;
    const state = work.stateOf(writing);
    return state === 'pending' && comesWithUsers && item.section === 'roles' ? BEGUN : WRITTEN[state];
  };
}

const BEFORE: Expectation = { before: true };
const BEGUN: Expectation = { before: true, between: true };
const WRITTEN: Readonly<Record<WorkState, Expectation>> = { done: APPLIED, open: BEGUN, pending: BEFORE };
const DELETED: Readonly<Record<WorkState, Expectation>> = {
  done: { absent: true },
  open: { before: true, absent: true },
  pending: BEFORE,
};
const RECREATED: Readonly<Record<WorkState, Expectation>> = {
  done: APPLIED,
  open: { absent: true, between: true },
  pending: { absent: true },
};

/** Record by record deletions come first, so what returns is gone in between. A realm is deleted and created in one step. */
function whenSingle(
  deletion: WorkState | undefined,
  writing: WorkState | undefined,
  isReplaced: boolean,
): Expectation {
  if (isReplaced && writing === 'open') return { before: true, absent: true, between: true };
  if (deletion === undefined) return writing === undefined ? APPLIED : WRITTEN[writing];
  if (writing === undefined) return DELETED[deletion];
  return writing === 'pending' ? DELETED[deletion] : RECREATED[writing];
}
