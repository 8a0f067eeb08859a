import type { Sessions } from '../databases.ts';

/**
 * Deletes a realm with its users, credentials, social links, roles, groups, mappings, policies and clients.
 *
 * @returns false when the realm does not exist; whatever stood under its name is removed all the same
 */
export async function deleteRealm(sessions: Sessions, realm: string): Promise<boolean> {
  const deleted = await sessions.realm.execute('DELETE FROM realms WHERE name = $1', [realm]);
  await sessions.client.execute('DELETE FROM oauth_clients WHERE realm_name = $1', [realm]);
  await sessions.rbac.execute('DELETE FROM user_role_mappings WHERE realm_name = $1', [realm]);
  await sessions.rbac.execute('DELETE FROM groups WHERE realm_name = $1', [realm]);
  await sessions.rbac.execute('DELETE FROM roles WHERE realm_name = $1', [realm]);
  await sessions.rbac.execute('DELETE FROM policies WHERE realm_name = $1', [realm]);
  await deleteUsers(sessions, realm);
  return deleted > 0;
}

/**
 * Children first, and then the users without the foreign keys' triggers: the schema has no index on the children's
 * `user_id`, so the cascade would read both tables whole once for every user.
 */
async function deleteUsers({ user }: Sessions, realm: string): Promise<void> {
  for (const table of ['user_credentials', 'user_social_links'])
    await user.execute(
      `DELETE FROM ${table} USING users WHERE user_id = users.id AND users.realm_name = $1`,
      [realm],
    );
  await user.execute('SET LOCAL session_replication_role = replica');
  await user.execute('DELETE FROM users WHERE realm_name = $1', [realm]);
  await user.execute('SET LOCAL session_replication_role = origin');
}
