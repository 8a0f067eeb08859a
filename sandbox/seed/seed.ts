import type { Session } from '../databases.ts';
import type { DatabaseRole } from '../schema.ts';
import { seededRealms, type SeededRealm, type SeedName } from './environments.ts';
import { SEED_UUID_FUNCTION } from './population-sql.ts';
import { seedRbac } from './seed-rbac.ts';
import { seedUsers } from './seed-users.ts';
import { SEEDED_HASHES } from './seeded-passwords.ts';

/**
 * Fills one of the four databases. Everything is computed in the database by set-based statements from numbers and
 * names, so that a million users take a minute, and every run gives the same rows.
 *
 * @param users size of the realm `acme` as it is in `dev`
 */
export async function seedDatabase(
  role: DatabaseRole,
  session: Session,
  environment: string,
  seed: SeedName,
  users: number,
): Promise<void> {
  const realms = seededRealms(seed, users);
  switch (role) {
    case 'realm':
      return seedRealms(session, environment, realms);
    case 'user':
      return seedUsers(session, environment, realms);
    case 'rbac':
      return seedRbac(session, environment, realms);
    case 'client':
      return seedClients(session, environment, realms);
  }
}

async function seedRealms(
  session: Session,
  environment: string,
  realms: readonly SeededRealm[],
): Promise<void> {
  await session.execute(SEED_UUID_FUNCTION);
  for (const { realm } of realms) {
    await session.execute(
      `INSERT INTO realms (id, name, display_name, login_theme, token_lifespan_seconds, refresh_token_lifespan_seconds,
                           mfa_required, password_policy, smtp_settings, created_at, updated_at)
       VALUES (pg_temp.seed_uuid($1::text || '/realm/' || $2::text), $2::text, $3, $4, $5, $6, $7, $8, $9,
               '2021-01-01 00:00:00Z', '2024-11-05 10:20:30.456Z')`,
      [
        environment,
        realm.name,
        realm.displayName,
        realm.loginTheme,
        realm.tokenLifespanSeconds,
        realm.refreshTokenLifespanSeconds,
        realm.mfaRequired,
        realm.passwordPolicy === null ? null : JSON.stringify(realm.passwordPolicy),
        realm.smtpSettings === null ? null : JSON.stringify(realm.smtpSettings),
      ],
    );
  }
}

async function seedClients(
  session: Session,
  environment: string,
  realms: readonly SeededRealm[],
): Promise<void> {
  await session.execute(SEED_UUID_FUNCTION);
  for (const { realm } of realms) {
    await session.execute(
      `INSERT INTO oauth_clients (id, realm_name, client_id, client_secret_hash, name, description, public_client,
                                  pkce_required, enabled, redirect_uris, web_origins, grant_types, scopes,
                                  created_at, updated_at)
       SELECT pg_temp.seed_uuid($1::text || '/client/' || "clientId"), $2::text, "clientId",
              CASE WHEN "publicClient" IS NULL THEN ($4::text[])[1 + ord % cardinality($4::text[])] END,
              name, description, coalesce("publicClient", false), coalesce("pkceRequired", false),
              coalesce(enabled, true), "redirectUris", "webOrigins", "grantTypes", scopes,
              timestamptz '2022-05-01 12:00:00.5Z' + ord * interval '1 day', '2024-01-01 00:00:00Z'
       FROM ROWS FROM (json_to_recordset($3::json) AS (
         "clientId" text, name text, description text, "publicClient" boolean, "pkceRequired" boolean, enabled boolean,
         "redirectUris" text[], "webOrigins" text[], "grantTypes" text[], scopes text[]
       )) WITH ORDINALITY AS client ("clientId", name, description, "publicClient", "pkceRequired", enabled,
                                     "redirectUris", "webOrigins", "grantTypes", scopes, ord)`,
      [environment, realm.name, JSON.stringify(realm.clients), SEEDED_HASHES],
    );
  }
}
