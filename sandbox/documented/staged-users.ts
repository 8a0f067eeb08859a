import type { Session, Sessions } from '../databases.ts';
import { invalid, Refusal } from '../http/reply.ts';
import { LISTED, type Checked } from './checked-elements.ts';
import { refuseDoubles } from './doubles.ts';
import type { ImportedUser } from './import-schemas.ts';
import { hashSecret } from './secrets.ts';

export interface UserCounts {
  readonly created: number;
  readonly updated: number;
  readonly skipped: number;
}

const PAGE_ROWS = 5_000;

/** The users of a body on their way into a realm, in a temporary table of the users' database. */
export async function createUserStage(session: Session): Promise<void> {
  await session.execute(`
    CREATE TEMPORARY TABLE staged_users (
      index int PRIMARY KEY,
      id uuid NOT NULL DEFAULT gen_random_uuid(),
      -- Whether the realm has the user already; "id" is then that user's.
      present boolean NOT NULL DEFAULT false,
      username text NOT NULL,
      email text,
      first_name text, sets_first_name boolean NOT NULL,
      last_name text, sets_last_name boolean NOT NULL,
      enabled boolean,
      email_verified boolean,
      roles text[],
      password text
    ) ON COMMIT DROP`);
}

export async function stageUsers(session: Session, users: readonly Checked<ImportedUser>[]): Promise<void> {
  const rows = users.map(({ index, value }) => ({
    ...value,
    index,
    setsFirstName: value.firstName !== undefined,
    setsLastName: value.lastName !== undefined,
  }));
  await session.execute(
    `INSERT INTO staged_users (index, username, email, first_name, sets_first_name, last_name, sets_last_name, enabled,
                               email_verified, roles, password)
     SELECT index, username, email, "firstName", "setsFirstName", "lastName", "setsLastName", enabled,
            "emailVerified", roles, password
     FROM json_to_recordset($1::json) AS staged (
       index int, username text, email text, "firstName" text, "setsFirstName" boolean, "lastName" text,
       "setsLastName" boolean, enabled boolean, "emailVerified" boolean, roles text[], password text)`,
    [JSON.stringify(rows)],
  );
}

/**
 * Writes the staged users into the realm: new ones are created; those that are there are skipped or, with `merge`, have
 * the attributes updated that the body names. Passwords of existing users are left alone.
 *
 * @throws Refusal 400 for users named twice and new ones without e-mail, 409 EMAIL_EXISTS
 */
export async function applyStagedUsers(
  session: Session,
  realm: string,
  options: { readonly merge: boolean; readonly bcryptCost: number },
): Promise<UserCounts> {
  await session.execute('ANALYZE staged_users');
  await refuseDoubles(session, { member: 'users', key: 'username', column: 'username' });
  const present = await session.execute(
    `UPDATE staged_users SET id = users.id, present = true
     FROM users WHERE users.realm_name = $1 AND users.username = staged_users.username`,
    [realm],
  );
  await refuseWithoutEmail(session);
  await refuseTakenEmails(session, realm, options.merge);
  const created = await session.execute(
    `INSERT INTO users (id, realm_name, username, email, first_name, last_name, enabled, email_verified)
     SELECT id, $1::text, username, email, first_name, last_name, coalesce(enabled, true), coalesce(email_verified, false)
     FROM staged_users WHERE NOT present ORDER BY username`,
    [realm],
  );
  await createCredentials(session, options.bcryptCost);
  if (options.merge) await updatePresent(session);
  return { created, updated: options.merge ? present : 0, skipped: options.merge ? 0 : present };
}

/** Which staged users are written at all; the others are skipped whole, their role mappings included. */
const WRITTEN = (merge: boolean): string => (merge ? 'true' : 'NOT staged_users.present');

async function refuseWithoutEmail(session: Session): Promise<void> {
  const without = await session.query<{ index: number }>(
    `SELECT index FROM staged_users WHERE NOT present AND email IS NULL ORDER BY index LIMIT ${LISTED}`,
  );
  if (without.length > 0)
    throw invalid(
      without.map(({ index }) => ({ field: `users[${index}].email`, message: 'is required for a new user' })),
    );
}

