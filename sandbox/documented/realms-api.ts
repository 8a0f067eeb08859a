import { z } from 'zod';
import type { Databases } from '../databases.ts';
import { readJsonObject } from '../http/body.ts';
import { invalid, json, Refusal, type Reply } from '../http/reply.ts';
import type { Call } from '../http/router.ts';
import type { Mutex } from '../mutex.ts';
import { check } from './field-errors.ts';
import { deleteRealm } from './realm-deletion.ts';
import { flag, realmName, seconds, text } from './text-rules.ts';

const settings = {
  displayName: text(255).nullish(),
  tokenLifespanSeconds: seconds.nullish(),
  refreshTokenLifespanSeconds: seconds.nullish(),
  mfaRequired: flag.nullish(),
};

const creation = z.object({ name: realmName, ...settings });
const update = z.object({ name: text(255).nullish(), ...settings });

const page = z.object({
  page: z.coerce.number().int('must be an integer').min(0, 'must not be negative').default(0),
  size: z.coerce
    .number()
    .int('must be an integer')
    .min(1, 'must be at least 1')
    .max(100, 'must be at most 100')
    .default(20),
});

interface RealmRow {
  readonly id: string;
  readonly name: string;
  readonly display_name: string | null;
  readonly token_lifespan_seconds: number;
  readonly refresh_token_lifespan_seconds: number;
  readonly mfa_required: boolean;
  readonly enabled: boolean;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export async function listRealms(databases: Databases, call: Call): Promise<Reply> {
  const { page: number, size } = check(page, Object.fromEntries(call.query));
  const [counted] = await databases.query<{ total: number }>(
    'realm',
    'SELECT count(*)::int AS total FROM realms',
  );
  const rows = await databases.query<RealmRow>(
    'realm',
    'SELECT * FROM realms ORDER BY name LIMIT $1 OFFSET $2',
    [size, number * size],
  );
  const totalElements = counted?.total ?? 0;
  return json(200, {
    content: rows.map(summary),
    totalElements,
    totalPages: Math.ceil(totalElements / size),
    page: number,
    size,
  });
}

export async function createRealm(databases: Databases, call: Call): Promise<Reply> {
  const realm = check(creation, await readJsonObject(call.request));
  const [row] = await databases.query<RealmRow>(
    'realm',
    `INSERT INTO realms (name, display_name, token_lifespan_seconds, refresh_token_lifespan_seconds, mfa_required)
     VALUES ($1, $2, coalesce($3, 300), coalesce($4, 2592000), coalesce($5, false))
     ON CONFLICT (name) DO NOTHING RETURNING *`,
    [
      realm.name,
      realm.displayName,
      realm.tokenLifespanSeconds,
      realm.refreshTokenLifespanSeconds,
      realm.mfaRequired,
    ],
  );
  if (!row) throw realmExists(realm.name);
  return json(201, details(row), { location: `/api/realms/${row.name}` });
}

export async function getRealm(databases: Databases, call: Call): Promise<Reply> {
  const name = call.parameters['realm'] ?? '';
  const [row] = await databases.query<RealmRow>('realm', 'SELECT * FROM realms WHERE name = $1', [name]);
  if (!row) throw realmNotFound(name);
  return json(200, details(row));
}

/** Members that are absent or null stay as they are. */
export async function updateRealm(databases: Databases, call: Call): Promise<Reply> {
  const name = call.parameters['realm'] ?? '';
  const change = check(update, await readJsonObject(call.request));
  if (change.name !== undefined && change.name !== null && change.name !== name)
    throw invalid([{ field: 'name', message: 'cannot be changed' }]);
  const [row] = await databases.query<RealmRow>(
    'realm',
    `UPDATE realms SET display_name = coalesce($2, display_name),
       token_lifespan_seconds = coalesce($3, token_lifespan_seconds),
       refresh_token_lifespan_seconds = coalesce($4, refresh_token_lifespan_seconds),
       mfa_required = coalesce($5, mfa_required), updated_at = now()
     WHERE name = $1 RETURNING *`,
    [
      name,
      change.displayName,
      change.tokenLifespanSeconds,
      change.refreshTokenLifespanSeconds,
      change.mfaRequired,
    ],
  );
  if (!row) throw realmNotFound(name);
  return json(200, details(row));
}

export async function removeRealm(databases: Databases, writes: Mutex, call: Call): Promise<Reply> {
  const name = call.parameters['realm'] ?? '';
  await using transaction = await databases.begin(['realm', 'user', 'rbac', 'client']);
  return await writes.run(async () => {
    if (!(await deleteRealm(transaction.sessions, name))) throw realmNotFound(name);
    await transaction.commit();
    return { status: 204 };
  });
}

export function realmNotFound(name: string): Refusal {
  return new Refusal(404, 'REALM_NOT_FOUND', `Realm not found: ${name}`);
}

export function realmExists(name: string): Refusal {
  return new Refusal(409, 'REALM_EXISTS', `Realm already exists: ${name}`);
}

/** The members that the documented list shows. */
function summary(row: RealmRow): Record<string, unknown> {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    mfaRequired: row.mfa_required,
    enabled: row.enabled,
    createdAt: row.created_at.toISOString(),
  };
}

function details(row: RealmRow): Record<string, unknown> {
  return {
    ...summary(row),
    tokenLifespanSeconds: row.token_lifespan_seconds,
    refreshTokenLifespanSeconds: row.refresh_token_lifespan_seconds,
    updatedAt: row.updated_at.toISOString(),
  };
}
