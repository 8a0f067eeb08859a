import { startSandbox } from '../../../sandbox/index.ts';
import { createAdminApiConnector } from '../admin-api/index.ts';
import { connectorConformance, type ConformanceSetup } from '../testing/conformance.ts';
import { createPostgresConnector } from '../postgres/index.ts';
import { plant } from '../postgres/testing/plant.ts';
import { startCountedLine } from '../testing/counted-line.ts';
import { createBothConnector } from './index.ts';

connectorConformance('The connector of both channels', async (): Promise<ConformanceSetup> => {
  const sandbox = await startSandbox({ environments: ['target'], seed: false, bcryptCost: 4 });
  const target = sandbox.environment('target');
  const { clientId, clientSecret } = target;
  const apiLine = await startCountedLine(Number(new URL(target.apiUrl).port));
  const pgLine = await startCountedLine(Number(new URL(target.pgUrl).port));
  const url = new URL(target.pgUrl);
  url.port = String(pgLine.port);
  const apiUrl = `http://127.0.0.1:${apiLine.port}`;
  return {
    connect: () =>
      createBothConnector({
        api: createAdminApiConnector({ name: 'target', apiUrl, clientId, clientSecret }),
        postgres: createPostgresConnector({ name: 'target', url: url.href }),
      }),
    async seed({ sections }) {
      const { realm: [realm = {}] = [], ...others } = sections;
      const { name, ...settings } = realm;
      const response = await fetch(`${target.apiUrl}/admin/realms/import`, {
        method: 'POST',
        headers: { authorization: `Bearer ${target.issueToken()}`, 'content-type': 'application/json' },
        body: JSON.stringify({ realm: { id: name, ...settings }, ...others }),
      });
      if (!response.ok) throw new Error(`Seeding failed: ${response.status} ${await response.text()}`);
    },
    backDoor: {
      plant: async (content) => await plant(target, content),
      async forgetRealm(realm) {
        await target.query('realm', 'DELETE FROM realms WHERE name = $1', [realm]);
      },
    },
    connections: () => apiLine.sockets.size + pgLine.sockets.size,
    async stop() {
      await apiLine.stop();
      await pgLine.stop();
      await sandbox.stop();
    },
  };
});
