import { startSandbox } from '../../../sandbox/index.ts';
import { connectorConformance, type ConformanceSetup } from '../testing/conformance.ts';
import { startCountedLine } from '../testing/counted-line.ts';
import { createPostgresConnector } from './index.ts';
import { plant } from './testing/plant.ts';

connectorConformance('The PostgreSQL connector', async (): Promise<ConformanceSetup> => {
  const sandbox = await startSandbox({ environments: ['target'], seed: false, bcryptCost: 4 });
  const target = sandbox.environment('target');
  const line = await startCountedLine(Number(new URL(target.pgUrl).port));
  const url = new URL(target.pgUrl);
  url.port = String(line.port);
  return {
    connect: () => createPostgresConnector({ name: 'target', url: url.href }),
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
    connections: () => line.sockets.size,
    async stop() {
      await line.stop();
      await sandbox.stop();
    },
  };
});
