import { randomBytes, randomUUID } from 'node:crypto';
import bcrypt from 'bcryptjs';
import type { Databases } from '../databases.ts';
import { json, type Reply } from '../http/reply.ts';
import { requireNotBlank } from './constraints.ts';
import { instantColumn, instantNow, instantText, storedInstant } from './instants.ts';
import { RequestRecord, uuid } from './request-values.ts';
import type { ServiceCall, ServiceRoute } from './service.ts';
import { notFound } from './spring-errors.ts';

interface ClientRow {
  readonly id: string;
  readonly realm_name: string;
  readonly client_id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly public_client: boolean;
  readonly pkce_required: boolean;
  readonly enabled: boolean;
  readonly redirect_uris: readonly string[] | null;
  readonly grant_types: readonly string[] | null;
  readonly scopes: readonly string[] | null;
  readonly created_at: string;
}

const COLUMNS = `id, realm_name, client_id, name, description, public_client, pkce_required, enabled, redirect_uris,
  grant_types, scopes, ${instantColumn('created_at')}`;

/** The routes of the client service: clients are created under ids of its own and never changed or deleted. */
export function clientService(databases: Databases, bcryptCost: number): ServiceRoute[] {
  return [
    {
      method: 'GET',
      path: '/realms/{realm}/clients',
      handle: async (parameter) => {
        const rows = await databases.query<ClientRow>(
          'client',
          `SELECT ${COLUMNS} FROM oauth_clients WHERE realm_name = $1`,
          [parameter('realm')],
        );
        return json(200, rows.map(clientAnswer));
      },
    },
    {
      method: 'POST',
      path: '/realms/{realm}/clients',
      handle: (parameter, call) => createClient(databases, bcryptCost, parameter('realm'), call),
    },
    {
      method: 'GET',
      path: '/realms/{realm}/clients/{id}',
      // Whatever realm the path names.
      handle: async (parameter) => {
        const id = uuid(parameter('id'));
        const [row] = await databases.query<ClientRow>(
          'client',
          `SELECT ${COLUMNS} FROM oauth_clients WHERE id = $1`,
          [id],
        );
        if (!row) throw notFound('Client', id);
        return json(200, clientAnswer(row));
      },
    },
    {
      method: 'POST',
      path: '/realms/{realm}/clients/{id}/secret/regenerate',
      handle: async (parameter) => {
        const id = uuid(parameter('id'));
        const clientSecret = newSecret();
        const changed = await databases.query(
          'client',
          'UPDATE oauth_clients SET client_secret_hash = $2, updated_at = $3 WHERE id = $1 RETURNING id',
          [id, await bcrypt.hash(clientSecret, bcryptCost), instantText(instantNow())],
        );
        if (changed.length === 0) throw notFound('Client', id);
        return json(200, { clientSecret });
      },
    },
  ];
}

/** Answers with the client's id and secret as they were issued, and not with the UUID under which it is found. */
async function createClient(
  databases: Databases,
  bcryptCost: number,
  realm: string,
  call: ServiceCall,
): Promise<Reply> {
  const request = await RequestRecord.read(call);
  const name = requireNotBlank(request.text('name'));
  const clientId = `client-${randomUUID().slice(0, 8)}`;
  const isPublic = request.flag('publicClient') ?? false;
  const clientSecret = newSecret();
  const created = instantNow();
  await databases.query(
    'client',
    `INSERT INTO oauth_clients (realm_name, client_id, client_secret_hash, name, description, public_client,
                                pkce_required, enabled, redirect_uris, web_origins, grant_types, scopes,
                                created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, true, $8, $9, $10, $11, $12, $13)`,
    [
      realm,
      clientId,
      isPublic ? null : await bcrypt.hash(clientSecret, bcryptCost),
      name,
      request.text('description'),
      isPublic,
      request.flag('pkceRequired') ?? false,
      request.texts('redirectUris') ?? [],
      request.texts('webOrigins') ?? [],
      request.texts('grantTypes') ?? ['authorization_code'],
      request.texts('scopes') ?? ['openid', 'profile'],
      instantText(created),
      instantText(created + 400n),
    ],
  );
  return json(201, isPublic ? { clientId } : { clientId, clientSecret });
}

function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Neither web origins nor anything of the secret. */
function clientAnswer(row: ClientRow): Record<string, unknown> {
  return {
    id: row.id,
    realmName: row.realm_name,
    clientId: row.client_id,
    name: row.name,
    description: row.description,
    publicClient: row.public_client,
    pkceRequired: row.pkce_required,
    enabled: row.enabled,
    redirectUris: row.redirect_uris,
    grantTypes: row.grant_types,
    scopes: row.scopes,
    createdAt: storedInstant(row.created_at),
  };
}
