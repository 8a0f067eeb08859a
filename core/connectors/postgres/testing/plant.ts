import type { JsonObject, JsonValue } from '../../../model/record.ts';
import type { EnvironmentHandle } from '../../../../sandbox/index.ts';
import type { DatabaseRole } from '../../../../sandbox/schema.ts';
import type { RealmContent } from '../../testing/conformance-content.ts';

/** Puts a whole realm into the databases, row by row: another way than the program's. */
export async function plant(
  target: Pick<EnvironmentHandle, 'query'>,
  { realm, sections }: RealmContent,
): Promise<void> {
  const insert = async (
    database: DatabaseRole,
    table: string,
    row: Readonly<Record<string, JsonValue | undefined>>,
  ): Promise<void> => {
    const given = Object.entries(row).filter(([, value]) => value !== undefined);
    await target.query(
      database,
      `INSERT INTO ${table} (${given.map(([name]) => name).join(', ')}) VALUES (${given.map((_value, i) => `$${i + 1}`).join(', ')})`,
      given.map(([, value]) => value),
    );
  };
  for (const r of sections.realm ?? [])
    await insert('realm', 'realms', {
      id: r['id'],
      name: r['name'],
      display_name: r['displayName'],
      login_theme: r['loginTheme'],
      token_lifespan_seconds: r['accessTokenLifespan'],
      refresh_token_lifespan_seconds: r['refreshTokenLifespan'],
      mfa_required: r['mfaRequired'],
      password_policy: r['passwordPolicy'] === undefined ? undefined : JSON.stringify(r['passwordPolicy']),
      smtp_settings: r['smtpConfig'] === undefined ? undefined : JSON.stringify(r['smtpConfig']),
      enabled: r['enabled'],
      created_at: r['createdAt'],
      updated_at: r['updatedAt'],
    });
  for (const r of sections.roles ?? [])
    await insert('rbac', 'roles', {
      id: r['id'],
      realm_name: realm,
      name: r['name'],
      description: r['description'],
      composite: r['composite'],
      created_at: r['createdAt'],
    });
  const roleIds = idsBy('name', sections.roles);
  const groupIds = idsBy('path', sections.groups);
  for (const r of sections.groups ?? []) {
    const path = r['path'] as string;
    await insert('rbac', 'groups', {
      id: r['id'],
      realm_name: realm,
      name: r['name'],
      path,
      parent_id: groupIds.get(path.slice(0, -((r['name'] as string).length + 1))),
    });
    for (const role of list(r['roles']))
      await insert('rbac', 'group_role_mappings', { group_id: r['id'], role_id: roleIds.get(role) });
  }
  for (const r of sections.clients ?? [])
    await insert('client', 'oauth_clients', {
      id: r['id'],
      realm_name: realm,
      client_id: r['clientId'],
      client_secret_hash: r['secretHash'],
      name: r['name'],
      description: r['description'],
      public_client: r['publicClient'],
      pkce_required: r['pkceRequired'],
      enabled: r['enabled'],
      redirect_uris: r['redirectUris'],
      web_origins: r['webOrigins'],
      grant_types: r['grantTypes'],
      scopes: r['scopes'],
      created_at: r['createdAt'],
      updated_at: r['updatedAt'],
    });
  for (const r of sections.policies ?? [])
    for (const row of [r, ...objects(r['additional'])])
      await insert('rbac', 'policies', {
        id: row['id'],
        realm_name: realm,
        name: r['name'],
        resource: row['resource'],
        action: row['action'],
        effect: row['effect'],
        conditions: row['conditions'] === undefined ? undefined : JSON.stringify(row['conditions']),
      });
  const userIds = idsBy('username', sections.users);
  for (const r of sections.users ?? []) {
    await insert('user', 'users', {
      id: r['id'],
      realm_name: realm,
      username: r['username'],
      email: r['email'],
      first_name: r['firstName'],
      last_name: r['lastName'],
      enabled: r['enabled'],
      email_verified: r['emailVerified'],
      created_at: r['createdAt'],
      updated_at: r['updatedAt'],
    });
    for (const role of list(r['roles']))
      await insert('rbac', 'user_role_mappings', {
        user_id: r['id'],
        role_id: roleIds.get(role),
        realm_name: realm,
      });
  }
  for (const r of sections.credentials ?? [])
    for (const row of [r, ...objects(r['additional'])])
      await insert('user', 'user_credentials', {
        id: row['id'],
        user_id: userIds.get(r['username'] as string),
        credential_type: r['type'],
        secret_hash: row['secretHash'],
        created_at: row['createdAt'],
        updated_at: row['updatedAt'],
      });
  for (const r of sections.socialLinks ?? [])
    await insert('user', 'user_social_links', {
      id: r['id'],
      user_id: userIds.get(r['username'] as string),
      provider: r['provider'],
      provider_user_id: r['providerUserId'],
      provider_email: r['providerEmail'],
    });
}

function idsBy(member: string, records: readonly JsonObject[] = []): Map<string, string> {
  return new Map(records.map((record) => [record[member] as string, record['id'] as string]));
}

function list(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? (value as string[]) : [];
}

function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as JsonObject[]) : [];
}
