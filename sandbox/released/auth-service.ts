import { randomBytes, randomUUID } from 'node:crypto';
import { json, type Reply } from '../http/reply.ts';
import { realmDiscovery, serverMetadata } from './discovery.ts';
import type { Service, ServiceCall } from './service.ts';
import { SigningKey } from './signing-keys.ts';

/** The one client of the release that can have a token by client credentials; its secret is built in. */
export const SAMPLE_APP = { clientId: 'sample-app', clientSecret: 'sample-secret' } as const;
/** The console's, which is public. */
export const CONSOLE = { clientId: 'opengate-console', clientSecret: '' } as const;

const SCOPES: readonly string[] = ['openid', 'profile', 'email'];
/** As the auth service gives to every client that speaks for itself. */
const ROLES = ['admin', 'user'];

export interface AuthServiceOptions {
  /** Its own address, asked for when it is known. */
  readonly url: () => string;
  /** What the realms' discovery documents begin their addresses with. */
  readonly advertisedUrl: () => string;
  readonly tokenLifetimeSeconds: number;
}

/** The Spring Authorization Server of the release: what of it client credentials need. */
export class AuthService {
  readonly #options: AuthServiceOptions;
  #key = new SigningKey();

  constructor(options: AuthServiceOptions) {
    this.#options = options;
  }

  /** Throws the signing key away, as a new start does. */
  changeKey(): void {
    this.#key = new SigningKey();
  }

  issueToken(scopes: readonly string[] = []): string {
    const now = Math.floor(Date.now() / 1000);
    return this.#key.sign({
      sub: SAMPLE_APP.clientId,
      aud: SAMPLE_APP.clientId,
      nbf: now,
      ...(scopes.length > 0 && { scope: scopes }),
      realm: 'master',
      roles: ROLES,
      iss: this.#options.url(),
      realm_access: { roles: ROLES },
      exp: now + Math.ceil(this.#options.tokenLifetimeSeconds),
      iat: now,
      jti: randomUUID(),
      preferred_username: SAMPLE_APP.clientId,
    });
  }

  readonly answer: Service = async (call) => {
    const realm = /^\/realms\/([^/]+)\/\.well-known\/openid-configuration$/.exec(call.path)?.[1];
    switch (`${call.method} ${realm === undefined ? call.path : 'discovery'}`) {
      case 'GET discovery':
        return json(200, realmDiscovery(`${this.#options.advertisedUrl()}/realms/${realm}`));
      case 'GET /.well-known/openid-configuration':
      case 'GET /.well-known/oauth-authorization-server':
        return json(200, serverMetadata(this.#options.url()));
      case 'GET /oauth2/jwks':
        return json(200, { keys: [this.#key.jwk] });
      case 'POST /oauth2/token':
        return this.#token(call);
      case 'GET /actuator/health':
        return json(200, { status: 'UP' });
      case 'GET /login':
        return { status: 200, headers: { 'content-type': 'text/html;charset=UTF-8' }, body: LOGIN_PAGE };
      default:
        return this.#toLogin();
    }
  };

  async #token(call: ServiceCall): Promise<Reply> {
    const form = new URLSearchParams(await formText(call));
    const basic = basicCredentials(String(call.headers['authorization'] ?? ''));
    if (basic === 'malformed') return oauthError(400, 'invalid_request');
    // Without anything that looks like a client, the request is one of a browser that has to log in.
    if (!basic && (!form.has('client_id') || !form.has('client_secret'))) return this.#toLogin();
    // A secret in the form is understood, and refused: the client is registered for basic authentication.
    if (!basic || basic.id !== SAMPLE_APP.clientId || basic.secret !== SAMPLE_APP.clientSecret)
      return oauthError(401, 'invalid_client');
    const grants = form.getAll('grant_type');
    if (grants.length !== 1) return parameterError('invalid_request');
    if (grants[0] !== 'client_credentials') return parameterError('unsupported_grant_type');
    const scopes = (form.get('scope') ?? '').split(' ').filter(Boolean);
    if (!scopes.every((scope) => SCOPES.includes(scope))) return oauthError(400, 'invalid_scope');
    return json(
      200,
      {
        access_token: this.issueToken(scopes),
        ...(scopes.length > 0 && { scope: scopes.join(' ') }),
        token_type: 'Bearer',
        // What is left when the answer is written.
        expires_in: Math.max(0, Math.ceil(this.#options.tokenLifetimeSeconds) - 1),
      },
      { 'cache-control': 'no-cache, no-store, max-age=0, must-revalidate' },
    );
  }

  /**
   * What is not there, what is not allowed and a form without a CSRF token all end at the login page: the page for errors
   * itself asks for a login. So a POST to the advertised token endpoint, which nobody serves, is a redirect.
   */
  #toLogin(): Reply {
    const session = randomBytes(16).toString('hex').toUpperCase();
    return {
      status: 302,
      headers: {
        location: `${this.#options.url()}/login;jsessionid=${session}`,
        'set-cookie': `JSESSIONID=${session}; Path=/; HttpOnly`,
      },
    };
  }
}

const LOGIN_PAGE =
  '<!DOCTYPE html><html lang="en"><head><title>Please sign in</title></head><body><form method="post" action="/login"></form></body></html>';

async function formText(call: ServiceCall): Promise<string> {
  const type = String(call.headers['content-type'] ?? '').toLowerCase();
  return type.startsWith('application/x-www-form-urlencoded') ? call.body() : '';
}

function basicCredentials(header: string): { id: string; secret: string } | 'malformed' | undefined {
  const [scheme, encoded, ...more] = header.split(/\s+/);
  if (scheme?.toLowerCase() !== 'basic') return undefined;
  if (encoded === undefined || more.length > 0) return 'malformed';
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const id = text.slice(0, Math.max(0, colon));
  const secret = text.slice(colon + 1);
  if (id.trim() === '' || secret.trim() === '') return 'malformed';
  return { id: formDecoded(id), secret: formDecoded(secret) };
}

/** Both parts are form-encoded first (RFC 6749, 2.3.1). */
function formDecoded(text: string): string {
  return new URLSearchParams(`v=${text.replaceAll('&', '%26')}`).get('v') ?? '';
}

/** The code alone: the reason is kept back. */
function oauthError(status: 400 | 401, error: string): Reply {
  return json(status, { error });
}

function parameterError(error: string): Reply {
  return json(400, {
    error_description: 'OAuth 2.0 Parameter: grant_type',
    error,
    error_uri: 'https://datatracker.ietf.org/doc/html/rfc6749#section-5.2',
  });
}
