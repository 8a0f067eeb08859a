import { isUuid } from '../../../model/uuid.ts';
import type { Session } from '../session.ts';
import type { Applying } from './staged-section.ts';

/**
 * Deletes the role mappings of those among these users who are nobody any more, whatever the realm. Mappings know users
 * by id only: when the users' database was committed and this one was not, nothing else leads to them. Once the users
 * are written: who comes back keeps what is his.
 *
 * @param ids in batches of some thousands at most
 */
export async function deleteMappingsOfGone(
  of: Applying,
  users: Session,
  rbac: Session,
  ids: AsyncIterable<readonly string[]>,
): Promise<void> {
  for await (const batch of ids) {
    const nobodies = await users.query<{ id: string }>(
      `SELECT a.id::text AS id FROM unnest($1::uuid[]) AS a (id)
       WHERE NOT EXISTS (SELECT FROM ${of.table('users').sql} AS u WHERE u.id = a.id)`,
      // From a snapshot, which may be of another channel: what is no UUID is nobody's id here.
      [batch.filter(isUuid)],
    );
    if (nobodies.length === 0) continue;
    await rbac.execute(`DELETE FROM ${of.table('user_role_mappings').sql} WHERE user_id = ANY($1::uuid[])`, [
      nobodies.map(({ id }) => id),
    ]);
  }
}
