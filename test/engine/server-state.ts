import type { EnvironmentHandle } from '../../sandbox/index.ts';

/**
 * Everything that a server holds under a realm's name, asked of its databases past everything of ours: rows with their
 * ids, hashes and mappings; what is JSON in a text, as JSON. Left out are `updated_at`, which a restore may move on, and the ids of rows that nothing
 * refers to (credentials, links, policies, mappings).
 */
export async function serverState(
  environment: EnvironmentHandle,
  realm: string,
): Promise<Record<string, unknown[]>> {
  const tables = await Promise.all(
    QUERIES.map(async ([name, database, sql]) => {
      const rows = await environment.query<{ row: unknown }>(database, sql, [realm]);
      return [name, rows.map(({ row }) => row)] as const;
    }),
  );
  const state = Object.fromEntries(tables);
  const names = new Map(
    (state['users'] as { id: string; username: string }[]).map((user) => [user.id, user.username]),
  );
  const mappings = state['userRoles'] as { user_id: string; role: string }[];
  return {
    ...state,
    userRoles: mappings.map(({ user_id, role }) => `${names.get(user_id) ?? user_id} ${role}`).sort(),
  };
}

const QUERIES = [
  [
    'realms',
    'realm',
    `SELECT to_jsonb(r) - 'updated_at' || jsonb_build_object('password_policy', password_policy::jsonb,
        'smtp_settings', smtp_settings::jsonb) AS row FROM realms r WHERE name = $1`,
  ],
  [
    'users',
    'user',
    `SELECT to_jsonb(u) - 'updated_at' AS row FROM users u WHERE realm_name = $1 ORDER BY username COLLATE "C"`,
  ],
  [
    'credentials',
    'user',
    `SELECT to_jsonb(c) - 'id' - 'updated_at' AS row FROM user_credentials c JOIN users u ON u.id = user_id
      WHERE realm_name = $1 ORDER BY user_id, credential_type, secret_hash`,
  ],
  [
    'socialLinks',
    'user',
    `SELECT to_jsonb(l) - 'id' AS row FROM user_social_links l JOIN users u ON u.id = user_id
      WHERE realm_name = $1 ORDER BY provider, provider_user_id`,
  ],
  ['roles', 'rbac', `SELECT to_jsonb(r) AS row FROM roles r WHERE realm_name = $1 ORDER BY name COLLATE "C"`],
  [
    'groups',
    'rbac',
    `SELECT to_jsonb(g) AS row FROM groups g WHERE realm_name = $1 ORDER BY path COLLATE "C"`,
  ],
  [
    'groupRoles',
    'rbac',
    `SELECT to_jsonb(m) - 'id' AS row FROM group_role_mappings m JOIN groups g ON g.id = group_id
      WHERE realm_name = $1 ORDER BY group_id, role_id`,
  ],
  [
    'userRoles',
    'rbac',
    `SELECT jsonb_build_object('user_id', user_id, 'role', r.name) AS row FROM user_role_mappings m
      JOIN roles r ON r.id = role_id WHERE r.realm_name = $1`,
  ],
  [
    'policies',
    'rbac',
    `SELECT to_jsonb(p) - 'id' AS row FROM policies p WHERE realm_name = $1 ORDER BY name COLLATE "C"`,
  ],
  [
    'clients',
    'client',
    `SELECT to_jsonb(c) - 'updated_at' AS row FROM oauth_clients c WHERE realm_name = $1 ORDER BY client_id COLLATE "C"`,
  ],
] as const satisfies readonly (readonly [string, Parameters<EnvironmentHandle['query']>[0], string])[];
