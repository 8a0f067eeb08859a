import { DATABASE_NAMES } from '../../sandbox/databases.ts';
import { DATABASE_ROLES, FLYWAY_TABLE, SCHEMAS, type DatabaseRole } from '../../sandbox/schema.ts';
import { LATIN_SCRIPTS, NAMES_PER_SCRIPT, SCRIPTS } from '../../sandbox/seed/names.ts';
import { SEED_UUID_FUNCTION } from '../../sandbox/seed/population-sql.ts';
import type { BenchServer } from './server.ts';

/** The four databases of one OpenGate. */
export type DatabaseSet = Readonly<Record<DatabaseRole, string>>;

/** The realm that is measured. */
export const REALM = 'acme';

/** Those that `createPopulation` fills. */
export const SOURCE: DatabaseSet = DATABASE_NAMES;

const ROLES = [
  'user',
  'viewer',
  'editor',
  'approver',
  'auditor',
  'billing-admin',
  'support-agent',
  'support-manager',
  'report-reader',
  'api-consumer',
  'realm-admin',
  'beta-tester',
];

/** A second set on the same server, to import into: the same names with another beginning. */
export function apart(prefix: string): DatabaseSet {
  return {
    realm: `${prefix}_realm`,
    user: `${prefix}_user`,
    rbac: `${prefix}_rbac`,
    client: `${prefix}_client`,
  };
}

/** Creates a set of databases with tables, keys and indexes and without rows; replaces one of these names. */
export async function createEmpty(server: BenchServer, names: DatabaseSet): Promise<void> {
  for (const role of DATABASE_ROLES) {
    await server.query('postgres', `DROP DATABASE IF EXISTS ${names[role]}`);
    await server.query('postgres', `CREATE DATABASE ${names[role]}`);
    const { tables, constraints, migrations } = SCHEMAS[role];
    await server.query(names[role], FLYWAY_TABLE + tables + constraints);
    for (const [index, { version, description, script, checksum }] of migrations.entries())
      await server.query(
        names[role],
        `INSERT INTO flyway_schema_history VALUES ($1, $2, $3, 'SQL', $4, $5, current_user, now(), 20, true)`,
        [index + 1, version, description, script, checksum],
      );
  }
}

/**
 * One realm with so many users, each with one credential (a BCrypt hash in form; no password has it) and two of twelve
 * roles, and with some clients, groups and policies. The same rows on every server: all is computed from users' numbers.
 * Users lie in the tables as they came over the years, not as their names sort; names are of many scripts.
 */
export async function createPopulation(server: BenchServer, users: number): Promise<void> {
  await createEmpty(server, SOURCE);
  await Promise.all([
    fillRealm(server),
    fillClients(server),
    fillUsers(server, users),
    fillRbac(server, users),
  ]);
  for (const role of DATABASE_ROLES) await server.query(SOURCE[role], 'VACUUM (ANALYZE)');
  await server.settle();
}

/** What happens to each of the users that `changeUsers` picks; an e-mail address is changed in any case. */
export interface Changes {
  /** Every third of them gets a new password. */
  readonly passwords?: boolean;
  /** Every third of them, others than those, gets another role for one of the two. */
  readonly roles?: boolean;
}

/**
 * Changes some users of the source, scattered at random, as administrators and users do in a day.
 *
 * @param generation picks other users, and gives other values, than every other number does
 */
