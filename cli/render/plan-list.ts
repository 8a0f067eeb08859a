import type { PlanView } from '../../contract/plan.ts';
import type { Telling } from '../io.ts';
import type { Paint } from '../terminal/paint.ts';
import { instant } from './numbers.ts';
import { table, type Cell } from './table.ts';

/** One line for each plan: from where to where, how, and what became of it. */
export function planListLines(plans: readonly PlanView[], { paint, self }: Telling): string[] {
  if (plans.length === 0) return [`There are no plans. Make one: ${self} plan <source> <env>`];
  return table(
    [
      { title: 'Plan' },
      { title: 'State' },
      { title: 'Made' },
      { title: 'From' },
      { title: 'To' },
      { title: 'How' },
    ],
    plans.map((plan): Cell[] => [
      { text: plan.plan, paint: paint.bold },
      stateOf(plan, paint),
      instant(plan.createdAt),
      fromOf(plan),
      `${plan.target.environment}/${plan.target.realm}`,
      plan.destructive ? { text: `${plan.mode}, destroys`, paint: paint.red } : plan.mode,
    ]),
  );
}

function stateOf({ applied, blocked, empty }: PlanView, paint: Paint): Cell {
  if (applied) return { text: 'applied', paint: paint.green };
  if (blocked) return { text: 'blocked', paint: paint.red };
  return empty ? { text: 'nothing to do', paint: paint.dim } : 'open';
}

function fromOf({ undoes, source }: PlanView): string {
  if (undoes !== undefined) return `undoes job ${undoes}`;
  const { environment, pseudonymized, realm, snapshot } = source;
  const origin = (pseudonymized ? pseudonymized.environment : environment) ?? 'a file';
  return `${origin}/${realm}, snapshot ${snapshot}${pseudonymized ? ', a pseudonymised copy' : ''}`;
}
