import type { Dialect, DialectOptions, RunningDialect } from '../dialect.ts';
import { chunksOf } from '../http/body.ts';
import { startHttp, type Exchange, type HttpServer } from '../http/server.ts';
import { adminApi } from './admin-api.ts';
import { AuthService, CONSOLE, SAMPLE_APP } from './auth-service.ts';
import { clientService } from './client-service.ts';
import { gateway } from './gateway.ts';
import { rbacService } from './rbac-service.ts';
import { realmService } from './realm-service.ts';
import { callOf, springService, type Service, type ServiceRoute } from './service.ts';
import { userService } from './user-service.ts';

/** Each server's place among the release's ports, which begin with the gateway's. */
const SERVERS = {
  gateway: 0,
  'auth-service': 1,
  'user-service': 2,
  'realm-service': 3,
  'rbac-service': 4,
  'client-service': 5,
  'admin-api': 9,
} as const;
type ServerName = keyof typeof SERVERS;

/** As Tomcat has it by default, which all but the gateway run on. */
const TOMCAT_REQUESTS_PER_CONNECTION = 100;

/** After these Tomcat closes the connection; the gateway, which is no Tomcat, does not. */
const TOMCAT_CLOSES_AFTER: ReadonlySet<number> = new Set([400, 408, 411, 413, 414, 500, 501, 503]);

/** How long a token of the sample application is good for. */
const TOKEN_LIFETIME_SECONDS = 15 * 60;

/**
 * Release v1.1.0: seven servers on ports of their own over the four databases. The Admin API and the gateway call the
 * services as functions, not over HTTP, which nobody can see from outside.
 */
export const released: Dialect = { name: 'v1.1', ports: 10, start };

async function start(options: DialectOptions): Promise<RunningDialect> {
  await using cleanup = new AsyncDisposableStack();
  const { databases, bcryptCost, onError } = options;
  const settings = { refusals: options.released.refusals ?? 'bare', onError } as const;
  const spring = (routes: readonly ServiceRoute[]): Service => springService(routes, settings);
  const services = {
    user: spring(userService({ databases, bcryptCost, userOrder: options.released.userOrder ?? 'shifting' })),
    realm: spring(realmService(databases)),
    rbac: spring(rbacService(databases)),
    client: spring(clientService(databases, bcryptCost)),
  };
  const admin = spring(adminApi(services));
  const urls = new Map<ServerName, string>();
  const url = (name: ServerName): string => urls.get(name) ?? '';
  const auth = new AuthService({
    url: () => url('auth-service'),
    advertisedUrl: () => options.released.advertisedUrl ?? url('gateway'),
    tokenLifetimeSeconds: options.tokenLifetimeSeconds ?? TOKEN_LIFETIME_SECONDS,
  });
  const answers: Readonly<Record<ServerName, Service>> = {
    gateway: gateway({ auth: auth.answer, admin, ...services }),
    'auth-service': auth.answer,
    'user-service': services.user,
    'realm-service': services.realm,
    'rbac-service': services.rbac,
    'client-service': services.client,
    'admin-api': admin,
  };
  for (const [name, offset] of Object.entries(SERVERS) as [ServerName, number][]) {
    const http = await serve(options, name, offset, answers[name]);
    cleanup.defer(() => http.stop());
    urls.set(name, http.url);
  }
  const running = cleanup.move();
  return {
    addresses: {
      apiUrl: url('admin-api'),
      authUrl: url('auth-service'),
      gatewayUrl: url('gateway'),
      services: {
        user: url('user-service'),
        realm: url('realm-service'),
        rbac: url('rbac-service'),
        client: url('client-service'),
      },
    },
    client: { ...SAMPLE_APP },
    limitedClient: { ...CONSOLE },
    issueToken: () => auth.issueToken(),
    revokeTokens: () => auth.changeKey(),
    stop: () => running.disposeAsync(),
  };
}

function serve(
  options: DialectOptions,
  server: ServerName,
  offset: number,
  answer: Service,
): Promise<HttpServer> {
  const { environment, firstPort, onRequest, onError } = options;
  return startHttp({
    environment,
    server,
    answer: (exchange) => answer(callOf(exchange, () => bodyText(exchange))),
    onError,
    ...(server !== 'gateway' && {
      requestsPerConnection: TOMCAT_REQUESTS_PER_CONNECTION,
      closesAfter: TOMCAT_CLOSES_AFTER,
    }),
    ...(firstPort !== undefined && { port: firstPort + offset }),
    ...(onRequest && { onRequest }),
  });
}

async function bodyText({ request }: Exchange): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of chunksOf(request)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
