import bcrypt from 'bcryptjs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Catalog } from '../catalog/index.ts';
import { capture, factsOf, type Content } from '../catalog/snapshots/testing/scratch-store.ts';
import { TestCatalogs } from '../catalog/test-catalog.ts';
import { canonicalRecord } from '../model/canonical.ts';
import { parseLine } from '../model/exact-json.ts';
import { memberOf } from '../model/members.ts';
import type { JsonObject, JsonValue } from '../model/record.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import { recordBody, text } from '../model/testing/arbitraries.ts';
import { pseudonymizeSnapshot, type PseudonymizeRequest } from './pseudonymize.ts';

const catalogs = new TestCatalogs();
const job = { signal: new AbortController().signal, progress: () => {} };
let catalog: Catalog;
beforeAll(async () => {
  catalog = await catalogs.open();
});
afterAll(() => catalogs.clear());

type Bodies = Partial<Record<Section, readonly JsonObject[]>>;

async function stored(bodies: Bodies, into: Catalog = catalog): Promise<SnapshotManifest> {
  const content: Content = Object.fromEntries(
    Object.entries(bodies).map(([section, records]) => [
      section,
      records.map((body) => canonicalRecord(section as Section, body)),
    ]),
  );
  const about = { environment: 'prod', realm: 'acme', purpose: 'backup' as const, complete: true };
  const facts = factsOf(content, { channel: 'postgres', warnings: ['canary of a warning'] });
  return await capture(into.snapshots, content, about, facts);
}

async function copied(bodies: Bodies, request: Partial<PseudonymizeRequest> = {}, into: Catalog = catalog) {
  const original = await stored(bodies, into);
  const options = { catalogKey: into.pseudonymKey, keepDomains: false, ...request };
  const copy = await pseudonymizeSnapshot(job, into.snapshots, original, options);
  return { original, copy, bodies: await bodiesOf(copy, into) };
}

async function bodiesOf({ id, sections }: SnapshotManifest, { snapshots }: Catalog) {
  const all: Record<Section, JsonObject[]> = Object.fromEntries(
    SECTIONS.map((section) => [section, []]),
  ) as never;
  for (const section of sections)
    for await (const records of snapshots.read(id, section))
      all[section].push(...records.map(({ line }) => parseLine(line)));
  return all;
}

const HASH = '$2a$12$canarycanarycanarycanaO8canarycanarycanarycanarycanary';
const PEOPLE: Bodies = {
  realm: [
    {
      name: 'acme',
      displayName: 'Acme, asked of canary@corp.com',
      smtpConfig: {
        host: 'mail.corp.com',
        user: 'canary-account',
        password: 'canary-smtp',
        from: 'canary@corp.com',
      },
      otherSections: { people: ['canary-other'] },
      id: 'a0000000-0000-4000-8000-000000000000',
    },
  ],
  roles: [{ name: 'reader', description: 'canary@corp.com decides' }, { name: 'of-canary@corp.com' }],
  groups: [{ path: '/staff', name: 'staff', roles: ['of-canary@corp.com', 'reader'] }],
  clients: [
    {
      clientId: 'app',
      secretHash: HASH,
      publicClient: false,
      contact: 'canary@corp.com',
      apiKey: 'canary-key',
    },
    { clientId: 'site', publicClient: true },
  ],
  policies: [
    { name: 'p', conditions: { all: [{ user: 'canary-alice' }, { role: 'canary-alice' }], sub: ['Bob'] } },
  ],
  users: [
    {
      username: 'canary-alice',
      email: 'canary@corp.com',
      firstName: 'Canary',
      lastName: 'Canaria',
      enabled: true,
      emailVerified: false,
      roles: ['of-canary@corp.com', 'reader'],
      password: 'canary-plain',
      phone: 'canary-phone',
      address: { street: 'canary-street' },
      id: 'c0000000-0000-4000-8000-00000000cafe',
      createdAt: '2026-01-02T03:04:05.678901Z',
    },
    { username: 'Bob', email: null, firstName: '' },
    { username: 'bob', email: 'Canary@Corp.com' },
  ],
  credentials: [
    {
      username: 'canary-alice',
      type: 'PASSWORD',
      secretHash: HASH,
      id: 'd0000000-0000-4000-8000-00000000cafe',
    },
    { username: 'canary-alice', type: 'TOTP', secretHash: 'canary-totp' },
  ],
  socialLinks: [
    {
      provider: 'google',
      providerUserId: 'canary-4711',
      username: 'canary-alice',
      providerEmail: 'canary@corp.com',
    },
  ],
};

