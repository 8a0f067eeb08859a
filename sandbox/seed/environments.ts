import {
  ACME,
  FIELD_OPS,
  MASTER,
  PARTNER_PORTAL,
  type ClientDefinition,
  type RealmDefinition,
} from './realm-definitions.ts';

/** Which of a realm's numbered people are there. `drifted`: as in `prod`, where some are missing, changed or taken. */
export type Population = 'whole' | 'drifted';

export interface SeededRealm {
  readonly realm: RealmDefinition;
  /** Users in the realm as it is in `dev`, the deliberate ones included. */
  readonly users: number;
  readonly population: Population;
}

/** What an environment is filled with. `none` is a server just installed: the master realm alone, without users. */
export type SeedName = 'dev' | 'prod' | 'none';

const ROLES_NOT_YET_IN_PROD = new Set(['Support L2', 'support-manager', '管理者', 'beta-tester']);
const CLIENTS_IN_PROD = new Set(['acme-web', 'acme-mobile', 'acme-backend', 'acme-billing', 'acme-ci']);
/** Belongs to `acme` in dev, and in prod to another realm: a client id is unique over all realms of a server. */
const CLIENT_TAKEN_IN_PROD = 'partner-sync';

const ACME_IN_PROD: RealmDefinition = {
  ...ACME,
  tokenLifespanSeconds: 120,
  roles: ACME.roles
    .filter((role) => !ROLES_NOT_YET_IN_PROD.has(role.name))
    .map((role) => (role.name === 'approver' ? { ...role, description: 'Approves (four eyes)' } : role)),
  groups: ACME.groups
    .filter((group) => !group.path.startsWith('/customers'))
    .map((group) => ({ ...group, roles: group.roles.filter((role) => !ROLES_NOT_YET_IN_PROD.has(role)) })),
  policies: ACME.policies.slice(0, 2),
  clients: ACME.clients
    .filter((client) => CLIENTS_IN_PROD.has(client.clientId))
    .map((client) =>
      client.clientId === 'acme-web'
        ? { ...client, redirectUris: ['https://portal.acme.example/callback'] }
        : client,
    ),
};

const TAKEN_CLIENT: ClientDefinition = {
  clientId: CLIENT_TAKEN_IN_PROD,
  name: 'Sync of the partner portal',
  grantTypes: ['client_credentials'],
};

const PARTNER_PORTAL_IN_PROD: RealmDefinition = {
  ...PARTNER_PORTAL,
  clients: [...PARTNER_PORTAL.clients, TAKEN_CLIENT],
};

const SEEDS: Readonly<Record<SeedName, (users: number) => readonly SeededRealm[]>> = {
  none: () => [{ realm: { ...MASTER, roles: [] }, users: 0, population: 'whole' }],
  dev: (users) => [
    { realm: MASTER, users: 2, population: 'whole' },
    { realm: ACME, users, population: 'whole' },
    { realm: PARTNER_PORTAL, users: 40, population: 'whole' },
    { realm: FIELD_OPS, users: 60, population: 'whole' },
  ],
  prod: (users) => [
    { realm: MASTER, users: 2, population: 'whole' },
    { realm: ACME_IN_PROD, users, population: 'drifted' },
    { realm: PARTNER_PORTAL_IN_PROD, users: 40, population: 'whole' },
  ],
};

/** @param users size of the realm `acme` as it is in `dev` */
export function seededRealms(seed: SeedName, users: number): readonly SeededRealm[] {
  return SEEDS[seed](users);
}
