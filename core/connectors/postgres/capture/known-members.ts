import { MEMBERS } from '../../../model/members.ts';
import { SECTIONS, type Section } from '../../../model/sections.ts';
import type { Missing } from '../../../model/snapshot.ts';
import type { CaptureOptions } from '../../connector.ts';
import type { Layout } from '../layout.ts';
import { SERVICES, type Service, type TableName } from '../services.ts';

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

/** A plain secret stands in no database: whether it is the one of a hash that is read cannot be told. */
const NOT_STORED: Readonly<Partial<Record<Section, string>>> = { users: 'password', clients: 'clientSecret' };

/** What a capture is going to read. */
export interface Scope {
  readonly sections: ReadonlySet<Section>;
  /** In whose databases it looks. */
  readonly services: readonly Service[];
  readonly missing: readonly Missing[];
  /** Why sections that were asked for cannot be read, whole sentences. */
  readonly obstacles: readonly string[];
}

export function scopeOf(layout: Layout, options: CaptureOptions): Scope {
  const wanted = new Set<Section>(options.sections ?? SECTIONS);
  const missing: Missing[] = [];
  const sections = new Set<Section>();
  const obstacles = new Set<string>();
  for (const section of SECTIONS) {
    const problem = problemOf(layout, section);
    if (!wanted.has(section)) missing.push({ section, reason: 'It was not asked for.' });
    else if (section === 'credentials' && options.credentials === false)
      missing.push({ section, reason: 'Password hashes were left out, as asked for.' });
    else if (problem === undefined) sections.add(section);
    else {
      missing.push({ section, reason: problem });
      obstacles.add(problem);
    }
  }
  if (sections.has('users') && !layout.services.rbac)
    missing.push({ section: 'users', member: 'roles', reason: problemOf(layout, 'roles')! });
  if (sections.has('clients') && options.credentials === false)
    missing.push({
      section: 'clients',
      member: 'secretHash',
      reason: 'The hashes of client secrets were left out, as asked for.',
    });
  return { sections, services: servicesOf(layout, sections), missing, obstacles: [...obstacles] };
}

/** The realm's own database always: it tells whether the realm is there. */
function servicesOf(layout: Layout, sections: ReadonlySet<Section>): Service[] {
  const services = new Set<Service>(['realm']);
  for (const section of sections) services.add(HOME[section].service);
  if (sections.has('users')) services.add('rbac');
  return SERVICES.filter((service) => services.has(service) && layout.services[service]);
}

function problemOf(layout: Layout, section: Section): string | undefined {
  const { service } = HOME[section];
  if (layout.services[service]) return undefined;
  return layout.problems[service] ?? `The tables of the ${service} service were not found.`;
}

/** The members of a section's records about which the databases tell everything. */
export function knownMembers(layout: Layout, section: Section, options: CaptureOptions): string[] {
  const { service, table } = HOME[section];
  const unknown = layout.services[service]?.tables[table]?.unknown.map(({ member }) => member) ?? [];
  const hidden = section === 'clients' && options.credentials === false;
  const not = new Set([
    // Without hashes, clients have `clientSecret` in the state redacted; one that lacks it has no secret.
    hidden ? 'secretHash' : NOT_STORED[section],
    ...(section === 'users' && !layout.services.rbac ? ['roles'] : []),
  ]);
  const joined = section === 'credentials' || section === 'policies' ? ['additional'] : [];
  return [
    ...MEMBERS[section].map(({ name }) => name).filter((name) => !not.has(name)),
    ...joined,
    ...unknown,
  ];
}
