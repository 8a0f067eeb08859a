import { createHmac, createSecretKey } from 'node:crypto';
import { withCaseOf } from './carried-case.ts';
import { folded } from './folded.ts';
import { uuidOf } from './ids.ts';
import { FIRST_NAMES, LAST_NAMES } from './names.ts';

/**
 * Names for people that tell nothing of them: always the same for the same text and key, another for another. Who lacks the
 * key can neither go back nor try out who is meant. User names and addresses that differ by case only become such as
 * differ by case only: they are nearly always the same person. So are those that differ in how a letter with an accent is
 * written, or by characters that nobody sees: to the pseudonym of the one that is not in normal form, a part is added.
 */
export interface Pseudonymizer {
  /** "mara.lund.4f9k2x7q1c8ve"; of an address an address. */
  username(text: string): string;
  /** Of the person with this user name. */
  firstName(username: string): string;
  lastName(username: string): string;
  /** "otto.berg.4f9k2x7q1c8ve@d-7fk2m1q9.example", its domain kept where that is asked for. */
  email(text: string): string;
  /** What a provider calls a person. */
  subject(provider: string, text: string): string;
  /** However the UUID is written. */
  uuid(text: string): string;
}

export interface PseudonymOptions {
  /** 32 bytes. */
  readonly key: Buffer;
  readonly keepDomains: boolean;
}

/** Crockford's base 32, lower case. 13 characters: 65 bits, so that among a million no two are ever alike. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const SUFFIX = 13;
/** RFC 2606: no mail to it ever leaves. */
const NOWHERE = 'example';
/** What is left of 255 characters beside the part before the “@”. */
const LONGEST_DOMAIN = 190;

export function createPseudonymizer({ key, keepDomains }: PseudonymOptions): Pseudonymizer {
  // As KeyObject: node:crypto takes 50 µs to find out that a Buffer is none, each time.
  const secret = createSecretKey(key);
  const digest = (use: string, text: string) =>
    createHmac('sha256', secret).update(`${use}\n${text}`).digest();

  /** A million people share a few domains. */
  const domains = new Map<string, string>();
  /** A person is asked about several times in a row. */
  let last = { username: '', bytes: digest('username', '') };
  function person(username: string): Buffer {
    if (last.username !== username) last = { username, bytes: digest(useOf(username), folded(username)) };
    return last.bytes;
  }

  const firstOf = (bytes: Buffer) => FIRST_NAMES[bytes.readUInt16BE(0) % FIRST_NAMES.length]!;
  const lastOf = (bytes: Buffer) => LAST_NAMES[bytes.readUInt16BE(2) % LAST_NAMES.length]!;
  const handleOf = (bytes: Buffer) => `${firstOf(bytes)}.${lastOf(bytes)}.${suffixOf(bytes)}`.toLowerCase();

  function domainOf(lower: string): string {
    const known = domains.get(lower);
    if (known !== undefined) return known;
    const made = `d-${suffixOf(digest('domain', lower), 8)}.${NOWHERE}`;
    if (domains.size >= REMEMBERED) domains.clear();
    domains.set(lower, made);
    return made;
  }

  const cased = (text: string, made: string) =>
    folded(text) === text.toLowerCase()
      ? withCaseOf(text, made, () => digest('case', text.toLowerCase()))
      : undefined;
  /** For a form that cannot be carried over: still one of its own. */
  const apart = (handle: string, text: string) => `${handle}.${suffixOf(digest('form', text))}`;

  function handle(username: string): string {
    const made = handleOf(person(username));
    return cased(username, made) ?? apart(made, username);
  }

  function email(text: string): string {
    const made = handleOf(digest('email', folded(text)));
    const at = text.lastIndexOf('@');
    const [local, domain] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
    const handle = cased(local, made);
    if (at < 0) return handle ?? apart(made, text);
    if (keepDomains && domain.length <= LONGEST_DOMAIN) return `${handle ?? apart(made, text)}@${domain}`;
    const elsewhere = domainOf(folded(domain));
    const casedDomain = cased(domain, elsewhere);
    return handle === undefined || casedDomain === undefined
      ? `${apart(made, text)}@${elsewhere}`
      : `${handle}@${casedDomain}`;
  }

  return {
    username: (text) => (text.includes('@') ? email(text) : handle(text)),
    firstName: (username) => firstOf(person(username)),
    lastName: (username) => lastOf(person(username)),
    email,
    subject: (provider, text) =>
      `p-${digest('subject', `${provider}\n${text}`).toString('hex').slice(0, 32)}`,
    uuid: (text) => formedUuid(digest('uuid', uuidOf(text) ?? text)),
  };
}

const REMEMBERED = 10_000;

function suffixOf(bytes: Buffer, length = SUFFIX): string {
  let suffix = '';
  for (let i = 0; i < length; i++) suffix += ALPHABET[bytes[8 + i]! % ALPHABET.length];
  return suffix;
}

/** The names of a person are those in the user name, be it an address or not. */
function useOf(username: string): string {
  return username.includes('@') ? 'email' : 'username';
}

/** A version 4 UUID by its form. */
function formedUuid(bytes: Buffer): string {
  const hex = Buffer.from(bytes.subarray(0, 16));
  hex[6] = (hex[6]! & 0x0f) | 0x40;
  hex[8] = (hex[8]! & 0x3f) | 0x80;
  return hex.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
