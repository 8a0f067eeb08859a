import { SERVICE_NAMES } from '../../../../contract/environment.ts';

type Service = (typeof SERVICE_NAMES)[number];

/** The tables of each service, in the order of docs/postgres-rights.md; a test holds the two together. */
const TABLES: Readonly<Record<Service, readonly string[]>> = {
  user: ['users', 'user_credentials', 'user_social_links'],
  rbac: ['roles', 'groups', 'user_role_mappings', 'group_role_mappings', 'policies'],
  client: ['oauth_clients'],
  realm: ['realms'],
};

const VERSION_TABLE = 'flyway_schema_history';

/** The statements that give a role what it needs in one service's database. */
export function grantsOf(
  service: Service,
  { role, database, purpose }: { role: string; database: string; purpose: 'backup' | 'import' },
): string[] {
  const tables = TABLES[service].join(', ');
  const to = quoted(role);
  const common = [
    `GRANT CONNECT${purpose === 'import' ? ', TEMPORARY' : ''} ON DATABASE ${quoted(database)} TO ${to};`,
    `GRANT USAGE ON SCHEMA public TO ${to};`,
  ];
  return purpose === 'backup'
    ? [...common, `GRANT SELECT ON ${tables}, ${VERSION_TABLE} TO ${to};`]
    : [
        ...common,
        `GRANT SELECT ON ${VERSION_TABLE} TO ${to};`,
        `GRANT SELECT, INSERT, UPDATE, DELETE ON ${tables} TO ${to};`,
      ];
}

/** As SQL takes a name. */
function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
