import { afterEach, describe, expect, it } from 'vitest';
import { createAdminApiConnector } from '../../core/connectors/admin-api/index.ts';
import {
  quickSettings,
  sendJson,
  sendToken,
  startScripted,
  type Asked,
} from '../../core/connectors/admin-api/testing/scripted-server.ts';
import {
  makeAuthority,
  makeServerCertificate,
} from '../../core/connectors/admin-api/testing/certificates.ts';
import type { Connector } from '../../core/connectors/connector.ts';
import { failureOf, usersOf } from './asking.ts';
import { startTestProxy } from './test-proxy.ts';

const signal = new AbortController().signal;
/** What no error may show. */
const HIDDEN = ['pr0xy', 'cHIweHkg'];
const PASSWORD = 'pr0xy s3cret/:@';
const DOCUMENT = {
  realm: { id: 'acme' },
  roles: [],
  clients: [],
  users: [{ username: 'ada', email: 'ada@example.com' }],
};
const authority = makeAuthority('Test CA');
const certificate = makeServerCertificate({ names: ['opengate.test', '127.0.0.1'] }, authority);

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

function opened<T extends { close(): Promise<void> }>(each: T): T {
  open.push(each);
  return each;
}

/** An OpenGate of the documented kind, by a name that only the proxy knows. */
async function startServer(tls?: typeof certificate) {
  const server = opened(
    await startScripted((asked, response) => {
      if (sendToken(asked, response)) return;
      if (asked.authorization === undefined) return sendJson(response, 401, {});
      if (asked.path.endsWith('/export')) return sendJson(response, 200, DOCUMENT);
      sendJson(response, 200, { content: [{ name: 'acme' }], totalElements: 1, totalPages: 1 });
    }, tls),
  );
  return { server, url: server.url.replace('127.0.0.1', 'opengate.test') };
}

function connect(
  url: string,
  variables: Record<string, string>,
  more: Partial<Parameters<typeof createAdminApiConnector>[0]> = {},
): Connector {
  return opened(createAdminApiConnector({ ...quickSettings(url), variables, ...more }));
}

const failure = async (work: Promise<unknown>) => await failureOf(work, HIDDEN);

function withPassword(url: string, password = PASSWORD): string {
  return url.replace('://', `://me:${encodeURIComponent(password)}@`);
}

const headersOf = (asked: readonly Asked[]) => JSON.stringify(asked);