async function refuseTakenEmails(session: Session, realm: string, merge: boolean): Promise<void> {
  const conflicts = await session.query<{ username: string; email: string }>(
    `SELECT username, email FROM (
       SELECT staged_users.index, staged_users.username, staged_users.email
       FROM staged_users JOIN users ON users.realm_name = $1 AND users.email = staged_users.email
       WHERE users.id <> staged_users.id AND ${WRITTEN(merge)}
       UNION
       SELECT index, username, email FROM (
         SELECT index, username, email, count(*) OVER (PARTITION BY email) AS times
         FROM staged_users WHERE email IS NOT NULL AND ${WRITTEN(merge)}
       ) AS counted WHERE times > 1
     ) AS conflicts ORDER BY index LIMIT ${LISTED}`,
    [realm],
  );
  const [first] = conflicts;
  if (first)
    throw new Refusal(409, 'EMAIL_EXISTS', `E-mail already exists: ${first.email}`, {
      members: { conflicts },
    });
}

async function createCredentials(session: Session, bcryptCost: number): Promise<void> {
  for (let after = -1; ;) {
    const page = await session.query<{ index: number; id: string; password: string }>(
      `SELECT index, id, password FROM staged_users
       WHERE index > $1 AND NOT present AND password IS NOT NULL ORDER BY index LIMIT 100`,
      [after],
    );
    const last = page.at(-1);
    if (!last) return;
    after = last.index;
    const hashes = await Promise.all(page.map((user) => hashSecret(user.password, bcryptCost)));
    await session.execute(
      `INSERT INTO user_credentials (user_id, credential_type, secret_hash)
       SELECT id, 'PASSWORD', hash FROM unnest($1::uuid[], $2::text[]) AS created (id, hash)`,
      [page.map((user) => user.id), hashes],
    );
  }
}

async function updatePresent(session: Session): Promise<void> {
  await session.execute(
    `UPDATE users SET
       email = coalesce(staged_users.email, users.email),
       first_name = CASE WHEN sets_first_name THEN staged_users.first_name ELSE users.first_name END,
       last_name = CASE WHEN sets_last_name THEN staged_users.last_name ELSE users.last_name END,
       enabled = coalesce(staged_users.enabled, users.enabled),
       email_verified = coalesce(staged_users.email_verified, users.email_verified),
       updated_at = now()
     FROM staged_users WHERE staged_users.present AND users.id = staged_users.id`,
  );
}

/**
 * Gives the written users their roles. Roles that the realm does not have are created; mappings are only ever added.
 *
 * @returns the names of the roles created
 */
export async function mapRoles(sessions: Sessions, realm: string, merge: boolean): Promise<string[]> {
  const { user, rbac } = sessions;
  await rbac.execute('CREATE TEMPORARY TABLE staged_mappings (user_id uuid, role text) ON COMMIT DROP');
  for (let after = -1; ;) {
    // The text goes from one database to the other as it is.
    const [page] = await user.query<{ last: number | null; mappings: string | null }>(
      `SELECT max(index) AS last, json_agg(json_build_object('user', id, 'roles', roles))::text AS mappings
       FROM (SELECT index, id, roles FROM staged_users
             WHERE index > $1 AND cardinality(roles) > 0 AND ${WRITTEN(merge)}
             ORDER BY index LIMIT ${PAGE_ROWS}) AS page`,
      [after],
    );
    if (typeof page?.last !== 'number') break;
    after = page.last;
    await rbac.execute(
      `INSERT INTO staged_mappings
       SELECT "user", unnest(roles) FROM json_to_recordset($1::json) AS mapping ("user" uuid, roles text[])`,
      [page.mappings],
    );
  }
  await rbac.execute('ANALYZE staged_mappings');
  const created = await rbac.query<{ name: string }>(
    `INSERT INTO roles (realm_name, name) SELECT DISTINCT $1::text, role FROM staged_mappings
     WHERE NOT EXISTS (SELECT FROM roles WHERE realm_name = $1 AND name = role) RETURNING name`,
    [realm],
  );
  await rbac.execute(
    `INSERT INTO user_role_mappings (user_id, role_id, realm_name)
     SELECT DISTINCT staged_mappings.user_id, roles.id, $1::text
     FROM staged_mappings JOIN roles ON roles.realm_name = $1 AND roles.name = staged_mappings.role
     ON CONFLICT (user_id, role_id) DO NOTHING`,
    [realm],
  );
  return created.map((role) => role.name).sort();
}
