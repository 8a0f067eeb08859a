import type { BaseUrls } from './settings.ts';

/** How a client shows its secret (RFC 6749, 2.3.1): in the form, or as HTTP Basic. */
export type TokenMethod = 'client_secret_post' | 'client_secret_basic';

/** Where tokens may be had from, in the order in which it is tried. */
export interface TokenPlaces {
  /** The configured or documented endpoint. */
  readonly configured: string;
  /** Discovery documents, which may name another. */
  readonly discoveries: readonly string[];
  /** Where Spring Authorization Server has it, on which release v1.1.0 stands. */
  readonly lastly: readonly string[];
  /** The client's secret is shown to no other origin than these. */
  readonly origins: ReadonlySet<string>;
  /** Asked without a token, where no place issues one, to learn whether the server wants any. */
  readonly guarded: readonly string[];
}

const SPRING = '/oauth2/token';
const REALM_ENDPOINT = /\/realms\/[^/]+\/protocol\/openid-connect\/token$/;
const DISCOVERY = '/.well-known/openid-configuration';

export function tokenPlaces({ api, auth, gateway }: BaseUrls): TokenPlaces {
  const whole = auth.endsWith('/token');
  const issuer = issuerOf(auth);
  return {
    configured: whole ? auth : `${issuer}/realms/master/protocol/openid-connect/token`,
    discoveries: issuer === undefined ? [] : [`${issuer}/realms/master${DISCOVERY}`, `${issuer}${DISCOVERY}`],
    lastly: issuer === undefined ? [] : [`${issuer}${SPRING}`],
    origins: new Set([api, auth, gateway].map((url) => new URL(url).origin)),
    guarded: [...new Set([`${api}/admin/realms`, `${gateway}/admin/realms`, `${gateway}/api/realms`])],
  };
}

/** What stands before the parts that are known; undefined for a token endpoint of a shape of its own. */
function issuerOf(auth: string): string | undefined {
  const bare = auth.replace(REALM_ENDPOINT, '').replace(new RegExp(`${SPRING}$`), '');
  if (bare === auth && auth.endsWith('/token')) return undefined;
  const base = bare.endsWith(DISCOVERY) ? bare.slice(0, -DISCOVERY.length) : bare;
  return base.replace(/\/realms\/[^/]+$/, '');
}

/** Which way first: what the server says, else what usually works there. */
export function methodsFor(endpoint: string, supported?: readonly string[]): readonly TokenMethod[] {
  const basicFirst = supported?.includes('client_secret_basic') ?? endpoint.endsWith(SPRING);
  const both: readonly TokenMethod[] = basicFirst
    ? ['client_secret_basic', 'client_secret_post']
    : ['client_secret_post', 'client_secret_basic'];
  const told = both.filter((method) => supported?.includes(method));
  return told.length > 0 ? told : both;
}
