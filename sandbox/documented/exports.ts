import pg from 'pg';
import { copiedBlocks } from '../copy-blocks.ts';
import type { Databases, Session, Sessions } from '../databases.ts';
import { Refusal, type Piece } from '../http/reply.ts';
import { NO_ROLES, RoleSets } from './role-sets.ts';

/** What stands in place of a secret in everything that leaves the server. */
export const MASK = '**********';

/**
 * The four exports as streams of JSON text. Each reads one moment of all databases it needs, as fast as
 * the client takes it. Users come in the order of their user names' bytes. Columns that are null are left out;
 * password hashes, ids and times are not part of an export (OpenGate documentation, Import/Export page).
 *
 * @throws Refusal 404 before the first piece when the realm does not exist
 */
export async function* exportRealm(databases: Databases, realm: string): AsyncGenerator<Piece> {
  await using snapshot = await databases.snapshot(['realm', 'client', 'rbac', 'user']);
  const { sessions } = snapshot;
  yield `{"realm":${await realmText(sessions, realm)},"roles":`;
  yield await rolesText(sessions.rbac, realm);
  yield ',"clients":';
  yield await clientsText(sessions.client, realm);
  yield ',"users":';
  yield* usersText(sessions, realm);
  yield '}';
}

export async function* exportUsers(databases: Databases, realm: string): AsyncGenerator<Piece> {
  await using snapshot = await databases.snapshot(['realm', 'rbac', 'user']);
  const { sessions } = snapshot;
  await realmText(sessions, realm);
  yield '{"users":';
  yield* usersText(sessions, realm);
  yield '}';
}

export async function* exportRoles(databases: Databases, realm: string): AsyncGenerator<Piece> {
  await using snapshot = await databases.snapshot(['realm', 'rbac', 'user']);
  const { sessions } = snapshot;
  await realmText(sessions, realm);
  yield `{"roles":${await rolesText(sessions.rbac, realm)},"roleMappings":`;
  yield* mappingsText(sessions, realm);
  yield '}';
}

export async function* exportClients(databases: Databases, realm: string): AsyncGenerator<Piece> {
  await using snapshot = await databases.snapshot(['realm', 'client']);
  const { sessions } = snapshot;
  await realmText(sessions, realm);
  yield `{"clients":${await clientsText(sessions.client, realm)}}`;
}

interface RealmRow {
  readonly name: string;
  readonly display_name: string | null;
  readonly login_theme: string | null;
  readonly token_lifespan_seconds: number;
  readonly refresh_token_lifespan_seconds: number;
  readonly mfa_required: boolean;
  readonly password_policy: string | null;
  readonly smtp_settings: string | null;
  readonly enabled: boolean;
}

async function realmText(sessions: Sessions, realm: string): Promise<string> {
  const [row] = await sessions.realm.query<RealmRow>('SELECT * FROM realms WHERE name = $1', [realm]);
  if (!row) throw new Refusal(404, 'REALM_NOT_FOUND', `Realm not found: ${realm}`);
  return JSON.stringify({
    id: row.name,
    displayName: row.display_name ?? undefined,
    enabled: row.enabled,
    loginTheme: row.login_theme ?? undefined,
    accessTokenLifespan: row.token_lifespan_seconds,
    refreshTokenLifespan: row.refresh_token_lifespan_seconds,
    mfaRequired: row.mfa_required,
    passwordPolicy: fromColumn(row.password_policy),
    smtpConfig: masked(fromColumn(row.smtp_settings)),
  });
}

/** The two columns hold JSON in a text column; whatever else an administrator put there is given as a string. */
function fromColumn(text: string | null): unknown {
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function masked(smtp: unknown): unknown {
  if (typeof smtp !== 'object' || smtp === null || !('password' in smtp)) return smtp;
  return { ...smtp, password: MASK };
}

async function rolesText(session: Session, realm: string): Promise<string> {
  const roles = await session.query<{ name: string; description: string | null; composite: boolean }>(
    'SELECT name, description, composite FROM roles WHERE realm_name = $1 ORDER BY name',
    [realm],
  );
  return JSON.stringify(roles.map((role) => ({ ...role, description: role.description ?? undefined })));
}

interface ClientRow {
  readonly client_id: string;
  readonly client_secret_hash: string | null;
  readonly name: string | null;
  readonly description: string | null;
  readonly public_client: boolean;
  readonly pkce_required: boolean;
  readonly enabled: boolean;
  readonly redirect_uris: string[] | null;
  readonly web_origins: string[] | null;
  readonly grant_types: string[] | null;
  readonly scopes: string[] | null;
}

async function clientsText(session: Session, realm: string): Promise<string> {
  const clients = await session.query<ClientRow>(
    'SELECT * FROM oauth_clients WHERE realm_name = $1 ORDER BY client_id',
    [realm],
  );
  return JSON.stringify(
    clients.map((client) => ({
      clientId: client.client_id,
      name: client.name ?? undefined,
      description: client.description ?? undefined,
      enabled: client.enabled,
      publicClient: client.public_client,
      pkceRequired: client.pkce_required,
      clientSecret: client.client_secret_hash === null ? undefined : MASK,
      redirectUris: client.redirect_uris ?? undefined,
      webOrigins: client.web_origins ?? undefined,
      grantTypes: client.grant_types ?? undefined,
      scopes: client.scopes ?? undefined,
    })),
  );
}

/**
 * PostgreSQL writes each user's JSON but for the roles, which stand in another database; here the two are only joined,
 * as bytes. `concat` leaves out what is null.
 */
const USER_JSON = `concat('{"username":', to_json(username), ',"email":', to_json(email),
  ',"firstName":' || to_json(first_name)::text, ',"lastName":' || to_json(last_name)::text,
  CASE WHEN enabled THEN ',"enabled":true' ELSE ',"enabled":false' END,
  CASE WHEN email_verified THEN ',"emailVerified":true' ELSE ',"emailVerified":false' END, ',"roles":')`;

async function* usersText(sessions: Sessions, realm: string): AsyncGenerator<Piece> {
  yield* usersWithRoles(sessions, realm, USER_JSON, true);
}

async function* mappingsText(sessions: Sessions, realm: string): AsyncGenerator<Piece> {
  yield* usersWithRoles(sessions, realm, `'{"username":' || to_json(username) || ',"roles":'`, false);
}

/** Where a row's two columns stand: two bytes, and each column after four bytes of its own length. */
const ID_AT = 6;
const JSON_AT = 26;

const COMMA = Buffer.from(',');
const CLOSE = Buffer.from('}');

/** A JSON array with an object for each user: `expression` gives its text up to the value of `roles`. */
async function* usersWithRoles(
  sessions: Sessions,
  realm: string,
  expression: string,
  withoutRolesToo: boolean,
): AsyncGenerator<Piece> {
  const roles = await RoleSets.read(sessions.rbac, realm);
  let first = true;
  yield '[';
  yield* copiedBlocks(
    sessions.user,
    `SELECT id, ${expression} FROM users WHERE realm_name = ${pg.escapeLiteral(realm)} ORDER BY username`,
    (row, block) => {
      const names = roles.jsonOf(row, ID_AT);
      if (names === NO_ROLES && !withoutRolesToo) return;
      if (!first) block.append(COMMA);
      first = false;
      block.append(row, JSON_AT);
      block.append(names);
      block.append(CLOSE);
    },
  );
  yield ']';
}
