import { once } from 'node:events';
import {
  createServer as createHttp,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { AdminApiSettings } from '../settings.ts';

/** What a test's server was asked. */
export interface Asked {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

export interface ScriptedServer {
  readonly url: string;
  readonly asked: Asked[];
  readonly sockets: ReadonlySet<Socket>;
  close(): Promise<void>;
}

export const SECRET = 'top-s3cret/with+signs';
export const TOKEN = 'tok-1.abc_DEF';

/** A server for tests that does exactly what it is told: misbehaviour that no stand-in for OpenGate should have. */
export async function startScripted(
  answer: (asked: Asked, response: ServerResponse) => void | Promise<void>,
  tls?: { readonly key: string; readonly cert: string },
): Promise<ScriptedServer> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    void receive(request, async (seen) => {
      asked.push(seen);
      await answer(seen, response);
    });
  };
  const server: Server = tls === undefined ? createHttp(handle) : createHttps(tls, handle);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    asked,
    sockets,
    async close() {
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function receive(request: IncomingMessage, answer: (asked: Asked) => Promise<void>): Promise<void> {
  let body = '';
  try {
    for await (const chunk of request.setEncoding('utf8')) body += chunk as string;
  } catch {
    // The client went away in the middle of its request: nobody is left to answer.
    return;
  }
  await answer({
    method: request.method ?? '',
    path: request.url ?? '',
    authorization: request.headers.authorization,
    body,
  });
}

export function sendJson(response: ServerResponse, status: number, value: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(value));
}

/** Answers the token endpoint; false for any other path. */
export function sendToken(asked: Asked, response: ServerResponse, token = TOKEN, expiresIn = 300): boolean {
  if (!asked.path.endsWith('/protocol/openid-connect/token')) return false;
  sendJson(response, 200, { access_token: token, expires_in: expiresIn, token_type: 'Bearer' });
  return true;
}

/** Settings with short limits and without real waiting between repetitions; `waits` collects what was waited. */
export function quickSettings(url: string, waits: number[] = []): AdminApiSettings {
  return {
    name: 'test',
    apiUrl: url,
    clientId: 'admin-cli',
    clientSecret: SECRET,
    timeouts: { connectMs: 2_000, idleMs: 400, requestMs: 1_500, cancelGraceMs: 300 },
    retry: { attempts: 3, baseMs: 100, maxMs: 1_000, maxRetryAfterMs: 120_000 },
    time: {
      now: () => Date.now(),
      random: () => 0.5,
      async sleep(ms, signal) {
        waits.push(ms);
        signal.throwIfAborted();
        await Promise.resolve();
      },
    },
  };
}
