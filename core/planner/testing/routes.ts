import type { RouteCapabilities } from '../../connectors/connector.ts';
import { NO_ROUTE } from '../../connectors/no-route.ts';
import { everyMember } from '../../compare/testing/in-memory-side.ts';
import { perSection, type Section } from '../../model/sections.ts';

/** What the documented imports can do (OpenGate documentation, Import/Export page). */
export const documentedRoute: RouteCapabilities = {
  channel: 'admin-api',
  dialect: 'documented',
  overwriteRealm: true,
  overwriteLosesSecrets: true,
  removeRealm: true,
  goesWithRealm: ['users', 'credentials', 'socialLinks', 'roles', 'clients'],
  seesLeftovers: false,
  transactional: false,
  refusesNul: false,
  sections: {
    realm: {
      ...NO_ROUTE,
      create: 'with-realm',
      createWithRealm: true,
      createMembers: 'all',
      updateMembers: ['displayName', 'accessTokenLifespan', 'refreshTokenLifespan', 'mfaRequired'],
    },
    roles: { ...NO_ROUTE, create: 'by-mapping', createWithRealm: true, createMembers: 'all' },
    groups: NO_ROUTE,
    clients: { ...NO_ROUTE, create: 'with-realm', createWithRealm: true, createMembers: 'all' },
    policies: NO_ROUTE,
    users: {
      create: 'yes',
      createWithRealm: true,
      createMembers: 'all',
      updateMembers: ['email', 'firstName', 'lastName', 'enabled', 'roles'],
      addOnlyMembers: ['roles'],
      delete: false,
    },
    credentials: NO_ROUTE,
    socialLinks: NO_ROUTE,
  },
};

/**
 * The API of release v1.1.0: roles and clients can be created only, clients under keys of the server's, nothing can be
 * emptied, and a realm is deleted without what other services have of it.
 */
export const releasedRoute: RouteCapabilities = {
  channel: 'admin-api',
  dialect: 'v1.1',
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
      createMembers: ['name', 'displayName', 'mfaRequired'],
      updateMembers: ['displayName', 'mfaRequired'],
      addOnlyMembers: [],
      delete: true,
      canEmpty: false,
    },
    roles: {
      ...NO_ROUTE,
      create: 'yes',
      createWithRealm: true,
      createMembers: ['name', 'description', 'composite'],
    },
    groups: NO_ROUTE,
    clients: {
      ...NO_ROUTE,
      createUnderNewKey: ['name', 'description', 'publicClient', 'redirectUris', 'webOrigins'],
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
    },
    credentials: NO_ROUTE,
    socialLinks: NO_ROUTE,
  },
};

/** A route that can do everything the model knows, as a database could. */
export const fullRoute: RouteCapabilities = {
  channel: 'postgres',
  dialect: 'test',
  overwriteRealm: true,
  overwriteLosesSecrets: true,
  removeRealm: false,
  seesLeftovers: false,
  transactional: false,
  refusesNul: false,
  sections: perSection((section) => ({
    create: 'yes',
    createWithRealm: true,
    createMembers: everyMember(section),
    updateMembers: everyMember(section),
    addOnlyMembers: [],
    delete: section !== 'realm',
  })),
};

/** As a database behind which nothing is lost: what an overwrite would take away is put back. */
export const keepingRoute: RouteCapabilities = {
  ...fullRoute,
  overwriteLosesSecrets: false,
  removeRealm: true,
  seesLeftovers: true,
  writesWithoutRealm: true,
  transactional: true,
  refusesNul: true,
};

/** What a capture over the route tells about the members of each section. */
export function knownOver(route: RouteCapabilities, section: Section): readonly string[] {
  if (route.channel === 'postgres')
    return everyMember(section).filter((name) => name !== 'password' && name !== 'clientSecret');
  if (route.survivors) return RELEASED_TELLS[section] ?? [];
  const known: Partial<Record<Section, readonly string[]>> = {
    realm: [
      'name',
      'displayName',
      'accessTokenLifespan',
      'refreshTokenLifespan',
      'mfaRequired',
      'smtpConfig',
    ],
    roles: ['name', 'description'],
    clients: ['clientId', 'description', 'publicClient', 'redirectUris', 'grantTypes'],
    users: ['username', 'email', 'firstName', 'lastName', 'enabled', 'roles'],
  };
  return known[section] ?? [];
}

/** Of a client no web origins, of a realm no mail server, and of neither a secret. */
const RELEASED_TELLS: Partial<Record<Section, readonly string[]>> = {
  realm: ['name', 'displayName', 'enabled', 'mfaRequired', 'id'],
  roles: ['name', 'description', 'composite', 'id'],
  clients: ['clientId', 'name', 'description', 'enabled', 'publicClient', 'redirectUris', 'id'],
  users: ['username', 'email', 'firstName', 'lastName', 'enabled', 'emailVerified', 'roles', 'id'],
};
