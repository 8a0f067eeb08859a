import type { RouteCapabilities } from '../../connector.ts';
import { NO_ROUTE } from '../../no-route.ts';

/** The public release v1.1.0, and what answers like it. */
export const RELEASED = 'v1.1';

/**
 * What the API of release v1.1.0 can write, one resource at a time. Clients and roles can be created and nothing else;
 * the server gives a client its own clientId and secret, so none can be brought along: clients are left to the databases,
 * unless somebody asks for new ones. A value can be changed, but not taken away: PUT leaves alone what is null. Deleting a
 * realm removes its row only, and no other service asks whether a realm exists. Text limits are those of the tables (OpenGate v1.1.0, db/migration).
 */
export const RELEASED_ROUTE: RouteCapabilities = {
  channel: 'admin-api',
  dialect: RELEASED,
  overwriteRealm: true,
  overwriteLosesSecrets: true,
  removeRealm: true,
  seesLeftovers: true,
  writesWithoutRealm: true,
  transactional: false,
  refusesNul: true,
  survivors: ['roles', 'groups', 'clients', 'policies'],
  sections: {
    realm: {
      create: 'yes',
      createWithRealm: true,
      createMembers: [
        'name',
        'displayName',
        'loginTheme',
        'accessTokenLifespan',
        'refreshTokenLifespan',
        'mfaRequired',
      ],
      updateMembers: [
        'displayName',
        'loginTheme',
        'accessTokenLifespan',
        'refreshTokenLifespan',
        'mfaRequired',
      ],
      addOnlyMembers: [],
      delete: true,
      canEmpty: false,
      textLimits: { name: 255, displayName: 255, loginTheme: 100 },
    },
    roles: {
      ...NO_ROUTE,
      create: 'yes',
      createWithRealm: true,
      createMembers: ['name', 'description', 'composite'],
      textLimits: { name: 255 },
    },
    groups: NO_ROUTE,
    clients: {
      ...NO_ROUTE,
      createUnderNewKey: [
        'name',
        'description',
        'publicClient',
        'pkceRequired',
        'redirectUris',
        'webOrigins',
        'grantTypes',
        'scopes',
      ],
      textLimits: { name: 255 },
    },
    policies: NO_ROUTE,
    users: {
      create: 'yes',
      createWithRealm: true,
      createMembers: ['username', 'email', 'firstName', 'lastName', 'password', 'enabled', 'roles'],
      updateMembers: ['email', 'firstName', 'lastName', 'enabled', 'roles'],
      addOnlyMembers: ['roles'],
      delete: true,
      canEmpty: false,
      requiredMembers: ['email'],
      textLimits: { username: 255, email: 255, firstName: 255, lastName: 255 },
    },
    credentials: NO_ROUTE,
    socialLinks: NO_ROUTE,
  },
};
