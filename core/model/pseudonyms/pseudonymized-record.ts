import { isRawJson } from '../exact-json.ts';
import { memberOf } from '../members.ts';
import { isJsonObject, setMember, type JsonObject, type JsonValue } from '../record.ts';
import { redactedBody } from '../redact-secrets.ts';
import { isRedacted } from '../secret.ts';
import type { Section } from '../sections.ts';
import type { MentionedPeople } from './mentioned-people.ts';
import { encodedLike, plainView } from './plain-view.ts';
import type { Pseudonymizer } from './pseudonymizer.ts';
import { scrubbed, scrubbedPerson, withoutAddresses, type Scrubbed } from './scrubbed-text.ts';

export interface NewSecrets {
  /** BCrypt hash of the password that all have who had one; undefined: nobody has any. */
  readonly passwordHash?: string | undefined;
  /** Likewise of every client that has a secret; undefined: it counts as hidden, and a target keeps its own. */
  readonly clientSecretHash?: string | undefined;
}

export interface Replacements {
  readonly names: Pseudonymizer;
  readonly secrets: NewSecrets;
  /** Who is named outside the records of users. */
  readonly people: MentionedPeople;
}

export interface PseudonymizedRecord {
  /** Undefined: the record is left out. */
  readonly body: JsonObject | undefined;
  /** How many members were left out because nobody knows what they hold. */
  readonly dropped: number;
  /** Members that still name a user, since others may refer to what they hold. */
  readonly naming?: readonly string[];
  /** Members with a word that is also the user name of somebody. */
  readonly ambiguous?: readonly string[];
  /** Members with a UUID that belongs to no record of the snapshot. */
  readonly strangers?: readonly string[];
}

/**
 * A record without the person that it is about. Of people only the members that we know are kept, since those that we do
 * not know may hold anything; elsewhere secrets are taken out, every e-mail address and every id of a user is replaced, and
 * the names of users where nothing refers to them.
 */
export function pseudonymizedRecord(
  section: Section,
  body: JsonObject,
  { names, secrets, people }: Replacements,
): PseudonymizedRecord {
  switch (section) {
    case 'users':
      return { body: user(body, names, people), dropped: unknownMembers(section, body) };
    case 'credentials':
      return { body: credential(body, names, secrets), dropped: unknownMembers(section, body) };
    case 'socialLinks':
      return { body: socialLink(body, names), dropped: unknownMembers(section, body) };
    case 'clients': {
      const made = withoutNames('clients', body, { names, people });
      return { ...made, body: withSecret(made.body, secrets), dropped: 0 };
    }
    case 'realm':
      return {
        ...withoutNames('realm', knownSettings(body), { names, people }),
        dropped: unknownMembers('realm', body),
      };
    case 'policies':
    case 'roles':
    case 'groups':
      return { ...withoutNames(section, body, { names, people }), dropped: 0 };
  }
}

function user(body: JsonObject, names: Pseudonymizer, people: MentionedPeople): JsonObject {
  const { username, email, firstName, lastName, enabled, emailVerified, roles, id } = body;
  const person = username as string;
  return present({
    username: names.username(person),
    email: replaced(email, (text) => names.email(text)),
    firstName: replaced(firstName, () => names.firstName(person)),
    lastName: replaced(lastName, () => names.lastName(person)),
    enabled,
    emailVerified,
    roles: Array.isArray(roles)
      ? roles.map((role) => (typeof role === 'string' ? withoutAddresses(role, people) : role))
      : roles,
    id: replaced(id, (text) => names.uuid(text)),
    ...days(body),
  });
}

function credential(
  body: JsonObject,
  names: Pseudonymizer,
  { passwordHash }: NewSecrets,
): JsonObject | undefined {
  // Second factors and the like belong to a person's own devices.
  if (passwordHash === undefined || body['type'] !== 'PASSWORD') return undefined;
  return present({
    username: names.username(body['username'] as string),
    type: 'PASSWORD',
    secretHash: passwordHash,
    id: replaced(body['id'], (text) => names.uuid(text)),
    ...days(body),
  });
}

function socialLink(body: JsonObject, names: Pseudonymizer): JsonObject {
  const { provider, providerUserId, username, providerEmail, id } = body;
  return present({
    provider,
    providerUserId: names.subject(provider as string, providerUserId as string),
    username: replaced(username, (text) => names.username(text)),
    providerEmail: replaced(providerEmail, (text) => names.email(text)),
    id: replaced(id, (text) => names.uuid(text)),
  });
}

function withSecret(body: JsonObject, { clientSecretHash }: NewSecrets): JsonObject {
  if (clientSecretHash === undefined || body['clientSecret'] === undefined) return body;
  const { clientSecret: _, ...rest } = body;
  return { ...rest, secretHash: clientSecretHash };
}

/** Its settings, without what nobody knows: other parts of a document are kept there, which may be lists of people. */
function knownSettings(body: JsonObject): JsonObject {
  const known = Object.fromEntries(Object.entries(body).filter(([name]) => memberOf('realm', name)));
  const { smtpConfig } = known;
  if (isJsonObject(smtpConfig) && !isRawJson(smtpConfig))
    known['smtpConfig'] = Object.fromEntries(
      Object.entries(smtpConfig).filter(([name]) => !ACCOUNT.test(name)),
    );
  return known;
}

/** The name by which a mail server knows its client; the password goes with the other secrets. */
const ACCOUNT = /^(?:user|username|login|account)$/i;

/** Members under which user names stand, as in a policy's conditions. */
const SUBJECT = /^(?:users?|usernames?|subjects?|sub|owners?|principals?|emails?)$/i;

