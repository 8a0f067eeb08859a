import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { AnyRouter } from '@orpc/server';
import { RPCHandler } from '@orpc/server/ws';
import { WebSocketServer } from 'ws';
import { AppError, errorView } from '../../contract/errors.ts';
import { asAppError } from '../../contract/wire.ts';
import { WindowPage } from '../../core/app/window-page.ts';
import { DroppedFiles } from './dropped-files.ts';
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
  /** Is told where the copy of a file lies that was dropped, and what the page calls it. */
  readonly onDropped?: (path: string, name: string) => void;
  /** Never set outside tests. */
  readonly testing?: { readonly uploadLimit?: number; readonly now?: () => number };
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
  const entrance = new Entrance(options.testing?.now);
  const handler = new RPCHandler(options.router);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_LIMIT });
  const dropped = new DroppedFiles(options.testing?.uploadLimit ?? UPLOAD_LIMIT);
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => fail(response, error));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // From here on nobody else listens for a connection that breaks, which would end the program.
    socket.on('error', () => socket.destroy());
    if (request.url !== '/engine' || !isOurs(request) || !comesFromPage(request) || !isInside(request)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      // As after a message that is too large: it is closed by then.
      webSocket.on('error', () => webSocket.terminate());
      void handler.upgrade(webSocket);
    });
  });
  const port = await listen();
  const page = await pageOrClose();
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
      await dropped.remove();
    },
  };

  async function listen(): Promise<number> {
    server.listen({ host: '127.0.0.1', port: options.port ?? 0, exclusive: true });
    try {
      await once(server, 'listening');
    } catch (error) {
      await dropped.remove();
      throw new AppError('USAGE', `Port ${options.port} of 127.0.0.1 cannot be listened on.`, {
        notChanged: 'Nothing was started.',
        remedy: 'Choose another port with --port, or none to get a free one.',
        details: { reason: error instanceof Error ? error.message : String(error) },
        cause: error,
      });
    }
    return (server.address() as AddressInfo).port;
  }

  async function pageOrClose(): Promise<WindowPage> {
    try {
      return new WindowPage(options.pageFolder, `ws://127.0.0.1:${port}`);
    } catch (error) {
      server.close();
      await dropped.remove();
      throw error;
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Another name for this address, as a site in the browser can give it (DNS rebinding), is not answered.
    if (!isOurs(request)) return refuse(response, 421, 'This is Drawbridge at 127.0.0.1 only.');
    const url = URL.parse(request.url ?? '/', origin);
    if (url?.origin !== origin) return refuse(response, 400, 'That is no address of Drawbridge.');
    const { pathname, searchParams } = url;
    if (request.method === 'GET' && pathname === '/enter')
      return enter(searchParams.get('token') ?? '', response);
    if (!isInside(request))
      return refuse(response, 403, 'Open the link that “drawbridge serve” has printed: this page needs it.');
    if (request.method === 'POST' && pathname === '/dropped') {
      if (!comesFromPage(request)) return refuse(response, 403, 'Only the page itself may do this.');
      return keepDropped(request, response, searchParams.get('name') ?? 'file');
    }
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(response, 405, 'This can only be looked at.');
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

  async function keepDropped(
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
  ): Promise<void> {
    const length = request.headers['content-length'];
    const path = await dropped.keep(name, request, length === undefined ? undefined : Number(length));
    options.onDropped?.(path, name);
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

/** Whatever else was sent is not waited for. */
function refuse(response: ServerResponse, status: number, text: string, type = PLAIN['content-type']): void {
  response.writeHead(status, { ...PLAIN, 'content-type': type, connection: 'close' });
  response.end(`${text}\n`);
}

function fail(response: ServerResponse, thrown: unknown): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const error = asAppError(thrown);
  const status = error.code === 'DOCUMENT_TOO_LARGE' ? 413 : 500;
  refuse(response, status, JSON.stringify(errorView(error)), 'application/json');
}
