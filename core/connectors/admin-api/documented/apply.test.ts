import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../../contract/errors.ts';
import type { JsonValue } from '../../../model/record.ts';
import { REDACTED } from '../../../model/secret.ts';
import type { ApplyItem, ApplyStep, ApplyTarget, Connector } from '../../connector.ts';
import { createAdminApiConnector, type AdminApiSettings } from '../index.ts';
import {
  quickSettings,
  sendJson,
  sendToken,
  startScripted,
  type Asked,
  type ScriptedServer,
} from '../testing/scripted-server.ts';

const signal = new AbortController().signal;
const open: (ScriptedServer | Connector)[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

type Script = (asked: Asked, response: ServerResponse) => void | Promise<void>;

/** A server whose Realms API lists `realms`; the script has the first word on everything but tokens. */
async function connected(
  script: (asked: Asked, response: ServerResponse) => boolean | void | Promise<boolean | void>,
  more: Partial<AdminApiSettings> = {},
  realms: string[] = ['acme'],
): Promise<{ connector: Connector; server: ScriptedServer }> {
  let known = false;
  const answer: Script = async (asked, response) => {
    if (!known && asked.path.endsWith('/export')) return sendJson(response, 200, { realm: { id: 'acme' } });
    if (sendToken(asked, response) || (await script(asked, response)) !== false) return;
    if (asked.path.startsWith('/api/realms?'))
      sendJson(response, 200, {
        content: realms.map((name) => ({ name })),
        totalPages: 1,
        totalElements: realms.length,
      });
    else if (realms.some((name) => asked.path === `/api/realms/${name}`))
      sendJson(response, 200, { name: 'acme' });
    else sendJson(response, 404, { error: 'NOT_FOUND' });
  };
  const server = await startScripted(answer);
  const connector = createAdminApiConnector({ ...quickSettings(server.url), ...more });
  open.push(server, connector);
  // As in an apply, where the target is captured first: by then it is known which dialect the server speaks.
  for await (const _batch of connector.capture('acme', {}, signal).batches) break;
  known = true;
  server.asked.length = 0;
  return { connector, server };
}

function user(key: string, more: ApplyItem['body'] = {}, action: ApplyItem['action'] = 'create'): ApplyItem {
  return { section: 'users', key, action, body: { username: key, ...more } };
}

const REALM: ApplyItem = {
  section: 'realm',
  key: 'acme',
  action: 'create',
  body: { name: 'acme', displayName: 'ACME' },
};

async function* inBatches(items: readonly ApplyItem[], size = 100): AsyncGenerator<readonly ApplyItem[]> {
  for (let at = 0; at < items.length; at += size) yield await Promise.resolve(items.slice(at, at + size));
}

async function stepsOf(
  connector: Connector,
  mode: ApplyTarget['mode'],
  items: readonly ApplyItem[],
  size?: number,
): Promise<ApplyStep[]> {
  const steps: ApplyStep[] = [];
  const session = await connector.openTarget('acme', {}, new AbortController().signal);
  for await (const step of session.applySteps({ realm: 'acme', mode }, inBatches(items, size)))
    steps.push(step);
  return steps;
}

async function failure(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

function usersOf(asked: Asked): { username: string }[] {
  return (JSON.parse(asked.body) as { users: { username: string }[] }).users;
}

const imports = (server: ScriptedServer) =>
  server.asked.filter((asked) => asked.path.includes('/users/import'));
const realmImports = (server: ScriptedServer) =>
  server.asked.filter((asked) => asked.path.startsWith('/admin/realms/import'));

describe('steps', () => {
  it('write nothing before they are run', async () => {
    const { connector, server } = await connected(() => false);
    const steps = await stepsOf(connector, 'create', [REALM, user('a')]);
    expect(steps.map((step) => step.label)).toEqual([
      'create realm acme with 0 roles and 0 clients',
      'new users 1',
    ]);
    expect(server.asked).toEqual([]);
  });

  it('a new realm takes its roles and clients along, then come the users', async () => {
    const { connector, server } = await connected((_asked, response) => sendJson(response, 201, {}));
    const steps = await stepsOf(connector, 'create', [
      {
        ...REALM,
        body: {
          name: 'from-elsewhere',
          id: '550e8400-e29b-41d4-a716-446655440000',
          createdAt: '2025-01-01T00:00:00Z',
          displayName: 'ACME',
          smtpConfig: { host: 'h', password: REDACTED },
          otherSections: { flows: [1] },
        },
      },
      { section: 'roles', key: 'viewer', action: 'create', body: { name: 'viewer' } },
      {
        section: 'clients',
        key: 'app',
        action: 'create',
        body: { clientId: 'app', clientSecret: REDACTED, id: 'u' },
      },
      user('a', { roles: ['viewer'] }),
    ]);
    expect(steps[0]!.label).toBe('create realm acme with 1 role and 1 client');
    for (const step of steps) await step.run(signal);
    const [realm, users] = server.asked.filter(
      (asked) => asked.method === 'POST' && asked.path.startsWith('/admin'),
    );
    expect(realm?.path).toBe('/admin/realms/import');
    expect(JSON.parse(realm?.body ?? '')).toEqual({
      flows: [1],
      realm: { id: 'acme', displayName: 'ACME', smtpConfig: { host: 'h' } },
      roles: [{ name: 'viewer' }],
      clients: [{ clientId: 'app' }],
    });
    expect(users?.path).toBe('/admin/realms/acme/users/import');
    expect(JSON.parse(users?.body ?? '')).toEqual({ users: [{ username: 'a', roles: ['viewer'] }] });
    expect(steps.map((step) => step.repeatable)).toEqual([false, true]);
  });

  it('known secrets go along, hidden ones do not', async () => {
    const { connector, server } = await connected((_asked, response) => sendJson(response, 201, {}));
    const client = (clientId: string, clientSecret: JsonValue): ApplyItem => ({
      section: 'clients',
      key: clientId,
      action: 'create',
      body: { clientId, clientSecret },
    });
    const steps = await stepsOf(connector, 'create', [
      REALM,
      client('hidden', REDACTED),
      client('known', 's3cret'),
      user('hidden', { password: REDACTED }),
      user('known', { password: 'Passw0rd' }),
    ]);
    for (const step of steps) await step.run(signal);
    expect((JSON.parse(realmImports(server)[0]!.body) as { clients: unknown }).clients).toEqual([
      { clientId: 'hidden' },
      { clientId: 'known', clientSecret: 's3cret' },
    ]);
    expect(usersOf(imports(server)[0]!)).toEqual([
      { username: 'hidden' },
      { username: 'known', password: 'Passw0rd' },
    ]);
  });

  it('an overwrite says so to the server and needs no deletions of its own', async () => {
    const { connector, server } = await connected((_asked, response) => sendJson(response, 201, {}));
    const steps = await stepsOf(connector, 'overwrite', [
      REALM,
      { section: 'clients', key: 'old', action: 'delete', body: { clientId: 'old' } },
      user('a'),
      user('gone', {}, 'delete'),
    ]);
    for (const step of steps) await step.run(signal);
    expect(realmImports(server).map((asked) => asked.path)).toEqual(['/admin/realms/import?overwrite=true']);
    expect(usersOf(imports(server)[0]!)).toEqual([{ username: 'a' }]);
    expect(steps.flatMap((step) => step.items.map((item) => item.key))).toEqual(['acme', 'a']);
  });

  it('a merge changes settings by their Realms API names, and keeps new and changed users apart', async () => {
    const { connector, server } = await connected((asked, response) =>
      asked.method === 'GET' ? false : sendJson(response, 200, {}),
    );
    const steps = await stepsOf(connector, 'merge', [
      {
        section: 'realm',
        key: 'acme',
        action: 'update',
        body: { name: 'acme', accessTokenLifespan: 60, refreshTokenLifespan: 120, mfaRequired: true },
      },
      user('a'),
      user('b', { email: 'b@example.com' }, 'update'),
      user('c'),
    ]);
    for (const step of steps) await step.run(signal);
    const put = server.asked.find((asked) => asked.method === 'PUT');
    expect(put?.path).toBe('/api/realms/acme');
    expect(JSON.parse(put?.body ?? '')).toEqual({
      tokenLifespanSeconds: 60,
      refreshTokenLifespanSeconds: 120,
      mfaRequired: true,
    });
    expect(
      imports(server).map((asked) => [asked.path.split('?')[1], usersOf(asked).map((u) => u.username)]),
    ).toEqual([
      [undefined, ['a', 'c']],
      ['mergeUsers=true', ['b']],
    ]);
  });

  it('a new role of an existing realm stands with the users that bring it; one without users fails by name', async () => {
    const { connector } = await connected((_asked, response) => sendJson(response, 200, {}));
    const role = (key: string): ApplyItem => ({
      section: 'roles',
      key,
      action: 'create',
      body: { name: key },
    });
    const steps = await stepsOf(connector, 'merge', [
      role('auditor'),
      role('nobody'),
      user('a', { roles: ['auditor', 'known'] }),
      user('b', { roles: ['auditor'] }, 'update'),
    ]);
    expect(steps.map((step) => step.items.map((item) => `${item.section}/${item.key}`))).toEqual([
      ['roles/auditor', 'users/a'],
      ['users/b'],
      ['roles/nobody'],
    ]);
    const outcome = await steps[2]!.run(signal);
    expect(outcome.failures).toMatchObject([{ section: 'roles', key: 'nobody' }]);
  });

  it.each([
    ['merge', { section: 'clients', key: 'app', action: 'create', body: { clientId: 'app' } }],
    ['merge', user('a', {}, 'delete')],
    ['merge', { section: 'realm', key: 'acme', action: 'update', body: { name: 'acme', loginTheme: 'x' } }],
    ['create', { section: 'groups', key: '/g', action: 'create', body: { path: '/g' } }],
    ['create', user('a', {}, 'update')],
  ] satisfies [ApplyTarget['mode'], ApplyItem][])(
    '%s refuses what the route does not offer: %o',
    async (mode, item) => {
      const { connector, server } = await connected(() => false);
      const error = await failure(stepsOf(connector, mode, [item]));
      expect(error.code).toBe('UNSUPPORTED_BY_ROUTE');
      expect(server.asked).toEqual([]);
    },
  );

  it('batches hold 4 MiB at most', async () => {
    const { connector } = await connected(() => false);
    const big = Array.from({ length: 10 }, (_, i) => user(`u${i}`, { note: 'é'.repeat(500_000) }));
    const steps = await stepsOf(connector, 'merge', big);
    expect(steps.map((step) => step.items.length)).toEqual([4, 4, 2]);
    expect(steps.map((step) => step.label)).toEqual(['new users 1–4', 'new users 5–8', 'new users 9–10']);
  });

  it('are the same however the items arrive (property)', async () => {
    const { connector } = await connected(() => false, { batchSize: 7 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { maxLength: 60 }),
        fc.integer({ min: 1, max: 60 }),
        async (news, size) => {
          const items = news.map((isNew, i) =>
            user(`u${i}`, { roles: [`r${i % 3}`] }, isNew ? 'create' : 'update'),
          );
          const plain = (steps: ApplyStep[]) => steps.map(({ label, items }) => ({ label, items }));
          const steps = await stepsOf(connector, 'merge', items, size);
          expect(plain(steps)).toEqual(plain(await stepsOf(connector, 'merge', items, 1000)));
          expect(steps.flatMap((step) => step.items.map((item) => item.key)).sort()).toEqual(
            items.map((item) => item.key).sort(),
          );
          expect(Math.max(0, ...steps.map((step) => step.items.length))).toBeLessThanOrEqual(7);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('a batch that is refused', () => {
  const many = Array.from({ length: 100 }, (_, i) => user(`u${String(i).padStart(3, '0')}`));

  it('loses only the records that the server’s field list names', async () => {
    const { connector, server } = await connected((asked, response) => {
      const bad = usersOf(asked).flatMap((each, i) => (/u0[13]7/.test(each.username) ? [i] : []));
      if (bad.length === 0) return sendJson(response, 200, { users: { created: 98 } });
      return sendJson(response, 400, {
        error: 'VALIDATION_FAILED',
        fields: bad.map((i) => ({ field: `users[${i}].email`, message: 'must not be blank' })),
      });
    });
    const [step] = await stepsOf(connector, 'merge', many);
    const outcome = await step!.run(signal);
    expect(outcome.failures).toEqual([
      { section: 'users', key: 'u017', reason: 'email: must not be blank' },
      { section: 'users', key: 'u037', reason: 'email: must not be blank' },
    ]);
    expect(imports(server)).toHaveLength(2);
    expect(usersOf(imports(server)[1]!)).toHaveLength(98);
  });

  it('is halved down to the record when the server names none', async () => {
    const written = new Set<string>();
    const { connector, server } = await connected((asked, response) => {
      const users = usersOf(asked);
      if (users.some((each) => each.username === 'u042'))
        return sendJson(response, 409, { error: 'EMAIL_EXISTS', message: 'E-mail taken' });
      for (const each of users) written.add(each.username);
      return sendJson(response, 200, {});
    });
    const [step] = await stepsOf(connector, 'merge', many);
    const outcome = await step!.run(signal);
    expect(outcome.failures).toEqual([
      { section: 'users', key: 'u042', reason: 'E-mail taken (EMAIL_EXISTS)' },
    ]);
    expect(written.size).toBe(99);
    expect(imports(server).length).toBeLessThan(16);
  });

  it('names each with its reason when the server refuses everything, at one call each', async () => {
    const { connector, server } = await connected(
      (_asked, response) => sendJson(response, 400, { message: 'no' }),
      {
        batchSize: 500,
      },
    );
    const all = Array.from({ length: 500 }, (_, i) => user(`u${i}`));
    const [step] = await stepsOf(connector, 'merge', all);
    const outcome = await step!.run(signal);
    expect(new Set(outcome.failures.map((each) => each.key)).size).toBe(500);
    expect(new Set(outcome.failures.map((each) => each.reason))).toEqual(new Set(['no']));
    expect(imports(server).length).toBeLessThan(520);
  });

  it('loses no innocent record, however many are bad', async () => {
    const written = new Set<string>();
    const { connector, server } = await connected(
      (asked, response) => {
        const users = usersOf(asked);
        if (users.some((each) => each.username.endsWith('7')))
          return sendJson(response, 409, { error: 'NO' });
        for (const each of users) written.add(each.username);
        return sendJson(response, 200, {});
      },
      { batchSize: 500 },
    );
    const all = Array.from({ length: 500 }, (_, i) => user(`u${i}`));
    const [step] = await stepsOf(connector, 'merge', all);
    const outcome = await step!.run(signal);
    expect(outcome.failures.map(({ key }) => key)).toHaveLength(50);
    for (const { key, reason } of outcome.failures) expect([key.endsWith('7'), reason]).toEqual([true, 'NO']);
    expect(written.size).toBe(450);
    expect(imports(server).length).toBeLessThan(330);
  });

  it('a user for whom the server always answers 500 is named, and all others are written', async () => {
    const written = new Set<string>();
    const { connector, server } = await connected(
      (asked, response) => {
        const users = usersOf(asked);
        if (users.some((each) => each.username === 'u042' || each.username === 'u160'))
          return sendJson(response, 500, { error: 'Internal Server Error' });
        for (const each of users) written.add(each.username);
        return sendJson(response, 200, {});
      },
      { batchSize: 100 },
    );
    const twoBatches = Array.from({ length: 200 }, (_, i) => user(`u${String(i).padStart(3, '0')}`));
    const steps = await stepsOf(connector, 'merge', twoBatches);
    const failures = [];
    for (const step of steps) failures.push(...(await step.run(signal)).failures);
    const reason = 'The server answered 500 each time this record was sent alone: Internal Server Error.';
    expect(failures).toEqual([
      { section: 'users', key: 'u042', reason },
      { section: 'users', key: 'u160', reason },
    ]);
    expect(written.size).toBe(198);
    expect(imports(server).length).toBeLessThan(50);
  });

  it('a server that answers 500 to everybody stops the job: nobody is to blame', async () => {
    const { connector, server } = await connected(
      (_asked, response) => sendJson(response, 500, { error: 'Internal Server Error' }),
      { batchSize: 500 },
    );
    const all = Array.from({ length: 500 }, (_, i) => user(`u${i}`));
    const [step] = await stepsOf(connector, 'merge', all);
    const error = await failure(step!.run(signal));
    expect(error.code).toBe('SERVER_ERROR');
    expect(error.message).toContain('no single record is to blame');
    expect(error.notChanged).toBe('');
    expect(imports(server).length).toBeLessThan(60);
  });

  it('a body too large for the server is halved as well', async () => {
    const { connector } = await connected((asked, response) => {
      if (usersOf(asked).length > 30) return sendJson(response, 413, {});
      return sendJson(response, 200, {});
    });
    const [step] = await stepsOf(connector, 'merge', many);
    expect((await step!.run(signal)).failures).toEqual([]);
  });

  it('missing rights and a missing realm are no records’ fault', async () => {
    let status = 403;
    const { connector } = await connected((asked, response) =>
      asked.method === 'GET' ? false : sendJson(response, status, { error: 'NO' }),
    );
    const [step] = await stepsOf(connector, 'merge', many);
    expect((await failure(step!.run(signal))).code).toBe('FORBIDDEN');
    status = 404;
    expect((await failure(step!.run(signal))).code).toBe('REALM_NOT_FOUND');
  });
});

describe('a batch that stops halfway', () => {
  it('does not claim that nothing of it was written', async () => {
    const { connector } = await connected((asked, response) => {
      const users = usersOf(asked);
      if (users.length > 1) return sendJson(response, 400, { message: 'one of them' });
      return users[0]?.username === 'a' ? sendJson(response, 200, {}) : sendJson(response, 403, {});
    });
    const [step] = await stepsOf(connector, 'merge', [user('a'), user('b')]);
    const error = await failure(step!.run(signal));
    expect(error.code).toBe('FORBIDDEN');
    expect(error.message).toContain('A part of this batch had been written before.');
    expect(error.notChanged).toBe('');
    expect(error.details['outcome']).toBe('unknown');
  });
});

describe('counts in the answer', () => {
  it.each([
    [
      'create',
      { users: { created: 1, updated: 0, skipped: 2 } },
      /^2 of 3 users, from “a” on, existed already/,
    ],
    ['create', { imported: 1, skipped: ['b', 'c'] }, /^2 of 3 users/],
    ['update', { users: { created: 1, updated: 2 } }, /^1 of 3 users, from “a” on, no longer existed/],
  ] as const)('%s with %o is told', async (action, answer, warning) => {
    const { connector } = await connected((_asked, response) => sendJson(response, 200, answer));
    const [step] = await stepsOf(connector, 'merge', [
      user('a', {}, action),
      user('b', {}, action),
      user('c', {}, action),
    ]);
    const outcome = await step!.run(signal);
    expect(outcome.failures).toEqual([]);
    expect(outcome.warnings?.[0]).toMatch(warning);
  });

  it.each([undefined, [], 'ok', { users: 'three' }, { anything: 1 }])('%o is accepted', async (answer) => {
    const { connector } = await connected((_asked, response) =>
      answer === undefined ? void response.writeHead(204).end() : sendJson(response, 200, answer),
    );
    const [step] = await stepsOf(connector, 'merge', [user('a')]);
    expect(await step!.run(signal)).toEqual({ failures: [], retries: 0 });
  });
});

describe('an answer that got lost', () => {
  it('a users’ batch is sent again: users that exist are skipped', async () => {
    let lost = 1;
    const { connector, server } = await connected((_asked, response) => {
      if (lost-- > 0) return void response.destroy();
      return sendJson(response, 200, { users: { created: 0, skipped: 1 } });
    });
    const [step] = await stepsOf(connector, 'merge', [user('a')]);
    expect(await step!.run(signal)).toEqual({ failures: [], retries: 1 });
    expect(imports(server)).toHaveLength(2);
  });

  it('so is one whose answer is cut off, but not one that is answered with a web page', async () => {
    const answers = ['{"users":{"crea', '{}', '<html><title>Sign in</title></html>'];
    const { connector } = await connected((_asked, response) => {
      response.writeHead(200, {
        'content-type': answers[0]?.startsWith('{') ? 'application/json' : 'text/html',
      });
      response.end(answers.shift());
    });
    const [step] = await stepsOf(connector, 'merge', [user('a')]);
    expect(await step!.run(signal)).toEqual({ failures: [], retries: 1 });
    const error = await failure(step!.run(signal));
    expect(error.code).toBe('UNEXPECTED_ANSWER');
    expect(error.message).toContain('titled “Sign in”. Whether the server has done it is not known.');
    expect(error.notChanged).toBe('');
  });

  const document = {
    realm: { id: 'acme', displayName: 'ACME', mfaRequired: false },
    roles: [{ name: 'viewer' }, { name: 'default' }],
    clients: [{ clientId: 'app', redirectUris: ['https://a'], clientSecret: '**********' }],
    users: [] as unknown[],
  };
  const items: ApplyItem[] = [
    REALM,
    { section: 'roles', key: 'viewer', action: 'create', body: { name: 'viewer' } },
    {
      section: 'clients',
      key: 'app',
      action: 'create',
      body: { clientId: 'app', redirectUris: ['https://a'] },
    },
  ];

  /** `there`: what the export answers after the lost import; undefined: no realm. */
  async function lose(mode: 'create' | 'overwrite', there: unknown, second = 201) {
    let realms = 0;
    const { connector, server } = await connected(
      (asked, response) => {
        if (asked.path.startsWith('/admin/realms/import')) {
          if (realms++ === 0) return void response.destroy();
          return sendJson(response, second, second === 409 ? { error: 'REALM_EXISTS' } : {});
        }
        if (asked.path === '/admin/realms/acme/export' && there !== undefined)
          return sendJson(response, 200, there);
        return false;
      },
      {},
      there === undefined ? [] : ['acme'],
    );
    const [step] = await stepsOf(connector, mode, items);
    return { outcome: step!.run(signal), server };
  }

  it('a realm that stands there as sent was created', async () => {
    const { outcome, server } = await lose('create', document);
    expect(await outcome).toEqual({ failures: [], retries: 1 });
    expect(realmImports(server)).toHaveLength(1);
  });

  it('a realm that is not there is sent again', async () => {
    const { outcome, server } = await lose('create', undefined);
    expect(await outcome).toEqual({ failures: [], retries: 1 });
    expect(realmImports(server)).toHaveLength(2);
  });

  it('one that is there otherwise is left alone, and the outcome called unknown', async () => {
    for (const other of [
      { ...document, realm: { ...document.realm, displayName: 'Another' } },
      { ...document, clients: [] },
      { ...document, clients: [{ clientId: 'app', redirectUris: ['https://b'] }] },
    ]) {
      const { outcome, server } = await lose('create', other);
      const error = await failure(outcome);
      expect(error.code).toBe('CONNECTION_LOST');
      expect(error.message).toContain('is not known');
      expect(error.message).toContain('not as it was sent');
      expect(error.notChanged).toBe('');
      expect(realmImports(server)).toHaveLength(1);
    }
  });

  it('an overwritten realm that still has users is the old one', async () => {
    const { outcome, server } = await lose('overwrite', { ...document, users: [{ username: 'old' }] });
    expect((await failure(outcome)).code).toBe('CONNECTION_LOST');
    expect(realmImports(server)).toHaveLength(1);
  });

  it('a conflict with the first attempt itself is looked at too', async () => {
    let sent = 0;
    const realms: string[] = [];
    const { connector } = await connected(
      (asked, response) => {
        if (asked.path.startsWith('/admin/realms/import')) {
          if (sent++ === 0) return void response.destroy();
          realms.push('acme');
          return sendJson(response, 409, { error: 'REALM_EXISTS' });
        }
        return asked.path === '/admin/realms/acme/export' ? sendJson(response, 200, document) : false;
      },
      {},
      realms,
    );
    const [step] = await stepsOf(connector, 'create', items);
    expect(await step!.run(signal)).toEqual({ failures: [], retries: 2 });
  });

  it('429 is repeated without looking, 503 only when it names a time', async () => {
    const answers: [number, Record<string, string>][] = [
      [429, {}],
      [503, { 'retry-after': '1' }],
      [201, {}],
    ];
    const { connector, server } = await connected((asked, response) => {
      if (!asked.path.startsWith('/admin/realms/import')) return false;
      const [status, headers] = answers.shift()!;
      return sendJson(response, status, {}, headers);
    });
    const [step] = await stepsOf(connector, 'create', items);
    expect(await step!.run(signal)).toEqual({ failures: [], retries: 2 });
    expect(server.asked.filter((asked) => asked.method === 'GET')).toEqual([]);
  });
});

describe('removing a realm', () => {
  const removal: ApplyItem = { section: 'realm', key: 'acme', action: 'delete', body: {} };
  const removing = async (script: Script, realms: string[] = ['acme']) => {
    const { connector, server } = await connected(
      (asked, response) => (asked.method === 'DELETE' ? script(asked, response) : false),
      {},
      realms,
    );
    const steps = await stepsOf(connector, 'remove', [removal]);
    expect(steps.map(({ items, repeatable }) => [items.length, repeatable])).toEqual([[1, true]]);
    return { step: steps[0]!, deletions: () => server.asked.filter(({ method }) => method === 'DELETE') };
  };

  it('is one call of the Realms API', async () => {
    const { step, deletions } = await removing((_, response) => sendJson(response, 204, undefined));
    expect(await step.run(signal)).toEqual({ failures: [], retries: 0 });
    expect(deletions().map(({ path }) => path)).toEqual(['/api/realms/acme']);
  });

  it('is done when the realm is gone, also where the answer was lost', async () => {
    const realms = ['acme'];
    let sent = 0;
    const { step } = await removing((_, response) => {
      realms.length = 0;
      if (sent++ === 0) return void response.destroy();
      sendJson(response, 404, { error: 'REALM_NOT_FOUND' });
    }, realms);
    expect((await step.run(signal)).failures).toEqual([]);
  });

  it('fails with the reason where the server does not offer it, or refuses', async () => {
    for (const [status, code] of [
      [405, 'UNSUPPORTED_BY_ROUTE'],
      [403, 'FORBIDDEN'],
    ] as const) {
      const { step } = await removing((_, response) => sendJson(response, status, {}));
      const error = await failure(step.run(signal));
      expect([error.code, error.notChanged]).toEqual([code, expect.stringContaining('was not removed')]);
    }
  });

  it('takes nothing but the realm', async () => {
    const { connector } = await connected(() => false);
    const of = user('u', {}, 'delete');
    expect((await failure(stepsOf(connector, 'remove', [of]))).code).toBe('UNSUPPORTED_BY_ROUTE');
  });
});

describe('conflicts', () => {
  it.each([
    [{ error: 'REALM_EXISTS', message: 'Realm already exists: acme' }, 'REALM_EXISTS'],
    [{ message: 'Client already exists: app' }, 'CLIENT_EXISTS'],
    [{ error: 'Conflict', message: 'client app already exists in realm beta' }, 'CLIENT_EXISTS'],
    [{ error: 'CONFLICT' }, 'REQUEST_REFUSED'],
  ])('%o is %s', async (body, code) => {
    const { connector } = await connected(
      (asked, response) => (asked.method === 'GET' ? false : sendJson(response, 409, body)),
      {},
      [],
    );
    const [step] = await stepsOf(connector, 'create', [REALM]);
    const error = await failure(step!.run(signal));
    expect(error.code).toBe(code);
    expect(error.notChanged).toBe('Realm “acme” was not created.');
  });

  it('a refusal that left a realm behind is told as that', async () => {
    const { connector } = await connected((asked, response) =>
      asked.method === 'GET' ? false : sendJson(response, 409, { error: 'CLIENT_EXISTS' }),
    );
    const [step] = await stepsOf(connector, 'create', [REALM]);
    const error = await failure(step!.run(signal));
    expect(error.message).toContain('Yet a realm “acme” exists now');
    expect(error.notChanged).toBe('');
  });

  it('a 400 names the fields', async () => {
    const { connector } = await connected(
      (asked, response) =>
        asked.method === 'GET'
          ? false
          : sendJson(response, 400, { fields: [{ field: 'realm.id', message: 'must match ^[a-z0-9-]+$' }] }),
      {},
      [],
    );
    const [step] = await stepsOf(connector, 'create', [REALM]);
    const error = await failure(step!.run(signal));
    expect(error.code).toBe('REQUEST_REFUSED');
    expect(error.message).toContain('realm.id: must match ^[a-z0-9-]+$');
  });

  it('settings that the server refuses are a failure of that item', async () => {
    const { connector } = await connected((asked, response) =>
      asked.method === 'GET' ? false : sendJson(response, 400, { message: 'too short' }),
    );
    const [step] = await stepsOf(connector, 'merge', [
      { section: 'realm', key: 'acme', action: 'update', body: { name: 'acme', accessTokenLifespan: 0 } },
    ]);
    expect((await step!.run(signal)).failures).toMatchObject([{ section: 'realm', key: 'acme' }]);
  });
});

describe('canceling', () => {
  it('before a step, nothing is sent', async () => {
    const { connector, server } = await connected((_asked, response) => sendJson(response, 200, {}));
    for (const step of await stepsOf(connector, 'create', [REALM, user('a')]))
      expect((await failure(step.run(AbortSignal.abort()))).code).toBe('CANCELED');
    expect(server.asked).toEqual([]);
  });

  it('during a write, the write may still finish, so that its outcome is known', async () => {
    const abort = new AbortController();
    const { connector } = await connected(async (_asked, response) => {
      abort.abort();
      await new Promise((resolve) => setTimeout(resolve, 100));
      sendJson(response, 200, {});
    });
    const [step] = await stepsOf(connector, 'merge', [user('a')]);
    expect(await step!.run(abort.signal)).toEqual({ failures: [], retries: 0 });
  });

  it('a write that does not finish in time is cut off, and its outcome called unknown', async () => {
    const abort = new AbortController();
    const { connector } = await connected(() => abort.abort());
    const [step] = await stepsOf(connector, 'merge', [user('a')]);
    const error = await failure(step!.run(abort.signal));
    expect(error.code).toBe('CANCELED');
    expect(error.message).toContain('is not known');
    expect(error.notChanged).toBe('');
  });
});
