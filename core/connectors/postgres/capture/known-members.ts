import { MEMBERS } from '../../../model/members.ts';
import { SECTIONS, type Section } from '../../../model/sections.ts';
import { NOT_ASKED_FOR, type Missing } from '../../../model/snapshot.ts';
import type { CaptureOptions } from '../../connector.ts';
import type { Layout } from '../layout.ts';
import { mayRead, missingGrants } from '../rights.ts';
import { SERVICES, TABLES, type Service, type TableName } from '../services.ts';

/** Where each section's records stand. */
const HOME: Readonly<Record<Section, { readonly service: Service; readonly table: TableName }>> = {
  realm: { service: 'realm', table: 'realms' },
  roles: { service: 'rbac', table: 'roles' },
  groups: { service: 'rbac', table: 'groups' },
  clients: { service: 'client', table: 'oauth_clients' },
  policies: { service: 'rbac', table: 'policies' },
  users: { service: 'user', table: 'users' },
  credentials: { service: 'user', table: 'user_credentials' },
  socialLinks: { service: 'user', table: 'user_social_links' },
};

/** What is read besides. */
const BESIDES: Readonly<Partial<Record<Section, readonly TableName[]>>> = {
  groups: ['group_role_mappings', 'roles'],
  credentials: ['users'],
  socialLinks: ['users'],
};

/** What tells the roles of users. */
const MAPPINGS: readonly TableName[] = ['user_role_mappings', 'roles'];

/** A plain secret stands in no database: whether it is the one of a hash that is read cannot be told. */
const NOT_STORED: Readonly<Partial<Record<Section, string>>> = { users: 'password', clients: 'clientSecret' };

/** What a capture is going to read. */
export interface Scope {
  readonly sections: ReadonlySet<Section>;
  /** Whether users are read with their roles. */
  readonly mappings: boolean;
  /** In whose databases it looks. */
  readonly services: readonly Service[];
  readonly missing: readonly Missing[];
  /** Why sections that were asked for cannot be read, whole sentences. */
  readonly obstacles: readonly string[];
}

/** @param roleOf the role by which a service's database is entered */
export function scopeOf(
  layout: Layout,
  options: CaptureOptions,
  roleOf: (service: Service) => string,
): Scope {
  const wanted = new Set<Section>(options.sections ?? SECTIONS);
  const missing: Missing[] = [];
  const sections = new Set<Section>();
  const obstacles = new Set<string>();
  for (const section of SECTIONS) {
    const problem = problemOf(layout, [HOME[section].table, ...(BESIDES[section] ?? [])], roleOf);
    if (!wanted.has(section)) missing.push({ section, reason: NOT_ASKED_FOR });
    else if (section === 'credentials' && options.credentials === false)
      missing.push({ section, reason: 'Password hashes were left out, as asked for.' });
    else if (problem === undefined) sections.add(section);
    else {
      missing.push({ section, reason: problem });
      obstacles.add(problem);
    }
  }
  const unmapped = sections.has('users') ? problemOf(layout, MAPPINGS, roleOf) : undefined;
  if (unmapped !== undefined) missing.push({ section: 'users', member: 'roles', reason: unmapped });
  if (sections.has('clients') && options.credentials === false)
    missing.push({
      section: 'clients',
      member: 'secretHash',
      reason: 'The hashes of client secrets were left out, as asked for.',
    });
  const mappings = sections.has('users') && unmapped === undefined;
  return {
    sections,
    mappings,
    services: servicesOf(layout, sections, mappings),
    missing,
    obstacles: [...obstacles],
  };
}

/** The realm's own database whenever that can be asked: it tells whether the realm is there. */
function servicesOf(layout: Layout, sections: ReadonlySet<Section>, mappings: boolean): Service[] {
  const services = new Set<Service>();
  const { realm } = layout.services;
  if (realm && mayRead(realm, 'realms')) services.add('realm');
  for (const section of sections) services.add(HOME[section].service);
  if (mappings) services.add('rbac');
  return SERVICES.filter((service) => services.has(service));
}

/** Why these tables of one service cannot be read. */
function problemOf(
  layout: Layout,
  tables: readonly TableName[],
  roleOf: (service: Service) => string,
): string | undefined {
  const { service } = TABLES[tables[0]!];
  const found = layout.services[service];
  if (!found) return layout.problems[service] ?? `The tables of the ${service} service were not found.`;
  const closed = tables.filter((table) => !mayRead(found, table));
  if (closed.length === 0) return undefined;
  const role = roleOf(service);
  const grants = missingGrants(found, 'read', role, closed);
  return `“${role}” may not read ${new Intl.ListFormat('en').format(closed)} in ${found.place}: ${grants.join(' ')}`;
}

/** The members of a section's records about which the databases tell everything. */
export function knownMembers(
  layout: Layout,
  section: Section,
  options: CaptureOptions,
  { mappings }: Pick<Scope, 'mappings'>,
): string[] {
  const { service, table } = HOME[section];
  const unknown = layout.services[service]?.tables[table]?.unknown.map(({ member }) => member) ?? [];
  const hidden = section === 'clients' && options.credentials === false;
  const not = new Set([
    // Without hashes, clients have `clientSecret` in the state redacted; one that lacks it has no secret.
    hidden ? 'secretHash' : NOT_STORED[section],
    ...(section === 'users' && !mappings ? ['roles'] : []),
  ]);
  const joined = section === 'credentials' || section === 'policies' ? ['additional'] : [];
  return [
    ...MEMBERS[section].map(({ name }) => name).filter((name) => !not.has(name)),
    ...joined,
    ...unknown,
  ];
}
