import type { ApplyItem } from '../../connector.ts';
import { unfit } from './rows.ts';

/** The names in a record's `roles`, each once. @throws AppError INVALID_DOCUMENT */
export function wishedRoles(item: ApplyItem): string[] {
  const roles = item.body['roles'];
  if (roles === null || roles === undefined) return [];
  if (!Array.isArray(roles)) throw unfit(item, 'roles', 'it is no list of role names');
  const names = new Set<string>();
  for (const role of roles) {
    if (typeof role !== 'string' || role === '') throw unfit(item, 'roles', 'it is no list of role names');
    if (role.includes('\0') || !role.isWellFormed())
      throw unfit(item, 'roles', 'PostgreSQL cannot hold the character NUL, nor half a character');
    names.add(role);
  }
  return [...names];
}