describe('a pseudonymised copy', () => {
  it('holds nothing of those who were in it', async () => {
    const { copy, bodies } = await copied(PEOPLE, { keys: { password: 'staging', clientSecret: 'known' } });
    const whole = JSON.stringify([copy, bodies]).replaceAll('{"role":"canary-alice"}', '');
    expect(whole).not.toMatch(/canar|-8000-00000000cafe|@corp|03:04:05|-4711/i);
  });

  it('has all that refers to each other changed alike', async () => {
    const { bodies } = await copied(PEOPLE, { keys: { password: 'staging' } });
    const alice = bodies.users.find(({ firstName }) => firstName)!;
    expect(bodies.credentials).toMatchObject([{ username: alice['username'], type: 'PASSWORD' }]);
    expect(bodies.socialLinks).toMatchObject([
      { username: alice['username'], providerEmail: alice['email'] },
    ]);
    expect(JSON.stringify(bodies.realm)).toContain(`asked of ${alice['email'] as string}`);
    const roles = bodies.roles.map(({ name }) => name);
    expect(roles).toEqual(expect.arrayContaining(alice['roles'] as string[]));
    expect(roles).toEqual(expect.arrayContaining(bodies.groups[0]!['roles'] as string[]));
    const bob = bodies.users.find(({ email }) => email === null)!;
    expect(bodies.policies[0]!['conditions']).toMatchObject({
      all: [{ user: alice['username'] }, { role: 'canary-alice' }],
      sub: [bob['username']],
    });
  });

  it('keeps what says nothing of a person, and what is empty', async () => {
    const { bodies } = await copied(PEOPLE);
    const alice = bodies.users.find(({ firstName }) => firstName)!;
    expect(alice).toMatchObject({ enabled: true, emailVerified: false, createdAt: '2026-01-02T00:00:00Z' });
    expect(Object.keys(alice).every((name) => memberOf('users', name))).toBe(true);
    expect(bodies.users).toContainEqual({ username: expect.any(String), email: null, firstName: '' });
    expect(bodies.realm).toMatchObject([
      {
        name: 'acme',
        smtpConfig: { host: 'mail.corp.com', password: { $secret: 'redacted' } },
        id: 'a0000000-0000-4000-8000-000000000000',
      },
    ]);
  });

  it('lets everybody log in with the password that was given, and nobody without one', async () => {
    const { bodies, copy } = await copied(PEOPLE, { keys: { password: 'staging', clientSecret: 'known' } });
    expect(await bcrypt.compare('staging', bodies.credentials[0]!['secretHash'] as string)).toBe(true);
    expect(await bcrypt.compare('known', bodies.clients[0]!['secretHash'] as string)).toBe(true);
    expect(bodies.clients[1]).toEqual({ clientId: 'site', publicClient: true });
    expect(copy.pseudonymized).toMatchObject({ passwords: 'replaced', clientSecrets: 'replaced' });
    const without = await copied(PEOPLE);
    expect(without.copy.sections).not.toContain('credentials');
    expect(without.bodies.clients[0]).toMatchObject({ clientSecret: { $secret: 'redacted' } });
    expect(without.bodies.clients[0]).not.toHaveProperty('secretHash');
    expect(without.copy.missing.map(({ section }) => section)).toEqual(['credentials', 'clients']);
  });

  it('refuses a password of which BCrypt would take a part only', async () => {
    await expect(copied(PEOPLE, { keys: { password: 'x'.repeat(73) } })).rejects.toMatchObject({
      code: 'USAGE',
    });
  });

  it('says what it is, belongs to no environment, and is no backup', async () => {
    const { original, copy } = await copied(PEOPLE, { keepDomains: true });
    expect(copy).toMatchObject({
      purpose: 'import',
      complete: false,
      pseudonymized: { snapshot: original.id, environment: 'prod', keepDomains: true, passwords: 'removed' },
    });
    expect(copy.environment).toBeUndefined();
    expect(copy.warnings).toEqual([
      expect.stringMatching(/^1 member of “realm” .* left out/),
      expect.stringMatching(/^2 members of “users” .* left out/),
      expect.stringMatching(/^1 record still names a user .*: policies “p” \(conditions\)\./),
    ]);
    expect(catalog.snapshots.latest('prod', 'acme')?.id).toBe(original.id);
  });

  it('is the same each time, and under a key of one’s own in every catalog', async () => {
    const keys = { key: 'shared', password: 'staging' };
    const [one, two] = [await copied(PEOPLE, { keys }), await copied(PEOPLE, { keys })];
    expect(two.copy.root).toBe(one.copy.root);
    const other = await catalogs.open();
    expect((await copied(PEOPLE, { keys }, other)).bodies).toEqual(one.bodies);
    expect((await copied(PEOPLE, {}, other)).bodies.users).not.toEqual((await copied(PEOPLE)).bodies.users);
  });
});

