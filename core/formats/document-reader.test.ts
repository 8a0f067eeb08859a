import { describe, expect, it } from 'vitest';
import { readDocument } from './document-reader.ts';
import { chunked, readAll, refusal } from './testing/read-all.ts';

/** OpenGate documentation, Import/Export page, "Export Format". */
const DOCUMENTED = `{
"realm": {
"id": "my-realm",
"displayName": "My Application",
"accessTokenLifespan": 300,
"refreshTokenLifespan": 2592000,
"mfaRequired": false,
"smtpConfig": { "host": "smtp.example.com", "port": 587 }
},
"roles": [
{ "name": "admin", "description": "Full access" },
{ "name": "viewer", "description": "Read-only access" }
],
"clients": [
{
"clientId": "my-app",
"redirectUris": ["https://app.example.com/callback"],
"grantTypes": ["authorization_code", "refresh_token"]
}
],
"users": [
{
"username": "alice",
"email": "alice@example.com",
"enabled": true,
"roles": ["viewer"]
}
]
}`;

describe('the documented export', () => {
  it('becomes records of the model', async () => {
    const { lines, facts } = await readAll(DOCUMENTED, { origin: 'server' });
    expect(lines).toEqual({
      realm: [
        '{"name":"my-realm","displayName":"My Application","accessTokenLifespan":300,"refreshTokenLifespan":2592000,"mfaRequired":false,"smtpConfig":{"host":"smtp.example.com","port":587}}',
      ],
      roles: [
        '{"name":"admin","description":"Full access"}',
        '{"name":"viewer","description":"Read-only access"}',
      ],
      clients: [
        '{"clientId":"my-app","redirectUris":["https://app.example.com/callback"],"grantTypes":["authorization_code","refresh_token"]}',
      ],
      users: ['{"username":"alice","email":"alice@example.com","enabled":true,"roles":["viewer"]}'],
    });
    expect(facts).toMatchObject({
      kind: 'full',
      realm: 'my-realm',
      sections: ['realm', 'roles', 'clients', 'users'],
      counts: { realm: 1, roles: 2, clients: 1, users: 1 },
      warnings: [],
      redactedSecrets: 0,
      bytes: Buffer.byteLength(DOCUMENTED),
    });
  });

  it('from a server tells everything about the documented members, and what it does not contain', async () => {
    const { facts } = await readAll(DOCUMENTED, { origin: 'server' });
    expect(facts.knows).toEqual({
      realm: [
        'name',
        'displayName',
        'accessTokenLifespan',
        'refreshTokenLifespan',
        'mfaRequired',
        'smtpConfig',
      ],
      roles: ['name', 'description'],
      clients: ['clientId', 'redirectUris', 'grantTypes'],
      users: ['username', 'email', 'enabled', 'roles'],
    });
    expect(facts.missing).toEqual([
      { section: 'groups', reason: 'Not in the document that was read.' },
      { section: 'policies', reason: 'Not in the document that was read.' },
      { section: 'credentials', reason: 'Password hashes are not part of exports.' },
      { section: 'socialLinks', reason: 'Not in the document that was read.' },
    ]);
  });

  it('from a file tells nothing but what it says', async () => {
    const { facts } = await readAll(DOCUMENTED, { origin: 'file' });
    expect(facts.knows).toEqual({
      realm: ['name'],
      roles: ['name'],
      clients: ['clientId'],
      users: ['username'],
    });
  });

  it('has its sections in any order', async () => {
    const document = JSON.parse(DOCUMENTED) as Record<string, unknown>;
    const reversed = Object.fromEntries(Object.entries(document).toReversed());
    const { lines } = await readAll(JSON.stringify(reversed));
    expect(lines).toEqual((await readAll(DOCUMENTED)).lines);
  });
});

