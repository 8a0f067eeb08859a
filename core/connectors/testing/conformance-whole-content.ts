import { createHash } from 'node:crypto';
import { canonicalBody } from '../../model/canonical.ts';
import { naturalKey } from '../../model/natural-key.ts';
import type { JsonObject } from '../../model/record.ts';
import { SECTIONS, type Section } from '../../model/sections.ts';
import { compareKeys } from '../../model/key-order.ts';
import type { RealmContent } from './conformance-content.ts';
import type { Records } from './conformance-state.ts';
import type { ApplyItem } from '../connector.ts';

const CREATED = '2024-02-29T12:34:56.789012Z';
const CHANGED = '2025-07-01T00:00:00Z';
const LATER = '2025-07-02T00:00:00Z';
const times = { createdAt: CREATED, updatedAt: CHANGED };
const hash = (of: string): string => `$2a$12$${createHash('sha256').update(of).digest('hex').slice(0, 53)}`;

/** A small realm with something of everything that a database holds, ids, times and hashes too. */
export function wholeContent(realm: string): RealmContent {
  const sections: Partial<Record<Section, JsonObject[]>> = {
    realm: [
      {
        name: realm,
        displayName: 'All of it',
        enabled: true,
        loginTheme: 'ocean',
        accessTokenLifespan: 600,
        refreshTokenLifespan: 7_200,
        mfaRequired: true,
        passwordPolicy: { minLength: 12, history: [1, 2, { deep: 'Ω' }] },
        smtpConfig: { host: 'smtp.example.com', port: 2525 },
        ...times,
      },
    ],
    roles: ['admin', 'viewer', 'idle “quoted”'].map((name) => ({
      name,
      description: `Role ${name}\twith\\odd\nthings`,
      composite: name === 'admin',
      createdAt: CREATED,
    })),
    groups: [
      { path: '/staff', name: 'staff', roles: ['viewer'] },
      { path: '/staff/it', name: 'it', roles: ['admin', 'viewer'] },
      { path: '/staff/it/night', name: 'night', roles: [] },
      { path: '/staff/a/b', name: 'a/b', roles: [] },
      { path: '/other', name: 'other', roles: ['idle “quoted”'] },
    ],
    clients: ['web', 'cli'].map((name) => ({
      clientId: `${realm} ${name}`,
      name: `Client ${name}`,
      description: 'NULL and \\N',
      enabled: name === 'web',
      publicClient: false,
      pkceRequired: true,
      redirectUris: ['https://b.example.com/cb', 'https://a.example.com/{"x",\\}', 'NULL', ''],
      webOrigins: [],
      grantTypes: ['authorization_code'],
      scopes: ['openid', 'profile'],
      secretHash: hash(`${realm} ${name}`),
      ...times,
    })),
    policies: [
      { name: 'open', resource: 'door', action: 'open', effect: 'PERMIT', conditions: { hours: [8, 17] } },
      {
        name: 'shut',
        resource: 'door',
        action: 'a',
        effect: 'DENY',
        additional: [
          { resource: 'door', action: 'b', effect: 'PERMIT', id: wholeId(realm, 'policies', 'shut 2') },
          {
            resource: 'gate',
            action: 'a',
            effect: 'DENY',
            conditions: ['x'],
            id: wholeId(realm, 'policies', 'shut 3'),
          },
        ],
      },
    ],
    users: ['alice', 'bob', 'carol', 'tab\tand "\\N"'].map((username, i) => ({
      username,
      email: `u${i}@${realm}.example.com`,
      ...(i !== 2 && { firstName: `First\\${i}`, lastName: '\\N' }),
      enabled: i !== 1,
      emailVerified: i === 0,
      roles: [['admin', 'viewer'], ['viewer'], [], ['admin']][i]!,
      ...times,
    })),
    credentials: [
      { username: 'alice', type: 'OTP', secretHash: 'otp-seed', ...times },
      { username: 'alice', type: 'PASSWORD', secretHash: hash('alice'), ...times },
      {
        username: 'bob',
        type: 'PASSWORD',
        secretHash: hash('bob'),
        createdAt: CREATED,
        updatedAt: LATER,
        additional: [
          {
            secretHash: hash('bob before'),
            id: wholeId(realm, 'credentials', 'bob 2'),
            createdAt: CREATED,
            updatedAt: CREATED,
          },
          { secretHash: hash('bob then'), id: wholeId(realm, 'credentials', 'bob 3'), ...times },
        ],
      },
    ],
    socialLinks: [
      { provider: 'github', providerUserId: `${realm}-7`, username: 'bob' },
      {
        provider: 'google',
        providerUserId: `${realm}-1`,
        username: 'alice',
        providerEmail: 'alice@gmail.example',
      },
    ],
  };
  for (const section of SECTIONS)
    for (const record of sections[section] ?? [])
      record['id'] = wholeId(realm, section, naturalKey(section, record));
  return {
    realm,
    oddUsers: 0,
    sections: Object.fromEntries(
      SECTIONS.map((section) => [
        section,
        (sections[section] ?? []).map((record) => canonicalBody(section, record)),
      ]),
    ),
  };
}

