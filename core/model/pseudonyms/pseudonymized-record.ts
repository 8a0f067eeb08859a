import { isRawJson } from '../exact-json.ts';
import { memberOf } from '../members.ts';
import { setMember, type JsonObject, type JsonValue } from '../record.ts';
import { redactedBody } from '../redact-secrets.ts';
import { isRedacted } from '../secret.ts';
import type { Section } from '../sections.ts';
import type { Pseudonymizer } from './pseudonymizer.ts';

export interface NewSecrets {
  /** BCrypt hash of the password that all have who had one; undefined: nobody has any. */
  readonly passwordHash?: string | undefined;
  /** Likewise of every client that has a secret; undefined: it counts as hidden, and a target keeps its own. */
  readonly clientSecretHash?: string | undefined;
}

export interface PseudonymizedRecord {
  /** Undefined: the record is left out. */
  readonly body: JsonObject | undefined;
  /** How many members were left out because nobody knows what they hold. */
  readonly dropped: number;
}

/**
 * A record without the person that it is about. Of people only the members that we know are kept, since those that we do
 * not know may hold anything; elsewhere secrets are taken out, and every e-mail address is replaced.
 */
export function pseudonymizedRecord(
  section: Section,
  body: JsonObject,
  names: Pseudonymizer,
  secrets: NewSecrets,
): PseudonymizedRecord {
  switch (section) {
    case 'users':
      return { body: user(body, names), dropped: unknownMembers(section, body) };
    case 'credentials':
      return { body: credential(body, names, secrets), dropped: unknownMembers(section, body) };
    case 'socialLinks':
      return { body: socialLink(body, names), dropped: unknownMembers(section, body) };
    case 'clients':
      return { body: client(body, names, secrets), dropped: 0 };
    case 'realm':
      return realm(body, names);
    case 'policies':
    case 'roles':
    case 'groups':
      return { body: withoutAddresses(section, body, names), dropped: 0 };
  }
}

function user(body: JsonObject, names: Pseudonymizer): JsonObject {
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
      ? roles.map((role) => (typeof role === 'string' ? names.scrubbed(role) : role))
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

function client(body: JsonObject, names: Pseudonymizer, { clientSecretHash }: NewSecrets): JsonObject {
  const redacted = withoutAddresses('clients', body, names);
  if (clientSecretHash === undefined || redacted['clientSecret'] === undefined) return redacted;
  const { clientSecret: _, ...rest } = redacted;
  return { ...rest, secretHash: clientSecretHash };
}

/** Its settings, without what nobody knows: other parts of a document are kept there, which may be lists of people. */
function realm(body: JsonObject, names: Pseudonymizer): PseudonymizedRecord {
  const known = Object.fromEntries(Object.entries(body).filter(([name]) => memberOf('realm', name)));
  const { smtpConfig } = known;
  if (
    typeof smtpConfig === 'object' &&
    smtpConfig !== null &&
    !Array.isArray(smtpConfig) &&
    !isRawJson(smtpConfig)
  )
    known['smtpConfig'] = Object.fromEntries(
      Object.entries(smtpConfig).filter(([name]) => !ACCOUNT.test(name)),
    );
  return { body: withoutAddresses('realm', known, names), dropped: unknownMembers('realm', body) };
}

/** The name by which a mail server knows its client; the password goes with the other secrets. */
const ACCOUNT = /^(?:user|username|login|account)$/i;

/** Members under which user names stand, as in a policy's conditions. */
const SUBJECT = /^(?:users?|usernames?|subjects?|sub|owners?|principals?|emails?)$/i;

/**
 * Names of roles, groups and clients as well, should they hold an address; wherever they are referred to, the same is
 * done. `areNames`: in a policy's conditions, below a member whose name says so.
 */
function withoutAddresses(section: Section, body: JsonObject, names: Pseudonymizer): JsonObject {
  const hasSubjects = section === 'policies';
  return scrubbed(redactedBody(section, body), false) as JsonObject;

  function scrubbed(value: JsonValue, areNames: boolean): JsonValue {
    if (typeof value === 'string') return areNames ? names.username(value) : names.scrubbed(value);
    if (typeof value !== 'object' || value === null || isRawJson(value) || isRedacted(value)) return value;
    if (Array.isArray(value)) return value.map((element) => scrubbed(element, areNames));
    const object: JsonObject = {};
    for (const [name, inner] of Object.entries(value))
      setMember(
        object,
        names.scrubbed(name),
        scrubbed(inner, areNames || (hasSubjects && SUBJECT.test(name))),
      );
    return object;
  }
}

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
