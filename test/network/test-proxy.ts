import { once } from 'node:events';
import { createServer as createHttp, request as ask, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';

export interface TestProxy {
  readonly url: string;
  /** "CONNECT host:port" and "GET http://host/path", in order. */
  readonly asked: string[];
  close(): Promise<void>;
}

/**
 * An HTTP proxy: passes requests on and opens tunnels. Every host name leads to 127.0.0.1, as names that only the proxy
 * can resolve do.
 */
export async function startTestProxy(
  options: {
    /** "user:password"; without it the proxy answers 407. */
    readonly credentials?: string;
    /** What it answers instead of connecting. */
    readonly refuse?: number;
    readonly tls?: { readonly key: string; readonly cert: string };
  } = {},
): Promise<TestProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const refusal = (authorization: string | undefined): number | undefined => {
    const { credentials, refuse } = options;
    if (credentials !== undefined && authorization !== `Basic ${btoa(credentials)}`) return 407;
    return refuse;
  };
  const server: Server = options.tls === undefined ? createHttp() : createHttps(options.tls);
  server.on('request', (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const { 'proxy-authorization': authorization, ...headers } = request.headers;
    const refused = refusal(authorization);
    if (refused !== undefined) {
      response.writeHead(refused, { 'content-length': 0 }).end();
      return;
    }
    const { port, pathname, search } = new URL(request.url!);
    const passed = ask({
      host: '127.0.0.1',
      port,
      method: request.method,
      path: pathname + search,
      headers,
    });
    passed.on('response', (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.writeHead(502, { 'content-length': 0 }).end());
    request.pipe(passed);
  });
  server.on('connect', (request, socket: Socket) => {
    asked.push(`CONNECT ${request.url}`);
    const refused = refusal(request.headers['proxy-authorization']);
    if (refused !== undefined) {
      socket.end(`HTTP/1.1 ${refused} -\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const through = connect({ host: '127.0.0.1', port: Number(request.url!.split(':').at(-1)) });
    sockets.add(socket).add(through);
    through.on('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(through).pipe(socket);
    });
    through.on('error', () => socket.end('HTTP/1.1 502 -\r\ncontent-length: 0\r\n\r\n'));
    socket.on('error', () => through.destroy());
  });
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
