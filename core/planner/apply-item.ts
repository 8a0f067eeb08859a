import type { ApplyItem } from '../connectors/connector.ts';
import { written, type PlanItem } from './plan.ts';
import type { PlanMode } from './section-plan.ts';

/**
 * What an apply has to do for an item; undefined: nothing. In an overwrite everything that is written is created, also
 * what is `unchanged`, and what is deleted goes with the realm; in a removal everything does.
 */
export function applyItemOf(item: PlanItem, mode: PlanMode): ApplyItem | undefined {
  const { section, key } = item;
  const body = written(item);
  if (body) {
    const action = mode === 'overwrite' || item.action === 'create' ? 'create' : 'update';
    return { section, key, action, body };
  }
  const goesAlone = mode === 'remove' ? section === 'realm' : mode !== 'overwrite';
  return item.action === 'delete' && goesAlone ? { section, key, action: 'delete', body: {} } : undefined;
}
