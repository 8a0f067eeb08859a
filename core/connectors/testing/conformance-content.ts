import type { JsonObject } from '../../model/record.ts';
import type { Section } from '../../model/sections.ts';

/** A realm's records, as they are to be seeded; the same arguments always give the same. */
export interface RealmContent {
  readonly realm: string;
  readonly sections: Readonly<Partial<Record<Section, readonly JsonObject[]>>>;
  /** How many of the users have odd names; they come beside those asked for. */
  readonly oddUsers: number;
}

const PASSWORD = 'Plain-Passw0rd!';
const CLIENT_SECRET = 'plain-client-s3cret';
export const PLAIN_SECRETS = [PASSWORD, CLIENT_SECRET];

/** Names that real directories hold and that naive tools break on. */
const ODD_NAMES = [
  `o'brien "the quote"`,
  'back\\slash\\n',
  'line\nbreak',
  'tab\tand\u0001control',
  '🦊 fox 👩‍👩‍👧‍👦',
  '\uFB01 ligature',
  'مريم.الخطيب',
  'rtl \u202Eoverride',
  'zo\u00EB',
  'zoe\u0308',
  'x'.repeat(255),
  '長'.repeat(255),
  'MixedCase',
  'mixedcase',
  'MIXEDCASE',
  'path/../to?x=1&y=2#z%20+',
  '__proto__',
  'constructor',
  '<script>alert(1)</script>',
  "'); DROP TABLE users;--",
  'null',
  '123456',
  ' spaces around ',
];

/** @param users plain ones, beside the odd ones */
export function realmContent(realm: string, users: number, settings: JsonObject = {}): RealmContent {
  const roles = ['viewer', 'Viewer', 'role "quoted"', 'роль/администратор', '役割'];
  return {
    realm,
    oddUsers: ODD_NAMES.length,
    sections: {
      realm: [
        {
          name: realm,
          displayName: `The “${realm}” realm, 領域`,
          enabled: true,
          loginTheme: 'ocean',
          accessTokenLifespan: 600,
          refreshTokenLifespan: 7_200,
          mfaRequired: true,
          smtpConfig: { host: 'smtp.example.com', port: 2525, from: `"${realm}" <no-reply@example.com>` },
          ...settings,
        },
      ],
      roles: roles.map((name, i) => ({ name, description: `Role ${i}: ${name}`, composite: false })),
      clients: ['web', 'Web', 'cli "quoted"'].map((name) => ({
        clientId: `${realm} ${name}`,
        name: `Client ${name}`,
        enabled: true,
        publicClient: false,
        pkceRequired: name === 'web',
        redirectUris: ['https://b.example.com/cb', 'https://a.example.com/cb'],
        webOrigins: ['https://b.example.com'],
        grantTypes: ['authorization_code', 'refresh_token'],
        scopes: ['openid'],
        clientSecret: CLIENT_SECRET,
      })),
      users: [
        ...ODD_NAMES,
        ...Array.from({ length: users }, (_, i) => `user-${String(i).padStart(6, '0')}`),
      ].map((username, i) => ({
        username,
        email: `u${i}@${realm}.example.com`,
        firstName: i < ODD_NAMES.length ? username : `First ${i}`,
        lastName: `Last ${i}`,
        enabled: i % 7 !== 0,
        emailVerified: i % 2 === 0,
        roles: roles.filter((_role, r) => (i + r) % 3 === 0),
        // BCrypt is slow on purpose: a few are enough to show that none comes back.
        ...(i < 2 ? { password: PASSWORD } : {}),
      })),
    },
  };
}
