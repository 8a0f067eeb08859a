import { startSandbox } from '../../../../sandbox/index.ts';
import { connectorConformance, type ConformanceSetup } from '../../testing/conformance.ts';
import { startCountedLine } from '../../testing/counted-line.ts';
import { createAdminApiConnector } from '../index.ts';

connectorConformance('The Admin API connector, documented dialect,', async (): Promise<ConformanceSetup> => {
  const sandbox = await startSandbox({ environments: ['target'], seed: false, bcryptCost: 4 });
  const target = sandbox.environment('target');
  const line = await startCountedLine(Number(new URL(target.apiUrl).port));
  return {
    connect: () =>
      createAdminApiConnector({
        name: 'target',
        apiUrl: `http://127.0.0.1:${line.port}`,
        clientId: target.clientId,
        clientSecret: target.clientSecret,
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
    connections: () => line.sockets.size,
    async stop() {
      await line.stop();
      await sandbox.stop();
    },
  };
});
