import type { DeliberateUser } from './deliberate-users.ts';
import { DELIBERATE_USERS } from './deliberate-users.ts';

export interface RoleDefinition {
  readonly name: string;
  readonly description: string | null;
  readonly composite?: true;
  /** How many users in a hundred hold it. */
  readonly share: number;
}

export interface GroupDefinition {
  readonly path: string;
  readonly roles: readonly string[];
}

export interface PolicyDefinition {
  readonly name: string;
  readonly resource: string | null;
  readonly action: string | null;
  readonly effect: 'PERMIT' | 'DENY';
  readonly conditions: unknown;
}

export interface ClientDefinition {
  readonly clientId: string;
  readonly name: string | null;
  readonly description?: string;
  readonly publicClient?: true;
  readonly pkceRequired?: true;
  readonly enabled?: false;
  readonly redirectUris?: readonly string[];
  readonly webOrigins?: readonly string[];
  readonly grantTypes: readonly string[];
  readonly scopes?: readonly string[];
}

/** A realm as it is seeded. Its users are numbered `firstNumber`, `firstNumber + 1`, …; a number determines the person. */
export interface RealmDefinition {
  readonly name: string;
  readonly displayName: string;
  readonly loginTheme: string | null;
  readonly tokenLifespanSeconds: number;
  readonly refreshTokenLifespanSeconds: number;
  readonly mfaRequired: boolean;
  readonly passwordPolicy: unknown;
  readonly smtpSettings: unknown;
  readonly roles: readonly RoleDefinition[];
  readonly groups: readonly GroupDefinition[];
  readonly policies: readonly PolicyDefinition[];
  readonly clients: readonly ClientDefinition[];
  /** The first users of the realm; the others are generated. */
  readonly deliberateUsers: readonly DeliberateUser[];
  readonly firstNumber: number;
}

const CODE_FLOW = ['authorization_code', 'refresh_token'];
const OPENID = ['openid', 'profile', 'email'];

export const ACME: RealmDefinition = {
  name: 'acme',
  displayName: 'ACME Corporation',
  loginTheme: 'acme-dark',
  tokenLifespanSeconds: 300,
  refreshTokenLifespanSeconds: 86_400,
  mfaRequired: true,
  passwordPolicy: { minLength: 12, requireUppercase: true, requireDigit: true, history: 5, expiryDays: 180 },
  smtpSettings: {
    host: 'smtp.acme.example',
    port: 587,
    from: 'no-reply@acme.example',
    fromDisplayName: 'ACME Anmeldung · ចូល',
    starttls: true,
    auth: true,
    user: 'mailer',
    password: 'smtp-password-of-acme',
  },
  roles: [
    { name: 'admin', description: 'Full access', composite: true, share: 1 },
    { name: 'viewer', description: 'Read-only access', share: 90 },
    { name: 'editor', description: 'May change content', share: 50 },
    { name: 'approver', description: 'Approves what editors change', share: 20 },
    { name: 'auditor', description: null, share: 5 },
    { name: 'billing:read', description: 'Invoices, "read" only', share: 20 },
    { name: 'billing:write', description: 'Invoices', composite: true, share: 6 },
    { name: 'Support L2', description: 'Second line', share: 8 },
    { name: 'support-manager', description: 'Leads the support', composite: true, share: 3 },
    { name: 'räte/beirat', description: 'Mitglieder des Beirats', share: 2 },
    { name: '管理者', description: '日本支社の管理者', share: 1 },
    { name: 'beta-tester', description: 'Sees what is not finished', share: 10 },
  ],
  groups: [
    { path: '/staff', roles: ['viewer'] },
    { path: '/staff/engineering', roles: ['editor'] },
    { path: '/staff/engineering/platform', roles: ['admin', 'editor'] },
    { path: '/staff/engineering/研究', roles: ['beta-tester'] },
    { path: '/staff/finance', roles: ['billing:read', 'billing:write'] },
    { path: '/staff/support', roles: ['Support L2'] },
    { path: '/customers', roles: [] },
    { path: '/customers/gold', roles: ['viewer', 'beta-tester'] },
  ],
  policies: [
    {
      name: 'office-hours',
      resource: 'billing',
      action: 'write',
      effect: 'PERMIT',
      conditions: { time: { from: '08:00', to: '18:00', zone: 'Asia/Phnom_Penh' } },
    },
    {
      name: 'deny-outside-network',
      resource: 'admin-console',
      action: null,
      effect: 'DENY',
      conditions: { not: { cidr: ['10.0.0.0/8', '192.168.0.0/16'] } },
    },
    { name: 'read-everything', resource: null, action: 'read', effect: 'PERMIT', conditions: null },
  ],
  clients: [
    {
      clientId: 'acme-web',
      name: 'ACME Portal',
      publicClient: true,
      pkceRequired: true,
      redirectUris: ['https://portal.acme.example/callback', 'http://localhost:3000/callback'],
      webOrigins: ['https://portal.acme.example', '+'],
      grantTypes: CODE_FLOW,
      scopes: OPENID,
    },
    {
      clientId: 'acme-mobile',
      name: 'ACME 📱',
      publicClient: true,
      pkceRequired: true,
      redirectUris: ['com.acme.app:/oauth2redirect'],
      grantTypes: CODE_FLOW,
      scopes: [...OPENID, 'offline_access'],
    },
    {
      clientId: 'acme-backend',
      name: 'Backend',
      description: 'Service to service',
      redirectUris: [],
      grantTypes: ['client_credentials'],
      scopes: ['orders:read', 'orders:write'],
    },
    {
      clientId: 'acme-billing',
      name: 'Billing',
      description: 'Invoices\nand reminders',
      redirectUris: ['https://billing.acme.example/login/oauth2/code/opengate'],
      grantTypes: CODE_FLOW,
      scopes: OPENID,
    },
    {
      clientId: 'acme-crm',
      name: 'CRM "classic"',
      redirectUris: ['https://crm.acme.example/cb?x=1&y=%20'],
      grantTypes: CODE_FLOW,
      scopes: ['openid'],
    },
    {
      clientId: 'acme-wiki',
      name: null,
      redirectUris: ['https://wiki.acme.example/*'],
      grantTypes: CODE_FLOW,
    },
    { clientId: 'acme-ci', name: 'Build agents', grantTypes: ['client_credentials'], scopes: ['deploy'] },
    {
      clientId: 'acme-reports',
      name: 'Reports',
      enabled: false,
      redirectUris: ['https://reports.acme.example/'],
      grantTypes: CODE_FLOW,
    },
    {
      clientId: 'acme-kiosk',
      name: 'Kiosk',
      publicClient: true,
      redirectUris: ['http://127.0.0.1:8123/'],
      grantTypes: ['urn:ietf:params:oauth:grant-type:device_code'],
    },
    {
      clientId: 'acme-gateway',
      name: 'API gateway',
      grantTypes: ['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange'],
    },
    {
      clientId: 'acme-japan',
      name: '日本ポータル',
      publicClient: true,
      pkceRequired: true,
      redirectUris: ['https://portal.acme.jp.example/コールバック'],
      webOrigins: ['https://portal.acme.jp.example'],
      grantTypes: CODE_FLOW,
      scopes: OPENID,
    },
    { clientId: 'acme-monitor', name: 'Monitoring', grantTypes: ['client_credentials'], scopes: [] },
    {
      clientId: 'acme-legacy',
      name: 'Old intranet',
      redirectUris: ['http://intranet/login'],
      grantTypes: ['password', 'refresh_token'],
    },
    {
      clientId: 'ACME Desktop (beta)',
      name: 'Desktop',
      publicClient: true,
      pkceRequired: true,
      redirectUris: ['http://127.0.0.1/callback'],
      grantTypes: CODE_FLOW,
      scopes: OPENID,
    },
    {
      clientId: 'partner-sync',
      name: 'Synchronises partners',
      redirectUris: ['https://sync.acme.example/done'],
      grantTypes: ['client_credentials'],
      scopes: ['partners:read'],
    },
  ],
  deliberateUsers: DELIBERATE_USERS,
  firstNumber: 1,
};

