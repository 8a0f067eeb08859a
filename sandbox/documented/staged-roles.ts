import type { Session } from '../databases.ts';
import type { Checked } from './checked-elements.ts';
import { refuseDoubles } from './doubles.ts';
import type { ImportedRole } from './import-schemas.ts';

/** The roles that a body defines, on their way into a realm. */
export async function createRoleStage(session: Session): Promise<void> {
  await session.execute(`
    CREATE TEMPORARY TABLE staged_roles (
      index int PRIMARY KEY, name text NOT NULL, description text, composite boolean NOT NULL
    ) ON COMMIT DROP`);
}

export async function stageRoles(session: Session, roles: readonly Checked<ImportedRole>[]): Promise<void> {
  await session.execute(
    `INSERT INTO staged_roles SELECT index, name, description, coalesce(composite, false)
     FROM json_to_recordset($1::json) AS staged (index int, name text, description text, composite boolean)`,
    [JSON.stringify(roles.map(({ index, value }) => ({ ...value, index })))],
  );
}

/**
 * @returns the names of the roles created
 * @throws Refusal 400 for roles named twice
 */
export async function applyStagedRoles(session: Session, realm: string): Promise<string[]> {
  await refuseDoubles(session, { member: 'roles', key: 'name', column: 'name' });
  const created = await session.query<{ name: string }>(
    `INSERT INTO roles (realm_name, name, description, composite)
     SELECT $1::text, name, description, composite FROM staged_roles ORDER BY index
     ON CONFLICT (realm_name, name) DO UPDATE SET description = excluded.description, composite = excluded.composite
     RETURNING name`,
    [realm],
  );
  return created.map((role) => role.name);
}