describe('a server behind a proxy', () => {
  it('over HTTP is asked through HTTP_PROXY, with the proxy’s credentials, which the server does not see', async () => {
    const { server, url } = await startServer();
    const proxy = opened(await startTestProxy({ credentials: `me:${PASSWORD}` }));
    const connector = connect(url, { HTTP_PROXY: withPassword(proxy.url) });
    expect(await usersOf(connector)).toBe(1);
    expect(proxy.asked).toContain(`GET ${url}/admin/realms/acme/export`);
    expect(proxy.asked.every((line) => line.includes(url))).toBe(true);
    expect(headersOf(server.asked)).not.toMatch(/proxy-auth/i);
  });

  it('over HTTPS is reached by a tunnel, and its certificate is checked as ever', async () => {
    const { server, url } = await startServer(certificate);
    const proxy = opened(await startTestProxy({ credentials: `me:${PASSWORD}` }));
    const variables = { https_proxy: withPassword(proxy.url) };
    expect(await usersOf(connect(url, variables, { caPem: authority.cert }))).toBe(1);
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${new URL(url).host}`]));
    const seen = server.asked.length;
    const distrusted = await failure(usersOf(connect(url, variables)));
    expect(distrusted.code).toBe('TLS_FAILED');
    expect(distrusted.message).toContain('(through the proxy');
    expect(server.asked).toHaveLength(seen);
  });

  it('is reached through a proxy that is itself spoken to over TLS', async () => {
    const proxy = opened(await startTestProxy({ tls: certificate }));
    for (const tls of [undefined, certificate]) {
      const { url } = await startServer(tls);
      const connector = connect(url, { ALL_PROXY: proxy.url }, { caPem: authority.cert });
      expect(await usersOf(connector)).toBe(1);
    }
    const { url } = await startServer();
    // Whoever switches the verification of the server off has not said anything of the proxy.
    const error = await failure(usersOf(connect(url, { ALL_PROXY: proxy.url }, { insecureTls: true })));
    expect(error).toMatchObject({ code: 'UNREACHABLE', details: { proxy: proxy.url } });
    expect(error.message).toContain('certificate');
  });

  it('is probed through it', async () => {
    const proxy = opened(await startTestProxy());
    for (const tls of [undefined, certificate]) {
      const { url } = await startServer(tls);
      const connector = connect(url, { ALL_PROXY: proxy.url }, { caPem: authority.cert });
      const report = await connector.probe(signal);
      expect(report).toMatchObject({ usable: true, dialect: 'documented' });
      const address = report.steps.find(({ name }) => name.startsWith('Address'))!;
      expect(address.text).toContain(`through the proxy ${proxy.url} (ALL_PROXY)`);
    }
  });
});

describe('a proxy that does not do it', () => {
  it.each([
    ['wants other credentials', { credentials: 'me:other' }, /asks for a user name and password/],
    ['does not allow it', { refuse: 403 }, /did not connect to it \(403\)|answered 403/],
    ['cannot reach the server', { refuse: 502 }, /did not connect to it \(502\)|answered 502/],
  ])('(%s) is named, and its password is not', async (_what, options, words) => {
    const proxy = opened(await startTestProxy(options));
    for (const tls of [undefined, certificate]) {
      const { server, url } = await startServer(tls);
      const connector = connect(url, { ALL_PROXY: withPassword(proxy.url) }, { caPem: authority.cert });
      const error = await failure(usersOf(connector));
      expect(error.message).toMatch(words);
      expect(error.message).toContain(`the proxy ${proxy.url} (ALL_PROXY)`);
      const report = await connector.probe(signal);
      expect(report.usable).toBe(false);
      expect(JSON.stringify(report)).toContain(`the proxy ${proxy.url} (ALL_PROXY)`);
      expect(JSON.stringify(report)).not.toMatch(/pr0xy|cHIweHkg/);
      expect(server.asked).toEqual([]);
    }
  });

  it('(is not there) is named, not the server', async () => {
    const proxy = await startTestProxy();
    await proxy.close();
    for (const scheme of ['http', 'https']) {
      const connector = connect(`${scheme}://opengate.test:9089`, { ALL_PROXY: withPassword(proxy.url) });
      const error = await failure(usersOf(connector));
      expect(error.code).toBe('UNREACHABLE');
      expect(error.message).toContain(
        `because the proxy ${proxy.url} (ALL_PROXY) refused the connection: nothing listens there.`,
      );
      expect(error.remedy).toContain('NO_PROXY');
      expect((await connector.probe(signal)).usable).toBe(false);
    }
  });

  it('(a SOCKS proxy) is refused with the variable’s name', async () => {
    const connector = connect('http://opengate.test', { ALL_PROXY: withPassword('socks5://proxy:1080') });
    const error = await failure(usersOf(connector));
    expect(error).toMatchObject({ code: 'USAGE' });
    expect(error.message).toContain('ALL_PROXY');
  });
});

it('a server on this machine, or named in NO_PROXY, is asked directly', async () => {
  const { server } = await startServer();
  const proxy = opened(await startTestProxy());
  expect(await usersOf(connect(server.url, { ALL_PROXY: proxy.url }))).toBe(1);
  const named = connect('http://opengate.invalid', { ALL_PROXY: proxy.url, NO_PROXY: '.invalid' });
  expect((await failure(usersOf(named))).message).toContain('does not resolve');
  expect(proxy.asked).toEqual([]);
});
