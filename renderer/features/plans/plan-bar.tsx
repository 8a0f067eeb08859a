import type { CSSProperties } from 'react';
import { ACTIONS, type PlanView } from '../../../contract/plan.ts';
import { count } from '../../design/moments.ts';
import classes from './plan-bar.module.css';
import { ACTION_TITLES, totalsOf } from './plan-words.ts';

/** How much of the realm is created, changed, deleted and left, as a bar with its legend. */
export function PlanBar({ plan }: { plan: PlanView }) {
  const totals = totalsOf(plan);
  const shown = ACTIONS.filter((action) => totals[action] > 0);
  if (shown.length === 0) return null;
  return (
    <div>
      <div className={classes.bar} aria-hidden>
        {shown.map((action) => (
          <span
            key={action}
            className={classes.part}
            data-action={action}
            style={{ '--share': totals[action] } as CSSProperties}
          />
        ))}
      </div>
      <ul className={classes.legend} aria-label="Records by what becomes of them">
        {shown.map((action) => (
          <li key={action}>
            <span className={classes.dot} data-action={action} aria-hidden />
            {ACTION_TITLES[action]} <strong>{count(totals[action])}</strong>
          </li>
        ))}
      </ul>
    </div>
  );
}