describe('names of users outside their own records', () => {
  const users: JsonObject[] = [
    { username: 'jonathan.quimby', firstName: 'Jonathan', lastName: 'Quimby', email: 'jq@corp.com' },
    { username: 'jq77', firstName: 'Ann-Marie', lastName: 'O’Brien' },
    { username: 'gold', firstName: 'Test', lastName: 'User' },
    { username: 'admin' },
  ];

  async function newNames(bodies: Record<Section, JsonObject[]>) {
    const { copy: _, bodies: alone } = await copied({ users });
    expect(bodies.users).toEqual(alone.users);
    const made = await Promise.all(
      users.map(async (one) => (await copied({ users: [one] })).bodies.users[0]!),
    );
    return made.map(({ username, firstName, lastName }) => ({
      username: username as string,
      full: `${firstName as string} ${lastName as string}`,
      reversed: `${lastName as string}, ${firstName as string}`,
    }));
  }

  it('are those of the same people in texts, and in values that say that they are people', async () => {
    const { copy, bodies } = await copied({
      realm: [{ name: 'acme', displayName: 'Acme of JONATHAN QUIMBY' }],
      roles: [
        { name: 'reader-role', description: 'ask Jonathan Quimby, or Quimby, Jonathan (jonathan.quimby)' },
      ],
      clients: [
        {
          clientId: 'app',
          name: 'The app of ann-marie o’brien',
          attributes: { owner: 'jonathan.quimby', team: ['jq77'], contact: 'jq77', created_by: 'admin' },
        },
      ],
      policies: [{ name: 'p', conditions: { note: 'Jonathan.Quimby said so', department: 'admin' } }],
      users,
    });
    const [jonathan, ann, , admin] = await newNames(bodies);
    expect(bodies.realm[0]!['displayName']).toBe(`Acme of ${jonathan!.full}`);
    expect(bodies.roles[0]!['description']).toBe(
      `ask ${jonathan!.full}, or ${jonathan!.reversed} (${jonathan!.username})`,
    );
    expect(bodies.clients[0]).toMatchObject({
      name: `The app of ${ann!.full}`,
      attributes: {
        owner: jonathan!.username,
        contact: ann!.username,
        created_by: admin!.username,
        team: ['jq77'],
      },
    });
    const note = (bodies.policies[0]!['conditions'] as JsonObject)['note'] as string;
    expect(note.toLowerCase()).toBe(`${jonathan!.username} said so`);
    expect(bodies.policies[0]!['conditions']).toMatchObject({ department: 'admin' });
    // A word that is a user name as well: not known to be the person, and told.
    expect(copy.warnings).toEqual([
      expect.stringMatching(/^1 record holds a word .*: clients “app” \(attributes\)\. It was left\./),
    ]);
  });

  it('stay where others refer to them, and where is told', async () => {
    const { copy, bodies } = await copied({
      roles: [{ name: 'gold', description: 'a test user' }, { name: 'ann-marie.o’brien' }],
      groups: [
        { path: '/jonathan.quimby', name: 'jonathan.quimby', roles: ['ann-marie.o’brien'] },
        { path: '/admin', name: 'admin' },
      ],
      clients: [
        {
          clientId: 'app',
          redirectUris: ['https://corp.com/jonathan.quimby/in'],
          attributes: {
            group: 'Jonathan Quimby',
            link: 'https://corp.com/jonathan.quimby',
            admin: '/jonathan.quimby',
          },
          'jonathan.quimby': 1,
        },
      ],
      users,
    });
    expect(bodies.roles.map(({ name, description }) => [name, description])).toEqual([
      ['ann-marie.o’brien', undefined],
      ['gold', 'a test user'],
    ]);
    expect(bodies.groups[1]).toMatchObject({ path: '/jonathan.quimby', roles: ['ann-marie.o’brien'] });
    expect(bodies.clients[0]).toMatchObject({
      redirectUris: ['https://corp.com/jonathan.quimby/in'],
      attributes: {
        group: 'Jonathan Quimby',
        link: 'https://corp.com/jonathan.quimby',
        admin: '/jonathan.quimby',
      },
      'jonathan.quimby': 1,
    });
    expect(copy.warnings).toEqual([
      expect.stringContaining(
        '3 records still name a user of the original, in what others may refer to: roles “ann-marie.o’brien” (name), groups “/jonathan.quimby” (path, name, roles) and clients “app” (redirectUris, attributes, jonathan.quimby).',
      ),
      expect.stringContaining('1 record holds a word that is also the user name of somebody in the original'),
    ]);
  });

  it('are many: the first are named, of the others the number', async () => {
    const roles = Array.from({ length: 25 }, (_, i) => ({ name: `jonathan.quimby ${i + 10}` }));
    const { copy } = await copied({ roles, users });
    expect(copy.warnings[0]).toContain('25 records still name');
    expect(copy.warnings[0]).toContain('roles “jonathan.quimby 29” (name) and 5 others.');
  });
});

