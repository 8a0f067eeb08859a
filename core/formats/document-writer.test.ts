import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalRecord } from '../model/canonical.ts';
import { parseLine } from '../model/exact-json.ts';
import type { CanonicalRecord, JsonObject } from '../model/record.ts';
import { countRedactions, REDACTED } from '../model/secret.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import { recordBody, unknownMembers } from '../model/testing/arbitraries.ts';
import { isListSection, OTHER_SECTIONS, REALM_ALIASES } from './document-layout.ts';
import { toDocumentRecord } from './document-record.ts';
import { writeDocument, type WriteOptions } from './document-writer.ts';
import { chunked, readAll } from './testing/read-all.ts';

type Bodies = Partial<Record<Section, readonly JsonObject[]>>;

async function written(bodies: Bodies, options: WriteOptions): Promise<string> {
  const realm = bodies.realm?.[0];
  const chunks: Buffer[] = [];
  const source = {
    ...(realm && { realm: parseLine(canonicalRecord('realm', realm).line) }),
    sections: (section: Section) => {
      const records = bodies[section]?.map((body) => canonicalRecord(section, body));
      return records && batches(records);
    },
  };
  for await (const chunk of writeDocument(source, options)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function* batches(records: readonly CanonicalRecord[]): AsyncGenerator<readonly CanonicalRecord[]> {
  for (let at = 0; at < records.length; at += 2) yield records.slice(at, at + 2);
}

const REALM: Bodies = {
  realm: [
    {
      name: 'shop',
      displayName: 'Shop',
      accessTokenLifespan: 300,
      smtpConfig: { host: 'smtp.example.com', password: 'smtp-secret' },
      id: '550e8400-e29b-41d4-a716-446655440000',
      createdAt: '2025-01-01T00:00:00Z',
      otherSections: { version: '2.0', keys: [{ privateKey: 'key-secret', kid: 'k' }] },
    },
  ],
  roles: [{ name: 'admin', description: 'Full access', id: 'r1' }],
  groups: [{ path: '/a', name: 'a' }],
  clients: [
    { clientId: 'a', clientSecret: '**********', redirectUris: ['https://a'] },
    { clientId: 'b', clientSecret: 'plain-secret', secretHash: '$2a$hash' },
  ],
  users: [
    {
      username: 'ana',
      email: 'a@x',
      roles: ['admin'],
      password: 'pw-secret',
      createdAt: '2025-01-01T00:00:00Z',
    },
    { username: 'bo', enabled: false, attributes: { token: 'attr-secret', size: 'L', tokens: ['t-secret'] } },
  ],
  credentials: [{ username: 'ana', type: 'PASSWORD', secretHash: '$2a$cred' }],
};

describe('a document', () => {
  it('has the documented layout, one record a line', async () => {
    expect(await written(REALM, { format: 'opengate' })).toBe(`{
"realm": {"id":"shop","displayName":"Shop","accessTokenLifespan":300,"smtpConfig":{"host":"smtp.example.com"}},
"roles": [
{"name":"admin","description":"Full access"}
],
"clients": [
{"clientId":"a","redirectUris":["https://a"]},
{"clientId":"b"}
],
"users": [
{"username":"ana","email":"a@x","roles":["admin"]},
{"username":"bo","enabled":false,"attributes":{"size":"L"}}
],
"keys": [{"kid":"k"}],
"version": "2.0"
}
`);
  });

  it('has secrets that are known only when asked, and never a mask', async () => {
    const without = await written(REALM, { format: 'opengate', withExtraSections: true });
    expect(without).not.toContain('secret"');
    expect(without).not.toContain('$2a$');
    const withSecrets = await written(REALM, {
      format: 'opengate',
      includeSecrets: true,
      withExtraSections: true,
    });
    for (const secret of [
      'smtp-secret',
      'key-secret',
      'plain-secret',
      'pw-secret',
      'attr-secret',
      't-secret',
      '$2a$hash',
      '$2a$cred',
    ])
      expect(withSecrets).toContain(`"${secret}"`);
    for (const document of [without, withSecrets]) {
      expect(document).not.toContain('$secret');
      expect(document).not.toContain('**');
    }
  });

  it('has ids and times only when asked, and the realm’s id never: the slug has its place', async () => {
    const document = await written(REALM, { format: 'opengate', withIdsAndTimes: true });
    expect(document).toContain('"id":"r1"');
    expect(document).toContain(
      '{"username":"ana","email":"a@x","roles":["admin"],"createdAt":"2025-01-01T00:00:00Z"}',
    );
    expect(document).not.toContain('550e8400');
  });

  it('for a server that knows documented members only has no others', async () => {
    const document = JSON.parse(
      await written(REALM, { format: 'opengate', compat: 'documented', includeSecrets: true }),
    ) as JsonObject;
    expect(Object.keys(document)).toEqual(['realm', 'roles', 'clients', 'users']);
    expect(document['users']).toEqual([
      { username: 'ana', email: 'a@x', roles: ['admin'] },
      { username: 'bo', enabled: false },
    ]);
  });

  it('has the password hashes of its users among the secrets, in a list of their own that is read back', async () => {
    for (const format of ['opengate', 'users'] as const) {
      const document = await written(REALM, { format, includeSecrets: true });
      expect(JSON.parse(document)).toMatchObject({ credentials: REALM.credentials });
      const { lines } = await readAll(document);
      expect(lines.credentials).toEqual(['{"username":"ana","type":"PASSWORD","secretHash":"$2a$cred"}']);
    }
    expect(await written(REALM, { format: 'clients', includeSecrets: true })).not.toContain('credentials');
  });

  it('has the extra sections only when asked, and those that were captured', async () => {
    const document = JSON.parse(
      await written(REALM, { format: 'opengate', withExtraSections: true }),
    ) as JsonObject;
    expect(document['groups']).toEqual([{ path: '/a', name: 'a' }]);
    expect(document).not.toHaveProperty('policies');
    expect(document).not.toHaveProperty('credentials');
  });

  it('of one section has that alone', async () => {
    expect(await written(REALM, { format: 'roles' })).toBe(
      '{\n"roles": [\n{"name":"admin","description":"Full access"}\n]\n}\n',
    );
    expect(await written({ users: [] }, { format: 'users' })).toBe('{\n"users": []\n}\n');
  });

  it('is not written without what it is about', async () => {
    await expect(written({ users: [] }, { format: 'opengate' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(written(REALM, { format: 'users' })).resolves.toContain('ana');
    await expect(written({ roles: [] }, { format: 'users' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('does not have a section twice', async () => {
    const realm = { name: 'r', otherSections: { users: [] } };
    await expect(written({ realm: [realm] }, { format: 'opengate' })).rejects.toMatchObject({
      code: 'INVALID_DOCUMENT',
    });
  });

  it('stops when it is canceled', async () => {
    const signal = AbortSignal.abort();
    await expect(written(REALM, { format: 'users', signal })).rejects.toMatchObject({ code: 'CANCELED' });
  });

  it('comes in chunks that do not grow with it', async () => {
    async function* many(): AsyncGenerator<readonly CanonicalRecord[]> {
      const body = { username: 'a', note: 'x'.repeat(1000) };
      for (let i = 0; i < 100; i++) yield Array.from({ length: 20 }, () => canonicalRecord('users', body));
    }
    let bytes = 0;
    for await (const chunk of writeDocument({ sections: many }, { format: 'users' })) {
      expect(chunk.length).toBeLessThan(70_000);
      bytes += chunk.length;
    }
    expect(bytes).toBeGreaterThan(2_000_000);
  });
});

describe('reading what was written', () => {
  const volatile = ['id', 'createdAt', 'updatedAt'];
  const realm = fc
    .tuple(recordBody('realm', { without: volatile }), unknownMembers)
    .filter(
      ([body]) =>
        !Object.keys(body).some(
          (name) => REALM_ALIASES.has(name) || name === OTHER_SECTIONS || name === 'id',
        ),
    )
    .map(([body, others]) => {
      const kept = Object.entries(others).filter(([name]) => name !== 'realm' && !isListSection(name));
      return kept.length > 0 ? { ...body, [OTHER_SECTIONS]: Object.fromEntries(kept) } : body;
    });
  const sections = Object.fromEntries(
    SECTIONS.filter(isListSection).map((section) => [
      section,
      fc.array(recordBody(section, { without: volatile }), { maxLength: 5 }),
    ]),
  );

  it('gives the same records, for all that the format carries', async () => {
    await fc.assert(
      fc.asyncProperty(realm, fc.record(sections, { requiredKeys: [] }), async (realmBody, lists) => {
        const bodies: Bodies = { realm: [realmBody], ...lists };
        const expected = Object.entries(bodies).map(([section, list]) => [
          section,
          (list as JsonObject[]).map((body) => canonicalRecord(section as Section, body).line),
        ]) as [Section, Buffer[]][];
        fc.pre(expected.every(([, lines]) => lines.every((line) => countRedactions(line) === 0)));
        const options = { format: 'opengate', includeSecrets: true, withExtraSections: true } as const;
        const { lines, facts } = await readAll(
          chunked(Buffer.from(await written(bodies, options)), [7, 100]),
        );
        for (const [section, before] of expected) expect(lines[section] ?? []).toEqual(before.map(String));
        expect(facts.sections).toEqual(SECTIONS.filter((section) => bodies[section]));
      }),
      { numRuns: 200 },
    );
  });

  it('gives no secret that was redacted', async () => {
    const { lines } = await readAll(await written(REALM, { format: 'clients', includeSecrets: true }));
    expect(lines.clients).toEqual([
      '{"clientId":"a","redirectUris":["https://a"]}',
      '{"clientId":"b","clientSecret":"plain-secret","secretHash":"$2a$hash"}',
    ]);
  });
});

describe('the body of an import', () => {
  const all = { includeSecrets: true };

  it('is a record as the document has it', () => {
    const realm = { name: 'shop', displayName: 'Shop', otherSections: { a: 1 }, id: 'x' };
    expect(toDocumentRecord('realm', realm)).toEqual({ id: 'shop', displayName: 'Shop' });
    expect(toDocumentRecord('clients', { clientId: 'a', clientSecret: REDACTED }, all)).toEqual({
      clientId: 'a',
    });
  });

  it('has no list or object that only looks whole because its secrets are left out', () => {
    const body = {
      name: 'r',
      tokens: [REDACTED, 'known'],
      login: { token: REDACTED },
      keys: [{ kid: 'k', privateKey: REDACTED }],
      empty: {},
      none: [],
    };
    const kept = { name: 'r', keys: [{ kid: 'k' }], empty: {}, none: [] };
    expect(toDocumentRecord('roles', body, all)).toEqual(kept);
    expect(toDocumentRecord('roles', body)).toEqual(kept);
  });

  it('keeps settings whose names only look like those of secrets', () => {
    const body = {
      name: 'r',
      passwordMinLength: 8,
      rules: { passwordRequired: true, tokenLifespan: 3 },
      n: null,
    };
    expect(toDocumentRecord('roles', body)).toEqual(body);
  });
});
