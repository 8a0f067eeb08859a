import { writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import {
  sendJson,
  sendToken,
  startScripted,
  type Asked,
  type ScriptedServer,
} from '../../core/connectors/admin-api/testing/scripted-server.ts';
import {
  makeAuthority,
  makeServerCertificate,
} from '../../core/connectors/admin-api/testing/certificates.ts';

/** Something that can be wrong with an environment, and what `env test` has to say of it. */
export interface EnvFault {
  /** For the transcript. */
  readonly tells: string;
  /** The environment's name. */
  readonly name: string;
  /** @returns the flags of `env add`; `folder` is where the command runs */
  start(folder: string): Promise<Started>;
  /** What its table says. */
  readonly says: RegExp;
  /** It takes a minute: for the transcript only. */
  readonly slow?: true;
  /** It does not keep the environment from being used. */
  readonly passes?: true;
}

interface Started {
  readonly flags: readonly string[];
  close(): Promise<void>;
}

type Script = (asked: Asked, response: ServerResponse) => void;

export const FAULT_SECRET = 'fault-s3cret';

export const ENV_FAULTS: readonly EnvFault[] = [
  {
    tells: 'A wrong secret.',
    name: 'wrong-secret',
    start: () => scripted((_asked, response) => sendJson(response, 401, { error: 'invalid_client' })),
    says: /FAILED +Token .*answered 401, invalid_client\. Check the client id and the client secret/,
  },
  {
    tells: 'A scope that this client does not have.',
    name: 'wrong-scope',
    start: async () => {
      const started = await scripted((_asked, response) =>
        sendJson(response, 400, { error: 'invalid_scope' }),
      );
      return { ...started, flags: [...started.flags, '--api-scope', 'everything'] };
    },
    says: /FAILED +Token .*invalid_scope\. Name the scopes .*--api-scope/,
  },
  {
    tells: 'Something else than OpenGate listens there.',
    name: 'wrong-address',
    start: () => scripted((_asked, response) => sendJson(response, 404, { error: 'Not Found' })),
    says: /FAILED +Token .*token: answered 404; .*\/oauth2\/token: answered 404\. Set the environment’s auth address/,
  },
  {
    tells: 'A host name that is not known.',
    name: 'no-such-host',
    start: () => at('https://iam.invalid:8089'),
    says: /FAILED +Address .*iam\.invalid:8089 is not known: the host name does not resolve/,
  },
  {
    tells: 'Nothing listens there.',
    name: 'refused',
    start: () => at('http://127.0.0.1:1'),
    says: /FAILED +Address .*refused the connection: nothing listens there/,
  },
  {
    tells: 'A certificate that has expired.',
    name: 'expired',
    start: (folder) => certified(folder, { names: ['127.0.0.1'], fromDays: -90, untilDays: -3 }),
    says: /FAILED +TLS .*a certificate that has expired\. Renew/,
  },
  {
    tells: 'A certificate that nobody vouches for.',
    name: 'self-signed',
    start: async () => scripted(fine, makeServerCertificate({ names: ['127.0.0.1'] })),
    says: /FAILED +TLS .*a self-signed certificate.*CA certificate/,
  },
  {
    tells: 'A certificate for another name.',
    name: 'other-name',
    start: (folder) => certified(folder, { names: ['iam.example.com'] }),
    says: /FAILED +TLS .*a certificate for another name.*iam\.example\.com/,
  },
  {
    tells: 'No TLS where TLS is expected.',
    name: 'no-tls',
    start: async () => {
      const started = await scripted(fine);
      return { ...started, flags: started.flags.map((flag) => flag.replace(/^http:/, 'https:')) };
    },
    says: /FAILED +TLS .*does not speak TLS on that port\. Use http:\/\//,
  },
  {
    tells: 'A redirect to another host: credentials do not follow it.',
    name: 'redirected',
    start: () =>
      scripted((asked, response) => {
        if (sendToken(asked, response)) return;
        response.writeHead(302, { location: 'https://login.example.com/start?state=1' });
        response.end();
      }),
    says: /FAILED +Realms .*a redirect to https:\/\/login\.example\.com\/start/,
  },
  {
    tells: 'A discovery document that names another host: the secret is not shown there.',
    name: 'elsewhere',
    start: () =>
      scripted((asked, response) => {
        if (asked.path.endsWith('/openid-configuration'))
          return sendJson(response, 200, { token_endpoint: 'https://tokens.example.com/oauth2/token' });
        return sendJson(response, 404, { error: 'Not Found' });
      }),
    says: /FAILED +Token .*tokens\.example\.com\/oauth2\/token, which is not an address of this environment: nothing was sent there/,
  },
  {
    tells: 'A web page in place of an API.',
    name: 'web-page',
    start: () =>
      scripted((_asked, response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end('<!doctype html><html><title>OpenGate Console</title></html>');
      }),
    says: /FAILED +Token .*a web page titled “OpenGate Console”/,
  },
  {
    tells: 'A web page behind a token endpoint that works.',
    name: 'console',
    start: () =>
      scripted((asked, response) => {
        if (sendToken(asked, response)) return;
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end('<!doctype html><html><title>Sign in</title></html>');
      }),
    says: /FAILED +Realms .*a web page titled “Sign in”/,
  },
  {
    tells: 'A server that is not well.',
    name: 'failing',
    start: () =>
      scripted((asked, response) => {
        if (sendToken(asked, response)) return;
        sendJson(response, 500, { status: 500, error: 'Internal Server Error' });
      }),
    says: /FAILED +Realms .*answered 500, Internal Server Error\. Look at the server’s log/,
  },
  {
    tells: 'A client without rights.',
    name: 'no-rights',
    start: () =>
      scripted((asked, response) => {
        if (sendToken(asked, response)) return;
        if (asked.authorization === undefined) return sendJson(response, 401, {});
        if (asked.path.startsWith('/api/realms')) return sendJson(response, 200, realms('acme'));
        return sendJson(response, 403, { error: 'FORBIDDEN', message: 'admin only' });
      }),
    says: /FAILED +Export .*answered 403.*\n.*FAILED +Rights .*not allowed to use: export/,
  },
  {
    tells: 'A server that speaks in no way that is known.',
    name: 'unknown-kind',
    start: () =>
      scripted((asked, response) => {
        if (sendToken(asked, response)) return;
        if (asked.path.startsWith('/api/realms')) return sendJson(response, 200, realms('acme'));
        return sendJson(response, 404, { error: 'Not Found' });
      }),
    says: /FAILED +Dialect .*no export endpoint, and does not list users either\. .*export answered 404/,
  },
  {
    tells: 'Not HTTP at all.',
    name: 'not-http',
    start: () => scripted((_asked, response) => void response.socket?.end('SSH-2.0-OpenSSH_9.2\r\n')),
    says: /FAILED +Token .*did not answer in HTTP/,
  },
  {
    tells: 'Connections that break off at every call.',
    name: 'breaking-off',
    start: () => scripted((_asked, response) => void response.socket?.destroy()),
    says: /FAILED +Token .*closed the connection before its answer was complete/,
  },
  {
    tells: 'Answers that are cut off in their middle, each time.',
    name: 'cut-off',
    start: () =>
      scripted((asked, response) => {
        if (!sendToken(asked, response)) cutOff(response);
      }),
    says: /FAILED +Realms .*closed the connection before its answer was complete/,
  },
  {
    tells: 'A server that wants to be left alone for ten minutes.',
    name: 'limited',
    start: () =>
      scripted((asked, response) => {
        if (!sendToken(asked, response)) sendJson(response, 429, {}, { 'retry-after': '600' });
      }),
    says: /FAILED +Realms .*asks to wait 600 s \(429\)/,
  },
  {
    tells: 'A gateway whose server is away, for longer than it is waited for.',
    name: 'bad-gateway',
    start: () =>
      scripted((asked, response) => {
        if (!sendToken(asked, response)) response.writeHead(503).end();
      }),
    says: /FAILED +Realms .*answered 503/,
  },
  {
    tells: 'Each first call fails in another way, and each is made again: this comes through.',
    name: 'bad-weather',
    start: async () => await scripted(badWeather()),
    says: /“bad-weather” can be used \(dialect “documented”\)/,
    passes: true,
  },
  {
    tells: 'Late answers.',
    name: 'far-away',
    start: () =>
      scripted((asked, response) => {
        setTimeout(() => documentedServer(asked, response), 300);
      }),
    says: /“far-away” can be used \(dialect “documented”\)/,
    passes: true,
  },
  {
    tells: 'A server that answers a byte at a time.',
    name: 'byte-by-byte',
    start: () =>
      scripted((_asked, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => response.write(' '), 1_000);
        response.on('close', () => clearInterval(timer));
      }),
    says: /FAILED +Token .*in time/,
    slow: true,
  },
  {
    tells: 'A server that accepts calls and then says nothing.',
    name: 'silent',
    start: () => scripted(() => undefined),
    says: /FAILED +Token .*accepted the call and then did not answer in time/,
    slow: true,
  },
];

