import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../contract/errors.ts';
import type { Connector, ProbeReport, RealmSummary } from '../connector.ts';
import { createAdminApiConnector, type AdminApiSettings } from './index.ts';
import {
  quickSettings,
  sendJson,
  sendToken,
  startScripted,
  type Asked,
  type ScriptedServer,
} from './testing/scripted-server.ts';

const signal = new AbortController().signal;
const open: (ScriptedServer | Connector)[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function serving(script: (asked: Asked, response: ServerResponse) => void): Promise<ScriptedServer> {
  const server = await startScripted((asked, response) => {
    if (!sendToken(asked, response)) script(asked, response);
  });
  open.push(server);
  return server;
}

function connect(url: string, more: Partial<AdminApiSettings> = {}): Connector {
  const connector = createAdminApiConnector({ ...quickSettings(url), ...more });
  open.push(connector);
  return connector;
}

async function listed(connector: Connector): Promise<RealmSummary[]> {
  const realms: RealmSummary[] = [];
  for await (const realm of connector.listRealms(signal)) realms.push(realm);
  return realms;
}

async function failure(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

const notFound = (response: ServerResponse) => sendJson(response, 404, { error: 'NOT_FOUND' });

/** Serves `names` in pages; `order` may shuffle them anew for each reading. */
function paged(names: string[], totalElements = names.length, order = () => names) {
  return (asked: Asked, response: ServerResponse): void => {
    const url = new URL(asked.path, 'http://x');
    if (url.pathname !== '/api/realms') return notFound(response);
    const page = Number(url.searchParams.get('page'));
    const size = Number(url.searchParams.get('size'));
    const content = order().slice(page * size, (page + 1) * size);
    sendJson(response, 200, {
      content: content.map((name) => ({ id: 'u', name, displayName: name.toUpperCase(), enabled: true })),
      totalElements,
      totalPages: Math.ceil(names.length / size),
      page,
      size,
    });
  };
}

const hundreds = Array.from({ length: 250 }, (_, i) => `realm-${i}`);

describe('the list of realms', () => {
  it('is read to the last page', async () => {
    const { url } = await serving(paged(hundreds));
    const realms = await listed(connect(url));
    expect(realms.map((realm) => realm.name)).toEqual(hundreds);
    expect(realms[0]).toEqual({ name: 'realm-0', displayName: 'REALM-0', enabled: true });
  });

  it('is read from an array, at the Admin API when the gateway has none', async () => {
    const gateway = await serving((_asked, response) => notFound(response));
    const api = await serving((asked, response) => {
      if (asked.path.startsWith('/admin/realms?'))
        sendJson(response, 200, [{ name: 'a' }, { name: 'b', enabled: false }]);
      else notFound(response);
    });
    const connector = connect(api.url, { gatewayUrl: gateway.url });
    expect(await listed(connector)).toEqual([{ name: 'a' }, { name: 'b', enabled: false }]);
    expect(gateway.asked.some((asked) => asked.path.startsWith('/api/realms'))).toBe(true);
    gateway.asked.length = 0;
    await listed(connector);
    expect(gateway.asked).toEqual([]);
  });

  it('a gateway that answers with a web page is passed over', async () => {
    const gateway = await serving((_asked, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html><title>Console</title></html>');
    });
    const api = await serving(paged(['a']));
    expect(await listed(connect(api.url, { gatewayUrl: gateway.url }))).toHaveLength(1);
  });

  it('is read again when pages shift meanwhile, each realm once', async () => {
    let reading = 0;
    const shifting = () =>
      reading++ < 4 ? [...hundreds.slice(100, 120), ...hundreds.slice(0, 99)] : hundreds;
    const { url } = await serving(paged(hundreds, 250, shifting));
    const names = (await listed(connect(url))).map((realm) => realm.name);
    expect(names.toSorted()).toEqual(hundreds.toSorted());
  });

  it('that never adds up is an error: “all” must not mean “some”', async () => {
    const { url } = await serving(paged(['a', 'b'], 3));
    const error = await failure(listed(connect(url)));
    expect(error.code).toBe('UNEXPECTED_ANSWER');
    expect(error.message).toContain('announces 3 realms');
  });

  it.each([{}, 'text', 3, null, { content: 'x' }, { content: [{ displayName: 'no name' }] }, [7]])(
    '%o is no list of realms',
    async (answer) => {
      const { url } = await serving((_asked, response) => sendJson(response, 200, answer));
      expect((await failure(listed(connect(url)))).code).toBe('UNEXPECTED_ANSWER');
    },
  );

  it('knows whether a realm exists, by itself or by the list', async () => {
    const { url } = await serving(paged(['here', 'Here']));
    const connector = connect(url);
    expect(await connector.realmExists('here', signal)).toBe(true);
    expect(await connector.realmExists('HERE', signal)).toBe(false);
    expect(await connector.realmExists('..', signal)).toBe(false);
  });

  it('a name with path characters stays one name', async () => {
    const { url, asked } = await serving(paged(['here']));
    await connect(url).realmExists('a/../b?c#d', signal);
    expect(asked.map((each) => each.path)).toContain('/api/realms/a%2F..%2Fb%3Fc%23d');
  });
});

describe('addresses', () => {
  it.each(['', '/', '/admin', '/admin/', '/admin/realms', '/api/realms/'])(
    '“…%s” means the same',
    async (tail) => {
      const { url } = await serving(paged(['a']));
      expect(await listed(connect(url + tail))).toHaveLength(1);
    },
  );

  it('a path before it is kept, and a whole token endpoint is taken as it is', async () => {
    const server = await startScripted((asked, response) => {
      if (asked.path === '/sso/my/token') sendJson(response, 200, { access_token: 't', expires_in: 60 });
      else if (asked.path.startsWith('/iam/api/realms')) sendJson(response, 200, [{ name: 'a' }]);
      else notFound(response);
    });
    open.push(server);
    const connector = connect(`${server.url}/iam/admin`, { authUrl: `${server.url}/sso/my/token` });
    expect(await listed(connector)).toEqual([{ name: 'a' }]);
  });
});

describe('the probe', () => {
  type Verdicts = Record<string, string>;
  const verdicts = (report: ProbeReport): Verdicts =>
    Object.fromEntries(report.steps.map((step) => [step.name, step.verdict]));
  const text = (report: ProbeReport, name: string) =>
    report.steps.find((step) => step.name === name)?.text ?? '';

  function openGate(override: (asked: Asked, response: ServerResponse) => boolean = () => false) {
    return (asked: Asked, response: ServerResponse): void => {
      if (override(asked, response)) return;
      if (asked.authorization === undefined) return sendJson(response, 401, {});
      if (asked.path.startsWith('/api/realms?')) return paged(['acme'])(asked, response);
      if (asked.path === '/admin/realms/acme/export')
        return sendJson(response, 200, { realm: { id: 'acme' } });
      return notFound(response);
    };
  }

  it('of a server in order', async () => {
    const { url } = await serving(openGate());
    const report = await connect(url).probe(signal);
    expect(report).toMatchObject({ usable: true, dialect: 'documented' });
    expect(verdicts(report)).toEqual({
      Address: 'ok',
      TLS: 'ok',
      Token: 'ok',
      'Token is checked': 'ok',
      Realms: 'ok',
      Dialect: 'ok',
      Export: 'ok',
      Rights: 'ok',
      Reading: 'ok',
      Writing: 'skipped',
    });
    expect(text(report, 'Token')).toContain(
      '/realms/master/protocol/openid-connect/token issues tokens that live 300 s',
    );
    expect(text(report, 'Writing')).toContain('it would write');
  });

  it('writes nothing and fetches no whole export', async () => {
    let sent = 0;
    const server = await serving(
      openGate((asked, response) => {
        if (asked.authorization === undefined || !asked.path.endsWith('/export')) return false;
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{"realm":{"id":"acme"},"users":[{"username":"first"}');
        const more = ',{"username":"another"}'.repeat(3000);
        const timer = setInterval(() => {
          sent += more.length;
          response.write(more);
        }, 5);
        response.on('close', () => clearInterval(timer));
        return true;
      }),
    );
    const report = await connect(server.url).probe(signal);
    expect(verdicts(report)['Export']).toBe('ok');
    expect(sent).toBeLessThan(2_000_000);
    expect(server.asked.filter((asked) => asked.method !== 'GET').map((asked) => asked.path)).toEqual([
      '/realms/master/protocol/openid-connect/token',
    ]);
  });

  it('finds an Admin API that checks no token', async () => {
    const { url } = await serving(
      openGate((asked, response) => {
        if (asked.authorization !== undefined) return false;
        sendJson(response, 200, {});
        return true;
      }),
    );
    const report = await connect(url).probe(signal);
    expect(report.usable).toBe(true);
    expect(verdicts(report)['Token is checked']).toBe('finding');
    expect(text(report, 'Token is checked')).toContain('answers 200 instead of refusing');
  });

  it('does not claim more than it saw of one that answers 404 without a token', async () => {
    const { url } = await serving(
      openGate((asked, response) => {
        if (asked.authorization !== undefined) return false;
        notFound(response);
        return true;
      }),
    );
    const report = await connect(url).probe(signal);
    expect(verdicts(report)['Token is checked']).toBe('finding');
    expect(text(report, 'Token is checked')).toContain('perhaps');
  });

  it('says what a token without rights may not', async () => {
    const { url } = await serving(
      openGate((asked, response) => {
        if (!asked.path.endsWith('/export')) return false;
        sendJson(response, 403, { error: 'FORBIDDEN' });
        return true;
      }),
    );
    const report = await connect(url).probe(signal);
    expect(report.usable).toBe(false);
    expect(verdicts(report)).toMatchObject({ Realms: 'ok', Export: 'failed', Rights: 'failed' });
    expect(text(report, 'Rights')).toContain('export');
  });

  it('says that a server has no exports', async () => {
    const { url } = await serving(
      openGate((asked, response) => {
        if (!asked.path.endsWith('/export')) return false;
        notFound(response);
        return true;
      }),
    );
    const report = await connect(url).probe(signal);
    expect(report.usable).toBe(false);
    expect(report.dialect).toBeUndefined();
    expect(verdicts(report)).toMatchObject({ Dialect: 'failed', Rights: 'skipped' });
    expect(text(report, 'Dialect')).toContain('no export endpoint');
    expect(text(report, 'Dialect')).toMatch(/export answered 404; .*users\?page=0&size=1 answered 404/);
  });

  it('of a wrong secret stops at the token', async () => {
    const server = await startScripted((_asked, response) =>
      sendJson(response, 401, { error: 'invalid_client' }),
    );
    open.push(server);
    const report = await connect(server.url).probe(signal);
    expect(verdicts(report)).toMatchObject({
      Address: 'ok',
      Token: 'failed',
      Realms: 'skipped',
      Rights: 'skipped',
    });
    expect(text(report, 'Token')).toContain('invalid_client');
  });

  it('of nobody there says so, for each address', async () => {
    const gone = await serving(() => undefined);
    await gone.close();
    open.length = 0;
    const there = await serving(openGate());
    const report = await connect(there.url, { gatewayUrl: gone.url }).probe(signal);
    expect(verdicts(report)).toMatchObject({
      'Address (Admin API)': 'ok',
      'Address (tokens, gateway)': 'failed',
      Token: 'skipped',
    });
  });

  it('on an unencrypted line to another machine is a finding', async () => {
    const { url } = await serving(openGate());
    const report = await connect(url.replace('127.0.0.1', '0.0.0.0')).probe(signal);
    expect(verdicts(report)['TLS']).toBe('finding');
  });

  it('can be canceled', async () => {
    const { url } = await serving(openGate(() => true));
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 50);
    expect((await failure(connect(url).probe(abort.signal))).code).toBe('CANCELED');
  });
});