/** The id that a record of `wholeContent` has: the same each time. */
export function wholeId(realm: string, section: Section, key: string): string {
  const hex = createHash('sha256').update(`${realm}\n${section}\n${key}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

type Change = Omit<ApplyItem, 'key'> & { readonly key?: string };

/** One change of each kind in every section, in order. */
export function wholeMerge(
  realm: string,
  expected: Map<Section, Records>,
): { items: ApplyItem[]; expected: Map<Section, Records> } {
  const changes: Change[] = [
    {
      section: 'realm',
      action: 'update',
      body: {
        name: realm,
        displayName: null,
        passwordPolicy: 'no JSON at all',
        smtpConfig: { host: 'other' },
      },
    },
    { section: 'roles', action: 'create', body: { name: 'added', composite: true, description: 'x' } },
    { section: 'roles', action: 'update', body: { name: 'admin', description: 'changed' } },
    { section: 'roles', action: 'delete', key: 'idle “quoted”', body: {} },
    { section: 'groups', action: 'delete', key: '/other', body: {} },
    { section: 'groups', action: 'create', body: { path: '/staff/new', name: 'new', roles: ['added'] } },
    { section: 'groups', action: 'create', body: { path: '/staff/new/below', name: 'below', roles: [] } },
    { section: 'groups', action: 'update', body: { path: '/staff/it', roles: ['added', 'viewer'] } },
    { section: 'clients', action: 'delete', key: `${realm} cli`, body: {} },
    {
      section: 'clients',
      action: 'create',
      body: {
        clientId: `${realm} new`,
        name: 'New',
        enabled: true,
        publicClient: true,
        pkceRequired: false,
        redirectUris: ['x'],
        webOrigins: [],
        grantTypes: [],
        scopes: [],
      },
    },
    {
      section: 'clients',
      action: 'update',
      body: { clientId: `${realm} web`, secretHash: 'another', scopes: ['b', 'a'], enabled: false },
    },
    { section: 'policies', action: 'delete', key: 'open', body: {} },
    {
      section: 'policies',
      action: 'create',
      body: { name: 'new', resource: 'r', action: 'a', effect: 'DENY' },
    },
    {
      section: 'policies',
      action: 'update',
      body: {
        name: 'shut',
        effect: 'PERMIT',
        additional: [{ resource: 'z', action: 'z', effect: 'DENY', id: wholeId(realm, 'policies', 'z') }],
      },
    },
    { section: 'users', action: 'update', body: { username: 'alice', lastName: null, roles: ['added'] } },
    { section: 'users', action: 'delete', key: 'bob', body: {} },
    { section: 'users', action: 'update', body: { username: 'carol', firstName: 'C', enabled: false } },
    {
      section: 'users',
      action: 'create',
      body: {
        username: 'dave',
        email: `u1@${realm}.example.com`,
        enabled: true,
        emailVerified: false,
        roles: ['viewer'],
      },
    },
    { section: 'credentials', action: 'delete', key: 'alice\u0000OTP', body: {} },
    {
      section: 'credentials',
      action: 'update',
      body: { username: 'alice', type: 'PASSWORD', secretHash: 'newer' },
    },
    {
      section: 'credentials',
      action: 'create',
      body: {
        username: 'dave',
        type: 'PASSWORD',
        secretHash: 'dave',
        updatedAt: '2025-01-01T00:00:00Z',
        additional: [
          {
            secretHash: 'dave before',
            id: wholeId(realm, 'credentials', 'dave 2'),
            createdAt: '2020-01-01T00:00:00Z',
            updatedAt: '2020-01-01T00:00:00Z',
          },
        ],
      },
    },
    { section: 'credentials', action: 'delete', key: 'bob\u0000PASSWORD', body: {} },
    { section: 'socialLinks', action: 'delete', key: `github\u0000${realm}-7`, body: {} },
    {
      section: 'socialLinks',
      action: 'update',
      body: { provider: 'google', providerUserId: `${realm}-1`, username: 'dave', providerEmail: null },
    },
    {
      section: 'socialLinks',
      action: 'create',
      body: { provider: 'github', providerUserId: `${realm}-8`, username: 'alice' },
    },
  ];
  const items = changes.map((change): ApplyItem => ({
    ...change,
    key: change.key ?? naturalKey(change.section, change.body),
  }));
  for (const { section, key, action, body } of items) {
    const records = expected.get(section)!;
    const changed = Object.entries({ ...records.get(key), ...body }).filter(([, value]) => value !== null);
    if (action === 'delete') records.delete(key);
    else records.set(key, canonicalBody(section, Object.fromEntries(changed)));
  }
  items.sort(
    (a, b) => SECTIONS.indexOf(a.section) - SECTIONS.indexOf(b.section) || compareKeys(a.key, b.key),
  );
  return { items, expected };
}