it('takes e-mail addresses that differ by case only for one person, and keeps two users two', async () => {
  const { bodies } = await copied({
    roles: [{ name: 'r', description: 'Ask jonathan.quimby@corp.example' }],
    users: [
      { username: 'bob', email: 'Jonathan.Quimby@corp.example' },
      { username: 'Bob', email: 'jonathan.quimby@Corp.example' },
      { username: 'BOB', email: 'jonathan.quimby@corp.example' },
    ],
  });
  const texts = (member: string) => bodies.users.map((one) => one[member] as string);
  for (const member of ['username', 'email']) {
    expect(new Set(texts(member)).size).toBe(3);
    expect(new Set(texts(member).map((one) => one.toLowerCase())).size).toBe(1);
  }
  expect(texts('email')).toContain((bodies.roles[0]!['description'] as string).slice('Ask '.length));
});

describe('addresses and ids of users in what others refer to', () => {
  const ID = 'c0000000-0000-4000-8000-00000000cafe';
  const CREDENTIAL = 'd0000000-0000-4000-8000-00000000cafe';
  const users: JsonObject[] = [
    { username: 'zed', email: 'zed@corp.test', id: ID },
    { username: 'som', email: 'สมชาย.กิตติ@corp.test' },
    { username: 'jose', email: 'jos\u00e9@corp.test' },
  ];
  const emailOf = (bodies: Record<Section, JsonObject[]>, domain: string) =>
    bodies.users.map(({ email }) => email as string).find((email) => email.includes(domain))!;

  it('are those of the same people, and what stands around them stays', async () => {
    const { bodies: alone } = await copied({ users: [users[0]!] });
    const [{ email, id }] = alone.users as [{ email: string; id: string }];
    const { bodies, copy } = await copied({
      roles: [{ name: 'of-zed%40corp.test', description: `zed@corp.test, zed&#64;corp.test, ${ID}` }],
      groups: [
        { path: '/teams/zed@corp.test', name: 'zed@corp.test', roles: ['of-zed%40corp.test'] },
        { path: '/teams/zed@corp.test/more', name: 'more' },
      ],
      clients: [
        {
          clientId: 'app',
          redirectUris: [
            'https://app.test/cb?login_hint=zed%40corp.test&x=1',
            'https://app.test/zed@corp.test/cb',
            'https://app.test/cb?user=zed@corp.test',
          ],
          attributes: { credential: CREDENTIAL },
        },
      ],
      policies: [{ name: 'p', conditions: { userId: ID, sub: ID, note: `mailto:zed\\u0040corp.test` } }],
      users,
      credentials: [{ username: 'zed', type: 'PASSWORD', id: CREDENTIAL }],
    });
    const encoded = email.replace('@', '%40');
    expect(bodies.roles).toMatchObject([
      { name: expect.stringMatching(/%40/), description: `${email}, ${email}, ${id}` },
    ]);
    expect(bodies.groups).toMatchObject([
      { path: `/teams/${email}`, name: email, roles: [bodies.roles[0]!['name']] },
      { path: `/teams/${email}/more`, name: 'more' },
    ]);
    expect(bodies.clients[0]!['redirectUris']).toEqual([
      `https://app.test/cb?login_hint=${encoded}&x=1`,
      `https://app.test/${email}/cb`,
      `https://app.test/cb?user=${email}`,
    ]);
    expect(JSON.stringify(bodies)).not.toMatch(/zed|corp|00000000cafe/i);
    expect(bodies.policies[0]!['conditions']).toEqual({ userId: id, sub: id, note: `mailto:${email}` });
    expect(copy.warnings).toEqual([]);
  });

  it('are found in every script, and however an accent is written', async () => {
    const { bodies } = await copied({
      roles: [{ name: 'r', description: 'สมชาย.กิตติ@corp.test, jose\u0301@corp.test' }],
      users,
    });
    const made = (bodies.roles[0]!['description'] as string).split(', ');
    expect(bodies.users.map(({ email }) => email)).toEqual(expect.arrayContaining(made));
    expect(emailOf(bodies, '@')).toMatch(/\.example$/);
  });

  it('are told where it is not known whose they are', async () => {
    const stranger: Bodies = {
      roles: [{ name: 'r', description: `Ask ${ID}`, id: 'e0000000-0000-4000-8000-000000000000' }],
      policies: [{ name: 'p', conditions: { client: 'e0000000-0000-4000-8000-000000000000' } }],
    };
    const told =
      /^1 record holds a UUID that belongs to nothing in the snapshot.*: roles “r” \(description\)\./;
    const { copy } = await copied({ ...stranger, users: [users[1]!] });
    expect(copy.warnings).toEqual([expect.stringMatching(told)]);
    const without = await copied(stranger);
    expect(without.copy.warnings).toEqual([
      expect.stringMatching(told),
      expect.stringMatching(/^The snapshot has no users: nobody could look for their names and ids/),
    ]);
  });
});

/** Every text in a value, at any depth. */
function textsIn(value: JsonValue): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

it('of any people: none of their values stays, nobody is lost, and no two become one', async () => {
  const person = recordBody('users', { without: ['roles'] });
  const people = fc.uniqueArray(person, { maxLength: 12, selector: ({ username }) => username });
  const marked = people.map((all) => all.map((body) => markedTexts(body) as JsonObject));
  await fc.assert(
    fc.asyncProperty(marked, text({ minLength: 1, maxLength: 5 }), async (users, key) => {
      const { bodies } = await copied({ users }, { keys: { key } });
      expect(new Set(bodies.users.map(({ username }) => username)).size).toBe(users.length);
      for (const one of bodies.users.flatMap(textsIn)) expect(one).not.toContain('§');
    }),
    { numRuns: 30 },
  );

  function markedTexts(value: JsonValue): JsonValue {
    if (typeof value === 'string') return value === '' ? '' : `§${value}`;
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(markedTexts);
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, markedTexts(inner)]));
  }
});
