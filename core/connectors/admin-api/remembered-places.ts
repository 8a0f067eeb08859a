import type { SeenServer } from '../../../contract/environment.ts';
import type { DialectFinding } from './dialect-search.ts';
import { DOCUMENTED } from './documented/route.ts';
import { RELEASED } from './released/route.ts';
import type { AdminApiSettings, BaseUrls } from './settings.ts';

/** What a server speaks, and where. */
export type Seen = Pick<DialectFinding, 'name' | 'bases'>;

const NAMES: readonly Seen['name'][] = [DOCUMENTED, RELEASED];

/** What an earlier connection found, as far as it fits the addresses and is known to this version. */
export function rememberedPlaces({ seen }: AdminApiSettings, bases: BaseUrls): Seen | undefined {
  if (seen?.api === undefined) return undefined;
  const { dialect, apiUrl, gatewayUrl } = seen.api;
  const name = NAMES.find((known) => known === dialect);
  const isGiven = (url: string) => url === bases.api || url === bases.gateway;
  if (name === undefined || !isGiven(apiUrl) || (gatewayUrl !== undefined && !isGiven(gatewayUrl)))
    return undefined;
  return {
    name,
    bases: {
      ...bases,
      api: apiUrl,
      gateway: gatewayUrl ?? bases.gateway,
      gatewayNamed: gatewayUrl !== undefined,
    },
  };
}

/** As it is remembered. */
export function apiSeen({ name, bases }: Seen): NonNullable<SeenServer['api']> {
  return {
    dialect: name,
    apiUrl: bases.api,
    ...(bases.gatewayNamed && { gatewayUrl: bases.gateway }),
  };
}
