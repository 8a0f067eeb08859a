import type { ApplyStep } from '../connectors/connector.ts';

/** `direct`: it writes at once. `staged`: nothing of it lasts until a `commit`. */
export type StepKind = 'direct' | 'staged' | 'commit';

/** @param transactional whether all steps of the route are one transaction (RouteCapabilities) */
export function kindOf(step: Pick<ApplyStep, 'facts' | 'staged'>, transactional: boolean): StepKind {
  if (step.facts) return 'commit';
  return transactional || step.staged ? 'staged' : 'direct';
}
