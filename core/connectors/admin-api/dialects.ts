import type { RouteCapabilities } from '../connector.ts';
import { NO_ROUTE } from '../no-route.ts';
import type { Dialect } from './dialect.ts';
import { applyDocumented } from './documented/apply.ts';
import { captureDocumented, type CaptureTools } from './documented/capture.ts';
import { DOCUMENTED, DOCUMENTED_ROUTE } from './documented/route.ts';
import { applyReleased } from './released/apply.ts';
import { captureReleased } from './released/capture.ts';
import { RELEASED, RELEASED_ROUTE } from './released/route.ts';
import type { ReleasedTools } from './released/tools.ts';

export interface DocumentedTools extends CaptureTools {
  /** Users in one call of an import. */
  readonly batchSize: number;
}

export function documented(tools: DocumentedTools): Dialect {
  return {
    name: DOCUMENTED,
    title: 'OpenGate as documented: whole realms by export and import',
    route: DOCUMENTED_ROUTE,
    capture: (realm, options, signal) => captureDocumented(tools, realm, options, signal),
    applySteps: (target, items) => applyDocumented(tools, target, items),
  };
}

export function released(tools: ReleasedTools, gateway: boolean): Dialect {
  const route = gateway ? RELEASED_ROUTE : withoutGateway(RELEASED_ROUTE);
  return {
    name: RELEASED,
    title: 'OpenGate v1.1.0 style: no export endpoints; reading resource by resource',
    route,
    capture: (realm, options, signal) => captureReleased(tools, realm, options, signal),
    applySteps: (target, items) => applyReleased(tools, target, items, route),
  };
}

export const GATEWAY_NEEDED =
  'Roles and role mappings are served by the gateway only, and none was found at the given addresses: give its address with --gateway-url.';

/** Roles and who has them are not served by the Admin API itself (OpenGate v1.1.0, opengate-admin-api). */
export function withoutGateway(route: RouteCapabilities): RouteCapabilities {
  const { users } = route.sections;
  const others = (members: readonly string[]) => members.filter((member) => member !== 'roles');
  return {
    ...route,
    limits: [...(route.limits ?? []), GATEWAY_NEEDED],
    sections: {
      ...route.sections,
      roles: NO_ROUTE,
      users: {
        ...users,
        createMembers: users.createMembers === 'all' ? 'all' : others(users.createMembers),
        updateMembers: others(users.updateMembers),
        addOnlyMembers: others(users.addOnlyMembers),
      },
    },
  };
}
