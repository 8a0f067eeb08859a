import { instantColumn, storedInstant } from './instants.ts';

export interface UserRow {
  readonly id: string;
  readonly realm_name: string;
  readonly username: string;
  readonly email: string;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly enabled: boolean;
  readonly email_verified: boolean;
  readonly created_at: string;
  readonly updated_at: string;
}

export const USER_COLUMNS = `id, realm_name, username, email, first_name, last_name, enabled, email_verified,
  ${instantColumn('created_at')}, ${instantColumn('updated_at')}`;

export function userAnswer(row: UserRow): Record<string, unknown> {
  return {
    id: row.id,
    realmName: row.realm_name,
    username: row.username,
    email: row.email,
    firstName: row.first_name,
    lastName: row.last_name,
    enabled: row.enabled,
    emailVerified: row.email_verified,
    createdAt: storedInstant(row.created_at),
    updatedAt: storedInstant(row.updated_at),
  };
}
