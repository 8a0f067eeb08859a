import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSandbox, type EnvironmentHandle, type Sandbox } from '../../../../sandbox/index.ts';
import { isAppError } from '../../../../contract/errors.ts';
import type { ApplyItem, ApplyTarget, Connector, StepOutcome } from '../../connector.ts';
import { createAdminApiConnector } from '../index.ts';
import { sendJson, startScripted, type Asked, type ScriptedServer } from '../testing/scripted-server.ts';

const signal = new AbortController().signal;

/**
 * What happens to a call on its way: `pass`; `lose`: it is carried out and its answer never comes; `hide`: it is carried
 * out and the answer is a bare 500; `deny`: it is carried out and the answer asks to try again later; `late`: the answer is
 * a 502, and it is carried out only when the next call of its kind comes; a number: that status, and nothing is done.
 */
type Fate = 'pass' | 'lose' | 'hide' | 'deny' | 'late' | number;

let sandbox: Sandbox;
let there: EnvironmentHandle;
let lines: { readonly gateway: ScriptedServer; readonly admin: ScriptedServer };
let connector: Connector;
let fate: (asked: Asked) => Fate = () => 'pass';

async function line(to: string): Promise<ScriptedServer> {
  const late: (() => Promise<unknown>)[] = [];
  return await startScripted(async (asked, response) => {
    const decided = fate(asked);
    if (asked.method !== 'GET') for (const call of late.splice(0)) await call();
    if (typeof decided === 'number') {
      const headers = decided === 429 ? { 'retry-after': '0' } : {};
      sendJson(response, decided, { status: decided, error: 'test' }, headers);
      return;
    }
    const carryOut = async () =>
      await fetch(to + asked.path, {
        method: asked.method,
        headers: { 'content-type': 'application/json', authorization: asked.authorization ?? '' },
        ...(asked.body === '' ? {} : { body: asked.body }),
      });
    if (decided === 'late') {
      late.push(carryOut);
      sendJson(response, 502, { status: 502, error: 'test' });
      return;
    }
    const answer = await carryOut();
    const text = await answer.text();
    if (decided === 'lose') response.destroy();
    else if (decided === 'deny')
      sendJson(response, 503, { status: 503, error: 'test' }, { 'retry-after': '0' });
    else if (decided === 'hide') sendJson(response, 500, { status: 500, error: 'Internal Server Error' });
    else response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
  });
}

