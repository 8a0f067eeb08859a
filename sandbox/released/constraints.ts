import { domainToASCII } from 'node:url';
import { BareError } from './spring-errors.ts';

/** `@NotBlank`: Java's `trim` takes away what is not above the space. */
export function requireNotBlank(value: string | null): string {
  if (value === null || !/[^\0- ]/.test(value)) throw new BareError(400, 'This must not be blank.');
  return value;
}

const ATOM = "[a-z0-9!#$%&'*+/=?^_`{|}~\\u0080-\\uFFFF-]+";
const QUOTED = '"(?:[a-z0-9!#$%&\'*.(),<>\\[\\]:; @+/=?^_`{|}~\\u0080-\\uFFFF-]|\\\\\\\\|\\\\")+"';
const WORD = `(?:${ATOM}|${QUOTED})`;
const LOCAL_PART = new RegExp(`^${WORD}(?:\\.${WORD})*$`, 'iu');
const LABEL = /^(?!-)[a-z0-9!#$%&'*+/=?^_`{|}~\u0080-\uFFFF-]{1,63}(?<!-)$/iu;

/** `@Email` as Hibernate Validator understands it: an address without a dot in its domain is one. */
export function requireEmail(value: string): string {
  const at = value.lastIndexOf('@');
  const local = value.slice(0, at);
  const domain = value.slice(at + 1);
  const isEmail =
    at > 0 &&
    local.length <= 64 &&
    LOCAL_PART.test(local) &&
    domain.length <= 255 &&
    (isAddressLiteral(domain) || domain.split('.').every((label) => LABEL.test(label))) &&
    (isAscii(domain) || domainToASCII(domain) !== '');
  if (!isEmail) throw new BareError(400, 'This is not an e-mail address.');
  return value;
}

/** `@Pattern` of a realm's name. */
export function requireRealmName(value: string): string {
  if (!/^[a-z0-9-]+$/.test(value)) throw new BareError(400, 'This is not a name of a realm.');
  return value;
}

function isAddressLiteral(domain: string): boolean {
  return /^\[(?:\d{1,3}(?:\.\d{1,3}){3}|IPv6:[0-9a-f:.]+)\]$/i.test(domain);
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}
