import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { integer } from '../../contract/numbers.ts';
import { createAdminApiConnector } from '../../core/connectors/admin-api/index.ts';
import {
  quickSettings,
  SECRET,
  sendJson,
  sendToken,
  startScripted,
  TOKEN,
  type Asked,
} from '../../core/connectors/admin-api/testing/scripted-server.ts';
import {
  makeAuthority,
  makeServerCertificate,
} from '../../core/connectors/admin-api/testing/certificates.ts';
import { REAL_TIME } from '../../core/connectors/admin-api/time.ts';
import type { Connector } from '../../core/connectors/connector.ts';
import { failureOf, usersOf } from './asking.ts';
import { countsOf, kindsText } from './fault-counts.ts';
import { FAULTS, startFaultProxy, type Fault, type FaultPlan, type FaultProxy } from './fault-proxy.ts';

const signal = new AbortController().signal;
/** What no error may show. */
const HIDDEN = [SECRET];
const DOCUMENT = {
  realm: { id: 'acme' },
  roles: [],
  clients: [],
  users: Array.from({ length: 50 }, (_, i) => ({ username: `user-${i}`, email: `u${i}@example.com` })),
};
const REALMS = { content: [{ name: 'acme' }, { name: 'other' }], totalElements: 2, totalPages: 1 };

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

const networks: FaultProxy[] = [];
/** The figures, for whoever reads the run. */
afterAll(() => {
  const counts = countsOf(networks);
  process.stdout.write(
    `single calls: ${integer(counts.calls)} calls, ${integer(counts.failed)} of them failed (${kindsText(counts)})\n`,
  );
});

function opened<T extends { close(): Promise<void> }>(each: T): T {
  open.push(each);
  return each;
}

type Settings = Partial<Parameters<typeof createAdminApiConnector>[0]>;

/** A connector, a network that fails as planned (but for tokens), and a server of the documented kind. */
async function connected(plan: Partial<FaultPlan>, more: Settings = {}) {
  const server = opened(
    await startScripted((asked, response) => {
      if (sendToken(asked, response)) return;
      sendJson(response, 200, asked.path.endsWith('/export') ? DOCUMENT : REALMS);
    }),
  );
  const network = opened(
    await startFaultProxy(server.url, {
      seed: 1,
      rates: {},
      disturbs: ({ path }) => !path.endsWith('/token'),
      ...plan,
    }),
  );
  networks.push(network);
  const waits: number[] = [];
  const connector = opened(createAdminApiConnector({ ...quickSettings(network.url, waits), ...more }));
  return { server, network, connector, waits };
}

async function realmsOf(connector: Connector): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of connector.listRealms(signal)) names.push(name);
  return names;
}

const failure = async (work: Promise<unknown>) => await failureOf(work, HIDDEN);

const authorized = (asked: readonly Asked[]) =>
  asked.filter(({ authorization }) => authorization !== undefined);

describe('a call that meets', () => {
  it.each(FAULTS.filter((fault) => fault !== 'slow' && fault !== 'redirect'))(
    '%s comes through',
    async (fault) => {
      const { connector, network } = await connected({ first: [fault, fault], burstMs: 1 });
      expect(await realmsOf(connector)).toEqual(['acme', 'other']);
      expect(network.met[fault]).toBeGreaterThanOrEqual(2);
    },
  );

  it.each<Fault>(['reset-before', 'reset-after', 'limited-seconds', 'burst', 'bad-gateway-after'])(
    '%s comes through as an export',
    async (fault) => {
      const disturbs: FaultPlan['disturbs'] = ({ path }) => path.endsWith('/acme/export');
      const { connector, network } = await connected({ first: [fault, fault], burstMs: 1, disturbs });
      expect(await usersOf(connector)).toBe(50);
      expect(network.met[fault]).toBe(2);
    },
  );

  it.each<[Fault, RegExp]>([
    ['reset-after', /CONNECTION_LOST .*broke the connection off|CONNECTION_LOST .*closed the connection/],
    ['truncated-length', /CONNECTION_LOST .*(?:less than it had announced|closed the connection|broke)/],
    ['truncated-chunks', /CONNECTION_LOST .*(?:closed the connection|broke)/],
    ['truncated-closed', /UNEXPECTED_ANSWER .*application\/json, not with JSON/],
    ['limited-date', /RATE_LIMITED .*asks to wait 1 s/],
    ['bad-gateway-after', /SERVER_ERROR .*answered 502, with a web page titled “502 Bad Gateway”/],
  ])('%s for good fails, and says so', async (fault, words) => {
    const { connector, network } = await connected({ rates: { [fault]: 1 } });
    const error = await failure(realmsOf(connector));
    expect(`${error.code} ${error.message}`).toMatch(words);
    expect(error.remedy).not.toBe('');
    expect(network.met[fault]).toBeGreaterThanOrEqual(3);
  });

  it('a byte at a time is given up, and the connection with it', async () => {
    const { connector, network } = await connected({ rates: { slow: 1 }, byteEveryMs: 50 });
    const error = await failure(realmsOf(connector));
    expect(error).toMatchObject({ code: 'TIMEOUT' });
    expect(error.message).toContain('too slowly');
    expect((await failure(usersOf(connector))).code).toBe('TIMEOUT');
    expect(network.calls).toBeLessThan(12);
  });
});

it('a refusal that is cut off is asked for again: what it says decides what is done', async () => {
  let refusals = 0;
  const server = opened(
    await startScripted((asked, response) => {
      if (sendToken(asked, response)) return;
      const text = JSON.stringify({ error: 'FORBIDDEN', message: 'no rights' });
      response.writeHead(403, { 'content-type': 'application/json' });
      response.end(refusals++ < 2 ? text.slice(0, 20) : text);
    }),
  );
  const error = await failure(realmsOf(opened(createAdminApiConnector(quickSettings(server.url)))));
  expect(error).toMatchObject({ code: 'FORBIDDEN', details: { serverCode: 'FORBIDDEN' } });
  expect(refusals).toBe(3);
});