/** The published release answers every refusal with a bare 500, at the services' own addresses too. */
describe.each(['coded', 'bare'] as const)('where services refuse %s', (refusals) => {
  beforeAll(async () => {
    sandbox = await startSandbox({
      dialect: 'v1.1',
      released: { refusals },
      environments: ['target'],
      seed: false,
      bcryptCost: 4,
    });
    there = sandbox.environment('target');
    lines = { gateway: await line(there.gatewayUrl), admin: await line(there.apiUrl) };
  });

  function connected(ways: { readonly gatewayUrl?: string }): Connector {
    return createAdminApiConnector({
      name: 'target',
      apiUrl: lines.admin.url,
      ...ways,
      authUrl: there.authUrl,
      clientId: there.clientId,
      clientSecret: there.clientSecret,
      retry: { attempts: 4, baseMs: 5, maxMs: 20, maxRetryAfterMs: 1_000 },
      time: {
        now: () => Date.now(),
        random: () => 0.5,
        sleep: async (_ms, canceled) => await Promise.resolve(canceled.throwIfAborted()),
      },
    });
  }

  beforeEach(() => {
    connector = connected({ gatewayUrl: lines.gateway.url });
  });

  afterEach(async () => {
    fate = () => 'pass';
    await connector.close();
    for (const [database, table] of [
      ['realm', 'realms'],
      ['user', 'users'],
      ['rbac', 'user_role_mappings'],
      ['rbac', 'roles'],
      ['client', 'oauth_clients'],
    ] as const)
      await there.query(
        database,
        `DELETE FROM ${table} WHERE ${table === 'realms' ? 'name' : 'realm_name'} = 'shop'`,
      );
  });

  afterAll(async () => {
    await lines?.gateway.close();
    await lines?.admin.close();
    await sandbox?.stop();
  });

  interface Outcome extends Required<Omit<StepOutcome, 'reason'>> {
    readonly labels: readonly string[];
  }

  async function apply(mode: ApplyTarget['mode'], items: readonly ApplyItem[]): Promise<Outcome> {
    const session = await connector.openTarget('shop', {}, signal);
    const all = { failures: [], issued: [], warnings: [] } as {
      failures: Outcome['failures'][number][];
      issued: Outcome['issued'][number][];
      warnings: string[];
    };
    const labels: string[] = [];
    let retries = 0;
    for await (const step of session.applySteps({ realm: 'shop', mode }, batches(items))) {
      labels.push(step.label);
      const outcome = await step.run(signal);
      all.failures.push(...outcome.failures);
      all.issued.push(...(outcome.issued ?? []));
      all.warnings.push(...(outcome.warnings ?? []));
      retries += outcome.retries;
    }
    await session.close();
    return { ...all, retries, labels };
  }

  async function* batches(items: readonly ApplyItem[]): AsyncIterable<readonly ApplyItem[]> {
    for (let at = 0; at < items.length; at += 70) yield items.slice(at, at + 70);
  }

  const create = (section: ApplyItem['section'], key: string, body: ApplyItem['body']): ApplyItem => ({
    section,
    key,
    action: 'create',
    body,
  });
  const newUser = (username: string, more: ApplyItem['body'] = {}): ApplyItem =>
    create('users', username, { username, email: `${username}@example.com`, ...more });
  const NEW_REALM = create('realm', 'shop', { name: 'shop', displayName: 'Shop', accessTokenLifespan: 600 });
  const ROLES = ['buyer', 'seller'].map((name) => create('roles', name, { name, description: `A ${name}` }));

  async function rows(database: 'user' | 'rbac' | 'client' | 'realm', sql: string): Promise<unknown[]> {
    return await there.query(database, sql);
  }

  const users = async () =>
    await rows(
      'user',
      `SELECT username, email, first_name, enabled FROM users WHERE realm_name = 'shop' ORDER BY 1`,
    );
  const mappings = async () =>
    await there.query<{ username: string; name: string }>(
      'rbac',
      `SELECT m.user_id, r.name FROM user_role_mappings m JOIN roles r ON r.id = m.role_id WHERE m.realm_name = 'shop'`,
    );
  const idOf = async (username: string): Promise<string> => {
    const [row] = await there.query<{ id: string }>(
      'user',
      `SELECT id FROM users WHERE realm_name = 'shop' AND username = $1`,
      [username],
    );
    return row!.id;
  };

  describe('creating a realm', () => {
    it('writes its settings, roles and users with their roles and passwords', async () => {
      const outcome = await apply('create', [
        NEW_REALM,
        ...ROLES,
        newUser('ann', {
          firstName: 'Ann',
          enabled: false,
          roles: ['buyer', 'seller'],
          password: 'pass-word-1',
        }),
        newUser('bob'),
      ]);
      expect(outcome).toMatchObject({ failures: [], retries: 0 });
      expect(outcome.labels).toEqual(['create realm shop', 'roles 1–2', 'users 1–2']);
      expect(
        await rows('realm', `SELECT display_name, token_lifespan_seconds FROM realms WHERE name = 'shop'`),
      ).toEqual([{ display_name: 'Shop', token_lifespan_seconds: 600 }]);
      expect(await users()).toEqual([
        { username: 'ann', email: 'ann@example.com', first_name: 'Ann', enabled: false },
        { username: 'bob', email: 'bob@example.com', first_name: null, enabled: true },
      ]);
      expect((await mappings()).map(({ name }) => name).toSorted()).toEqual(['buyer', 'seller']);
      expect(await there.checkPassword('shop', 'ann', 'pass-word-1')).toBe(true);
    });

    it('loses nothing and writes nothing twice while a third of all calls come to harm', async () => {
      const kinds: readonly Fate[] = ['lose', 'hide', 502, 429, 503, 500];
      let calls = 0;
      fate = ({ path }) => {
        if (path.includes('token') || path.includes('well-known')) return 'pass';
        calls++;
        return calls % 3 === 0 ? kinds[(calls / 3) % kinds.length]! : 'pass';
      };
      const items = Array.from({ length: 150 }, (_, n) =>
        newUser(`user-${n}`, { roles: ['buyer', 'seller'] }),
      );
      const outcome = await apply('create', [NEW_REALM, ...ROLES, ...items]);
      expect(outcome.failures).toEqual([]);
      expect(outcome.retries).toBeGreaterThan(50);
      expect(await users()).toHaveLength(150);
      const given = await mappings();
      expect(given).toHaveLength(300);
      expect(new Set(given.map((row) => JSON.stringify(row))).size).toBe(300);
    });

    it('is not done over a realm that appeared meanwhile', async () => {
      await apply('create', [NEW_REALM]);
      const refused = await apply('create', [NEW_REALM]).catch((error: unknown) => error);
      expect(isAppError(refused, 'REALM_EXISTS')).toBe(true);
    });

    it('ends with the realm that cannot be created, before anything else is written', async () => {
      fate = ({ method, path }) => (method === 'POST' && path.startsWith('/admin/realms') ? 500 : 'pass');
      const refused = await apply('create', [NEW_REALM, ...ROLES]).catch((error: unknown) => error);
      expect(isAppError(refused, 'REQUEST_REFUSED') && refused.message).toContain('was not created');
      expect(await rows('rbac', `SELECT 1 FROM roles WHERE realm_name = 'shop'`)).toEqual([]);
    });
  });

  describe('users of an existing realm', () => {
    beforeEach(async () => {
      await apply('create', [
        NEW_REALM,
        ...ROLES,
        newUser('ann', { firstName: 'Ann', roles: ['buyer'] }),
        newUser('bob'),
      ]);
    });

    it('are looked for by their address, since a short name is a part of many', async () => {
      let posts = 0;
      fate = ({ method, path }) =>
        method === 'POST' && path.startsWith('/api/users') && posts++ === 0 ? 500 : 'pass';
      const before = lines.gateway.asked.length;
      expect((await apply('merge', [newUser('a')])).failures).toEqual([]);
      const searches = lines.gateway.asked.slice(before).filter(({ path }) => path.includes('search='));
      expect(searches.map(({ path }) => path)).toEqual([expect.stringContaining('search=a%40example.com')]);
    });

    it('fail one by one, each with the reason that there is', async () => {
      const { failures } = await apply('merge', [
        newUser('ann', { firstName: 'Another' }),
        newUser('carl', { email: 'bob@example.com' }),
        newUser('dora', { email: 'no address' }),
        newUser('eve', { roles: ['nobody'] }),
        newUser('finn'),
      ]);
      const reasons = Object.fromEntries(failures.map(({ key, reason }) => [key, reason]));
      expect(reasons['ann']).toContain('other values, and was left as it is');
      expect(reasons['carl']).toContain('another user of the realm, “bob”');
      expect(reasons['dora']).toContain('The user was not created.');
      expect(reasons['eve']).toContain(
        'The user was created, but could not be given “nobody” (there is no such role)',
      );
      expect(Object.keys(reasons)).toHaveLength(4);
      expect(await users()).toHaveLength(4);
    });

    it('that are there as wished are done', async () => {
      const outcome = await apply('merge', [
        newUser('ann', { firstName: 'Ann', roles: ['buyer', 'seller'] }),
      ]);
      expect(outcome.failures).toEqual([]);
      expect(await mappings()).toHaveLength(2);
    });

    it('are changed by id, keep what is not sent, and get the roles that they lack', async () => {
      const update: ApplyItem = {
        section: 'users',
        key: 'ann',
        action: 'update',
        body: { username: 'ann', enabled: false, roles: ['buyer', 'seller'] },
        targetId: await idOf('ann'),
      };
      expect((await apply('merge', [update])).failures).toEqual([]);
      expect(await users()).toContainEqual({
        username: 'ann',
        email: 'ann@example.com',
        first_name: 'Ann',
        enabled: false,
      });
      expect(await mappings()).toHaveLength(2);
      // Nothing to do: no call that writes.
      const before = lines.gateway.asked.length;
      expect((await apply('merge', [update])).failures).toEqual([]);
      expect(lines.gateway.asked.slice(before).filter(({ method }) => method !== 'GET')).toEqual([]);
    });

    it('are told whose address it is that they cannot have', async () => {
      const { failures } = await apply('merge', [
        {
          section: 'users',
          key: 'ann',
          action: 'update',
          body: { username: 'ann', email: 'bob@example.com' },
          targetId: await idOf('ann'),
        },
      ]);
      expect(failures[0]?.reason).toContain('“bob”');
    });

    it('are neither changed nor deleted when the id is another’s by now', async () => {
      const id = await idOf('bob');
      const { failures } = await apply('merge', [
        { section: 'users', key: 'ann', action: 'delete', body: {}, targetId: id },
        {
          section: 'users',
          key: 'ann',
          action: 'update',
          body: { username: 'ann', enabled: false },
          targetId: id,
        },
      ]);
      expect(failures.map(({ key }) => key)).toEqual(['ann']);
      expect(await users()).toHaveLength(2);
    });

    it('are not changed where what the preview showed of them was changed since', async () => {
      const id = await idOf('ann');
      const update = (was: ApplyItem['was']): ApplyItem => ({
        section: 'users',
        key: 'ann',
        action: 'update',
        body: { username: 'ann', firstName: 'New', enabled: false, roles: ['buyer', 'seller'] },
        targetId: id,
        was,
      });
      const before = await users();
      const stale = await apply('merge', [update({ firstName: 'Other', enabled: true, roles: ['buyer'] })]);
      expect(stale.failures[0]?.reason).toMatch(/“firstName” is not what the preview showed any more/);
      expect(await users()).toEqual(before);
      // Members that the preview did not touch may be what they are; one that is as wished is no change.
      expect((await apply('merge', [update({ firstName: 'Ann', roles: ['buyer'] })])).failures).toEqual([
        expect.objectContaining({ reason: expect.stringContaining('“enabled”') as string }),
      ]);
      const fresh = update({ firstName: 'Ann', lastName: 'Gone', enabled: true, roles: ['buyer'] });
      expect((await apply('merge', [fresh])).failures).toEqual([]);
      expect((await apply('merge', [fresh])).failures).toEqual([]);
      expect(await mappings()).toHaveLength(2);
    });

    it('are given no roles where these were changed since the preview', async () => {
      const update = (roles: string[]): ApplyItem => ({
        section: 'users',
        key: 'ann',
        action: 'update',
        body: { username: 'ann', roles: [...roles, 'seller'] },
        targetId: '',
        was: { roles },
      });
      for (const roles of [[], ['buyer', 'gone']]) {
        const { failures } = await apply('merge', [{ ...update(roles), targetId: await idOf('ann') }]);
        expect(failures[0]?.reason).toMatch(
          /no roles were given: .*“(buyer|gone)” is not as the preview showed/,
        );
      }
      expect(await mappings()).toHaveLength(1);
    });

    it('are not deleted where they were changed since the preview', async () => {
      const deletion = async (was: ApplyItem['was']): Promise<ApplyItem> => ({
        section: 'users',
        key: 'ann',
        action: 'delete',
        body: {},
        targetId: await idOf('ann'),
        was,
      });
      const seen = { username: 'ann', email: 'ann@example.com', firstName: 'Ann', enabled: true };
      const { failures } = await apply('merge', [
        await deletion({ ...seen, emailVerified: false, enabled: false }),
      ]);
      expect(failures[0]?.reason).toMatch(/“enabled” .* was left as it is/);
      expect(await users()).toHaveLength(2);
      const calls = lines.gateway.asked.length;
      const item = await deletion({ ...seen, emailVerified: false });
      expect((await apply('merge', [item])).failures).toEqual([]);
      expect(lines.gateway.asked.slice(calls).map(({ method }) => method)).toEqual(['GET', 'DELETE']);
      expect(await users()).toHaveLength(1);
    });

    it('are deleted, once, though the answers are lost', async () => {
      let lost = 0;
      fate = ({ method }) => (method === 'DELETE' && lost++ < 3 ? (lost % 2 ? 'hide' : 'lose') : 'pass');
      const items = await Promise.all(
        ['ann', 'bob'].map(async (key): Promise<ApplyItem> => ({
          section: 'users',
          key,
          action: 'delete',
          body: {},
          targetId: await idOf(key),
        })),
      );
      const gone: ApplyItem = {
        section: 'users',
        key: 'zoe',
        action: 'delete',
        body: {},
        targetId: randomUUID(),
      };
      const outcome = await apply('merge', [...items, gone]);
      expect(outcome).toMatchObject({ failures: [], labels: ['deletion of users 1–3'] });
      expect(await users()).toEqual([]);
    });

    it('are found over the Admin API alone too, which reads a plus sign as a space and no braces', async () => {
      await connector.close();
      connector = connected({});
      const names = ['jane+0', '+', 'x{y}z', 'plain'];
      let posts = 0;
      fate = ({ method }) => (method === 'POST' && posts++ % 2 === 0 ? 'lose' : 'pass');
      const created = await apply('merge', [
        ...names.map((name) => newUser(name)),
        newUser('other', { email: 'a+b+c@example.com' }),
      ]);
      expect(created.failures).toEqual([]);
      expect(await users()).toHaveLength(2 + names.length + 1);
      let looks = 0;
      fate = ({ method }) => (method === 'GET' && looks++ === 0 ? 500 : 'pass');
      const id = await idOf('jane+0');
      const deleted = await apply('merge', [
        { section: 'users', key: 'jane+0', action: 'delete', body: {}, targetId: id },
      ]);
      expect(deleted.failures).toEqual([]);
      expect(await users()).toHaveLength(2 + names.length);
    });

    it('are told that the server did not do it, when it says 500 each time', async () => {
      fate = ({ method, path }) => (method === 'POST' && path.startsWith('/api/users') ? 500 : 'pass');
      const { failures } = await apply('merge', [newUser('finn')]);
      expect(failures[0]?.reason).toMatch(/^The user was not created\. .*500/);
    });
  });

  describe('roles and settings', () => {
    it('are made known when others made them, and left as they are', async () => {
      await apply('create', [NEW_REALM, ...ROLES]);
      const { failures } = await apply('merge', [
        create('roles', 'buyer', { name: 'buyer', description: 'A buyer' }),
        create('roles', 'seller', { name: 'seller', description: 'Another' }),
      ]);
      expect(failures).toHaveLength(1);
      expect(failures[0]).toMatchObject({ section: 'roles', key: 'seller' });
    });

    it('are changed where the answer is hidden or lost', async () => {
      await apply('create', [NEW_REALM]);
      for (const kind of ['hide', 'lose', 500] as const) {
        let times = 0;
        fate = ({ method }) => (method === 'PUT' && times++ === 0 ? kind : 'pass');
        const body = { name: 'shop', displayName: `Shop ${kind}`, mfaRequired: true };
        const outcome = await apply('merge', [{ section: 'realm', key: 'shop', action: 'update', body }]);
        expect(outcome.failures).toEqual([]);
        expect(
          await rows('realm', `SELECT display_name, mfa_required FROM realms WHERE name = 'shop'`),
        ).toEqual([{ display_name: `Shop ${kind}`, mfa_required: true }]);
      }
    });
  });

  describe('replacing and removing a realm', () => {
    it('deletes its users one by one, and then the realm; roles stay', async () => {
      await apply('create', [NEW_REALM, ...ROLES, newUser('ann', { roles: ['buyer'] }), newUser('bob')]);
      const [before] = await there.query<{ id: string }>(
        'realm',
        `SELECT id FROM realms WHERE name = 'shop'`,
      );
      const deletion = async (key: string): Promise<ApplyItem> => ({
        section: 'users',
        key,
        action: 'delete',
        body: {},
        targetId: await idOf(key),
      });
      const overwritten = await apply('overwrite', [
        await deletion('ann'),
        await deletion('bob'),
        NEW_REALM,
        newUser('ann', { email: 'bob@example.com', roles: ['seller'] }),
      ]);
      expect(overwritten.failures).toEqual([]);
      expect(await users()).toHaveLength(1);
      const [after] = await there.query<{ id: string }>('realm', `SELECT id FROM realms WHERE name = 'shop'`);
      expect(after!.id).not.toBe(before!.id);

      fate = ({ method, path }) =>
        method === 'DELETE' && path.startsWith('/admin/realms/shop') ? 'hide' : 'pass';
      const removal: ApplyItem = { section: 'realm', key: 'shop', action: 'delete', body: {} };
      expect((await apply('remove', [await deletion('ann'), removal])).failures).toEqual([]);
      expect(await rows('realm', `SELECT 1 FROM realms WHERE name = 'shop'`)).toEqual([]);
      expect(await rows('rbac', `SELECT 1 FROM roles WHERE realm_name = 'shop'`)).toHaveLength(2);
    });
  });

  describe('clients under new keys', () => {
    const CLIENTS = ['web', 'api', 'cli'].map((clientId) =>
      create('clients', clientId, {
        clientId,
        name: `Client ${clientId}`,
        publicClient: clientId === 'cli',
        redirectUris: [`https://${clientId}.example.com`],
        webOrigins: ['https://example.com'],
      }),
    );

    it('get an id and a secret of the server’s, also where the answer is lost, and never twice', async () => {
      await apply('create', [NEW_REALM]);
      const kinds: readonly Fate[] = ['lose', 502, 'hide', 500];
      let posts = 0;
      fate = ({ method, path }) =>
        method === 'POST' && path.endsWith('/clients') ? (kinds[posts++] ?? 'pass') : 'pass';
      const outcome = await apply('merge', CLIENTS);
      expect(outcome).toMatchObject({ failures: [], warnings: [] });
      const stored = await there.query<{ client_id: string; name: string; web_origins: string[] }>(
        'client',
        `SELECT client_id, name, web_origins FROM oauth_clients WHERE realm_name = 'shop' ORDER BY name`,
      );
      expect(stored.map(({ name, web_origins }) => [name, web_origins])).toEqual(
        ['api', 'cli', 'web'].map((id) => [`Client ${id}`, ['https://example.com']]),
      );
      const issued = Object.fromEntries(outcome.issued.map((of) => [of.key, of]));
      for (const { client_id, name } of stored) {
        const of = issued[name.slice('Client '.length)]!;
        expect(of.issued).toBe(client_id);
        if (of.key === 'cli') expect(of.secret).toBeUndefined();
        else expect(await there.checkClientSecret(client_id, of.secret!)).toBe(true);
      }
    });

    it.each(['deny', 'late'] as const)(
      'and one that is there twice, by a call that was made again, is told of: %s',
      async (harm) => {
        await apply('create', [NEW_REALM]);
        let posts = 0;
        fate = ({ method, path }) =>
          method === 'POST' && path.endsWith('/clients') && posts++ === 0 ? harm : 'pass';
        const outcome = await apply('merge', CLIENTS);
        expect(outcome.failures).toEqual([]);
        const stored = await there.query<{ client_id: string }>(
          'client',
          `SELECT client_id FROM oauth_clients WHERE realm_name = 'shop'`,
        );
        expect(stored).toHaveLength(CLIENTS.length + 1);
        const ours = new Set(outcome.issued.map(({ issued }) => issued));
        const [second] = stored.filter(({ client_id }) => !ours.has(client_id));
        expect(outcome.warnings).toEqual([
          expect.stringMatching(new RegExp(`^The client “${second!.client_id}” is a second one for “web”`)),
        ]);
      },
    );
  });

  it('stops between two records when it is canceled, and says how far it came', async () => {
    await apply('create', [NEW_REALM]);
    const canceling = new AbortController();
    let posts = 0;
    fate = ({ method, path }) => {
      if (method === 'POST' && path.startsWith('/api/users') && ++posts === 20) canceling.abort();
      return 'pass';
    };
    const session = await connector.openTarget('shop', {}, signal);
    const items = Array.from({ length: 100 }, (_, n) => newUser(`user-${n}`));
    const error: unknown = await (async () => {
      for await (const step of session.applySteps({ realm: 'shop', mode: 'merge' }, batches(items)))
        await step.run(canceling.signal);
    })().catch((thrown: unknown) => thrown);
    expect(isAppError(error, 'CANCELED') && error.message).toMatch(/\d+ of the 100 records/);
    const written = (await users()).length;
    expect(written).toBeGreaterThanOrEqual(20);
    expect(written).toBeLessThan(60);
  });
});
