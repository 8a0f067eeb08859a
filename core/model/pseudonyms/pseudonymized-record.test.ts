import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../record.ts';
import { naturalKey } from '../natural-key.ts';
import type { Section } from '../sections.ts';
import { MentionedPeople } from './mentioned-people.ts';
import { PeopleSearch } from './people-search.ts';
import { pseudonymizedRecord } from './pseudonymized-record.ts';
import { createPseudonymizer } from './pseudonymizer.ts';

const names = createPseudonymizer({ key: Buffer.alloc(32, 5), keepDomains: false });
const kept = createPseudonymizer({ key: Buffer.alloc(32, 5), keepDomains: true });

interface User {
  readonly username: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly id: string;
}

type Others = Partial<Record<Exclude<Section, 'users' | 'credentials' | 'socialLinks'>, JsonObject>>;

/** What becomes of one record of each section beside those of the users. */
function copied(users: readonly (User | JsonObject)[], records: Others, by = names) {
  const search = new PeopleSearch();
  for (const [section, body] of Object.entries(records)) {
    search.addKey(naturalKey(section as Section, body));
    search.addRecordId(body['id']);
    search.addTexts(body);
  }
  for (const one of users) search.addUser(one as JsonObject);
  const replacements = { names: by, secrets: {}, people: new MentionedPeople(search.index(), by) };
  const made = Object.entries(records).map(([section, body]) => [
    section,
    pseudonymizedRecord(section as Section, body, replacements),
  ]);
  return Object.fromEntries(made) as Record<keyof Others, ReturnType<typeof pseudonymizedRecord>>;
}

/** Letters that are written with marks, or in two ways, beside plain ones. */
const LETTERS = ['a', 'b', 'k', 'q', 'z', 'M', 'é', 'e\u0301', 'ü', 'ß', 'กิ', 'ที่', 'नि', 'д', '山', '5'];
const letter = fc.constantFrom(...LETTERS);
const word = fc.array(letter, { minLength: 5, maxLength: 8 }).map((letters) => letters.join(''));
const local = fc
  .tuple(word, fc.constantFrom('.', '-', '_', "'", '+', '/', ''), word)
  .map(([one, joint, other]) => `${one}${joint}${other}`);
const user: fc.Arbitrary<User> = fc.record({
  username: fc.tuple(word, word).map(([one, other]) => `${one}.${other}`),
  email: fc.tuple(local, word).map(([one, domain]) => `${one}@${domain}.test`),
  firstName: word,
  lastName: word,
  id: fc.uuid(),
});
const same = (text: string) => text.normalize('NFC').toLowerCase();
const users = fc.uniqueArray(user, {
  minLength: 1,
  maxLength: 4,
  comparator: (one, other) =>
    (['username', 'email', 'firstName', 'lastName'] as const).some(
      (name) => same(one[name]) === same(other[name]),
    ),
});

const eachCharacter = (text: string, by: (code: number) => string) =>
  Array.from(text, (character) => by(character.codePointAt(0)!)).join('');
const ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  composed: (text) => text.normalize('NFC'),
  decomposed: (text) => text.normalize('NFD'),
  percent: encodeURIComponent,
  'percent twice': (text) => encodeURIComponent(encodeURIComponent(text)),
  'percent throughout': (text) =>
    Buffer.from(text)
      .toString('hex')
      .toUpperCase()
      .replaceAll(/../g, (byte) => `%${byte}`),
  entities: (text) => eachCharacter(text, (code) => `&#${code};`),
  'hexadecimal entities': (text) => eachCharacter(text, (code) => `&#x${code.toString(16)};`),
  escapes: (text) =>
    Array.from(
      { length: text.length },
      (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  'the “@” alone as entity': (text) => text.replace('@', '&#64;'),
  'the “@” alone as escape': (text) => text.replace('@', '\\u0040'),
  'the “@” alone in percent': (text) => text.replace('@', '%40'),
};

/** Undoes all of these, in another way than the program does. */
function decoded(text: string): string {
  let made = text;
  for (let level = 0; level < 3; level++)
    made = made
      .replaceAll(/(?:%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString())
      .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
      .replaceAll(/&#x([0-9a-f]+);/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
      .replaceAll(/(?:\\u[0-9a-f]{4})+/g, (escapes) => JSON.parse(`"${escapes}"`) as string);
  return made;
}

/** Where something that names a person stands in a text. */
const CONTEXTS: readonly ((one: string) => string)[] = [
  (one) => one,
  (one) => `Ask ${one}, please; (${one})`,
  (one) => `/teams/${one}`,
  (one) => `/teams/${one}/deputies`,
  (one) => `https://app.test/cb?login_hint=${one}&tab=1#x`,
  (one) => `https://app.test/of/${one}/cb`,
  (one) => `mailto:${one}?subject=x`,
  (one) => `u=${one}`,
  (one) => `<a href='mailto:${one}'>`,
  (one) => `urn:uuid:${one}`,
  (one) => `role{${one}}`,
];

function textsIn(value: JsonValue | undefined): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return [...(Array.isArray(value) ? [] : Object.keys(value)), ...Object.values(value).flatMap(textsIn)];
}

const context = fc.constantFrom(...CONTEXTS);
const encoding = fc.constantFrom(...Object.keys(ENCODINGS));

describe('of any users, in whatever way others’ records have them', () => {
  it('addresses and ids become those of the same people everywhere, and all around them stays', () => {
    fc.assert(
      fc.property(
        users,
        context,
        encoding,
        fc.constantFrom('email', 'id'),
        fc.boolean(),
        (all, put, how, what, keep) => {
          const by = keep ? kept : names;
          for (const one of all) {
            const source = put(ENCODINGS[how]!(one[what]));
            const copy = copied(
              all,
              {
                realm: { name: 'acme', displayName: source },
                roles: { name: source, description: source },
                groups: { path: source, name: source, roles: [source] },
                clients: {
                  clientId: 'app',
                  redirectUris: [source],
                  attributes: { [source]: source, list: [source] },
                },
                policies: { name: source, conditions: { note: source, scope: [{ path: source }] } },
              },
              by,
            );
            const person = what === 'email' ? by.email(one.email) : by.uuid(one.id);
            const texts = Object.values(copy).flatMap(({ body }) => textsIn(body));
            const changed = texts.map(decoded).filter((text) => same(text).includes(same(person)));
            expect(changed.length).toBe(13);
            // To the letter, so that all of it points to one person.
            for (const text of changed) expect(same(text)).toBe(same(put(person)));
            for (const { strangers, naming, ambiguous } of Object.values(copy))
              expect([strangers, naming, ambiguous]).toEqual([[], [], []]);
          }
        },
      ),
      { numRuns: 120 },
    );
  });

  it('names in texts become those of the same people', () => {
    fc.assert(
      fc.property(users, fc.constantFrom(...CONTEXTS.slice(0, 2)), encoding, (all, put, how) => {
        for (const one of all) {
          const username = put(ENCODINGS[how]!(one.username));
          const full = put(ENCODINGS[how]!(`${one.firstName} ${one.lastName}`));
          const { roles, clients } = copied(all, {
            roles: { name: 'r', description: username },
            clients: { clientId: 'app', name: full, owner: ENCODINGS[how]!(one.username) },
          });
          const [user, first, last] = [
            names.username(one.username),
            names.firstName(one.username),
            names.lastName(one.username),
          ];
          expect(same(decoded(roles.body!['description'] as string))).toBe(same(put(user)));
          expect(decoded(clients.body!['name'] as string)).toBe(put(`${first} ${last}`));
          expect(same(decoded(clients.body!['owner'] as string))).toBe(same(user));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('what names somebody is gone, or its member is told', () => {
    const single = user.map((one) => ({ ...one, username: one.username.replace('.', '') }));
    fc.assert(
      fc.property(fc.oneof(user, single), context, encoding, fc.boolean(), (one, put, how, isFull) => {
        const name = isFull ? `${one.lastName}, ${one.firstName}` : one.username;
        const source = put(ENCODINGS[how]!(name));
        const copy = copied([one], {
          realm: { name: 'acme', displayName: source, smtpConfig: { from: source } },
          roles: { name: source, description: source },
          groups: { path: source, name: source, parent: source, roles: [source] },
          clients: {
            clientId: source,
            name: `the ${source}`,
            redirectUris: [source],
            scopes: [source],
            attributes: { [source]: 1, owner: source, list: [source] },
          },
          policies: { name: 'p', resource: source, conditions: { role: source, user: source, note: source } },
        });
        for (const { body, naming, ambiguous } of Object.values(copy))
          for (const [member, value] of Object.entries(body!))
            if (textsIn(value).some((text) => same(decoded(text)).includes(same(name))))
              expect([...naming!, ...ambiguous!]).toContain(member);
      }),
      { numRuns: 200 },
    );
  });

  it('where only people stand, ids, addresses and user names are those of the same people', () => {
    fc.assert(
      fc.property(
        user,
        encoding,
        fc.constantFrom('', 'mailto:', 'user:', 'urn:uuid:'),
        (one, how, scheme) => {
          for (const member of ['sub', 'user', 'owner', 'subject']) {
            const { policies } = copied([one], {
              policies: {
                name: 'p',
                conditions: [
                  { [member]: scheme + ENCODINGS[how]!(one.id) },
                  { [member]: [scheme + ENCODINGS[how]!(one.email)] },
                  { [member]: { is: ENCODINGS[how]!(one.username) } },
                ],
              },
            });
            const [id, email, username] = policies.body!['conditions'] as JsonObject[];
            expect(decoded(id![member] as string)).toBe(scheme + names.uuid(one.id));
            expect(same(decoded((email![member] as string[])[0]!))).toBe(
              same(scheme + names.email(one.email)),
            );
            expect(same(decoded((username![member] as JsonObject)['is'] as string))).toBe(
              same(names.username(one.username)),
            );
          }
        },
      ),
    );
  });
});

const ID = 'c0000000-0000-4000-8000-00000000cafe';

describe('UUIDs', () => {
  const ann = { username: 'ann', id: ID };

  it('of users are others however they are written; of records they stay', () => {
    const other = names.uuid(ID);
    const own = 'a0000000-0000-4000-8000-000000000000';
    const { clients, policies } = copied([ann], {
      clients: {
        clientId: 'app',
        id: own,
        description: `${ID.toUpperCase()} {${ID}} x_${ID} ${ID.replaceAll('-', '')}`,
      },
      policies: { name: 'p', conditions: { userId: ID, sub: own, owner: own, client: own } },
    });
    expect(clients.body).toMatchObject({
      id: own,
      description: `${other.toUpperCase()} {${other}} x_${other} ${other.replaceAll('-', '')}`,
    });
    expect(policies.body!['conditions']).toEqual({ userId: other, sub: own, owner: own, client: own });
    expect([clients.strangers, policies.strangers]).toEqual([[], []]);
  });

  it('of nobody in the snapshot are others where people stand, and told elsewhere', () => {
    const { roles, policies } = copied([], {
      roles: { name: 'r', description: `asked for by ${ID}` },
      policies: { name: 'p', conditions: { userId: ID, created_by: [ID], memberIds: [ID], sub: { eq: ID } } },
    });
    expect(roles.body!['description']).toContain(ID);
    expect(roles.strangers).toEqual(['description']);
    expect(JSON.stringify(policies.body)).not.toContain(ID);
    expect(JSON.stringify(policies.body).split(names.uuid(ID))).toHaveLength(5);
    expect(policies.strangers).toEqual([]);
  });

  it('that are user names are these', () => {
    const { roles, policies } = copied([{ username: ID }], {
      roles: { name: 'r', description: `asked for by ${ID}` },
      policies: { name: 'p', conditions: { user: ID, owner: [encodeURIComponent(`a b`)] } },
    });
    expect(roles).toMatchObject({
      body: { description: `asked for by ${names.username(ID)}` },
      strangers: [],
    });
    expect(policies.body!['conditions']).toEqual({
      user: names.username(ID),
      owner: [names.username('a b')],
    });
  });

  it('are not the only ids: others are looked for like user names', () => {
    const { roles, policies } = copied(
      [
        { username: 'ann', id: 'emp-4711-x' },
        { username: 'bob', id: '4712' },
      ],
      {
        roles: { name: 'r', description: 'asked for by EMP-4711-x, not 4712' },
        policies: { name: 'p', conditions: { userId: '4712' } },
      },
    );
    expect(roles.body!['description']).toBe(`asked for by ${names.uuid('emp-4711-x')}, not 4712`);
    expect(roles.ambiguous).toEqual(['description']);
    expect(policies.body!['conditions']).toEqual({ userId: names.uuid('4712') });
  });
});

it.each([
  ['ann smith@corp.test', 'Ann Smith@corp.test'],
  ['"ann smith"@corp.test', '"ann smith"@corp.test'],
  ['ann smith@corp.test', 'ann%20smith%40corp.test'],
  ['ann@corp.test', 'ann\u200b@co\u00adrp.test'],
  ['ann\u200b@corp.test', 'ann@corp.test'],
  ['ann@corp.test', 'ann＠corp.test'],
  ['ann@corp.test', 'ann%u0040corp.test'],
])('the address “%s” is found as “%s”, by user name and by e-mail', (own, written) => {
  const users: JsonObject[] = [{ username: own }, { username: 'u1', email: own }];
  for (const one of users) {
    const { roles } = copied([one], {
      roles: { name: written, description: `to (${written}), or ${written}` },
    });
    const { name, description } = roles.body as { name: string; description: string };
    const text = decoded(description).replaceAll('"', '');
    expect(text.toLowerCase()).toBe(`to (${names.email(own)}), or ${names.email(own)}`);
    expect(decoded(name).replaceAll('"', '').toLowerCase()).toBe(names.email(own));
    expect(roles.naming).toEqual([]);
  }
});

it('an address that is not of the usual form is looked for like a user name', () => {
  const { roles } = copied([{ username: 'ann', email: '"ann lee" at corp' }], {
    roles: { name: 'r', description: 'asked for by Ann Lee" at Corp, "ann lee" at corp' },
  });
  expect(roles.body!['description']).not.toMatch(/ann lee" at/);
});

it('takes time by the texts’ length alone', () => {
  const started = performance.now();
  for (const part of ['a@b ', 'a/', 'a%40', `${ID} `, 'ann lee ', '&#64;', 'a.b@'])
    copied([{ username: 'ann.lee', email: 'a@b', firstName: 'Ann', lastName: 'Lee', id: ID }], {
      roles: { name: 'r', description: `${part.repeat(10_000)}@` },
    });
  expect(performance.now() - started).toBeLessThan(10_000);
});
