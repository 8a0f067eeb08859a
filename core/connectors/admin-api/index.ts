import type { Connector } from '../connector.ts';
import { ApiClient } from './api-client.ts';
import { DialectChoice, type Chosen } from './dialect-choice.ts';
import { findDialect } from './dialect-search.ts';
import { documented, released } from './dialects.ts';
import { DOCUMENTED, documentedEndpoints } from './documented-dialect.ts';
import { probeAdminApi } from './probe.ts';
import { RealmList } from './realm-list.ts';
import { releasedEndpoints } from './released/endpoints.ts';
import { baseUrls, type AdminApiSettings, type BaseUrls } from './settings.ts';
import { tokenPlaces } from './token-places.ts';

const DEFAULT_BATCH_SIZE = 500;

export type { AdminApiSettings } from './settings.ts';

/**
 * The way into an OpenGate installation over its Admin API, in whichever dialect it speaks: that is found out by looking
 * when it is first needed.
 *
 * Keeps the client secret and tokens to itself: neither the connector nor any error of it shows them.
 *
 * @throws AppError USAGE when an address is not a plain http(s) URL
 */
export function createAdminApiConnector(settings: AdminApiSettings): Connector {
  const bases = baseUrls(settings);
  const client = new ApiClient(settings, tokenPlaces(bases));
  const realms = new RealmList(client, realmLists(bases));
  const batchSize = settings.batchSize ?? DEFAULT_BATCH_SIZE;
  const inDocumented = (at: BaseUrls) =>
    documented({ client, realms, endpoints: documentedEndpoints(at), batchSize });
  const inReleased = (at: BaseUrls) =>
    released({ client, realms, endpoints: releasedEndpoints(at), settings }, at.gatewayNamed);

  async function look(signal: AbortSignal): Promise<Chosen> {
    const { name, certain, bases: found } = await findDialect({ client, realms, bases }, signal);
    return { certain, at: found.api, dialect: name === DOCUMENTED ? inDocumented(found) : inReleased(found) };
  }

  const choice = new DialectChoice(look, { dialect: inDocumented(bases), at: bases.api });
  return {
    channel: 'admin-api',
    capabilities: async (signal) => (await choice.get(signal)).route,
    probe: async (signal) => await probeAdminApi({ settings, bases, client, realms }, signal),
    listRealms: (signal) => realms.all(signal),
    realmExists: async (realm, signal) => await realms.exists(realm, signal),
    capture: (realm, options, signal) => choice.capture(realm, options, signal),
    openTarget: async (realm, _options, signal) =>
      await Promise.resolve({
        exists: async (given) => await realms.exists(realm, given),
        capture: (options, given) => choice.capture(realm, options, given),
        applySteps: (target, items) => choice.applySteps(target, items, signal),
        close: async () => await Promise.resolve(),
      }),
    close: async () => {
      choice.close();
      await client.close();
    },
  };
}

/** Where a list of realms may be served, likeliest first: the gateway's Realms API, then the Admin API. */
function realmLists({ api, gateway }: BaseUrls): string[] {
  return [
    ...new Set([
      `${gateway}/api/realms`,
      `${api}/api/realms`,
      `${api}/admin/realms`,
      `${gateway}/admin/realms`,
    ]),
  ];
}
