import { createHash } from 'node:crypto';
import { startSandbox } from '../../../../sandbox/index.ts';
import type { JsonObject, JsonValue } from '../../../model/record.ts';
import { connectorConformance, type ConformanceSetup } from '../../testing/conformance.ts';
import type { RealmContent } from '../../testing/conformance-content.ts';
import { plant } from '../../postgres/testing/plant.ts';
import { startCountedLine } from '../../testing/counted-line.ts';
import { createAdminApiConnector } from '../index.ts';
import { uuid } from './testing/scripted-realm.ts';

/** One call a user: enough for several pages, and for more calls than go at once. */
const USERS = 600;

/** Behind the Admin API every refusal is a bare 500; through the gateway those of the release itself are, too. */
const WAYS = [
  ['gateway', 'coded'],
  ['gateway', 'bare'],
  ['Admin API alone', 'bare'],
] as const;

for (const [through, refusals] of WAYS)
  connectorConformance(
    `The Admin API connector, dialect v1.1, through the ${through}, refusals ${refusals},`,
    async (): Promise<ConformanceSetup> => {
      const sandbox = await startSandbox({
        dialect: 'v1.1',
        released: { refusals },
        environments: ['target'],
        seed: false,
        bcryptCost: 4,
      });
      const target = sandbox.environment('target');
      const lines = await Promise.all(
        [target.apiUrl, target.gatewayUrl].map(
          async (url) => await startCountedLine(Number(new URL(url).port)),
        ),
      );
      const [apiUrl, gatewayUrl] = lines.map(({ port }) => `http://127.0.0.1:${port}`);
      return {
        users: USERS,
        reads: through === 'gateway' ? ['realm', 'roles', 'clients', 'users'] : ['realm', 'clients', 'users'],
        connect: () =>
          createAdminApiConnector({
            name: 'target',
            apiUrl: apiUrl!,
            authUrl: target.authUrl,
            ...(through === 'gateway' && { gatewayUrl: gatewayUrl! }),
            clientId: target.clientId,
            clientSecret: target.clientSecret,
          }),
        seed: async (content) => await plant(target, inDatabases(content)),
        connections: () => lines.reduce((sum, line) => sum + line.sockets.size, 0),
        async stop() {
          for (const line of lines) await line.stop();
          await sandbox.stop();
        },
      };
    },
  );

/** As the services keep it: with ids, and secrets as hashes. */
function inDatabases({ realm, oddUsers, sections }: RealmContent): RealmContent {
  const withIds = (section: string, key: string, records: readonly JsonObject[] = []): JsonObject[] =>
    records.map((record) => ({ id: uuid(realm, section, record[key] as string), ...record }));
  const users = withIds('users', 'username', sections.users);
  return {
    realm,
    oddUsers,
    sections: {
      realm: withIds('realm', 'name', sections.realm),
      roles: withIds('roles', 'name', sections.roles),
      clients: withIds('clients', 'clientId', sections.clients).map(({ clientSecret, ...client }) => ({
        ...client,
        secretHash: hashed(clientSecret),
      })),
      users: users.map(({ password: _password, ...user }) => user),
      credentials: users
        .filter(({ password }) => password !== undefined)
        .map(({ username, password }) => ({
          id: uuid(realm, 'credentials', username as string),
          username: username!,
          type: 'PASSWORD',
          secretHash: hashed(password),
        })),
    },
  };
}

function hashed(secret: JsonValue | undefined): string {
  return `$2a$12$${createHash('sha256')
    .update(JSON.stringify(secret ?? null))
    .digest('hex')
    .slice(0, 53)}`;
}