describe('a redirect', () => {
  it('to another host is not followed: nothing arrives there, least of all a token', async () => {
    const elsewhere = opened(await startScripted((_asked, response) => sendJson(response, 200, REALMS)));
    const { connector } = await connected({ rates: { redirect: 1 }, elsewhere: elsewhere.url });
    for (const work of [realmsOf, usersOf]) {
      const error = await failure(work(connector));
      expect(error.code).toBe('UNEXPECTED_ANSWER');
      expect(error.message).toContain(`a redirect to ${elsewhere.url}/`);
      expect(error.message).toContain('the credentials would go there too');
    }
    expect(elsewhere.asked).toEqual([]);
  });

  it('of the token’s own call is not followed either', async () => {
    const elsewhere = opened(await startScripted((_asked, response) => sendJson(response, 200, {})));
    const { connector, server } = await connected({
      rates: { redirect: 1 },
      elsewhere: elsewhere.url,
      disturbs: () => true,
    });
    expect((await failure(realmsOf(connector))).message).toContain(elsewhere.url);
    expect(elsewhere.asked).toEqual([]);
    expect(server.asked).toEqual([]);
  });

  it('from http to https says which address to set', async () => {
    const { connector, network } = await connected({ rates: {} });
    const tls = network.url.replace('http:', 'https:');
    const redirecting = await connected({ rates: { redirect: 1 }, elsewhere: tls });
    expect((await failure(realmsOf(redirecting.connector))).remedy).toBe(
      `Set the environment’s address to ${tls}: this server wants to be asked over TLS.`,
    );
    expect(await realmsOf(connector)).toHaveLength(2);
  });

  it('to another place of the same server is not followed, and says why', async () => {
    const server = opened(
      await startScripted((asked, response) => {
        if (sendToken(asked, response)) return;
        response.writeHead(302, { location: '/elsewhere?state=1' }).end();
      }),
    );
    const error = await failure(realmsOf(opened(createAdminApiConnector(quickSettings(server.url)))));
    expect(error.message).toContain(`a redirect to ${server.url}/elsewhere.`);
    expect(error.message).toContain('would arrive as one that reads');
    expect(server.asked.some(({ path }) => path.startsWith('/elsewhere'))).toBe(false);
  });
});

it('Retry-After holds back every call of the client, not only the one that met it', async () => {
  const arrivals: number[] = [];
  let armed = false;
  const { connector, network } = await connected(
    {
      first: ['limited-seconds'],
      disturbs: () => {
        arrivals.push(performance.now());
        return armed;
      },
    },
    { time: REAL_TIME },
  );
  await realmsOf(connector);
  armed = true;
  const limited = realmsOf(connector);
  await expect.poll(() => network.met['limited-seconds'], { interval: 5 }).toBe(1);
  const at = arrivals.at(-1)!;
  // So that the client has read the answer.
  await REAL_TIME.sleep(100, signal);
  await Promise.all([limited, ...Array.from({ length: 10 }, async () => await realmsOf(connector))]);
  const later = arrivals.filter((arrival) => arrival > at);
  expect(later).toHaveLength(11);
  expect(Math.min(...later) - at).toBeGreaterThan(950);
});

describe('a certificate', () => {
  const authority = makeAuthority('Test CA');
  it.each([
    [
      'expired',
      makeServerCertificate({ names: ['127.0.0.1'], fromDays: -9, untilDays: -1 }, authority),
      'expired',
    ],
    ['self-signed', makeServerCertificate({ names: ['127.0.0.1'] }), 'self-signed'],
    ['for another name', makeServerCertificate({ names: ['other.test'] }, authority), 'for another name'],
  ])('that is %s is refused before anything is sent, and never retried', async (_what, tls, words) => {
    const { connector, network, waits } = await connected({ tls }, { caPem: authority.cert });
    const error = await failure(realmsOf(connector));
    expect(error.code).toBe('TLS_FAILED');
    expect(error.message).toContain(words);
    expect(network.calls).toBe(0);
    expect(waits).toEqual([]);
    expect((await connector.probe(signal)).usable).toBe(false);
    expect(network.calls).toBe(0);
  });
});

it('HTTP/2 is not spoken, so that no GOAWAY can end many calls at once', async () => {
  const authority = makeAuthority('Test CA');
  const spoken = new Set<string>();
  const server = createSecureServer({
    ...makeServerCertificate({ names: ['127.0.0.1'] }, authority),
    allowHTTP1: true,
  });
  server.on('request', (request, response) => {
    spoken.add(request.httpVersion);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(request.url.endsWith('/token') ? { access_token: TOKEN, expires_in: 300 } : REALMS),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connector = createAdminApiConnector({
    ...quickSettings(`https://127.0.0.1:${port}`),
    caPem: authority.cert,
  });
  try {
    expect(await realmsOf(connector)).toHaveLength(2);
    expect([...spoken]).toEqual(['1.1']);
  } finally {
    await connector.close();
    server.close();
  }
});

it('a network without faults is not asked anything twice', async () => {
  const { connector, server, network, waits } = await connected({});
  await realmsOf(connector);
  await usersOf(connector);
  expect(waits).toEqual([]);
  expect(network.failed).toBe(0);
  const asked = authorized(server.asked).map(({ method, path }) => `${method} ${path}`);
  expect(new Set(asked).size).toBe(asked.length);
});
