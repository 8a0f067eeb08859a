import { once } from 'node:events';
import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net';

/** Where a line to the server is cut. */
export interface Cut {
  readonly database: string;
  /** `before`: the COMMIT never arrives. `after`: it does, but not the answer. */
  readonly when: 'before' | 'after';
  /** From then on nobody gets through. */
  readonly andAllOthers?: boolean;
}

export interface CommitCutter {
  readonly port: number;
  /** Holds for one COMMIT. */
  cut: Cut | undefined;
  stop(): Promise<void>;
}

const COMMIT = Buffer.from('COMMIT\0');

/** A line to a PostgreSQL server that can be cut at a COMMIT. */
export async function startCommitCutter(port: number): Promise<CommitCutter> {
  const sockets = new Set<Socket>();
  let closed = false;
  const server = createServer((near) => {
    if (closed && cutter.cut) return void near.destroy();
    const far = connectTcp(port, '127.0.0.1');
    let database: string | undefined;
    for (const end of [near, far]) {
      sockets.add(end);
      end.on('error', () => end.destroy());
      end.on('close', () => sockets.delete(end));
    }
    near.on('close', () => far.end());
    far.on('close', () => near.destroy());
    near.on('data', (chunk) => {
      database ??= /database\0([^\0]+)/.exec(chunk.toString('latin1'))?.[1];
      const now = cutter.cut;
      if (!now || database !== now.database || !chunk.includes(COMMIT)) return void far.write(chunk);
      if (now.andAllOthers) closed = true;
      else cutter.cut = undefined;
      near.destroy();
      if (now.when === 'before') far.destroy();
      // The server has it before it sees that nobody listens any more.
      else far.end(chunk);
    });
    far.pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cutter: CommitCutter = {
    port: (server.address() as AddressInfo).port,
    cut: undefined,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return cutter;
}