export async function changeUsers(
  server: BenchServer,
  count: number,
  generation: number,
  changes: Changes = {},
): Promise<void> {
  const picked = `
    SELECT id, row_number() OVER (ORDER BY drawn) AS n
    FROM (SELECT id, md5(id::text || '/${generation}') AS drawn FROM users WHERE realm_name = '${REALM}'
          ORDER BY drawn LIMIT ${count}) AS lot`;
  const rows = await server.query<{ id: string; n: string }>(
    SOURCE.user,
    `WITH picked AS (${picked})
     UPDATE users SET email = username || '.${generation}@people.example.net', updated_at = now()
     FROM picked WHERE picked.id = users.id RETURNING users.id, n`,
  );
  const third = (which: number) => rows.filter(({ n }) => Number(n) % 3 === which).map(({ id }) => id);
  if (changes.passwords)
    await server.query(
      SOURCE.user,
      `UPDATE user_credentials SET secret_hash = ${bcryptSql(`user_id || '/${generation}'`)}, updated_at = now()
       WHERE user_id = ANY($1::uuid[])`,
      [third(0)],
    );
  if (changes.roles)
    await server.query(
      SOURCE.rbac,
      `UPDATE user_role_mappings SET role_id = other.id
       FROM (SELECT DISTINCT ON (user_id) mapping.id AS mapping, roles.id
             FROM user_role_mappings AS mapping JOIN roles USING (realm_name)
             WHERE user_id = ANY($1::uuid[])
               AND NOT EXISTS (SELECT FROM user_role_mappings AS held
                               WHERE held.user_id = mapping.user_id AND held.role_id = roles.id)
             ORDER BY user_id, mapping.id, md5(roles.name || mapping.user_id)) AS other
       WHERE user_role_mappings.id = other.mapping`,
      [third(1)],
    );
}

/** SQL for something of the form of a BCrypt hash, as random as one, made from a text. */
function bcryptSql(text: string): string {
  return `('$2a$12$' || translate(left(encode(sha256((${text})::text::bytea) || decode(md5(${text}), 'hex'), 'base64'), 53), '+', '.'))`;
}

async function fillRealm(server: BenchServer): Promise<void> {
  await server.query(
    SOURCE.realm,
    `INSERT INTO realms (name, display_name, password_policy, smtp_settings)
     VALUES ('${REALM}', 'Acme Corporation', '{"minLength": 12, "requireDigits": true}',
             '{"host": "mail.example.com", "port": 587, "from": "no-reply@example.com"}')`,
  );
}

async function fillClients(server: BenchServer): Promise<void> {
  await server.query(
    SOURCE.client,
    `INSERT INTO oauth_clients (realm_name, client_id, client_secret_hash, name, redirect_uris, grant_types, scopes)
     SELECT '${REALM}', '${REALM}-app-' || n, ${bcryptSql(`'client ' || n`)}, 'Application ' || n,
            ARRAY['https://app' || n || '.example.com/callback'], ARRAY['authorization_code', 'refresh_token'],
            ARRAY['openid', 'profile']
     FROM generate_series(1, 8) AS n`,
  );
}

