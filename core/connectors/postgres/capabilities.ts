import { memberOf } from '../../model/members.ts';
import { perSection, type Section } from '../../model/sections.ts';
import type { RouteCapabilities, SectionRoute } from '../connector.ts';
import { NO_ROUTE } from '../no-route.ts';
import { memberColumns, SECTION_TABLES, serviceOf, tableOf } from './section-tables.ts';
import type { Layout, Table } from './layout.ts';
import { missingGrants } from './rights.ts';
import { SERVICES, TABLE_NAMES, TABLES, type Service, type TableName } from './services.ts';

/** Tables whose rows go with a record of the section, or without which one of its members cannot be written. */
const DEPENDENT: Readonly<Partial<Record<Section, readonly TableName[]>>> = {
  users: ['user_credentials', 'user_social_links', 'user_role_mappings'],
  roles: ['user_role_mappings', 'group_role_mappings'],
  groups: ['group_role_mappings'],
};

/**
 * What can be written, as follows from the tables found and the rights upon them.
 *
 * @param roleOf the role by which a service's database is entered
 */
export function capabilitiesOf(layout: Layout, roleOf: (service: Service) => string): RouteCapabilities {
  const whole = SERVICES.every((service) => {
    const found = layout.services[service];
    return (
      found !== undefined &&
      mayWrite(layout, service) &&
      TABLE_NAMES.filter((name) => TABLES[name].service === service).every((name) => {
        const rights = found.tables[name]?.rights;
        return rights?.select && rights.insert && rights.delete && rights.update;
      })
    );
  });
  return {
    channel: 'postgres',
    dialect: layout.dialect,
    overwriteRealm: whole,
    overwriteLosesSecrets: false,
    removeRealm: whole,
    seesLeftovers: true,
    writesWithoutRealm: true,
    transactional: true,
    refusesNul: true,
    limits: [
      ...SERVICES.flatMap((service) => limitsOf(layout, service, roleOf(service))),
      ...looseLimits(layout),
    ],
    sections: perSection((section) => sectionRoute(layout, section)),
  };
}

function limitsOf(layout: Layout, service: Service, role: string): string[] {
  const found = layout.services[service];
  if (!found)
    return [
      `Nothing can be written to the ${service} service: ${layout.problems[service] ?? 'it was not found.'}`,
    ];
  if (found.standby) return [`${found.place} is on a standby server: it can only be read.`];
  const grants = missingGrants(found, 'write', role);
  if (grants.length === 0) return [];
  return [
    `“${role}” lacks rights to write all of the ${service} service in ${found.place}: ${grants.join(' ')}`,
  ];
}

/** Columns of which a plan finds out, record by record, what the database takes for equal. */
const LOOKED_INTO: ReadonlySet<string> = new Set([
  'users.username',
  'users.email',
  'oauth_clients.client_id',
]);

/** What is compared loosely and must be unique, and what nobody looks for before it is written. */
function looseLimits(layout: Layout): string[] {
  const columns = looseColumns(layout).filter((column) => !LOOKED_INTO.has(column));
  return columns.length === 0
    ? []
    : [
        `The database takes texts for equal that are not the same, by the collation of ${columns.join(', ')}: where two records differ by no more than that, they cannot be told apart there, and nothing is written.`,
      ];
}

/** Names and other keys whose collation is not deterministic: "users.username". */
export function looseColumns(layout: Pick<Layout, 'services'>): string[] {
  return Object.values(layout.services)
    .flatMap(({ tables }) => Object.values(tables))
    .flatMap(({ name, columns }) =>
      [...columns.values()]
        .filter((column) => column.looseCollation !== undefined && IDENTIFYING.has(`${name}.${column.name}`))
        .map((column) => `${name}.${column.name}`),
    );
}

const IDENTIFYING: ReadonlySet<string> = new Set([
  ...LOOKED_INTO,
  'realms.name',
  'roles.name',
  'groups.name',
  'groups.path',
  'policies.name',
  'user_credentials.credential_type',
  'user_social_links.provider',
  'user_social_links.provider_user_id',
  ...['users', 'roles', 'groups', 'policies', 'oauth_clients'].map((table) => `${table}.realm_name`),
]);

/** To write, rows are staged; a standby cannot be written at all. */
function mayWrite(layout: Layout, service: Service): boolean {
  const found = layout.services[service];
  return found !== undefined && found.mayStage && !found.standby;
}

function sectionRoute(layout: Layout, section: Section): SectionRoute {
  const table = tableOf(layout, SECTION_TABLES[section].table);
  if (!table || !mayWrite(layout, serviceOf(section)) || !table.rights.select) return NO_ROUTE;
  const columns = memberColumns(section, table);
  const apart = SECTION_TABLES[section].apart.filter(
    (member) => member !== 'roles' || mayMap(layout, section),
  );
  const { insert, update } = table.rights;
  const updatable = [...columns.map(({ member }) => member), ...apart].filter((name) => {
    const member = memberOf(section, name);
    return !member?.key && !member?.volatile;
  });
  const limits = columns.flatMap(({ member, column }) =>
    column.maxLength === undefined ? [] : [[member, column.maxLength] as const],
  );
  const loose = columns
    .filter(({ column }) => column.looseCollation !== undefined)
    .map(({ member }) => member);
  return {
    create: insert ? 'yes' : 'no',
    createWithRealm: insert,
    createMembers: insert ? [...columns.map(({ member }) => member), ...apart] : [],
    updateMembers: update ? updatable : apart.filter((member) => member === 'roles'),
    addOnlyMembers: [],
    delete: mayDelete(layout, section, table),
    requiredMembers: insert ? required(section, columns) : [],
    textLimits: Object.fromEntries(limits),
    ...(loose.length > 0 && { looseMembers: loose }),
  };
}

/** Whether role mappings of users or groups can be written. */
function mayMap(layout: Layout, section: Section): boolean {
  const mappings = tableOf(layout, section === 'users' ? 'user_role_mappings' : 'group_role_mappings');
  const needsMore = mappings?.unknown.some(
    ({ notNull, hasDefault, generated }) => notNull && !hasDefault && !generated,
  );
  return (
    mayWrite(layout, 'rbac') &&
    mappings !== undefined &&
    !needsMore &&
    mappings.rights.select &&
    mappings.rights.insert &&
    mappings.rights.delete
  );
}

/** What hangs on a record has to go with it, in whatever service. */
function mayDelete(layout: Layout, section: Section, table: Table): boolean {
  if (section === 'realm' || !table.rights.delete) return false;
  return (DEPENDENT[section] ?? []).every((name) => {
    const dependent = tableOf(layout, name);
    // Without that service there is nothing that could be left behind, as far as we can know.
    return dependent === undefined || (dependent.rights.select && dependent.rights.delete);
  });
}

/** Beside the key: what the database does not do without, and what it is that a record hangs on. */
function required(section: Section, columns: ReturnType<typeof memberColumns>): string[] {
  const names = columns
    .filter(({ column }) => column.notNull && !column.hasDefault)
    .map(({ member }) => member)
    // A group's name is the end of its path.
    .filter((member) => !memberOf(section, member)?.key && !memberOf(section, member)?.volatile)
    .filter((member) => section !== 'groups' || member !== 'name');
  return section === 'socialLinks' ? [...names, 'username'] : names;
}
