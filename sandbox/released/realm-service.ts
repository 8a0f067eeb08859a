import type { Databases } from '../databases.ts';
import { json, type Reply } from '../http/reply.ts';
import { requireNotBlank, requireRealmName } from './constraints.ts';
import { instantColumn, instantNow, instantText, storedInstant } from './instants.ts';
import { RequestRecord } from './request-values.ts';
import type { ServiceCall, ServiceRoute } from './service.ts';
import { notFound, ServiceRefusal } from './spring-errors.ts';

interface RealmRow {
  readonly id: string;
  readonly name: string;
  readonly display_name: string | null;
  readonly login_theme: string | null;
  readonly token_lifespan_seconds: number;
  readonly refresh_token_lifespan_seconds: number;
  readonly mfa_required: boolean;
  readonly enabled: boolean;
  readonly created_at: string;
  readonly updated_at: string;
}

const COLUMNS = `id, name, display_name, login_theme, token_lifespan_seconds, refresh_token_lifespan_seconds,
  mfa_required, enabled, ${instantColumn('created_at')}, ${instantColumn('updated_at')}`;

/** The routes of the realm service, which the gateway does not pass on to: `/api/realms` is nothing there. */
export function realmService(databases: Databases): ServiceRoute[] {
  return [
    {
      method: 'GET',
      path: '/realms',
      handle: async () => {
        const rows = await databases.query<RealmRow>('realm', `SELECT ${COLUMNS} FROM realms`);
        return json(200, rows.map(realmAnswer));
      },
    },
    { method: 'POST', path: '/realms', handle: (_parameter, call) => createRealm(databases, call) },
    {
      method: 'GET',
      path: '/realms/{realm}',
      handle: async (parameter) => {
        const name = parameter('realm');
        const [row] = await databases.query<RealmRow>(
          'realm',
          `SELECT ${COLUMNS} FROM realms WHERE name = $1`,
          [name],
        );
        if (!row) throw notFound('Realm', name);
        return json(200, realmAnswer(row));
      },
    },
    {
      method: 'PUT',
      path: '/realms/{realm}',
      handle: (parameter, call) => updateRealm(databases, parameter('realm'), call),
    },
    {
      method: 'DELETE',
      path: '/realms/{realm}',
      handle: async (parameter) => {
        const name = parameter('realm');
        // Its row only: users, roles and clients of that name stay in the other services' databases.
        const deleted = await databases.query('realm', 'DELETE FROM realms WHERE name = $1 RETURNING id', [
          name,
        ]);
        if (deleted.length === 0) throw notFound('Realm', name);
        return { status: 204 };
      },
    },
  ];
}

async function createRealm(databases: Databases, call: ServiceCall): Promise<Reply> {
  const realm = await readRealm(call);
  const existing = await databases.query('realm', 'SELECT FROM realms WHERE name = $1', [realm.name]);
  if (existing.length > 0) throw new ServiceRefusal('REALM_EXISTS', `Realm already exists: ${realm.name}`);
  const created = instantNow();
  const row = {
    name: realm.name,
    display_name: realm.displayName,
    // Null is written as null: the column's default is for statements that leave it out, and this one does not.
    login_theme: realm.loginTheme,
    token_lifespan_seconds: realm.tokenLifespanSeconds ?? 300,
    refresh_token_lifespan_seconds: realm.refreshTokenLifespanSeconds ?? 2_592_000,
    mfa_required: realm.mfaRequired ?? false,
    enabled: true,
  };
  const times = { created_at: instantText(created), updated_at: instantText(created + 400n) };
  const [inserted] = await databases.query<{ id: string }>(
    'realm',
    `INSERT INTO realms (name, display_name, login_theme, token_lifespan_seconds, refresh_token_lifespan_seconds,
                         mfa_required, enabled, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`,
    [...Object.values(row), times.created_at, times.updated_at],
  );
  return json(201, {
    ...realmMembers({ id: inserted?.id ?? '', ...row }),
    createdAt: times.created_at,
    updatedAt: times.updated_at,
  });
}

/**
 * Null members stay as they are, and the name, which has to be sent, is not looked at. The answer has the time of the
 * change before: it is made before the row is written. A row that stays the same is not written at all.
 */
async function updateRealm(databases: Databases, name: string, call: ServiceCall): Promise<Reply> {
  const realm = await readRealm(call);
  const [row] = await databases.query<RealmRow>(
    'realm',
    `WITH before AS (
       SELECT id, name, coalesce($2, display_name) AS display_name, coalesce($3, login_theme) AS login_theme,
              coalesce($4, token_lifespan_seconds) AS token_lifespan_seconds,
              coalesce($5, refresh_token_lifespan_seconds) AS refresh_token_lifespan_seconds,
              coalesce($6, mfa_required) AS mfa_required, enabled, created_at, updated_at
       FROM realms WHERE name = $1
     ), change AS (
       UPDATE realms SET display_name = before.display_name, login_theme = before.login_theme,
                         token_lifespan_seconds = before.token_lifespan_seconds,
                         refresh_token_lifespan_seconds = before.refresh_token_lifespan_seconds,
                         mfa_required = before.mfa_required, updated_at = $7
       FROM before
       WHERE realms.id = before.id AND
         (realms.display_name, realms.login_theme, realms.token_lifespan_seconds,
          realms.refresh_token_lifespan_seconds, realms.mfa_required) IS DISTINCT FROM
         (before.display_name, before.login_theme, before.token_lifespan_seconds,
          before.refresh_token_lifespan_seconds, before.mfa_required)
     )
     SELECT ${COLUMNS} FROM before`,
    [
      name,
      realm.displayName,
      realm.loginTheme,
      realm.tokenLifespanSeconds,
      realm.refreshTokenLifespanSeconds,
      realm.mfaRequired,
      instantText(instantNow()),
    ],
  );
  if (!row) throw notFound('Realm', name);
  return json(200, realmAnswer(row));
}

async function readRealm(call: ServiceCall) {
  const request = await RequestRecord.read(call);
  return {
    name: requireRealmName(requireNotBlank(request.text('name'))),
    displayName: request.text('displayName'),
    loginTheme: request.text('loginTheme'),
    tokenLifespanSeconds: request.integer('tokenLifespanSeconds'),
    refreshTokenLifespanSeconds: request.integer('refreshTokenLifespanSeconds'),
    mfaRequired: request.flag('mfaRequired'),
  };
}

/** Neither password policy nor SMTP settings: the service has them and tells nobody. */
function realmMembers(row: Omit<RealmRow, 'created_at' | 'updated_at'>): Record<string, unknown> {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    loginTheme: row.login_theme,
    tokenLifespanSeconds: row.token_lifespan_seconds,
    refreshTokenLifespanSeconds: row.refresh_token_lifespan_seconds,
    mfaRequired: row.mfa_required,
    enabled: row.enabled,
  };
}

function realmAnswer(row: RealmRow): Record<string, unknown> {
  return {
    ...realmMembers(row),
    createdAt: storedInstant(row.created_at),
    updatedAt: storedInstant(row.updated_at),
  };
}
