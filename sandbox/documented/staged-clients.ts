import type { Session } from '../databases.ts';
import { Refusal } from '../http/reply.ts';
import { LISTED, type Checked } from './checked-elements.ts';
import { refuseDoubles } from './doubles.ts';
import type { ImportedClient } from './import-schemas.ts';
import { hashOfUnknownSecret, hashSecret, isMasked } from './secrets.ts';

/** The clients of a body on their way into a realm. Their secrets are hashed before they reach the database. */
export async function createClientStage(session: Session): Promise<void> {
  await session.execute(`
    CREATE TEMPORARY TABLE staged_clients (
      index int PRIMARY KEY,
      client_id text NOT NULL,
      client_secret_hash text,
      name text,
      description text,
      public_client boolean NOT NULL,
      pkce_required boolean NOT NULL,
      enabled boolean NOT NULL,
      redirect_uris text[],
      web_origins text[],
      grant_types text[],
      scopes text[]
    ) ON COMMIT DROP`);
}

export async function stageClients(
  session: Session,
  clients: readonly Checked<ImportedClient>[],
  bcryptCost: number,
): Promise<void> {
  const rows = await Promise.all(
    clients.map(async ({ index, value: { clientSecret, ...client } }) => ({
      ...client,
      index,
      secretHash: client.publicClient ? null : await secretHash(clientSecret, bcryptCost),
    })),
  );
  await session.execute(
    `INSERT INTO staged_clients
     SELECT index, "clientId", "secretHash", name, description, coalesce("publicClient", false),
            coalesce("pkceRequired", false), coalesce(enabled, true), "redirectUris", "webOrigins", "grantTypes", scopes
     FROM json_to_recordset($1::json) AS staged (
       index int, "clientId" text, "secretHash" text, name text, description text, "publicClient" boolean,
       "pkceRequired" boolean, enabled boolean, "redirectUris" text[], "webOrigins" text[], "grantTypes" text[],
       scopes text[])`,
    [JSON.stringify(rows)],
  );
}

function secretHash(secret: string | null | undefined, bcryptCost: number): Promise<string> {
  return typeof secret !== 'string' || secret === '' || isMasked(secret)
    ? hashOfUnknownSecret()
    : hashSecret(secret, bcryptCost);
}

/**
 * @returns how many were created
 * @throws Refusal 400 for clients named twice, 409 CLIENT_EXISTS when any realm of the server has one of them
 */
export async function applyStagedClients(session: Session, realm: string): Promise<number> {
  await refuseDoubles(session, { member: 'clients', key: 'clientId', column: 'client_id' });
  const taken = await session.query<{ clientId: string }>(
    `SELECT client_id AS "clientId" FROM staged_clients JOIN oauth_clients USING (client_id)
     ORDER BY index LIMIT ${LISTED}`,
  );
  if (taken[0])
    throw new Refusal(409, 'CLIENT_EXISTS', `Client already exists: ${taken[0].clientId}`, {
      members: { conflicts: taken },
    });
  return session.execute(
    `INSERT INTO oauth_clients (realm_name, client_id, client_secret_hash, name, description, public_client,
                                pkce_required, enabled, redirect_uris, web_origins, grant_types, scopes)
     SELECT $1::text, client_id, client_secret_hash, name, description, public_client, pkce_required, enabled,
            redirect_uris, web_origins, grant_types, scopes
     FROM staged_clients ORDER BY index`,
    [realm],
  );
}
