import type { Section } from '../../model/sections.ts';
import type { RouteCapabilities } from '../connector.ts';
import { NO_ROUTE } from '../no-route.ts';
import type { BaseUrls } from './settings.ts';

export const DOCUMENTED = 'documented';

/** The sections that have an export of their own. */
export const SECTION_EXPORTS = ['users', 'roles', 'clients'] as const;
/** The sections that the documented API tells anything about, in the order of its export document. */
export const EXPORTED_SECTIONS = ['realm', 'roles', 'clients', 'users'] as const satisfies readonly Section[];

/** The members of a realm that the Realms API can change, and what it calls them (OpenGate documentation, Realms API page). */
export const REALM_SETTINGS: Readonly<Record<string, string>> = {
  displayName: 'displayName',
  accessTokenLifespan: 'tokenLifespanSeconds',
  refreshTokenLifespan: 'refreshTokenLifespanSeconds',
  mfaRequired: 'mfaRequired',
};

/** The addresses of the documented dialect (OpenGate documentation, pages Import/Export and Realms API). */
export interface DocumentedEndpoints {
  export(realm: string, section?: (typeof SECTION_EXPORTS)[number]): string;
  importRealm(overwrite: boolean): string;
  importUsers(realm: string, merge: boolean): string;
}

export function documentedEndpoints({ api }: Pick<BaseUrls, 'api'>): DocumentedEndpoints {
  return {
    export: (realm, section) =>
      `${api}/admin/realms/${segment(realm)}/${section === undefined ? 'export' : `${section}/export`}`,
    importRealm: (overwrite) => `${api}/admin/realms/import${overwrite ? '?overwrite=true' : ''}`,
    importUsers: (realm, merge) =>
      `${api}/admin/realms/${segment(realm)}/users/import${merge ? '?mergeUsers=true' : ''}`,
  };
}

/** One realm's address below a list of realms. */
export function realmUrl(list: string, realm: string): string {
  return `${list}/${segment(realm)}`;
}

/** A name as one segment of a path; a segment of dots would climb the path instead. */
export function segment(name: string): string {
  return /^\.+$/.test(name) ? name.replaceAll('.', '%252E') : encodeURIComponent(name);
}

/**
 * What the documented API can write. Groups, policies, password hashes and social links have no place in it; a client
 * can be created with its realm only (an existing realm takes users, nothing else); nothing can be deleted singly, but the
 * realm as a whole can.
 */
export const DOCUMENTED_ROUTE: RouteCapabilities = {
  channel: 'admin-api',
  dialect: DOCUMENTED,
  overwriteRealm: true,
  overwriteLosesSecrets: true,
  removeRealm: true,
  goesWithRealm: ['users', 'credentials', 'socialLinks', 'roles', 'clients'],
  seesLeftovers: false,
  transactional: false,
  refusesNul: false,
  sections: {
    realm: {
      create: 'yes',
      createWithRealm: true,
      createMembers: 'all',
      updateMembers: Object.keys(REALM_SETTINGS),
      addOnlyMembers: [],
      delete: false,
    },
    roles: { ...NO_ROUTE, create: 'by-mapping', createWithRealm: true, createMembers: 'all' },
    groups: NO_ROUTE,
    clients: { ...NO_ROUTE, create: 'with-realm', createWithRealm: true, createMembers: 'all' },
    policies: NO_ROUTE,
    users: {
      create: 'yes',
      createWithRealm: true,
      createMembers: 'all',
      updateMembers: ['email', 'firstName', 'lastName', 'enabled', 'emailVerified', 'roles'],
      addOnlyMembers: ['roles'],
      delete: false,
    },
    credentials: NO_ROUTE,
    socialLinks: NO_ROUTE,
  },
};
