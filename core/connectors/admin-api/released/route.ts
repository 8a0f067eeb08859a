import type { RouteCapabilities, SectionRoute } from '../../connector.ts';

/** The public release v1.1.0, and what answers like it. */
export const RELEASED = 'v1.1';

const NOTHING: SectionRoute = {
  create: 'no',
  createWithRealm: false,
  createMembers: [],
  updateMembers: [],
  addOnlyMembers: [],
  delete: false,
};

/**
 * What the API of release v1.1.0 can write, one resource at a time. Clients and roles can be created and nothing else;
 * the server gives a client its own clientId and secret, so none can be brought along: clients are left to the databases.
 * Deleting a realm removes its row only.
 */
export const RELEASED_ROUTE: RouteCapabilities = {
  channel: 'admin-api',
  dialect: RELEASED,
  overwriteRealm: true,
  overwriteLosesSecrets: true,
  removeRealm: true,
  seesLeftovers: true,
  transactional: false,
  refusesNul: true,
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
    },
    roles: {
      ...NOTHING,
      create: 'yes',
      createWithRealm: true,
      createMembers: ['name', 'description', 'composite'],
    },
    groups: NOTHING,
    clients: NOTHING,
    policies: NOTHING,
    users: {
      create: 'yes',
      createWithRealm: true,
      createMembers: ['username', 'email', 'firstName', 'lastName', 'password', 'enabled', 'roles'],
      updateMembers: ['email', 'firstName', 'lastName', 'enabled', 'roles'],
      addOnlyMembers: ['roles'],
      delete: true,
      requiredMembers: ['email'],
    },
    credentials: NOTHING,
    socialLinks: NOTHING,
  },
};
