import { isUuid } from '../../model/uuid.ts';
import { tableOf } from './section-tables.ts';
import type { Databases } from './databases.ts';
import { queryOnce } from './owners.ts';

/**
 * Of these ids of users, those who are nobody and still have role mappings, whatever the realm: how many. Found by the
 * index over the mappings' users, not by reading the table. Two databases are asked one after the other, the mappings
 * first: who is deleted between is told about too early at worst, and never missed.
 *
 * @param ids at most some thousands
 * @returns nothing where the databases do not tell: a table was not found, or may not be read
 */
export async function danglingMappings(
  databases: Databases,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const layout = await databases.layout(signal);
  const [users, mappings] = [tableOf(layout, 'users'), tableOf(layout, 'user_role_mappings')];
  if (!users?.rights.select || !mappings?.rights.select) return new Map();
  const mapped = await queryOnce<{ id: string; count: number }>(
    databases,
    'rbac',
    `SELECT user_id::text AS id, count(*)::int AS count FROM ${mappings.sql}
     WHERE user_id = ANY($1::uuid[]) GROUP BY user_id`,
    // They come from snapshots, which may be of another channel: what is no UUID is nobody's id here.
    [ids.filter(isUuid)],
    signal,
  );
  if (mapped.length === 0) return new Map();
  const somebody = await queryOnce<{ id: string }>(
    databases,
    'user',
    `SELECT id::text AS id FROM ${users.sql} WHERE id = ANY($1::uuid[])`,
    [mapped.map(({ id }) => id)],
    signal,
  );
  const known = new Set(somebody.map(({ id }) => id));
  return new Map(mapped.flatMap(({ id, count }) => (known.has(id) ? [] : [[id, count]])));
}