/** Members that say of whoever stands there that it is a person: a user name or id there is one, however common a word. */
const PERSON =
  /^(?:(?:business|technical|product|app|client|realm)?[_-]?(?:owners?|contacts?|managers?|responsibles?|maintainers?|administrators?|admins?)|(?:created|updated|modified|approved|requested)[_-]?by|authors?|approvers?|assignees?|creators?|users?|user[_-]?names?|logins?|sub|subjects?|principals?|persons?|people|members?|delegates?|deput(?:y|ies))(?:[_-]?(?:id|uuid|sub)s?)?$/i;

/** Members, of those that hold anything, whose values refer to something or mean something to a program. */
const REFERENCE =
  /^(?:(?:realm|client)?[_-]?roles?|groups?|group[_-]?paths?|paths?|parents?|clients?|client[_-]?ids?|scopes?|realms?|resources?|actions?|effects?|types?|providers?|protocols?|hosts?|ports?|audiences?|aud|azp)$/i;

/** An address of a machine: with another name in it, it leads elsewhere. */
const URL = /^[a-z][a-z0-9+.-]*:\/\/\S*$/i;

/** Known members with texts for people, or with anything; others that we know are keys, references and settings. */
const WITH_TEXTS: Readonly<Partial<Record<Section, readonly string[]>>> = {
  realm: ['displayName', 'smtpConfig'],
  roles: ['description'],
  clients: ['name', 'description'],
  policies: ['conditions'],
};

/** What stands below a member's name. */
interface Below {
  /** User names, as in a policy's conditions, whether or not there is such a user. */
  readonly areSubjects: boolean;
  readonly arePeople: boolean;
  /** May be changed. */
  readonly areTexts: boolean;
}

/**
 * Names of roles, groups and clients as well, should they hold an address or the id of a user; wherever they are referred
 * to, the same is done. Names of users in them stay: programs outside know roles and clients by their names.
 */
function withoutNames(
  section: Section,
  body: JsonObject,
  { names, people }: Omit<Replacements, 'secrets'>,
): Omit<PseudonymizedRecord, 'body' | 'dropped'> & { body: JsonObject } {
  const hasSubjects = section === 'policies';
  const naming = new Set<string>();
  const ambiguous = new Set<string>();
  const strangers = new Set<string>();
  const made: JsonObject = {};
  for (const [name, value] of Object.entries(redactedBody(section, body))) {
    const member = memberOf(section, name);
    const areTexts = member === undefined || WITH_TEXTS[section]?.includes(name) === true;
    const shown = noted(scrubbed(name, people, false), name);
    const below = member?.volatile ? undefined : belowName(name, { ...NOTHING, areTexts });
    setMember(made, shown, changed(value, below, shown));
  }
  return { body: made, naming: [...naming], ambiguous: [...ambiguous], strangers: [...strangers] };

  function changed(value: JsonValue, below: Below | undefined, member: string): JsonValue {
    if (typeof value === 'string')
      return below ? text(value, below, member) : withoutAddresses(value, people);
    if (typeof value !== 'object' || value === null || isRawJson(value) || isRedacted(value)) return value;
    if (Array.isArray(value)) return value.map((element) => changed(element, below, member));
    const object: JsonObject = {};
    for (const [name, inner] of Object.entries(value))
      setMember(
        object,
        noted(scrubbed(name, people, false), member),
        changed(inner, below && belowName(name, below), member),
      );
    return object;
  }

  function text(value: string, { areSubjects, arePeople, areTexts }: Below, member: string): string {
    if (areSubjects)
      return scrubbedPerson(value, people) ?? encodedLike(value, names.username(plainView(value).text));
    const person = areTexts && arePeople ? scrubbedPerson(value, people) : undefined;
    if (person !== undefined) return person;
    return noted(scrubbed(value, people, areTexts && !people.isKey(value) && !URL.test(value)), member);
  }

  function noted({ text, told }: Scrubbed, member: string): string {
    if (told.person) naming.add(member);
    if (told.word) ambiguous.add(member);
    if (told.stranger) strangers.add(member);
    return text;
  }

  function belowName(name: string, above: Below): Below {
    return {
      areSubjects: above.areSubjects || (hasSubjects && SUBJECT.test(name)),
      arePeople: above.arePeople || PERSON.test(name),
      areTexts: above.areTexts && !REFERENCE.test(name),
    };
  }
}

const NOTHING: Below = { areSubjects: false, arePeople: false, areTexts: false };

/** When, to the day: to the microsecond it would tell who. */
function days({ createdAt, updatedAt }: JsonObject): JsonObject {
  return present({ createdAt: dayOf(createdAt), updatedAt: dayOf(updatedAt) });
}

function dayOf(instant: JsonValue | undefined): JsonValue | undefined {
  if (typeof instant !== 'string') return undefined;
  const day = /^\d{4}-\d{2}-\d{2}(?=T)/.exec(instant)?.[0];
  return day === undefined ? undefined : `${day}T00:00:00Z`;
}

/** Empty stays empty. */
function replaced(value: JsonValue | undefined, by: (text: string) => string): JsonValue | undefined {
  if (typeof value !== 'string') return value === null ? null : undefined;
  return value === '' ? '' : by(value);
}

function present(members: { readonly [name: string]: JsonValue | undefined }): JsonObject {
  return Object.fromEntries(
    Object.entries(members).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined),
  );
}

function unknownMembers(section: Section, body: JsonObject): number {
  return Object.keys(body).filter((name) => !memberOf(section, name)).length;
}
