import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** Takes every connection and never answers: whatever asks it is at work until it is told to stop. */
export class SilentServer {
  readonly #server: Server = createServer(() => undefined);
  readonly #sockets = new Set<Socket>();
  /** Somebody has come. */
  readonly called: Promise<unknown> = once(this.#server, 'connection');

  static async start(): Promise<SilentServer> {
    const silent = new SilentServer();
    silent.#server.on('connection', (socket) => silent.#sockets.add(socket));
    silent.#server.listen(0, '127.0.0.1');
    await once(silent.#server, 'listening');
    return silent;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
