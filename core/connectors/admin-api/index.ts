import { isAppError } from '../../../contract/errors.ts';
import type { Connector } from '../connector.ts';
import { ApiClient } from './api-client.ts';
import { DialectChoice, type Chosen, type Guess, type Placed } from './dialect-choice.ts';
import { findDialect, hasExport, type DialectFinding } from './dialect-search.ts';
import { documented, released } from './dialects.ts';
import { documentedEndpoints } from './documented/endpoints.ts';
import { DOCUMENTED } from './documented/route.ts';
import { probeAdminApi } from './probe.ts';
import { RealmList } from './realm-list.ts';
import { apiSeen, rememberedPlaces, type Seen } from './remembered-places.ts';
import { releasedEndpoints } from './released/endpoints.ts';
import { RELEASED } from './released/route.ts';
import { baseUrls, type AdminApiSettings, type BaseUrls } from './settings.ts';
import { tokenPlaces } from './token-places.ts';

const DEFAULT_BATCH_SIZE = 500;

export type { AdminApiSettings } from './settings.ts';
export { SharedLimiters } from './shared-limiters.ts';

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
  const earlier = rememberedPlaces(settings, bases);
  const realms = new RealmList(client, realmLists(bases, earlier?.name));
  // What is found out owes nothing to what was remembered.
  const places = { client, bases, realms: earlier ? new RealmList(client, realmLists(bases)) : realms };
  const batchSize = settings.batchSize ?? DEFAULT_BATCH_SIZE;
  const inDocumented = (at: BaseUrls) =>
    documented({ client, realms, endpoints: documentedEndpoints(at), batchSize });
  const inReleased = (at: BaseUrls) =>
    released({ client, realms, endpoints: releasedEndpoints(at), settings }, at.gatewayNamed);

  const placed = (name: DialectFinding['name'], at: BaseUrls): Placed => ({
    bases: at,
    dialect: name === DOCUMENTED ? inDocumented(at) : inReleased(at),
  });
  let seen: Seen | null | undefined;
  async function find(signal: AbortSignal): Promise<DialectFinding> {
    try {
      const finding = await findDialect(places, signal);
      seen = finding.certain ? finding : null;
      return finding;
    } catch (error) {
      if (isAppError(error, 'UNSUPPORTED_BY_ROUTE')) seen = null;
      throw error;
    }
  }
  async function look(signal: AbortSignal): Promise<Chosen> {
    const { name, certain, bases: found } = await find(signal);
    return { certain, ...placed(name, found) };
  }

  const likeliest = earlier ?? { name: DOCUMENTED, bases };
  const guess: Guess = {
    ...placed(likeliest.name, likeliest.bases),
    remembered: earlier !== undefined,
    onRead: () => (seen = likeliest),
    ...(earlier?.name === RELEASED && {
      holds: async (realm, signal) => !(await hasExport(places, realm, signal)),
    }),
  };
  const choice = new DialectChoice(look, guess);
  return {
    channel: 'admin-api',
    capabilities: async (signal) => (await choice.get(signal)).route,
    probe: async (signal, tell) => await probeAdminApi({ ...places, settings, find }, signal, tell),
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
    learned: () => ({ api: seen && apiSeen(seen), token: client.tokens.learned }),
    close: async () => {
      choice.close();
      await client.close();
    },
  };
}

/** Where a list of realms may be served, likeliest first: the gateway's Realms API, which v1.1.0 has not, and the Admin API. */
function realmLists({ api, gateway }: BaseUrls, dialect?: DialectFinding['name']): string[] {
  const documentedLists = [`${gateway}/api/realms`, `${api}/api/realms`];
  const releasedLists = [`${api}/admin/realms`, `${gateway}/admin/realms`];
  const lists = dialect === RELEASED ? [releasedLists, documentedLists] : [documentedLists, releasedLists];
  return [...new Set(lists.flat())];
}
