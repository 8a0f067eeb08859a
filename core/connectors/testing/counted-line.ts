import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';

/** A line to a local port that counts its connections. */
export interface CountedLine {
  readonly port: number;
  readonly sockets: ReadonlySet<Socket>;
  stop(): Promise<void>;
}

export async function startCountedLine(port: number): Promise<CountedLine> {
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
