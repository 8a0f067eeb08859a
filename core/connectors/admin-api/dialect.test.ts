import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../contract/errors.ts';
import { startSandbox, type Sandbox } from '../../../sandbox/index.ts';
import type { Capture, Connector, ProbeReport } from '../connector.ts';
import { createAdminApiConnector, type AdminApiSettings } from './index.ts';
import { quickSettings, sendJson, sendToken, startScripted, type Asked } from './testing/scripted-server.ts';

const signal = new AbortController().signal;
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

type Answer = (response: ServerResponse) => void;
type Routes = Record<string, Answer | undefined>;

const json =
  (value: unknown, status = 200): Answer =>
  (response) =>
    sendJson(response, status, value);
const page = (content: unknown[]) => ({
  content,
  totalElements: content.length,
  totalPages: 1,
  page: 0,
  size: 20,
});
const EXPORT = '/admin/realms/acme/export';
const USERS = '/admin/realms/acme/users';
const DOCUMENT = { realm: { id: 'acme' }, users: [{ username: 'ann' }] };

/** Serves what `routes` has by path, a token, and 404 for all else. */
async function serving(routes: Routes) {
  const server = await startScripted((asked, response) => {
    if (sendToken(asked, response)) return;
    const answer = routes[new URL(asked.path, 'http://x').pathname];
    if (answer) answer(response);
    else sendJson(response, 404, { status: 404, error: 'Not Found', path: asked.path });
  });
  open.push(server);
  return server;
}

function connect(url: string, more: Partial<AdminApiSettings> = {}): Connector {
  const connector = createAdminApiConnector({ ...quickSettings(url), ...more });
  open.push(connector);
  return connector;
}

async function failure(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

async function read(capture: Capture): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for await (const { section, records } of capture.batches)
    counts[section] = (counts[section] ?? 0) + records.length;
  return counts;
}

const calls = (asked: readonly Asked[]) =>
  asked.map(({ method, path }) => `${method} ${new URL(path, 'http://x').pathname}`);
const onlyLooked = (asked: readonly Asked[]) =>
  asked.every(({ method, path }) => method === 'GET' || path.endsWith('/token'));

describe('the dialect of a server', () => {
  const listed = { '/api/realms': json(page([{ name: 'acme' }])) };

  it('is the documented one where a realm can be exported; found once, by looking', async () => {
    const { url, asked } = await serving({ ...listed, [EXPORT]: json(DOCUMENT) });
    const connector = connect(url);
    const [one, other] = await Promise.all([connector.capabilities(signal), connector.capabilities(signal)]);
    expect([one.dialect, other.dialect]).toEqual(['documented', 'documented']);
    const looked = asked.length;
    await connector.capabilities(signal);
    await read(connector.capture('acme', {}, signal));
    expect(calls(asked.slice(looked))).toEqual([`GET ${EXPORT}`]);
    expect(onlyLooked(asked)).toBe(true);
  });

  it.each([401, 403, 400, 409])(
    'is the documented one where exporting is answered with %d',
    async (status) => {
      const { url } = await serving({
        ...listed,
        [EXPORT]: json({ error: 'FORBIDDEN' }, status),
        [USERS]: json(page([])),
      });
      expect((await connect(url).capabilities(signal)).dialect).toBe('documented');
    },
  );

  it('is not decided by an export that fails, and looked for again', async () => {
    const routes: Routes = {
      ...listed,
      [EXPORT]: json({ error: 'DB', message: 'down' }, 500),
      [USERS]: json(page([])),
    };
    const { url } = await serving(routes);
    const connector = connect(url);
    const error = await failure(connector.capabilities(signal));
    expect([error.code, error.message]).toEqual(['SERVER_ERROR', expect.stringContaining('down')]);
    routes[EXPORT] = json(DOCUMENT);
    expect((await connector.capabilities(signal)).dialect).toBe('documented');
  });

  it('is that of v1.1.0 where there is no export and users come in pages', async () => {
    const { url, asked } = await serving({
      '/admin/realms': json([{ name: 'acme' }]),
      [USERS]: json(page([])),
    });
    const route = await connect(url).capabilities(signal);
    expect(route.dialect).toBe('v1.1');
    expect(onlyLooked(asked)).toBe(true);
    // No gateway: roles are out of reach, and the preview says so.
    expect(route.sections.roles.create).toBe('no');
    expect(route.sections.users.updateMembers).not.toContain('roles');
    expect(route.limits).toEqual([expect.stringContaining('--gateway-url')]);
  });

  it.each<[string, Routes]>([
    ['nothing else', {}],
    ['a web page for everything', { [EXPORT]: html, [USERS]: html }],
    ['an export that is none', { [EXPORT]: json('not found') }],
    ['users in a shape of their own', { [USERS]: json([{ username: 'ann' }]) }],
    ['a redirect', { [EXPORT]: redirect, [USERS]: redirect }],
  ])('is none that is known with %s: an error says what was tried', async (_what, routes) => {
    const { url, asked } = await serving({ ...listed, ...routes });
    const error = await failure(connect(url).capabilities(signal));
    expect(error.code).toBe('UNSUPPORTED_BY_ROUTE');
    expect(error.message).toContain(`${url}${EXPORT}`);
    expect(error.message).toContain(`${url}${USERS}`);
    expect(error.remedy).toContain('--gateway-url');
    expect(onlyLooked(asked)).toBe(true);
  });

  function html(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<html><title>Console</title></html>');
  }

  function redirect(response: ServerResponse): void {
    response.writeHead(302, { location: 'https://elsewhere.example/login' });
    response.end();
  }

  it('of an empty server is taken from the shape of its list, and looked for again', async () => {
    const routes: Routes = { '/api/realms': json(page([])) };
    const { url, asked } = await serving(routes);
    const connector = connect(url);
    expect((await connector.capabilities(signal)).dialect).toBe('documented');
    const before = asked.length;
    expect((await connector.capabilities(signal)).dialect).toBe('documented');
    expect(asked.length).toBeGreaterThan(before);
  });

  it('where realms may not be listed is looked for at “master”', async () => {
    const { url } = await serving({
      '/api/realms': json({ error: 'FORBIDDEN' }, 403),
      '/admin/realms/master/export': json({ error: 'FORBIDDEN' }, 403),
    });
    expect((await connect(url).capabilities(signal)).dialect).toBe('documented');
  });

  it('is not decided by what went wrong with a token', async () => {
    const server = await startScripted((_asked, response) => sendJson(response, 404, {}));
    open.push(server);
    const error = await failure(connect(server.url).capabilities(signal));
    expect([error.code, error.remedy]).toEqual(['UNEXPECTED_ANSWER', expect.stringContaining('--auth-url')]);
  });
});