function realms(...names: string[]) {
  return { content: names.map((name) => ({ name })), totalElements: names.length, totalPages: 1 };
}

const fine: Script = (asked, response) => {
  if (!sendToken(asked, response)) sendJson(response, 200, realms('acme'));
};

/** Speaks as documented, as far as a test of it asks. */
const documentedServer: Script = (asked, response) => {
  if (sendToken(asked, response)) return;
  if (asked.authorization === undefined) return sendJson(response, 401, {});
  if (asked.path.startsWith('/api/realms')) return sendJson(response, 200, realms('acme'));
  return asked.path === '/admin/realms/acme/export'
    ? sendJson(response, 200, { realm: { id: 'acme' }, users: [] })
    : sendJson(response, 404, { error: 'NOT_FOUND' });
};

function cutOff(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"content":[', () => response.socket?.destroy());
}

/** One fault after the other, each at the first call of another address. */
function badWeather(): Script {
  const met = new Set<string>();
  const faults: ((response: ServerResponse) => void)[] = [
    (response) => sendJson(response, 429, {}, { 'retry-after': '1' }),
    (response) => void response.writeHead(502).end(),
    (response) => void response.socket?.destroy(),
    cutOff,
  ];
  return (asked, response) => {
    const fault = met.has(asked.path) || asked.path.endsWith('/master/export') ? undefined : faults.shift();
    met.add(asked.path);
    if (fault) fault(response);
    else documentedServer(asked, response);
  };
}

function flagsFor(url: string): string[] {
  return ['--api-url', url, '--client-id', 'admin-cli', '--client-secret-env', 'FAULT_SECRET'];
}

async function at(url: string): Promise<Started> {
  return await Promise.resolve({ flags: flagsFor(url), close: async () => await Promise.resolve() });
}

async function scripted(script: Script, tls?: { cert: string; key: string }): Promise<Started> {
  const server: ScriptedServer = await startScripted(script, tls);
  return { flags: flagsFor(server.url), close: async () => await server.close() };
}

/** Vouched for by an authority that is given along. */
async function certified(
  folder: string,
  about: Parameters<typeof makeServerCertificate>[0],
): Promise<Started> {
  const authority = makeAuthority('ACME Private Root');
  await writeFile(join(folder, 'ca.pem'), authority.cert);
  const started = await scripted(fine, makeServerCertificate(about, authority));
  return { ...started, flags: [...started.flags, '--ca-file', join(folder, 'ca.pem')] };
}