async function fillUsers(server: BenchServer, users: number): Promise<void> {
  const written: string[][] = [];
  for (const script of SCRIPTS) written.push(script.given.split(' '), script.family.split(' '));
  const names = (which: 0 | 1) =>
    written
      .flatMap((list) => list.map((name) => name.split('|')[which]!))
      .map((name) => `'${name.replaceAll("'", "''")}'`);
  // Names lie as [script][given, family][NAMES_PER_SCRIPT]; seven of ten people have names of the Latin scripts.
  const script = `(CASE WHEN dice % 10 < 7 THEN dice / 10 % ${LATIN_SCRIPTS} ELSE dice / 10 % ${SCRIPTS.length} END)`;
  const given = `1 + ${script} * ${2 * NAMES_PER_SCRIPT} + dice / 1000 % ${NAMES_PER_SCRIPT}`;
  const family = `${given} - dice / 1000 % ${NAMES_PER_SCRIPT} + ${NAMES_PER_SCRIPT} + dice / 100000 % ${NAMES_PER_SCRIPT}`;
  const statement = `
    INSERT INTO users (id, realm_name, username, email, first_name, last_name, enabled, email_verified, created_at, updated_at)
    SELECT pg_temp.seed_uuid('user ' || n), '${REALM}', given_latin || '.' || family_latin || n,
           CASE WHEN dice / 7 % 10 < 6 THEN given_latin || '.' || family_latin ELSE left(given_latin, 1) || family_latin END
             || n || '@' || (ARRAY['acme.example', 'mail.example.com', 'post.example.org'])[1 + dice / 11 % 3],
           given, family, dice / 13 % 100 < 97, dice / 17 % 100 < 80, created_at,
           created_at + CASE WHEN dice % 2 = 0 THEN interval '0' ELSE dice % 31536000000000 * interval '1 microsecond' END
    FROM (
      SELECT n, dice, (ARRAY[${names(0).join()}])[${given}] AS given, (ARRAY[${names(0).join()}])[${family}] AS family,
             (ARRAY[${names(1).join()}])[${given}] AS given_latin, (ARRAY[${names(1).join()}])[${family}] AS family_latin,
             ${createdAtSql(users)} AS created_at
      FROM generate_series(1, ${users}) AS n
      CROSS JOIN LATERAL (SELECT ('x' || left(md5('${REALM}/' || n), 15))::bit(60)::bigint) AS drawn (dice)
    ) AS people ORDER BY n`;
  await server.query(SOURCE.user, `${SEED_UUID_FUNCTION} ${statement}`);
  await server.query(
    SOURCE.user,
    `${SEED_UUID_FUNCTION}
     INSERT INTO user_credentials (id, user_id, credential_type, secret_hash, created_at, updated_at)
     SELECT pg_temp.seed_uuid('credential ' || n), pg_temp.seed_uuid('user ' || n), 'PASSWORD', ${bcryptSql(`'secret ' || n`)},
            created_at, created_at
     FROM (SELECT n, ${createdAtSql(users)} AS created_at FROM generate_series(1, ${users}) AS n) AS numbers ORDER BY n`,
  );
}

/** Over six years, in the order of the numbers, with the microseconds that real instants have. */
function createdAtSql(users: number): string {
  const step = Math.floor((6 * 365 * 86_400_000_000) / users);
  return `(timestamptz '2019-01-01 00:00:00Z' + (n * ${step}::bigint + n * 7919::bigint % 1000003) * interval '1 microsecond')`;
}

async function fillRbac(server: BenchServer, users: number): Promise<void> {
  await server.query(
    SOURCE.rbac,
    `${SEED_UUID_FUNCTION}
     INSERT INTO roles (id, realm_name, name, description, created_at)
     SELECT pg_temp.seed_uuid('role ' || name), '${REALM}', name, 'May act as ' || name, '2019-01-01 00:00:00Z'
     FROM unnest('{${ROLES.join()}}'::text[]) AS name;
     INSERT INTO groups (realm_name, name, path)
     SELECT '${REALM}', name, '/' || name FROM unnest(ARRAY['staff', 'customers', 'partners']) AS name;
     INSERT INTO policies (realm_name, name, resource, action, conditions)
     SELECT '${REALM}', 'policy ' || n, 'invoices', 'read', '{"hours": "9-17"}' FROM generate_series(1, 4) AS n`,
  );
  // Nine of ten are “user”; the second role is any other.
  await server.query(
    SOURCE.rbac,
    `${SEED_UUID_FUNCTION}
     INSERT INTO user_role_mappings (id, user_id, role_id, realm_name)
     SELECT pg_temp.seed_uuid('mapping ' || n || '/' || which), pg_temp.seed_uuid('user ' || n),
            (ARRAY[${ROLES.map((role) => `pg_temp.seed_uuid('role ${role}')`).join()}])
              [1 + (first + (which - 1) * (1 + dice / 10 % ${ROLES.length - 1})) % ${ROLES.length}],
            '${REALM}'
     FROM generate_series(1, ${users}) AS n
     CROSS JOIN LATERAL (SELECT ('x' || left(md5('roles/' || n), 15))::bit(60)::bigint) AS drawn (dice)
     CROSS JOIN LATERAL (SELECT CASE WHEN dice % 10 < 9 THEN 0 ELSE dice / 1000 % ${ROLES.length} END) AS one (first)
     CROSS JOIN generate_series(1, 2) AS which
     ORDER BY n, which`,
  );
}
