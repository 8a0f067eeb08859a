import { segment } from '../path-segment.ts';
import type { BaseUrls } from '../settings.ts';

/**
 * Where release v1.1.0 serves what. `admin` addresses answer through the Admin API, which hides every refusal of the
 * services behind a bare 500 and cannot pass on more than 256 KB; the others go through the gateway, which passes on what
 * the services say (OpenGate v1.1.0, opengate-gateway and opengate-admin-api).
 */
export interface ReleasedEndpoints {
  readonly realms: string;
  realm(name: string): string;
  /** Through the gateway; undefined where no gateway is named. */
  users(realm: string, page: number, size: number): string | undefined;
  adminUsers(realm: string, page: number, size: number): string;
  adminUser(realm: string, id: string): string;
  /** To create one. */
  adminNewUser(realm: string): string;
  /** Users with this text somewhere in their name, address or first name, whatever its case; the best way to one user. */
  userSearch(realm: string, text: string, page: number, size: number): string;
  /** One user, and to create one: through the gateway where one is named. */
  user(realm: string, id: string): string;
  newUser(realm: string): string;
  roles(realm: string): string;
  roleMappings(realm: string, userId: string): string;
  newRoleMapping(realm: string, userId: string, roleId: string): string;
  clients(realm: string): string;
  adminClients(realm: string): string;
  /** To create clients and find them again, and to give one a new secret: through the gateway where one is named. */
  newClient(realm: string): string;
  newClientSecret(realm: string, id: string): string;
}

export function releasedEndpoints({ api, gateway, gatewayNamed }: BaseUrls): ReleasedEndpoints {
  const admin = (realm: string) => `${api}/admin/realms/${segment(realm)}`;
  const service = (realm: string) => `${gateway}/api/realms/${segment(realm)}`;
  const mappings = (realm: string, userId: string) =>
    `${service(realm)}/users/${segment(userId)}/role-mappings`;
  const clients = (realm: string) => `${gatewayNamed ? service(realm) : admin(realm)}/clients`;
  const userList = (realm: string) =>
    gatewayNamed ? `${gateway}/api/users?realm=${encodeURIComponent(realm)}&` : `${admin(realm)}/users?`;
  return {
    realms: `${api}/admin/realms`,
    realm: admin,
    users: (realm, page, size) =>
      gatewayNamed
        ? `${gateway}/api/users?realm=${encodeURIComponent(realm)}&page=${page}&size=${size}`
        : undefined,
    adminUsers: (realm, page, size) => `${admin(realm)}/users?page=${page}&size=${size}`,
    adminUser: (realm, id) => `${admin(realm)}/users/${segment(id)}`,
    adminNewUser: (realm) => `${admin(realm)}/users`,
    userSearch: (realm, text, page, size) =>
      `${userList(realm)}search=${encodeURIComponent(text)}&page=${page}&size=${size}`,
    user: (realm, id) =>
      gatewayNamed ? `${gateway}/api/users/${segment(id)}` : `${admin(realm)}/users/${segment(id)}`,
    newUser: (realm) =>
      gatewayNamed ? `${gateway}/api/users?realm=${encodeURIComponent(realm)}` : `${admin(realm)}/users`,
    roles: (realm) => `${service(realm)}/roles`,
    roleMappings: mappings,
    newRoleMapping: (realm, userId, roleId) => `${mappings(realm, userId)}?roleId=${segment(roleId)}`,
    clients: (realm) => `${service(realm)}/clients`,
    adminClients: (realm) => `${admin(realm)}/clients`,
    newClient: clients,
    newClientSecret: (realm, id) => `${clients(realm)}/${segment(id)}/secret/regenerate`,
  };
}
