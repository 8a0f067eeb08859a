import { throwIfAborted } from '../../../contract/errors.ts';
import type { Connector, RealmSummary } from '../connector.ts';
import { addressOf } from './address.ts';
import { commitOutcome } from './apply/commits.ts';
import { RealmTarget } from './apply/realm-target.ts';
import { capabilitiesOf } from './capabilities.ts';
import { captureRealm } from './capture/capture-realm.ts';
import { scopeOf } from './capture/known-members.ts';
import { danglingMappings } from './dangling-mappings.ts';
import { Databases } from './databases.ts';
import { ownersIn, queryOnce } from './owners.ts';
import { probeDatabases } from './probe.ts';
import type { Service } from './services.ts';
import type { PostgresSettings } from './settings.ts';
import { tableOf } from './section-tables.ts';

export type { PostgresSettings } from './settings.ts';

const REALMS_AT_ONCE = 500;

/** The way into an environment through its databases. Connects when it is first asked for something. */
export function createPostgresConnector(settings: PostgresSettings): Connector {
  const databases = new Databases(settings);
  const realms = async <Row extends object>(
    sql: (table: string) => string,
    parameters: readonly unknown[],
    signal: AbortSignal,
  ): Promise<Row[]> => {
    throwIfAborted(signal);
    const table = tableOf(await databases.layout(signal), 'realms');
    // Without the table the transaction cannot be opened, and that says why.
    return await queryOnce<Row>(databases, 'realm', sql(table?.sql ?? ''), parameters, signal);
  };
  const roleOf = (service: Service): string => addressOf(settings, service).user;
  return {
    channel: 'postgres',
    owners: ownersIn(databases),
    probe: async (signal, tell) => await probeDatabases(databases, signal, tell),
    async *listRealms(signal) {
      for (let after = ''; ;) {
        const rows = await realms<{ name: string; display_name: string | null; enabled: boolean | null }>(
          (table) =>
            `SELECT name, display_name, enabled FROM ${table} WHERE name COLLATE "C" > $1
             ORDER BY name COLLATE "C" LIMIT ${REALMS_AT_ONCE}`,
          [after],
          signal,
        );
        yield* rows.map(({ name, display_name: displayName, enabled }): RealmSummary => ({
          name,
          ...(displayName !== null && { displayName }),
          ...(enabled !== null && { enabled }),
        }));
        if (rows.length < REALMS_AT_ONCE) return;
        after = rows.at(-1)!.name;
      }
    },
    async realmExists(realm, signal) {
      throwIfAborted(signal);
      if (realm.includes('\0')) return false;
      const [row] = await realms<{ found: boolean }>(
        (table) => `SELECT EXISTS (SELECT FROM ${table} WHERE name = $1) AS found`,
        [realm],
        signal,
      );
      return row!.found;
    },
    async lacks(options, signal) {
      return scopeOf(await databases.layout(signal), options, roleOf).missing;
    },
    capture: (realm, options, signal) => captureRealm({ databases }, realm, options, signal),
    async capabilities(signal) {
      const layout = await databases.layout(signal);
      // Nobody writes past a database that is there, but was not named.
      const ambiguous = Object.values(layout.errors).find(({ code }) => code === 'AMBIGUOUS');
      if (ambiguous) throw ambiguous;
      return capabilitiesOf(layout, roleOf);
    },
    openTarget: async (realm, options, signal) =>
      await Promise.resolve(new RealmTarget(databases, realm, options, signal)),
    async identities(signal) {
      const { services } = await databases.layout(signal);
      return [...new Set(Object.values(services).flatMap(({ identity }) => identity ?? []))];
    },
    commitOutcome: async (facts, signal) => await commitOutcome(databases, facts, signal),
    danglingMappings: async (ids, signal) => await danglingMappings(databases, ids, signal),
    learned: () => ({ serverVersion: databases.serverVersion }),
    close: async () => await databases.close(),
  };
}