describe('documents of one kind', () => {
  it.each([
    ['users', '[{"username":"a"},{"username":"b"}]', ['{"username":"a"}', '{"username":"b"}']],
    ['roles', '[{"name":"a","description":"d"}]', ['{"name":"a","description":"d"}']],
    ['clients', '[{"clientId":"a","name":"A"}]', ['{"clientId":"a","name":"A"}']],
    ['groups', '[{"name":"a","path":"/a"}]', ['{"path":"/a","name":"a"}']],
    ['policies', '[{"name":"a","effect":"PERMIT"}]', ['{"name":"a","effect":"PERMIT"}']],
    [
      'credentials',
      '[{"username":"a","type":"PASSWORD","secretHash":"h"}]',
      ['{"username":"a","type":"PASSWORD","secretHash":"h"}'],
    ],
    [
      'socialLinks',
      '[{"provider":"p","providerUserId":"1","username":"a"}]',
      ['{"provider":"p","providerUserId":"1","username":"a"}'],
    ],
  ])('%s, as a member and as a bare list', async (section, list, lines) => {
    for (const document of [list, `{"${section}":${list}}`]) {
      const reading = await readAll(document);
      expect(reading.lines).toEqual({ [section]: lines });
      expect(reading.facts).toMatchObject({
        kind: section,
        sections: [section],
        counts: { [section]: lines.length },
      });
      expect(reading.facts.realm).toBeUndefined();
    }
  });

  it('empty sections are captured, sections that are null or not there are not', async () => {
    const { facts } = await readAll('{"users":[],"roles":null}', { origin: 'server' });
    expect(facts.sections).toEqual(['users']);
    expect(facts.counts).toEqual({ users: 0 });
    expect(facts.missing.map(({ section }) => section)).toContain('roles');
  });

  it('several without a realm', async () => {
    expect((await readAll('{"users":[],"roles":[]}')).facts.kind).toBe('sections');
  });

  it('an empty list is what was asked for, and refused when nobody says', async () => {
    const { facts } = await readAll('[]', { expect: 'clients' });
    expect(facts).toMatchObject({ kind: 'clients', counts: { clients: 0 } });
    expect((await refusal('[]')).message).toContain('an empty list does not tell what it is a list of');
  });

  it('a list that does not tell its kind is refused, with what to do', async () => {
    const error = await refusal('[{"something":1}]');
    expect(error.code).toBe('INVALID_DOCUMENT');
    expect(error.remedy).toContain('{"users": […]}');
    expect((await refusal('[{"name":"r","displayName":"R"}]')).message).toContain('a list of realms');
  });

  it('role mappings are counted and told, not taken for users', async () => {
    const mappings = '"roleMappings":[{"username":"a","roles":["x"]},{"username":"b","roles":["x"]}]';
    const alone = await readAll(`{"roles":[{"name":"x"}],${mappings}}`);
    expect(alone.lines).toEqual({ roles: ['{"name":"x"}'] });
    expect(alone.facts).toMatchObject({ kind: 'roles', roleMappings: 2 });
    expect(alone.facts.warnings).toEqual([
      'The document lists role mappings of 2 users; mappings are carried with the users, which it does not contain.',
    ]);
    const beside = await readAll(`{${mappings},"users":[{"username":"a","roles":["y"]}]}`);
    expect(beside.lines).toEqual({ users: ['{"username":"a","roles":["y"]}'] });
    expect(beside.facts.warnings[0]).toContain('the users’ own “roles” count');
  });
});

describe('the realm', () => {
  const realmOf = async (document: string, origin: 'server' | 'file' = 'file') =>
    (await readAll(document, { origin })).lines.realm;

  it('as the Realms API gives it', async () => {
    const document =
      '{"id":"550e8400-e29b-41d4-a716-446655440000","name":"acme-corp","displayName":"ACME","tokenLifespanSeconds":300,"refreshTokenLifespanSeconds":86400,"mfaRequired":false,"enabled":true,"createdAt":"2025-01-01T00:00:00.000Z"}';
    const { lines, facts } = await readAll(document, { origin: 'server' });
    expect(lines.realm).toEqual([
      '{"name":"acme-corp","displayName":"ACME","enabled":true,"accessTokenLifespan":300,"refreshTokenLifespan":86400,"mfaRequired":false,"id":"550e8400-e29b-41d4-a716-446655440000","createdAt":"2025-01-01T00:00:00Z"}',
    ]);
    expect(facts).toMatchObject({ kind: 'realm', realm: 'acme-corp' });
    expect(facts.knows.realm).toContain('enabled');
  });

  it.each([
    ['{"realm":{"id":"a"}}', '{"name":"a"}'],
    ['{"realm":{"name":"a"}}', '{"name":"a"}'],
    ['{"realm":{"id":"a","name":"a"}}', '{"name":"a"}'],
    [
      '{"realm":{"id":"550e8400-e29b-41d4-a716-446655440000","name":"a"}}',
      '{"name":"a","id":"550e8400-e29b-41d4-a716-446655440000"}',
    ],
    [
      '{"realm":{"id":"a","smtp_settings":{"port":25,"host":"h"}}}',
      '{"name":"a","smtpConfig":{"host":"h","port":25}}',
    ],
    ['{"realm":{"id":"a","smtpSettings":{}}}', '{"name":"a","smtpConfig":{}}'],
    [
      '{"realm":{"id":"a","tokenLifespanSeconds":9,"accessTokenLifespan":9}}',
      '{"name":"a","accessTokenLifespan":9}',
    ],
  ])('%s is %s', async (document, line) => {
    expect(await realmOf(document)).toEqual([line]);
  });

  it('with one setting under two names and two values is refused', async () => {
    const error = await refusal('{"realm":{"id":"a","accessTokenLifespan":1,"tokenLifespanSeconds":2}}');
    expect(error.details).toMatchObject({ path: 'realm.tokenLifespanSeconds', column: 67 });
  });

  it('whose name is no slug is read, with a warning', async () => {
    const { facts } = await readAll('{"realm":{"id":"My Realm"}}');
    expect(facts.warnings[0]).toContain('under another name only');
  });

  it('keeps other members of the document, in either order', async () => {
    const line = '{"name":"a","otherSections":{"flows":[{"a":1,"b":2}],"version":"2.0"}}';
    expect(await realmOf('{"version":"2.0","realm":{"id":"a"},"flows":[{"b":2,"a":1}]}')).toEqual([line]);
    expect(await realmOf('{"realm":{"id":"a"},"version":"2.0","flows":[{"b":2,"a":1}]}')).toEqual([line]);
  });

  it('if it is not there, other members of the document are named in a warning', async () => {
    const { facts } = await readAll('{"version":"2.0","users":[]}');
    expect(facts.warnings).toEqual([
      'The document has no realm, so these members of it are not kept: “version”.',
    ]);
  });
});

