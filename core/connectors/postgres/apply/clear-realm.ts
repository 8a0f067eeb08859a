import { ROW_END, cell } from './copy-text.ts';
import { quickDeletion } from './cascade-index.ts';
import type { Service } from '../services.ts';
import type { Session } from '../session.ts';
import type { Applying } from './staged-section.ts';
import { sendRows } from './stage.ts';
import { fetched } from './user-sections.ts';

const GONE = 'pg_temp."drawbridge_cleared_users"';

/** Deletes all that bears the realm's name in all services, also what a deleted realm of that name left behind. */
export async function clearRealm(of: Applying, session: (service: Service) => Session): Promise<void> {
  await clearMappingsOfUsers(of, session('user'), session('rbac'));
  await clearUsers(of, session('user'));
  await clearRbac(of, session('rbac'));
  await session('client').execute(`DELETE FROM ${of.table('oauth_clients').sql} WHERE realm_name = $1`, [
    of.realm,
  ]);
  await session('realm').execute(`DELETE FROM ${of.table('realms').sql} WHERE name = $1`, [of.realm]);
}

/** Mappings of the realm's users to whatever roles: only their ids tell whose they are. */
async function clearMappingsOfUsers(of: Applying, users: Session, rbac: Session): Promise<void> {
  await rbac.query(`CREATE TEMPORARY TABLE ${GONE} (id uuid) ON COMMIT DROP`);
  const ids = `SELECT id::text FROM ${of.table('users').sql} WHERE realm_name = ${users.client.escapeLiteral(of.realm)}`;
  for await (const rows of fetched<{ id: string }>(users, ids))
    await sendRows(rbac, GONE, rows.map(({ id }) => cell(id) + ROW_END).join(''), []);
  await rbac.query(`ANALYZE ${GONE}`);
  await rbac.execute(
    `DELETE FROM ${of.table('user_role_mappings').sql} WHERE user_id IN (SELECT id FROM ${GONE})`,
  );
}

async function clearUsers(of: Applying, session: Session): Promise<void> {
  const users = of.table('users').sql;
  const [{ rows } = { rows: 0 }] = await session.query<{ rows: number }>(
    `SELECT count(*)::int AS rows FROM ${users} WHERE realm_name = $1`,
    [of.realm],
  );
  // An index that is made after rows were deleted would not be used in the same transaction.
  await quickDeletion(session, of, rows);
  for (const name of ['user_credentials', 'user_social_links'] as const)
    await session.execute(
      `DELETE FROM ${of.table(name).sql} AS t USING ${users} AS u WHERE t.user_id = u.id AND u.realm_name = $1`,
      [of.realm],
    );
  await session.execute(`DELETE FROM ${users} WHERE realm_name = $1`, [of.realm]);
}

async function clearRbac(of: Applying, session: Session): Promise<void> {
  const sql = (name: Parameters<Applying['table']>[0]) => of.table(name).sql;
  const own = (name: 'roles' | 'groups') => `SELECT id FROM ${sql(name)} WHERE realm_name = $1`;
  for (const statement of [
    `DELETE FROM ${sql('user_role_mappings')} WHERE realm_name = $1 OR role_id IN (${own('roles')})`,
    `DELETE FROM ${sql('group_role_mappings')} WHERE group_id IN (${own('groups')}) OR role_id IN (${own('roles')})`,
    `UPDATE ${sql('groups')} SET parent_id = NULL WHERE parent_id IN (${own('groups')}) AND realm_name <> $1`,
    `DELETE FROM ${sql('groups')} WHERE realm_name = $1`,
    `DELETE FROM ${sql('policies')} WHERE realm_name = $1`,
    `DELETE FROM ${sql('roles')} WHERE realm_name = $1`,
  ])
    await session.execute(statement, [of.realm]);
}
