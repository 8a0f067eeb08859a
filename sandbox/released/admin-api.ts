import { json, type Reply } from '../http/reply.ts';
import { integerParameter, readJson } from './request-values.ts';
import type { Parameters, Service, ServiceCall, ServiceRoute } from './service.ts';
import { BareError } from './spring-errors.ts';

/** What Spring's WebClient holds of one answer unless told otherwise; a longer one is an error. */
const ANSWER_LIMIT_BYTES = 256 * 1024;

export interface BackendServices {
  readonly user: Service;
  readonly realm: Service;
  readonly rbac: Service;
  readonly client: Service;
}

/**
 * The routes of the Admin API, which calls the services. It looks at no token; what it creates is answered with 200, and
 * everything that a service refuses with a bare 500.
 */
export function adminApi(services: BackendServices): ServiceRoute[] {
  const realm = (parameter: Parameters): string => `/realms/${encodeURIComponent(parameter('realm'))}`;
  const clients = (parameter: Parameters): string => `${realm(parameter)}/clients`;
  const client = (parameter: Parameters): string =>
    `${clients(parameter)}/${encodeURIComponent(parameter('id'))}`;
  // The realm of the path is not passed on: any user is found under any realm.
  const user = (parameter: Parameters): string => `/users/${encodeURIComponent(parameter('id'))}`;

  const passOn =
    (service: Service, path: (parameter: Parameters) => string, query: typeof noQuery = noQuery) =>
    (method: ServiceRoute['method'], pattern: string): ServiceRoute => ({
      method,
      path: pattern,
      handle: (parameter, call) => pass(service, call, path(parameter), query(parameter, call)),
    });
  const toRealms = passOn(services.realm, () => '/realms');
  const toRealm = passOn(services.realm, realm);
  const toUser = passOn(services.user, user);
  const toClients = passOn(services.client, clients);
  return [
    toRealms('GET', '/admin/realms'),
    toRealms('POST', '/admin/realms'),
    toRealm('GET', '/admin/realms/{realm}'),
    toRealm('PUT', '/admin/realms/{realm}'),
    toRealm('DELETE', '/admin/realms/{realm}'),
    passOn(services.user, () => '/users', listQuery)('GET', '/admin/realms/{realm}/users'),
    passOn(
      services.user,
      () => '/users',
      (parameter) => ({ realm: parameter('realm') }),
    )('POST', '/admin/realms/{realm}/users'),
    toUser('GET', '/admin/realms/{realm}/users/{id}'),
    toUser('PUT', '/admin/realms/{realm}/users/{id}'),
    toUser('DELETE', '/admin/realms/{realm}/users/{id}'),
    toClients('GET', '/admin/realms/{realm}/clients'),
    toClients('POST', '/admin/realms/{realm}/clients'),
    passOn(services.client, client)('GET', '/admin/realms/{realm}/clients/{id}'),
    passOn(services.client, (parameter) => `${client(parameter)}/secret/regenerate`)(
      'POST',
      '/admin/realms/{realm}/clients/{id}/secret/regenerate',
    ),
    {
      method: 'GET',
      path: '/admin/realms/{realm}/stats',
      // The same for every realm, there or not.
      handle: (parameter) =>
        json(200, {
          realm: parameter('realm'),
          totalUsers: 1284,
          activeSessions: 342,
          registeredClients: 48,
          totalRealms: 5,
        }),
    },
  ];
}

function noQuery(_parameter: Parameters, _call: ServiceCall): Readonly<Record<string, string>> {
  return {};
}

function listQuery(parameter: Parameters, { query }: ServiceCall): Readonly<Record<string, string>> {
  return {
    realm: parameter('realm'),
    search: query.get('search') ?? '',
    page: String(integerParameter(query, 'page', 0)),
    size: String(integerParameter(query, 'size', 20)),
  };
}

async function pass(
  service: Service,
  call: ServiceCall,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<Reply> {
  // It takes the body apart before it sends it on, so what is no JSON is its own 400.
  const isSent = call.method === 'POST' || call.method === 'PUT';
  const body = isSent && !path.endsWith('/regenerate') ? JSON.stringify(await readJson(call)) : '';
  const answer = await service({
    method: call.method,
    path,
    query: templateQuery(query),
    headers: { 'content-type': 'application/json' },
    body: () => Promise.resolve(body),
    signal: call.signal,
  });
  if (answer.status >= 400) throw new BareError(500, `The service answered ${answer.status}.`);
  if (typeof answer.body !== 'string') return { status: 200 };
  if (Buffer.byteLength(answer.body) > ANSWER_LIMIT_BYTES)
    throw new BareError(500, `The service answered more than ${ANSWER_LIMIT_BYTES} bytes.`);
  return { status: 200, ...(answer.headers && { headers: answer.headers }), body: answer.body };
}

/**
 * The query is put into a template of an address before it is encoded: a plus sign goes through as it is, which the
 * service reads as a space, and what stands in braces is taken for a variable that nobody gives.
 */
function templateQuery(query: Readonly<Record<string, string>>): URLSearchParams {
  const read: Record<string, string> = {};
  for (const [name, value] of Object.entries(query)) {
    if (/\{[^{}]*\}/.test(value)) throw new BareError(500, 'A variable of the address has no value.');
    read[name] = value.replaceAll('+', ' ');
  }
  return new URLSearchParams(read);
}
