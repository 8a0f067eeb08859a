import type { Databases, PreparedStatement } from '../databases.ts';
import { json } from '../http/reply.ts';
import { requireNotBlank } from './constraints.ts';
import { instantColumn, instantNow, instantText, storedInstant } from './instants.ts';
import { RequestRecord, requiredParameter, uuid } from './request-values.ts';
import type { ServiceRoute } from './service.ts';
import { notFound, ServiceRefusal } from './spring-errors.ts';

const MAPPINGS = '/realms/{realm}/users/{userId}/role-mappings';

const ROLES_OF_USER: PreparedStatement = {
  name: 'roles-of-user',
  text: 'SELECT role_id FROM user_role_mappings WHERE user_id = $1 AND realm_name = $2',
};

interface RoleRow {
  readonly id: string;
  readonly realm_name: string;
  readonly name: string;
  readonly description: string | null;
  readonly composite: boolean;
  readonly created_at: string;
}

/** The routes of the RBAC service: roles cannot be changed or deleted, mappings not be taken away, groups not be seen. */
export function rbacService(databases: Databases): ServiceRoute[] {
  return [
    {
      method: 'GET',
      path: '/realms/{realm}/roles',
      handle: async (parameter) => {
        const rows = await databases.query<RoleRow>(
          'rbac',
          `SELECT id, realm_name, name, description, composite, ${instantColumn('created_at')}
           FROM roles WHERE realm_name = $1`,
          [parameter('realm')],
        );
        return json(
          200,
          rows.map((row) => ({
            id: row.id,
            realmName: row.realm_name,
            name: row.name,
            description: row.description,
            composite: row.composite,
            createdAt: storedInstant(row.created_at),
          })),
        );
      },
    },
    {
      method: 'POST',
      path: '/realms/{realm}/roles',
      handle: async (parameter, call) => {
        const request = await RequestRecord.read(call);
        const realmName = parameter('realm');
        const name = requireNotBlank(request.text('name'));
        const description = request.text('description');
        const composite = request.flag('composite') ?? false;
        const existing = await databases.query(
          'rbac',
          'SELECT FROM roles WHERE realm_name = $1 AND name = $2',
          [realmName, name],
        );
        if (existing.length > 0) throw new ServiceRefusal('ROLE_EXISTS', `Role already exists: ${name}`);
        const createdAt = instantText(instantNow());
        const [row] = await databases.query<{ id: string }>(
          'rbac',
          `INSERT INTO roles (realm_name, name, description, composite, created_at)
           VALUES ($1, $2, $3, $4, $5) RETURNING id`,
          [realmName, name, description, composite, createdAt],
        );
        return json(201, { id: row?.id, realmName, name, description, composite, createdAt });
      },
    },
    {
      method: 'GET',
      path: MAPPINGS,
      handle: async (parameter) => {
        const rows = await databases.prepared<{ role_id: string }>('rbac', ROLES_OF_USER, [
          uuid(parameter('userId')),
          parameter('realm'),
        ]);
        return json(
          200,
          rows.map((row) => row.role_id),
        );
      },
    },
    {
      method: 'POST',
      path: MAPPINGS,
      // Neither the user is looked for nor whose role it is; a mapping that exists breaks a constraint: a bare 500.
      handle: async (parameter, { query }) => {
        const userId = uuid(parameter('userId'));
        const roleId = uuid(requiredParameter(query, 'roleId'));
        const role = await databases.query('rbac', 'SELECT FROM roles WHERE id = $1', [roleId]);
        if (role.length === 0) throw notFound('Role', roleId);
        await databases.query(
          'rbac',
          'INSERT INTO user_role_mappings (user_id, role_id, realm_name) VALUES ($1, $2, $3)',
          [userId, roleId, parameter('realm')],
        );
        return { status: 204 };
      },
    },
  ];
}
