/** OpenGate keeps one database per service (release v1.1.0); they may also be one database, or stand on several servers. */
export const SERVICES = ['user', 'rbac', 'client', 'realm'] as const;
export type Service = (typeof SERVICES)[number];

/**
 * The tables of each service and the columns we cannot do without (OpenGate v1.1.0). `SERVICES` is also the order of
 * commits: users first, since mappings refer to them; the realm last, since it shows when all of it is there.
 */
export const TABLES = {
  realms: {
    service: 'realm',
    columns: [
      'id',
      'name',
      'display_name',
      'login_theme',
      'token_lifespan_seconds',
      'refresh_token_lifespan_seconds',
      'mfa_required',
      'password_policy',
      'smtp_settings',
      'enabled',
      'created_at',
      'updated_at',
    ],
  },
  users: {
    service: 'user',
    columns: [
      'id',
      'realm_name',
      'username',
      'email',
      'first_name',
      'last_name',
      'enabled',
      'email_verified',
      'created_at',
      'updated_at',
    ],
  },
  user_credentials: {
    service: 'user',
    columns: ['id', 'user_id', 'credential_type', 'secret_hash', 'created_at', 'updated_at'],
  },
  user_social_links: {
    service: 'user',
    columns: ['id', 'user_id', 'provider', 'provider_user_id', 'provider_email'],
  },
  roles: {
    service: 'rbac',
    columns: ['id', 'realm_name', 'name', 'description', 'composite', 'created_at'],
  },
  groups: { service: 'rbac', columns: ['id', 'realm_name', 'name', 'parent_id', 'path'] },
  user_role_mappings: { service: 'rbac', columns: ['id', 'user_id', 'role_id', 'realm_name'] },
  group_role_mappings: { service: 'rbac', columns: ['id', 'group_id', 'role_id'] },
  policies: {
    service: 'rbac',
    columns: ['id', 'realm_name', 'name', 'resource', 'action', 'effect', 'conditions'],
  },
  oauth_clients: {
    service: 'client',
    columns: [
      'id',
      'realm_name',
      'client_id',
      'client_secret_hash',
      'name',
      'description',
      'public_client',
      'pkce_required',
      'enabled',
      'redirect_uris',
      'web_origins',
      'grant_types',
      'scopes',
      'created_at',
      'updated_at',
    ],
  },
} as const satisfies Readonly<
  Record<string, { readonly service: Service; readonly columns: readonly string[] }>
>;

export type TableName = keyof typeof TABLES;
export const TABLE_NAMES = Object.keys(TABLES) as readonly TableName[];