describe('a capture of a server that was not looked at before', () => {
  it('costs nothing where it speaks as documented', async () => {
    const { url, asked } = await serving({ [EXPORT]: json(DOCUMENT) });
    const capture = connect(url).capture('acme', {}, signal);
    expect(await read(capture)).toEqual({ realm: 1, users: 1 });
    expect(capture.facts().dialect).toBe('documented');
    expect(calls(asked).slice(1)).toEqual([`GET ${EXPORT}`]);
  });

  it('finds exports at the gateway, where the other address has none', async () => {
    const gateway = await serving({
      '/api/realms': json(page([{ name: 'acme' }])),
      [EXPORT]: json(DOCUMENT),
    });
    const api = await serving({});
    const capture = connect(api.url, { gatewayUrl: gateway.url }).capture('acme', {}, signal);
    expect(await read(capture)).toEqual({ realm: 1, users: 1 });
  });

  it('of a server whose list of realms is too large to be passed on knows single realms', async () => {
    const { url } = await serving({
      '/admin/realms': json({ status: 500, error: 'Internal Server Error' }, 500),
      '/admin/realms/acme': json({ name: 'acme' }),
      '/admin/realms/nowhere': json({ status: 500, error: 'Internal Server Error' }, 500),
      '/admin/realms/master/users': json(page([])),
      [USERS]: json(page([])),
      '/admin/realms/acme/clients': json([]),
    });
    const connector = connect(url);
    expect(await connector.realmExists('acme', signal)).toBe(true);
    expect((await failure(connector.realmExists('nowhere', signal))).code).toBe('SERVER_ERROR');
    expect(await read(connector.capture('acme', {}, signal))).toMatchObject({ realm: 1 });
  });

  it('finds that an endpoint is gone, and goes the other way', async () => {
    const routes: Routes = { [EXPORT]: json(DOCUMENT), '/admin/realms': json([{ name: 'acme' }]) };
    const { url } = await serving(routes);
    const connector = connect(url);
    await read(connector.capture('acme', {}, signal));
    delete routes[EXPORT];
    routes['/admin/realms/acme'] = json({ name: 'acme' });
    routes[USERS] = json(page([]));
    routes['/admin/realms/acme/clients'] = json([]);
    const capture = connector.capture('acme', {}, signal);
    expect(await read(capture)).toMatchObject({ realm: 1 });
    expect(capture.facts()).toMatchObject({
      dialect: 'v1.1',
      missing: expect.arrayContaining([expect.objectContaining({ section: 'roles' })]),
    });
  });
});

