import type { Section } from '../../../model/sections.ts';
import type { RouteCapabilities } from '../../connector.ts';
import { NO_ROUTE } from '../../no-route.ts';
import { REALM_SETTINGS } from '../realm-settings.ts';

export const DOCUMENTED = 'documented';

/** The sections that have an export of their own. */
export const SECTION_EXPORTS = ['users', 'roles', 'clients'] as const;
/** The sections that the documented API tells anything about, in the order of its export document. */
export const EXPORTED_SECTIONS = ['realm', 'roles', 'clients', 'users'] as const satisfies readonly Section[];

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
