import type { EnvironmentView } from '../../../contract/environment.ts';
import { count } from '../../design/moments.ts';

type Api = NonNullable<EnvironmentView['api']>;
type Postgres = NonNullable<EnvironmentView['postgres']>;

export interface Fact {
  readonly name: string;
  readonly text: string;
  /** It belongs to the one before. */
  readonly part?: boolean;
}

/** "4 calls at a time, 50 a second" */
export function limitsText({ concurrency, requestsPerSecond }: Api['limitsInForce']): string {
  const calls = `${count(concurrency)} ${concurrency === 1 ? 'call' : 'calls'} at a time`;
  return requestsPerSecond === null ? calls : `${calls}, ${count(requestsPerSecond)} a second`;
}

export function apiFacts(api: Api, token: NonNullable<EnvironmentView['lastSeen']>['token']): Fact[] {
  const isSet = api.limits.concurrency !== undefined || api.limits.requestsPerSecond !== undefined;
  return [
    { name: 'Admin API', text: api.apiUrl },
    { name: 'Gateway', text: api.gatewayUrl ?? 'looked for at the Admin API’s address', part: true },
    {
      name: 'Tokens',
      text:
        token === undefined
          ? (api.authUrl ?? 'looked for at the Admin API’s address')
          : `${token.endpoint}, ${METHODS[token.method]}`,
      part: true,
    },
    { name: 'Client', text: `${api.clientId}, its secret is stored`, part: true },
    {
      name: 'Scopes',
      text: api.scopes.length === 0 ? 'what the server gives by itself' : api.scopes.join(' '),
      part: true,
    },
    { name: 'TLS', text: tlsOfApi(api), part: true },
    {
      name: 'Limits in force',
      text: `${limitsText(api.limitsInForce)}${isSet ? '' : ', by its stage'}`,
      part: true,
    },
  ];
}

const METHODS = {
  client_secret_post: 'the secret goes in the form',
  client_secret_basic: 'the secret goes as HTTP Basic',
} as const;

function tlsOfApi({ apiUrl, insecureTls, privateCa }: Api): string {
  if (insecureTls) return 'NOT CHECKED';
  if (privateCa) return 'checked, by its own certificate authority as well';
  return apiUrl.startsWith('https:') ? 'checked' : 'none: plain http';
}

export function postgresFacts({ url, databases, password, passwords, tls, timeouts }: Postgres): Fact[] {
  const mode = tls.mode ?? /[?&]sslmode=([a-z-]+)/.exec(url)?.[1] ?? 'checked, except on this computer';
  const encryption = [
    mode,
    tls.privateCa && 'its own certificate authority',
    tls.clientCertificate && 'a client certificate',
  ].filter(Boolean);
  return [
    { name: 'PostgreSQL', text: url },
    { name: 'Password', text: password ? 'stored' : 'as libpq finds one', part: true },
    ...Object.entries(databases).map(([service, place]) => ({
      name: `Database “${service}”`,
      text: `${place}${passwords.some((own) => own === service) ? ', with a stored password' : ''}`,
      part: true,
    })),
    { name: 'TLS', text: encryption.join(', '), part: true },
    ...waits(timeouts).map(([name, milliseconds]) => ({
      name,
      text: `at most ${count(milliseconds / 1_000)} s`,
      part: true,
    })),
  ];
}

function waits({ connectMs, lockMs }: Postgres['timeouts']): (readonly [string, number])[] {
  return [
    ...(connectMs === undefined ? [] : [['Waits for a connection', connectMs] as const]),
    ...(lockMs === undefined ? [] : [['Waits for a lock', lockMs] as const]),
  ];
}
