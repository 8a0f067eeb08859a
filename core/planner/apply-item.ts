import type { ApplyItem, RouteCapabilities } from '../connectors/connector.ts';
import type { JsonObject } from '../model/record.ts';
import { written, type PlanItem } from './plan.ts';
import { survives, type PlanMode } from './section-plan.ts';

/**
 * What an apply has to do for an item; undefined: nothing. In an overwrite everything that is written is created, also
 * what is `unchanged`, and what is deleted goes with the realm; in a removal everything does.
 */
export function applyItemOf(item: PlanItem, mode: PlanMode): ApplyItem | undefined {
  const { section, key } = item;
  const body = written(item);
  if (body) {
    const action = mode === 'overwrite' || item.action === 'create' ? 'create' : 'update';
    const byId = action === 'update' && item.targetId !== undefined;
    return { section, key, action, body, ...(byId && { targetId: item.targetId, was: previewed(item) }) };
  }
  const goesAlone = mode === 'remove' ? section === 'realm' : mode !== 'overwrite';
  return item.action === 'delete' && goesAlone ? { section, key, action: 'delete', body: {} } : undefined;
}

/**
 * As `applyItemOf`, for a route over which a realm’s records are deleted one by one: what is to be deleted, which comes
 * before all else, and what is to be written after it. In an overwrite a record that returns has both.
 */
export function singleItemsOf(
  item: PlanItem,
  mode: PlanMode,
  route: RouteCapabilities,
): { readonly deletion?: ApplyItem; readonly writing?: ApplyItem } {
  const { section, key, targetId, targetBody } = item;
  const isRealm = section === 'realm';
  const stays = survives(route, section);
  const id = targetId === undefined ? {} : { targetId };
  const returns = mode === 'overwrite' && (item.action === 'update' || item.action === 'unchanged');
  const goes = !stays && (returns || item.action === 'delete');
  const body = written(item);
  const isCreated = item.action === 'create' || (mode === 'overwrite' && !stays);
  return {
    ...(goes &&
      !isRealm && {
        deletion: { section, key, action: 'delete', body: {}, ...id, ...(targetBody && { was: targetBody }) },
      }),
    ...(body
      ? {
          writing: isCreated
            ? { section, key, action: 'create', body }
            : { section, key, action: 'update', body, ...id, was: previewed(item) },
        }
      : isRealm && item.action === 'delete' && { writing: { section, key, action: 'delete', body: {} } }),
  };
}

/** What the preview showed of the members that are changed. */
function previewed({ changes }: PlanItem): JsonObject {
  return Object.fromEntries(changes.map(({ member, from }) => [member, from ?? null]));
}
