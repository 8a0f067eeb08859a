import type { Session } from '../databases.ts';
import type { SeededRealm } from './environments.ts';
import { populationSql, scrambledSql, SEED_UUID_FUNCTION } from './population-sql.ts';

/** Fills the database of roles: roles, groups, policies, and which user has which role. */
export async function seedRbac(
  session: Session,
  environment: string,
  realms: readonly SeededRealm[],
): Promise<void> {
  await session.execute(SEED_UUID_FUNCTION);
  for (const seeded of realms) {
    await seedRoles(session, environment, seeded);
    await seedGroups(session, environment, seeded);
    await seedPolicies(session, environment, seeded);
    await seedMappings(session, environment, seeded);
  }
}

async function seedRoles(session: Session, environment: string, { realm }: SeededRealm): Promise<void> {
  await session.execute(
    `INSERT INTO roles (id, realm_name, name, description, composite, created_at)
     SELECT pg_temp.seed_uuid($1::text || '/role/' || $2::text || '/' || name), $2::text, name, description,
            coalesce(composite, false), timestamptz '2021-02-01 09:30:00.123456Z' + ord * interval '1 day'
     FROM ROWS FROM (json_to_recordset($3::json) AS (name text, description text, composite boolean))
       WITH ORDINALITY AS role (name, description, composite, ord)`,
    [environment, realm.name, JSON.stringify(realm.roles)],
  );
}

async function seedGroups(session: Session, environment: string, { realm }: SeededRealm): Promise<void> {
  const group = (path: string): string => `pg_temp.seed_uuid($1::text || '/group/' || $2::text || ${path})`;
  await session.execute(
    `INSERT INTO groups (id, realm_name, name, parent_id, path)
     SELECT ${group('path')}, $2::text, regexp_replace(path, '^.*/', ''),
            CASE WHEN path ~ '/.*/' THEN ${group("regexp_replace(path, '/[^/]*$', '')")} END, path
     FROM json_to_recordset($3::json) AS definition (path text)`,
    [environment, realm.name, JSON.stringify(realm.groups)],
  );
  await session.execute(
    `INSERT INTO group_role_mappings (id, group_id, role_id)
     SELECT pg_temp.seed_uuid($1::text || '/group-role/' || $2::text || path || '/' || role), ${group('path')},
            pg_temp.seed_uuid($1::text || '/role/' || $2::text || '/' || role)
     FROM json_to_recordset($3::json) AS definition (path text, roles text[]), unnest(roles) AS role`,
    [environment, realm.name, JSON.stringify(realm.groups)],
  );
}

async function seedPolicies(session: Session, environment: string, { realm }: SeededRealm): Promise<void> {
  await session.execute(
    `INSERT INTO policies (id, realm_name, name, resource, action, effect, conditions)
     SELECT pg_temp.seed_uuid($1::text || '/policy/' || $2::text || '/' || name), $2::text, name, resource, action,
            effect, nullif(conditions, 'null'::jsonb)
     FROM json_to_recordset($3::json)
       AS definition (name text, resource text, action text, effect text, conditions jsonb)`,
    [environment, realm.name, JSON.stringify(realm.policies)],
  );
}

async function seedMappings(session: Session, environment: string, seeded: SeededRealm): Promise<void> {
  const { realm, users, population } = seeded;
  if (users === 0) return;
  await session.execute(
    `WITH role AS MATERIALIZED (
       SELECT name, share, pg_temp.seed_uuid($1::text || '/role/' || $2::text || '/' || name) AS id,
              ('x' || left(md5(name), 6))::bit(24)::bigint AS salt
       FROM json_to_recordset($3::json) AS definition (name text, share int)
     )
     INSERT INTO user_role_mappings (id, user_id, role_id, realm_name)
     SELECT pg_temp.seed_uuid($1::text || '/mapping/' || $2::text || '/' || n || '/' || role.name),
            pg_temp.seed_uuid($1::text || '/user/' || $2::text || '/' || n), role.id, $2::text
     FROM (SELECT n, ${scrambledSql(realm.firstNumber)} AS h
           FROM (${populationSql(population, users, realm.deliberateUsers.length)}) AS population) AS scrambled,
          role
     WHERE ((h + salt) * 2654435761 % 4294967296 >> 9) % 100 < share
       -- In a drifted realm some hold one role less.
       AND NOT (${population === 'drifted'} AND n % 50 = 11 AND role.name = 'viewer')`,
    [environment, realm.name, JSON.stringify(realm.roles)],
  );
}