describe('release v1.1.0', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ dialect: 'v1.1', environments: ['dev'], users: 900, bcryptCost: 4 });
  });
  afterAll(async () => await sandbox.stop());

  type Addresses = Pick<AdminApiSettings, 'apiUrl' | 'authUrl' | 'gatewayUrl'>;
  function given(
    which: (dev: { apiUrl: string; authUrl: string; gatewayUrl: string }) => Addresses,
  ): Connector {
    const { apiUrl, authUrl, gatewayUrl, clientId, clientSecret } = sandbox.environment('dev');
    const connector = createAdminApiConnector({
      name: 'dev',
      clientId,
      clientSecret,
      ...which({ apiUrl, authUrl, gatewayUrl }),
    });
    open.push(connector);
    return connector;
  }

  const WHOLE = { realm: 1, roles: 2, clients: 2, users: 40 };

  it.each<[string, Parameters<typeof given>[0]]>([
    ['all three addresses', (dev) => dev],
    ['a gateway alone', ({ gatewayUrl, authUrl }) => ({ apiUrl: gatewayUrl, authUrl })],
    ['a gateway alone, with /api/', ({ gatewayUrl, authUrl }) => ({ apiUrl: `${gatewayUrl}/api/`, authUrl })],
    ['both the wrong way round', ({ apiUrl, gatewayUrl }) => ({ apiUrl: gatewayUrl, gatewayUrl: apiUrl })],
    [
      'tails',
      ({ apiUrl, gatewayUrl, authUrl }) => ({
        apiUrl: `${apiUrl}/admin/realms/`,
        gatewayUrl: `${gatewayUrl}/`,
        authUrl: `${authUrl}/oauth2/token`,
      }),
    ],
  ])('is read whole with %s', async (_what, which) => {
    const connector = given(which);
    const capture = connector.capture('partner-portal', {}, signal);
    expect(await read(capture)).toEqual(WHOLE);
    expect(capture.facts()).toMatchObject({ dialect: 'v1.1', channel: 'admin-api' });
    expect((await connector.capabilities(signal)).sections.roles.create).toBe('yes');
  });

  it('is read without roles through the Admin API alone, even if only users are asked for at first', async () => {
    const connector = given(({ apiUrl }) => ({ apiUrl }));
    const capture = connector.capture('acme', { sections: ['users'] }, signal);
    expect(await read(capture)).toEqual({ users: 900 });
    expect(capture.facts().knows.users).not.toContain('roles');
    expect((await connector.capabilities(signal)).sections.roles.create).toBe('no');
  });

  it('knows its realms, and which are not there', async () => {
    const connector = given((dev) => dev);
    expect(await connector.realmExists('acme', signal)).toBe(true);
    expect(await connector.realmExists('nowhere', signal)).toBe(false);
    // Also where the first guess is that it has the documented export.
    for (const one of [connector, given((dev) => dev)]) {
      const error = await failure(read(one.capture('nowhere', {}, signal)));
      expect(error.code).toBe('REALM_NOT_FOUND');
      expect(error.message).toMatch(
        /^Could not (read|export) realm “nowhere”: there is no realm “nowhere”\.$/,
      );
    }
  });

  const textOf = (report: ProbeReport, name: string) =>
    report.steps.find((step) => step.name === name)?.text ?? '';

  it('is shown by its title, with the token endpoint that worked and what is open', async () => {
    const report = await given((dev) => dev).probe(signal);
    const { authUrl, gatewayUrl } = sandbox.environment('dev');
    expect(report).toMatchObject({ usable: true, dialect: 'v1.1' });
    expect(textOf(report, 'Dialect')).toBe(
      'OpenGate v1.1.0 style: no export endpoints; reading resource by resource.',
    );
    expect(textOf(report, 'Token')).toContain(`${authUrl}/oauth2/token issues tokens`);
    expect(textOf(report, 'Token')).toContain('HTTP Basic');
    expect(textOf(report, 'Token is checked')).toContain('whoever reaches it');
    expect(textOf(report, 'Gateway')).toContain(gatewayUrl);
    expect(textOf(report, 'Users')).toContain('900 in realm “acme”');
    expect(textOf(report, 'Role mappings')).toContain('900 calls');
    expect(report.steps.filter(({ verdict }) => verdict === 'finding').map(({ name }) => name)).toEqual([
      'Token is checked',
    ]);
  });

  it('behind its Admin API alone shows what cannot be reached, and how large a page may be', async () => {
    const report = await given(({ apiUrl }) => ({ apiUrl })).probe(signal);
    expect(report.usable).toBe(true);
    expect(textOf(report, 'Token')).toContain('No token endpoint was found');
    expect(textOf(report, 'Gateway')).toContain('Roles and role mappings are served by the gateway only');
    expect(textOf(report, 'Users')).toMatch(/answers 500 to a page of 1,000 .* one of 500 goes through/);
    const verdicts = Object.fromEntries(report.steps.map(({ name, verdict }) => [name, verdict]));
    expect(verdicts).toMatchObject({ Gateway: 'finding', Users: 'finding', Roles: 'skipped', Clients: 'ok' });
  });

  it('says that it answers everybody also where the secret is wrong', async () => {
    const report = await given((dev) => ({ ...dev, clientSecret: 'wrong' })).probe(signal);
    expect(report.usable).toBe(false);
    expect(textOf(report, 'Token is checked')).toContain('whoever reaches it');
  });

  it('refuses a wrong secret in one sentence', async () => {
    const { apiUrl, authUrl, clientId } = sandbox.environment('dev');
    const connector = createAdminApiConnector({
      name: 'dev',
      apiUrl,
      authUrl,
      clientId,
      clientSecret: 'wrong',
    });
    open.push(connector);
    const report = await connector.probe(signal);
    expect(report.usable).toBe(false);
    expect(textOf(report, 'Token')).toContain(
      `${authUrl}/oauth2/token (secret in the form or as HTTP Basic): answered 401, invalid_client.`,
    );
    expect(textOf(report, 'Token')).not.toContain('302');
  });
});