describe('members', () => {
  it('that are null are empty when a server says so, and stay null from a file', async () => {
    const document = '{"users":[{"username":"a","firstName":null,"custom":null}]}';
    const server = await readAll(document, { origin: 'server' });
    expect(server.lines.users).toEqual(['{"username":"a","custom":null}']);
    expect(server.facts.knows.users).toContain('firstName');
    expect((await readAll(document)).lines.users).toEqual([
      '{"username":"a","firstName":null,"custom":null}',
    ]);
  });

  it('that we do not know are kept and named', async () => {
    const { lines, facts } = await readAll(
      '{"users":[{"zip":{"b":1,"a":2},"username":"a","n":12345678901234567890}]}',
    );
    expect(lines.users).toEqual(['{"username":"a","n":12345678901234567890,"zip":{"a":2,"b":1}}']);
    expect(facts.seenMembers.users).toEqual(['username', 'n', 'zip']);
  });

  it('that are masked secrets become their state, and are counted', async () => {
    const { lines, facts } = await readAll(
      '{"realm":{"id":"r","smtpConfig":{"password":"********"}},"clients":[{"clientId":"a","clientSecret":"**********"},{"clientId":"b","clientSecret":"<redacted>"},{"clientId":"c","clientSecret":"real"}]}',
      { origin: 'server' },
    );
    expect(lines.clients).toEqual([
      '{"clientId":"a","clientSecret":{"$secret":"redacted"}}',
      '{"clientId":"b","clientSecret":{"$secret":"redacted"}}',
      '{"clientId":"c","clientSecret":"real"}',
    ]);
    expect(facts.redactedSecrets).toBe(3);
    expect(facts.missing).toContainEqual({
      section: 'clients',
      member: 'clientSecret',
      reason: '2 client secrets are redacted.',
    });
  });
});

describe('reading', () => {
  it('gives bounded batches, in the order of the document', async () => {
    const users = Array.from({ length: 1234 }, (_, i) => ({ username: `u${i}` }));
    const reading = readDocument(chunked(Buffer.from(JSON.stringify({ users })), []), { origin: 'file' });
    const keys: string[] = [];
    for await (const batch of reading.batches) {
      expect(batch.records.length).toBeLessThanOrEqual(500);
      keys.push(...batch.records.map(({ key }) => key));
    }
    expect(keys).toEqual(users.map(({ username }) => username));
  });

  it('ends when it is canceled, and lets go of its source', async () => {
    const stop = new AbortController();
    let released = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        yield Buffer.from('{"users":[');
        for (;;) yield Buffer.from('{"username":"a"},'.repeat(1000));
      } finally {
        released = true;
      }
    }
    const reading = readDocument(endless(), { origin: 'file', signal: stop.signal });
    let batches = 0;
    const read = async () => {
      for await (const batch of reading.batches) if (batch && ++batches === 3) stop.abort();
    };
    await expect(read()).rejects.toMatchObject({ code: 'CANCELED' });
    expect(released).toBe(true);
  });

  it('passes on what its source throws', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"users":[');
      throw new Error('connection lost');
    }
    await expect(readAll(broken())).rejects.toThrow('connection lost');
  });

  it('happens once, and its facts come after its end', async () => {
    const reading = readDocument(chunked(Buffer.from('{"users":[]}'), []), { origin: 'file' });
    expect(() => reading.facts()).toThrow(expect.objectContaining({ code: 'INTERNAL' }) as Error);
    for await (const batch of reading.batches) expect(batch.records).toEqual([]);
    expect(reading.facts().kind).toBe('users');
    const again = async () => {
      for await (const batch of reading.batches) expect(batch).toBeUndefined();
    };
    await expect(again()).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});
