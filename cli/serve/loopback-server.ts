import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AnyRouter } from '@orpc/server';
import { RPCHandler } from '@orpc/server/ws';
import { WebSocketServer } from 'ws';
import { AppError } from '../../contract/errors.ts';
import { WindowPage } from '../../core/app/window-page.ts';
import { Entrance } from './entrance.ts';

export interface LoopbackServer {
  /** With a token that is good for one use. */
  newLink(): string;
  readonly port: number;
  close(): Promise<void>;
}

export interface LoopbackOptions {
  readonly router: AnyRouter;
  /** Where the renderer was built to. */
  readonly pageFolder: string;
  /** Undefined: any free one. */
  readonly port: number | undefined;
}

/** A message of the page: what a person types, not what a catalog holds. */
const MESSAGE_LIMIT = 16 * 1024 * 1024;
/** A dropped file. Documents of a million users have some 300 MB. */
const UPLOAD_LIMIT = 8 * 1024 ** 3;

/**
 * Serves the windows' page and the app behind it to a browser of this computer.
 *
 * @throws AppError USAGE when the port is taken, FILE_FAILED when the page was not built
 */
export async function startLoopbackServer(options: LoopbackOptions): Promise<LoopbackServer> {
  const entrance = new Entrance();
  const handler = new RPCHandler(options.router);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_LIMIT });
  const uploads = mkdtempSync(join(tmpdir(), 'drawbridge-dropped-'));
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      if (!response.headersSent) response.writeHead(500, PLAIN);
      response.end(`Drawbridge could not answer: ${reason}\n`);
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url !== '/engine' || !isOurs(request) || !comesFromPage(request) || !isInside(request)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => void handler.upgrade(webSocket));
  });
  const port = await listen();
  const page = pageOrClose();
  const origin = `http://127.0.0.1:${port}`;
  const cookieName = `drawbridge-${port}`;

  return {
    port,
    newLink: () => `${origin}/enter?token=${entrance.newToken()}`,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await rm(uploads, { recursive: true, force: true });
    },
  };

  async function listen(): Promise<number> {
    server.listen({ host: '127.0.0.1', port: options.port ?? 0, exclusive: true });
    try {
      await once(server, 'listening');
    } catch (error) {
      await rm(uploads, { recursive: true, force: true });
      throw new AppError('USAGE', `Port ${options.port} of 127.0.0.1 cannot be listened on.`, {
        notChanged: 'Nothing was started.',
        remedy: 'Choose another port with --port, or none to get a free one.',
        details: { reason: error instanceof Error ? error.message : String(error) },
        cause: error,
      });
    }
    return (server.address() as AddressInfo).port;
  }

  function pageOrClose(): WindowPage {
    try {
      return new WindowPage(options.pageFolder, `ws://127.0.0.1:${port}`);
    } catch (error) {
      server.close();
      void rm(uploads, { recursive: true, force: true });
      throw error;
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Another name for this address, as a site in the browser can give it (DNS rebinding), is not answered.
    if (!isOurs(request)) return refuse(response, 421, 'This is Drawbridge at 127.0.0.1 only.');
    const { pathname, searchParams } = new URL(request.url ?? '/', origin);
    if (request.method === 'GET' && pathname === '/enter')
      return enter(searchParams.get('token') ?? '', response);
    if (!isInside(request))
      return refuse(response, 403, 'Open the link that “drawbridge serve” has printed: this page needs it.');
    if (request.method === 'POST' && pathname === '/dropped') {
      if (!comesFromPage(request)) return refuse(response, 403, 'Only the page itself may do this.');
      return keepDropped(request, response, searchParams.get('name') ?? 'file');
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'Not so.');
    const file = page.file(pathname);
    if (!file) return refuse(response, 404, 'There is nothing here.');
    response.writeHead(200, file.headers);
    response.end(request.method === 'HEAD' ? undefined : file.body);
  }

  function enter(token: string, response: ServerResponse): void {
    const session = entrance.redeem(token);
    if (session === undefined)
      return refuse(
        response,
        403,
        'This link was used already, or is too old. Press Enter where “drawbridge serve” runs for another one.',
      );
    // Not a redirect: one that began at another site or in a file would come without the cookie, which is strict.
    response.writeHead(200, {
      ...PLAIN,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'",
      'set-cookie': `${cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/`,
    });
    response.end('<!doctype html><title>Drawbridge</title><meta http-equiv="refresh" content="0;url=/">');
  }

  /** A file that was dropped into the page, for the engine to read. Removed at the end. */
  async function keepDropped(
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
  ): Promise<void> {
    const folder = join(uploads, randomUUID());
    await mkdir(folder, { mode: 0o700 });
    const path = join(
      folder,
      basename(name)
        .replaceAll(/[^\w.-]/g, '_')
        .slice(-100) || 'file',
    );
    let bytes = 0;
    const counted = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > UPLOAD_LIMIT)
          throw new Error('the file is too large to be dropped; give its path instead');
        yield chunk;
      }
    };
    await pipeline(request, counted, createWriteStream(path, { mode: 0o600, flags: 'wx' }));
    response.writeHead(200, { ...PLAIN, 'content-type': 'application/json' });
    response.end(JSON.stringify({ path }));
  }

  function isOurs({ headers }: IncomingMessage): boolean {
    return headers.host === `127.0.0.1:${port}`;
  }

  function comesFromPage({ headers }: IncomingMessage): boolean {
    return headers.origin === origin;
  }

  function isInside({ headers }: IncomingMessage): boolean {
    const cookies = (headers.cookie ?? '').split(/; */);
    const session = cookies.find((cookie) => cookie.startsWith(`${cookieName}=`));
    return entrance.knows(session?.slice(cookieName.length + 1));
  }
}

const PLAIN = {
  'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, PLAIN);
  response.end(`${text}\n`);
}
