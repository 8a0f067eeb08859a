import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { startSandbox } from '../../../sandbox/index.ts';
import { connectorConformance, type ConformanceSetup } from '../conformance.ts';
import { createPostgresConnector } from './index.ts';
import { plant } from './testing/plant.ts';

connectorConformance('The PostgreSQL connector', async (): Promise<ConformanceSetup> => {
  const sandbox = await startSandbox({ environments: ['target'], seed: false, bcryptCost: 4 });
  const target = sandbox.environment('target');
  const line = await startLine(Number(new URL(target.pgUrl).port));
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
    plant: (content) => plant(target.query, content),
    async forgetRealm(realm) {
      await target.query('realm', 'DELETE FROM realms WHERE name = $1', [realm]);
    },
    connections: () => line.sockets.size,
    async stop() {
      await line.stop();
      await sandbox.stop();
    },
  };
});

/** A line to the server that counts its connections. */
async function startLine(
  port: number,
): Promise<{ port: number; sockets: Set<Socket>; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connectTcp(port, '127.0.0.1');
    sockets.add(near);
    near.on('close', () => {
      sockets.delete(near);
      far.destroy();
    });
    far.on('close', () => near.destroy());
    for (const end of [near, far]) end.on('error', () => end.destroy());
    near.pipe(far);
    far.pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
