import { BlockList, isIP } from 'node:net';
import { AppError } from '../../../contract/errors.ts';

/** The environment variables that name proxies; lower case comes first, as everywhere. */
export type ProxyVariables = Readonly<Record<string, string | undefined>>;

/** A proxy on the way to a server. Nothing of its credentials can be printed. */
export class Proxy {
  /** Origin only: "http://proxy.example.com:3128". */
  readonly origin: string;
  /** Which variable named it: "HTTPS_PROXY". */
  readonly variable: string;
  readonly #user: string;
  readonly #password: string;

  constructor(url: URL, variable: string) {
    this.origin = url.origin;
    this.variable = variable;
    this.#user = decoded(url.username);
    this.#password = decoded(url.password);
  }

  /** For messages: "the proxy http://proxy.example.com:3128 (HTTPS_PROXY)". */
  get name(): string {
    return `the proxy ${this.origin} (${this.variable})`;
  }

  /** `proxy-authorization`, where the variable holds credentials (RFC 9110, 11.7.2). */
  headers(): Record<string, string> {
    if (this.#user === '' && this.#password === '') return {};
    return { 'proxy-authorization': `Basic ${this.#basic()}` };
  }

  /** What must be in no message. */
  secrets(): string[] {
    return this.#password === '' ? [] : [this.#password, this.#basic()];
  }

  #basic(): string {
    return Buffer.from(`${this.#user}:${this.#password}`).toString('base64');
  }
}

/** A stray per cent sign is one: passwords hold them. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The proxy through which a server is to be reached, by HTTPS_PROXY or HTTP_PROXY (by the server's protocol), else
 * ALL_PROXY, unless NO_PROXY names the host. This machine itself is never reached through a proxy.
 *
 * @param origin of the server
 * @throws AppError USAGE when the variable's value is no address of an HTTP proxy; it is not quoted: it may hold a password
 */
export function proxyFor(origin: string, variables: ProxyVariables): Proxy | undefined {
  const url = new URL(origin);
  const named = firstSet(variables, url.protocol === 'https:' ? 'https_proxy' : 'http_proxy', 'all_proxy');
  if (named === undefined || isThisMachine(url) || isExempt(url, firstSet(variables, 'no_proxy')?.value))
    return undefined;
  return parse(named.value, named.variable);
}

/** What must be in no message, of all proxies that are named. */
export function proxySecrets(variables: ProxyVariables): string[] {
  return ['https_proxy', 'http_proxy', 'all_proxy'].flatMap((name) => {
    const named = firstSet(variables, name);
    const url = named && addressIn(named.value);
    return named && url ? new Proxy(url, named.variable).secrets() : [];
  });
}

function firstSet(
  variables: ProxyVariables,
  ...names: string[]
): { variable: string; value: string } | undefined {
  for (const name of names)
    for (const variable of [name, name.toUpperCase()]) {
      const value = variables[variable]?.trim();
      if (value !== undefined && value !== '') return { variable, value };
    }
  return undefined;
}

function parse(value: string, variable: string): Proxy {
  const url = addressIn(value);
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:'))
    return new Proxy(url, variable);
  const what = url === null ? 'is not an address' : `names a proxy of another kind (${url.protocol}//)`;
  throw new AppError('USAGE', `The environment variable ${variable} ${what}.`, {
    notChanged: 'Nothing was sent.',
    remedy: `Set it to an HTTP proxy, like http://proxy.example.com:3128, unset it, or name the server’s host in NO_PROXY.`,
    details: { variable },
  });
}

function addressIn(value: string): URL | null {
  return URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value}`);
}

function hostOf(url: URL): string {
  return url.hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
}

function isThisMachine(url: URL): boolean {
  const host = hostOf(url);
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(?:\.\d+){3}$/.test(host)
  );
}

/** NO_PROXY: names (with what is below them), addresses, address ranges (10.0.0.0/8), each with a port or without; `*`. */
function isExempt(url: URL, list: string | undefined): boolean {
  const host = hostOf(url);
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return (list ?? '')
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && isMeant(entry.toLowerCase(), host, port));
}

function isMeant(entry: string, host: string, port: string): boolean {
  if (entry.includes('/')) return inRange(entry, host);
  const [, name = entry, ofPort] = /^\[(.+)\](?::(\d+))?$/.exec(entry) ?? /^([^:]+):(\d+)$/.exec(entry) ?? [];
  if (ofPort !== undefined && ofPort !== port) return false;
  if (name === '*') return true;
  const bare = name.replace(/^\*?\.+/, '').replace(/\.$/, '');
  return host === bare || host.endsWith(`.${bare}`);
}

function inRange(entry: string, host: string): boolean {
  const [network = '', bits = ''] = entry.split('/');
  const family = isIP(network);
  const width = Number(bits);
  if (family === 0 || isIP(host) !== family || !/^\d+$/.test(bits) || width > (family === 4 ? 32 : 128))
    return false;
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  const range = new BlockList();
  range.addSubnet(network, width, kind);
  return range.check(host, kind);
}
