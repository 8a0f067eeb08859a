import type { Reply } from '../http/reply.ts';
import type { Service } from './service.ts';
import { reactiveReply } from './spring-errors.ts';

/** Undefined: a service that the stand-in does not play, as if it were not running. */
interface GatewayRoute {
  readonly service: Service | undefined;
  /** By the whole path. */
  readonly paths: RegExp;
  /** How many segments are taken away in front. */
  readonly strip: 0 | 1;
}

export interface Upstreams {
  readonly auth: Service;
  readonly admin: Service;
  readonly user: Service;
  readonly rbac: Service;
  readonly client: Service;
}

/**
 * What the gateway passes on, and to whom. There is no way to the realm service: realms are found at the Admin API
 * alone. Of the auth service only the realms' paths and the keys are passed on, so no token can be had here.
 */
export function gateway(to: Upstreams): Service {
  const routes: readonly GatewayRoute[] = [
    { service: to.auth, strip: 0, paths: /^\/realms(?:\/.*)?$/ },
    { service: to.auth, strip: 0, paths: /^\/oauth2\/jwks$/ },
    { service: to.user, strip: 1, paths: /^\/api\/users(?:\/.*)?$/ },
    { service: to.rbac, strip: 1, paths: /^\/api\/roles(?:\/.*)?$/ },
    {
      service: to.rbac,
      strip: 1,
      paths: /^\/api\/realms\/[^/]+\/(?:roles(?:\/.*)?|users\/[^/]+\/role-mappings)$/,
    },
    { service: to.client, strip: 1, paths: /^\/api\/(?:clients|realms\/[^/]+\/clients)(?:\/.*)?$/ },
    { service: undefined, strip: 1, paths: /^\/api\/(?:mfa|sessions)(?:\/.*)?$/ },
    { service: to.admin, strip: 0, paths: /^\/admin(?:\/.*)?$/ },
  ];
  return async (call): Promise<Reply> => {
    if (call.path === '/actuator/health')
      return {
        status: 200,
        headers: { 'content-type': 'application/vnd.spring-boot.actuator.v3+json' },
        body: '{"status":"UP"}',
      };
    const route = routes.find((one) => one.paths.test(call.path));
    if (!route) return reactiveReply(404, call.path);
    if (!route.service) return reactiveReply(500, call.path);
    return route.service(route.strip === 0 ? call : { ...call, path: call.path.replace(/^\/[^/]+/, '') });
  };
}
