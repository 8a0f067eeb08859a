import { MEMBERS } from '../../model/members.ts';
import type { JsonObject } from '../../model/record.ts';
import { perSection } from '../../model/sections.ts';
import type { Channel, Missing } from '../../model/snapshot.ts';
import type { ApplyItem, ApplyTarget, RouteCapabilities, SectionRoute } from '../connector.ts';

/**
 * What an environment with both channels can write: all that its databases can. What the Admin API does faithfully to
 * records that exist goes through it, so that the server's own rules and logs see it: settings of the realm, attributes
 * of users. Set-valued members that the API can only add to, creations and deletions go through the databases, which
 * keep ids, password hashes and client secrets.
 */
export function bothCapabilities(api: RouteCapabilities, postgres: RouteCapabilities): RouteCapabilities {
  return {
    ...postgres,
    transactional: false,
    sections: perSection((section) => withChannels(api.sections[section], postgres.sections[section])),
  };
}

/**
 * Where the databases lack something, writing to the others would leave half of it undone, and an overwrite would not
 * reach all: then it is done as without them.
 */
export function apiAlone(api: RouteCapabilities, lacking: readonly Missing[]): RouteCapabilities {
  const reasons = [...new Set(lacking.map(({ reason }) => reason))];
  return {
    ...api,
    limits: [
      ...(api.limits ?? []),
      `Everything is written over the Admin API, and nothing to the databases, since they lack something: ${reasons.join(' ')}`,
    ],
  };
}

/** Two users may swap them: what the API does one by one would find the other's still taken. */
const UNIQUE_MEMBERS: ReadonlySet<string> = new Set(['email']);

function withChannels(api: SectionRoute, postgres: SectionRoute): SectionRoute {
  const throughApi = new Set(
    api.updateMembers.filter(
      (member) =>
        postgres.updateMembers.includes(member) &&
        !api.addOnlyMembers.includes(member) &&
        !UNIQUE_MEMBERS.has(member),
    ),
  );
  const channelOf = (member: string): Channel => (throughApi.has(member) ? 'admin-api' : 'postgres');
  return {
    ...postgres,
    channels: {
      create: 'postgres',
      delete: 'postgres',
      update: Object.fromEntries(postgres.updateMembers.map((member) => [member, channelOf(member)])),
      // A document of the API cannot say that something is to be empty.
      empty: 'postgres',
    },
  };
}

/** One item's parts, as the plan says what goes where. */
export function splitItem(
  route: RouteCapabilities,
  { mode }: Pick<ApplyTarget, 'mode'>,
  item: ApplyItem,
): { readonly database?: ApplyItem; readonly api?: ApplyItem } {
  const channels = route.sections[item.section].channels;
  if (mode !== 'merge' || item.action !== 'update' || !channels) return { database: item };
  const keys = KEY_MEMBERS[item.section];
  const key: JsonObject = {};
  const [database, api]: [JsonObject, JsonObject] = [{}, {}];
  for (const [name, value] of Object.entries(item.body)) {
    if (keys.has(name)) key[name] = value;
    else if ((value === null ? channels.empty : channels.update[name]) === 'admin-api') api[name] = value;
    else database[name] = value;
  }
  const part = (body: JsonObject) => ({ ...item, body: { ...key, ...body } });
  return {
    ...(Object.keys(database).length > 0 && { database: part(database) }),
    ...(Object.keys(api).length > 0 && { api: part(api) }),
  };
}

const KEY_MEMBERS = perSection(
  (section) => new Set(MEMBERS[section].filter(({ key }) => key).map(({ name }) => name)),
);
