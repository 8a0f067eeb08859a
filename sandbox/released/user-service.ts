import bcrypt from 'bcryptjs';
import type { Databases, PreparedStatement } from '../databases.ts';
import type { ReleasedOptions } from '../dialect.ts';
import { json, type Reply } from '../http/reply.ts';
import { requireEmail, requireNotBlank } from './constraints.ts';
import { instantColumn, instantNow, instantText } from './instants.ts';
import { integerParameter, RequestRecord, requiredParameter, uuid } from './request-values.ts';
import type { ServiceCall, ServiceRoute } from './service.ts';
import { notFound, ServiceRefusal } from './spring-errors.ts';
import { UserPages } from './user-pages.ts';
import { USER_COLUMNS, userAnswer, type UserRow } from './user-rows.ts';

const BY_ID: PreparedStatement = {
  name: 'user-by-id',
  text: `SELECT ${USER_COLUMNS} FROM users WHERE id = $1`,
};

export interface UserServiceOptions {
  readonly databases: Databases;
  readonly bcryptCost: number;
  readonly userOrder: NonNullable<ReleasedOptions['userOrder']>;
}

/** The routes of the user service. It knows nothing of realms: any name is one. */
export function userService({ databases, bcryptCost, userOrder }: UserServiceOptions): ServiceRoute[] {
  const pages = new UserPages(databases, userOrder);
  return [
    {
      method: 'GET',
      path: '/users',
      handle: async (_parameter, { query }) => {
        const realm = requiredParameter(query, 'realm');
        const page = integerParameter(query, 'page', 0);
        const size = integerParameter(query, 'size', 20);
        const { rows, total } = await pages.read(realm, query.get('search') ?? '', page, size);
        return json(200, {
          content: rows.map(userAnswer),
          page,
          size,
          totalElements: total,
          totalPages: Math.ceil(total / size),
        });
      },
    },
    {
      method: 'POST',
      path: '/users',
      handle: (_parameter, call) => createUser(databases, bcryptCost, call),
    },
    {
      method: 'GET',
      path: '/users/{id}',
      handle: async (parameter) => {
        const id = uuid(parameter('id'));
        const [row] = await databases.prepared<UserRow>('user', BY_ID, [id]);
        if (!row) throw notFound('User', id);
        return json(200, userAnswer(row));
      },
    },
    {
      method: 'PUT',
      path: '/users/{id}',
      handle: (parameter, call) => updateUser(databases, uuid(parameter('id')), call),
    },
    {
      method: 'DELETE',
      path: '/users/{id}',
      handle: async (parameter) => {
        const id = uuid(parameter('id'));
        // Credentials and social links go with it; role mappings stand in another database, and stay.
        const deleted = await databases.query('user', 'DELETE FROM users WHERE id = $1 RETURNING id', [id]);
        if (deleted.length === 0) throw notFound('User', id);
        return { status: 204 };
      },
    },
    // Accepted, and nothing done.
    { method: 'POST', path: '/users/{id}/reset-password', handle: accepted },
    { method: 'POST', path: '/users/{id}/send-verify-email', handle: accepted },
  ];
}

function accepted(parameter: (name: string) => string): Reply {
  uuid(parameter('id'));
  return { status: 202 };
}

async function createUser(databases: Databases, bcryptCost: number, call: ServiceCall): Promise<Reply> {
  const realm = requiredParameter(call.query, 'realm');
  const user = await readUser(call);
  const [taken] = await databases.prepared<{ username: boolean; email: boolean }>(
    'user',
    {
      name: 'user-taken',
      text: `SELECT EXISTS (SELECT FROM users WHERE realm_name = $1 AND username = $2) AS username,
                    EXISTS (SELECT FROM users WHERE realm_name = $1 AND email = $3) AS email`,
    },
    [realm, user.username, user.email],
  );
  if (taken?.username) throw new ServiceRefusal('USER_EXISTS', 'Username already exists in realm');
  if (taken?.email) throw new ServiceRefusal('EMAIL_EXISTS', 'Email already exists in realm');
  const hash = user.password === null ? null : await bcrypt.hash(user.password, bcryptCost);
  const created = instantNow();
  const updated = created + 400n;
  const [row] = await databases.prepared<{ id: string }>(
    'user',
    {
      name: 'user-create',
      text: `WITH created AS (
               INSERT INTO users (realm_name, username, email, first_name, last_name, enabled, email_verified,
                                  created_at, updated_at)
               VALUES ($1, $2, $3, $4, $5, $6, false, $7, $8) RETURNING id
             ), credential AS (
               INSERT INTO user_credentials (user_id, credential_type, secret_hash, created_at, updated_at)
               SELECT id, 'PASSWORD', $9, $7, $8 FROM created WHERE $9::text IS NOT NULL
             )
             SELECT id FROM created`,
    },
    [
      realm,
      user.username,
      user.email,
      user.firstName,
      user.lastName,
      user.enabled ?? true,
      instantText(created),
      instantText(updated),
      hash,
    ],
  );
  return json(201, {
    id: row?.id,
    realmName: realm,
    username: user.username,
    email: user.email,
    firstName: user.firstName,
    lastName: user.lastName,
    enabled: user.enabled ?? true,
    emailVerified: false,
    createdAt: instantText(created),
    updatedAt: instantText(updated),
  });
}

/**
 * Null members stay as they are; a user name has to be sent and is not looked at. The answer has the time of the change
 * before: it is made before the row is written. A row that stays the same is not written at all.
 */
async function updateUser(databases: Databases, id: string, call: ServiceCall): Promise<Reply> {
  const user = await readUser(call);
  const [row] = await databases.prepared<UserRow>(
    'user',
    {
      name: 'user-update',
      text: `WITH before AS (SELECT * FROM users WHERE id = $1), change AS (
               UPDATE users SET email = $2, first_name = coalesce($3, first_name),
                                last_name = coalesce($4, last_name), enabled = coalesce($5, enabled), updated_at = $6
               WHERE id = $1 AND (email, first_name, last_name, enabled) IS DISTINCT FROM
                 ($2, coalesce($3, first_name), coalesce($4, last_name), coalesce($5, enabled))
             )
             SELECT id, realm_name, username, $2 AS email, coalesce($3, first_name) AS first_name,
                    coalesce($4, last_name) AS last_name, coalesce($5, enabled) AS enabled, email_verified,
                    ${instantColumn('created_at')}, ${instantColumn('updated_at')}
             FROM before`,
    },
    [id, user.email, user.firstName, user.lastName, user.enabled, instantText(instantNow())],
  );
  if (!row) throw notFound('User', id);
  return json(200, userAnswer(row));
}

async function readUser(call: ServiceCall) {
  const request = await RequestRecord.read(call);
  return {
    username: requireNotBlank(request.text('username')),
    email: requireEmail(requireNotBlank(request.text('email'))),
    firstName: request.text('firstName'),
    lastName: request.text('lastName'),
    password: request.text('password'),
    enabled: request.flag('enabled'),
  };
}