const SMALL = {
  loginTheme: 'default',
  tokenLifespanSeconds: 300,
  refreshTokenLifespanSeconds: 2_592_000,
  mfaRequired: false,
  passwordPolicy: null,
  smtpSettings: null,
  groups: [],
  policies: [],
  deliberateUsers: [],
} as const;

export const MASTER: RealmDefinition = {
  ...SMALL,
  name: 'master',
  displayName: 'Master Realm',
  roles: [{ name: 'admin', description: 'Administers OpenGate', share: 100 }],
  clients: [],
  deliberateUsers: [
    { username: 'admin', firstName: 'Ada', lastName: 'Ministrator' },
    { username: 'operator', firstName: null, lastName: null },
  ],
  firstNumber: 30_000_001,
};

export const PARTNER_PORTAL: RealmDefinition = {
  ...SMALL,
  name: 'partner-portal',
  displayName: 'Partners · Партнёры · شركاء',
  smtpSettings: { host: 'smtp.example.com', port: 25 },
  roles: [
    { name: 'partner', description: 'Signed partners', share: 100 },
    { name: 'viewer', description: 'Read-only access', share: 30 },
  ],
  groups: [{ path: '/resellers', roles: ['partner'] }],
  clients: [
    {
      clientId: 'partner-web',
      name: 'Partner portal',
      publicClient: true,
      pkceRequired: true,
      redirectUris: ['https://partners.example.com/callback'],
      grantTypes: CODE_FLOW,
      scopes: OPENID,
    },
    { clientId: 'partner-api', name: 'Partner API', grantTypes: ['client_credentials'] },
  ],
  deliberateUsers: [
    { username: 'ALICE', firstName: 'Alice', lastName: 'Partner' },
    { username: 'alice', firstName: 'Alice', lastName: 'Elsewhere' },
  ],
  firstNumber: 20_000_001,
};

/** Only in `dev`, and nothing of it in anybody's way: what a first migration meets. */
export const FIELD_OPS: RealmDefinition = {
  ...SMALL,
  name: 'field-ops',
  displayName: 'Field Operations',
  passwordPolicy: { minLength: 8 },
  roles: [
    { name: 'technician', description: 'Works on site', share: 100 },
    { name: 'dispatcher', description: 'Plans the day', share: 20 },
  ],
  groups: [{ path: '/north', roles: ['technician'] }],
  policies: [
    { name: 'on-shift', resource: 'orders', action: 'close', effect: 'PERMIT', conditions: { shift: true } },
  ],
  clients: [
    {
      clientId: 'field-app',
      name: 'Field App',
      publicClient: true,
      pkceRequired: true,
      redirectUris: ['fieldapp:/cb'],
      grantTypes: CODE_FLOW,
      scopes: OPENID,
    },
    { clientId: 'field-sync', name: 'Field sync', grantTypes: ['client_credentials'] },
  ],
  firstNumber: 40_000_001,
};
