import type { Connector } from '../connector.ts';
import { ApiClient } from './api-client.ts';
import { applyDocumented } from './documented-apply.ts';
import { captureDocumented } from './documented-capture.ts';
import { DOCUMENTED_ROUTE, documentedEndpoints } from './documented-dialect.ts';
import { probeDocumented } from './probe.ts';
import { RealmList } from './realm-list.ts';
import { tokenPlaces } from './token-places.ts';
import { baseUrls, type AdminApiSettings } from './settings.ts';

const DEFAULT_BATCH_SIZE = 500;

export type { AdminApiSettings } from './settings.ts';

/**
 * The way into an OpenGate installation over its Admin API, in the documented dialect.
 *
 * Keeps the client secret and tokens to itself: neither the connector nor any error of it shows them.
 *
 * @throws AppError USAGE when an address is not a plain http(s) URL
 */
export function createAdminApiConnector(settings: AdminApiSettings): Connector {
  const bases = baseUrls(settings);
  const endpoints = documentedEndpoints(bases);
  const client = new ApiClient(settings, tokenPlaces(bases));
  const realms = new RealmList(client, endpoints.realmLists);
  const tools = {
    settings,
    bases,
    client,
    endpoints,
    realms,
    batchSize: settings.batchSize ?? DEFAULT_BATCH_SIZE,
  };
  return {
    channel: 'admin-api',
    capabilities: async () => await Promise.resolve(DOCUMENTED_ROUTE),
    probe: async (signal) => await probeDocumented(tools, signal),
    listRealms: (signal) => realms.all(signal),
    realmExists: async (realm, signal) => await realms.exists(realm, signal),
    capture: (realm, options, signal) => captureDocumented(tools, realm, options, signal),
    openTarget: async (realm) =>
      await Promise.resolve({
        exists: async (signal) => await realms.exists(realm, signal),
        capture: (options, signal) => captureDocumented(tools, realm, options, signal),
        applySteps: (target, items) => applyDocumented(tools, target, items),
        close: async () => await Promise.resolve(),
      }),
    close: async () => await client.close(),
  };
}
