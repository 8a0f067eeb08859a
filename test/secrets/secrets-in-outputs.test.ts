import fc from 'fast-check';
import { expect, it } from 'vitest';
import { recordComparer } from '../../core/compare/member-changes.ts';
import { toDocumentRecord } from '../../core/formats/document-record.ts';
import { canonicalBody } from '../../core/model/canonical.ts';
import { withSecretsHidden } from '../../core/model/hide-secrets.ts';
import { createPseudonymizer } from '../../core/model/pseudonyms/pseudonymizer.ts';
import { MentionedPeople } from '../../core/model/pseudonyms/mentioned-people.ts';
import { PeopleSearch } from '../../core/model/pseudonyms/people-search.ts';
import { pseudonymizedRecord } from '../../core/model/pseudonyms/pseudonymized-record.ts';
import type { JsonObject, JsonValue } from '../../core/model/record.ts';
import { redactedBody } from '../../core/model/redact-secrets.ts';
import type { Section } from '../../core/model/sections.ts';

const CANARY = 'Canary7f3aX';

const WORDS = [
  'authorization',
  'proxy authorization',
  'cookie',
  'set cookie',
  'bearer',
  'dsn',
  'connection string',
  'api key',
  'x api key',
  'subscription key',
  'password',
  'db pass',
  'client secret',
  'access token',
  'private key',
  'session id',
  'jwt',
];
const SPELLINGS: readonly ((words: string) => string)[] = [
  (words) => words.replaceAll(' ', '-'),
  (words) => words.replaceAll(' ', '_'),
  (words) => words.replaceAll(' ', '_').toUpperCase(),
  (words) => words.replace(/ (.)/g, (_, letter: string) => letter.toUpperCase()),
  (words) => words.replace(/(?:^| )(.)/g, (_, letter: string) => letter.toUpperCase()),
  (words) => words.replace(/(?:^|(?<= ))./g, (letter) => letter.toUpperCase()).replaceAll(' ', '-'),
];
const secretName = fc
  .tuple(fc.constantFrom(...WORDS), fc.constantFrom(...SPELLINGS))
  .map(([words, spelled]) => spelled(words));

const address = fc
  .tuple(
    fc.constantFrom('https', 'smtps', 'postgres', 'amqp', 'redis', 'mongodb+srv', 'HTTPS', 'jdbc:postgresql'),
    fc.constantFrom('u', 'svc-1', '', 'a%40b', 'üser'),
    fc.constantFrom(CANARY, `${CANARY}:${CANARY}`, `p@${CANARY}`, `%2F${CANARY}!$&*`, `a/${CANARY}`),
    fc.constantFrom('h', 'db.corp:5432/x?y=z', '[::1]:25', 'h/p@q', 'a,b:27018'),
  )
  .map(([scheme, user, password, host]) => `${scheme}://${user}:${password}@${host}`);

const named = fc
  .tuple(secretName, fc.constantFrom('=', ' = '))
  .map(([name, mark]) => `${name}${mark}${CANARY}`);

/** A text of which a part is secret. */
const partlySecret = fc.oneof(
  address,
  address.map((url) => `see "${url}", then call`),
  address.map((url) => `https://proxy/?next=${encodeURIComponent(url.replace('a/', ''))}`),
  named.map((part) => `host=h ${part} user=u`),
  named.map((part) => `Server=h;${part};Database=d`),
  named.map((part) => `https://h/x?a=b&${part}&c=d`),
  secretName.map((name) => `Accept: text/plain\n${name}: ${CANARY}`),
  secretName.map((name) => `{"a": 1, "${name}": "${CANARY}"}`),
  fc.constantFrom(`call with Bearer ${CANARY}`, `-H "X: Basic ${CANARY}=="`),
);

/** A value with the canary somewhere in it, as no output may show it. */
const secretValue: fc.Arbitrary<JsonValue> = fc.oneof(
  partlySecret,
  fc.tuple(secretName, deep(fc.constant(CANARY))).map(([name, value]) => ({ [name]: value })),
  fc
    .tuple(secretName, fc.constantFrom('name', 'key', 'header'), fc.constantFrom('value', 'Value', 'values'))
    .map(([name, as, at]) => [{ [as]: name, [at]: CANARY, other: 1 }]),
  address.map((url) => ({ [url.replace('a/', '')]: 1 })),
);

function deep(value: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonValue> {
  return fc.oneof(
    value,
    value.map((inner) => [inner, 'x']),
    value.map((inner) => ({ any: inner, note: 'n' })),
    value.map((inner) => ({ deep: [{ deeper: inner }] })),
  );
}

interface Held {
  readonly section: Section;
  readonly body: JsonObject;
}

const held: fc.Arbitrary<Held> = fc.oneof(
  deep(secretValue).map((inner): Held => ({
    section: 'realm',
    body: { name: 'r', smtpConfig: { host: 'h', inner }, passwordPolicy: { also: inner }, newer: inner },
  })),
  deep(secretValue).map((inner): Held => ({ section: 'policies', body: { name: 'p', conditions: inner } })),
  deep(secretValue).map((inner): Held => ({ section: 'clients', body: { clientId: 'c', newer: inner } })),
  address.map((url): Held => ({
    section: 'clients',
    body: { clientId: 'c', description: `asks ${url}`, redirectUris: ['https://a', url] },
  })),
  address.map((url): Held => ({ section: 'roles', body: { name: 'r', description: url } })),
  secretName.map((name): Held => ({ section: 'roles', body: { name: 'r', [name]: CANARY } })),
);

const names = createPseudonymizer({ key: Buffer.alloc(32, 7), keepDomains: true });
const nobody = new MentionedPeople(new PeopleSearch().index(), names);

it('a secret in what a server holds in free form is in no output, and a difference of it is still one', () => {
  fc.assert(
    fc.property(held, ({ section, body: given }) => {
      const body = canonicalBody(section, given);
      const other = JSON.parse(JSON.stringify(body).replaceAll(CANARY, 'Other8g4bY')) as JsonObject;
      const changes = recordComparer(section, 'all', 'all').changes(body, other);
      expect(changes.length).toBeGreaterThan(0);
      const outputs = {
        shown: withSecretsHidden(section, body),
        changes,
        archived: redactedBody(section, body),
        document: toDocumentRecord(section, body),
        copy: pseudonymizedRecord(section, body, { names, secrets: {}, people: nobody }),
      };
      for (const [output, value] of Object.entries(outputs))
        expect(JSON.stringify(value), output).not.toContain(CANARY);
      // What is asked for with its secrets, and what is stored, has them.
      expect(JSON.stringify(toDocumentRecord(section, body, { includeSecrets: true }))).toContain(CANARY);
      // What an archive holds is canonical as it stands.
      expect(canonicalBody(section, outputs.archived)).toEqual(outputs.archived);
    }),
    { numRuns: 3000 },
  );
});
