import { randomBytes } from 'node:crypto';
import type { Dialect } from '../dialect.ts';
import { bearerRoutes } from '../http/bearer-routes.ts';
import { startHttp } from '../http/server.ts';
import { Tokens, type TokenClient } from '../http/tokens.ts';
import { Mutex } from '../mutex.ts';
import { documentedRoutes } from './routes.ts';

/** One HTTP server that answers everything the documentation spreads over several ports. */
export const documented: Dialect = {
  name: 'documented',
  ports: 1,
  async start({ environment, databases, bcryptCost, tokenLifetimeSeconds, firstPort, onRequest, onError }) {
    const admin: TokenClient = { clientId: 'admin-cli', clientSecret: newSecret(), admin: true };
    const limited: TokenClient = { clientId: 'reporting', clientSecret: newSecret(), admin: false };
    const tokens = new Tokens([admin, limited], tokenLifetimeSeconds ?? 300);
    const routes = documentedRoutes({ databases, tokens, writes: new Mutex(), bcryptCost });
    const http = await startHttp({
      environment,
      server: 'opengate',
      answer: bearerRoutes(routes, tokens, onError),
      onError,
      ...(firstPort !== undefined && { port: firstPort }),
      ...(onRequest && { onRequest }),
    });
    return {
      addresses: { apiUrl: http.url, authUrl: http.url, gatewayUrl: http.url },
      client: { clientId: admin.clientId, clientSecret: admin.clientSecret },
      limitedClient: { clientId: limited.clientId, clientSecret: limited.clientSecret },
      issueToken: () => tokens.issue(admin, http.url).token,
      revokeTokens: () => tokens.revokeAll(),
      stop: () => http.stop(),
    };
  },
};

/** Random, and of characters that need no quoting in a shell or a form. */
function newSecret(): string {
  return randomBytes(24).toString('hex');
}
