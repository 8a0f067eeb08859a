import { perSection, type Section } from '../../model/sections.ts';
import type { Column, Layout, Table } from './layout.ts';
import { TABLES, type Service, type TableName } from './services.ts';

/** Where the records of a section are kept, and what of them stands in which column (OpenGate v1.1.0). */
export interface SectionTable {
  readonly table: TableName;
  /**
   * What each part of the natural key is compared with: a column, or `#user`, the user's name of a record that hangs on
   * a user.
   */
  readonly key: readonly string[];
  /** Member → column. */
  readonly members: Readonly<Record<string, string>>;
  /** Members that are not a column of this table: rows of others, or who the record belongs to. */
  readonly apart: readonly string[];
  /** The column that says which user a row belongs to. */
  readonly hangsOnUser?: string;
  /** Columns whose JSON may stand in a `text` column: jsonb before migration V2 of the realm service, text after it. */
  readonly jsonAsText?: readonly string[];
}

const times = { createdAt: 'created_at', updatedAt: 'updated_at' };

export const SECTION_TABLES: Readonly<Record<Section, SectionTable>> = {
  realm: {
    table: 'realms',
    key: ['name'],
    members: {
      name: 'name',
      displayName: 'display_name',
      enabled: 'enabled',
      loginTheme: 'login_theme',
      accessTokenLifespan: 'token_lifespan_seconds',
      refreshTokenLifespan: 'refresh_token_lifespan_seconds',
      mfaRequired: 'mfa_required',
      passwordPolicy: 'password_policy',
      smtpConfig: 'smtp_settings',
      id: 'id',
      ...times,
    },
    apart: [],
    jsonAsText: ['password_policy', 'smtp_settings'],
  },
  roles: {
    table: 'roles',
    key: ['name'],
    members: {
      name: 'name',
      description: 'description',
      composite: 'composite',
      id: 'id',
      createdAt: 'created_at',
    },
    apart: [],
  },
  groups: {
    table: 'groups',
    key: ['path'],
    members: { path: 'path', name: 'name', id: 'id' },
    apart: ['roles', 'parent'],
  },
  clients: {
    table: 'oauth_clients',
    key: ['client_id'],
    members: {
      clientId: 'client_id',
      name: 'name',
      description: 'description',
      enabled: 'enabled',
      publicClient: 'public_client',
      pkceRequired: 'pkce_required',
      redirectUris: 'redirect_uris',
      webOrigins: 'web_origins',
      grantTypes: 'grant_types',
      scopes: 'scopes',
      secretHash: 'client_secret_hash',
      id: 'id',
      ...times,
    },
    apart: [],
  },
  policies: {
    table: 'policies',
    key: ['name'],
    members: {
      name: 'name',
      resource: 'resource',
      action: 'action',
      effect: 'effect',
      conditions: 'conditions',
      id: 'id',
    },
    apart: ['additional'],
  },
  users: {
    table: 'users',
    key: ['username'],
    members: {
      username: 'username',
      email: 'email',
      firstName: 'first_name',
      lastName: 'last_name',
      enabled: 'enabled',
      emailVerified: 'email_verified',
      id: 'id',
      ...times,
    },
    apart: ['roles'],
  },
  credentials: {
    table: 'user_credentials',
    key: ['#user', 'credential_type'],
    members: { type: 'credential_type', secretHash: 'secret_hash', id: 'id', ...times },
    apart: ['username', 'additional'],
    hangsOnUser: 'user_id',
  },
  socialLinks: {
    table: 'user_social_links',
    key: ['provider', 'provider_user_id'],
    members: {
      provider: 'provider',
      providerUserId: 'provider_user_id',
      providerEmail: 'provider_email',
      id: 'id',
    },
    apart: ['username'],
    hangsOnUser: 'user_id',
  },
};

const SERVICE_OF = perSection((section): Service => TABLES[SECTION_TABLES[section].table].service);

export function serviceOf(section: Section): Service {
  return SERVICE_OF[section];
}

export function tableOf(layout: Layout, name: TableName): Table | undefined {
  return layout.services[TABLES[name].service]?.tables[name];
}

/** The columns of a section's table that carry a member: known ones, then those of a newer server that can be written. */
export function memberColumns(section: Section, table: Table): { member: string; column: Column }[] {
  const known = Object.entries(SECTION_TABLES[section].members).flatMap(([member, name]) => {
    const column = table.columns.get(name);
    return column && !column.generated ? [{ member, column }] : [];
  });
  const unknown = table.unknown
    .filter((column) => !column.generated)
    .map((column) => ({ member: column.member, column: column as Column }));
  return [...known, ...unknown];
}
