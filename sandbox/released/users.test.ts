import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type EnvironmentHandle, type Sandbox } from '../index.ts';
import { call } from '../testing/call.ts';

let sandbox: Sandbox;
let server: EnvironmentHandle;
let users: string;

interface Page {
  readonly content: readonly { readonly id: string; readonly username: string }[];
  readonly totalElements: number;
}

beforeAll(async () => {
  sandbox = await startSandbox({
    dialect: 'v1.1',
    users: 200,
    bcryptCost: 4,
    environments: ['dev'],
  });
  server = sandbox.environment('dev');
  users = `${server.gatewayUrl}/api/users`;
});

afterAll(() => sandbox.stop());

async function page(query: string, base = users): Promise<Page> {
  const { status, body } = await call('GET', `${base}?${query}`);
  expect(status).toBe(200);
  return body as Page;
}

const idsOf = (one: Page): string[] => one.content.map((user) => user.id);

async function create(realm: string, body: object): Promise<Record<string, string>> {
  const answer = await call('POST', `${users}?realm=${realm}`, body);
  expect(answer.status).toBe(201);
  return answer.body as Record<string, string>;
}

describe('a list of users', () => {
  test('is a page of twenty unless asked otherwise', async () => {
    expect(await page('realm=acme')).toMatchObject({
      content: { length: 20 },
      page: 0,
      size: 20,
      totalElements: 200,
      totalPages: 10,
    });
    expect(await page('realm=acme&page=6&size=30')).toMatchObject({ content: { length: 20 } });
    expect(await page('realm=acme&page=7&size=30')).toMatchObject({ content: [], totalElements: 200 });
    expect(await page('realm=nowhere')).toMatchObject({ content: [], totalElements: 0, totalPages: 0 });
  });

  test('has another order each time, and pages that repeat some and miss some', async () => {
    expect(idsOf(await page('realm=acme'))).not.toEqual(idsOf(await page('realm=acme')));
    const read = async (): Promise<string[]> => {
      const ids: string[] = [];
      for (let number = 0; number < 10; number++) ids.push(...idsOf(await page(`realm=acme&page=${number}`)));
      return ids;
    };
    const once = await read();
    expect(once).toHaveLength(200);
    expect(new Set(once).size).toBeLessThan(200);
    // What one reading misses another one finds.
    const found = new Set(once);
    for (let round = 0; round < 20 && found.size < 200; round++) for (const id of await read()) found.add(id);
    expect(found.size).toBe(200);
  });

  test('that is one page is whole', async () => {
    for (let round = 0; round < 5; round++)
      expect(new Set(idsOf(await page('realm=acme&size=200'))).size).toBe(200);
  });

  test('is searched in names and e-mail, whatever the case, with the wildcards of SQL', async () => {
    const found = async (search: string): Promise<number> =>
      (await page(`realm=acme&search=${encodeURIComponent(search)}`)).totalElements;
    expect(await found('LIDDELL')).toBe(0); // Last names are not looked at.
    expect(await found('person-1@')).toBe(1);
    expect(await found('PERSON-1@')).toBe(1);
    expect(await found('person_1@')).toBe(1);
    expect(await found('%')).toBe(200);
    expect(await found('  ')).toBe(200);
    expect(await found('\\')).toBeLessThan(200);
  });

  test.each([
    ['', 400],
    ['realm=acme&page=x', 400],
    ['realm=acme&page=99999999999', 400],
    ['realm=acme&page=-1', 500],
    ['realm=acme&size=0', 500],
  ])('with “%s” is a bare %i', async (query, status) => {
    const { body } = await call('GET', `${users}?${query}`);
    expect(body).toMatchObject({ status, path: '/users' });
    expect(body).not.toHaveProperty('message');
  });
});

describe('times', () => {
  test('have as many digits as they need, in threes', async () => {
    const { id } = await create('times', { username: 'alice', email: 'alice@times' });
    for (const [stored, told] of [
      ['2024-05-01 12:00:00+00', '2024-05-01T12:00:00Z'],
      ['2024-05-01 12:00:00.78+00', '2024-05-01T12:00:00.780Z'],
      ['2024-05-01 12:00:00.0001+00', '2024-05-01T12:00:00.000100Z'],
      ['2024-05-01 12:00:00.789123+02', '2024-05-01T10:00:00.789123Z'],
    ]) {
      await server.query('user', 'UPDATE users SET created_at = $2 WHERE id = $1', [id, stored]);
      expect((await call('GET', `${users}/${id}`)).body).toMatchObject({ createdAt: told });
    }
  });

  test('of something new have nanoseconds, which the database does not keep', async () => {
    const told = [];
    for (let n = 0; n < 5; n++) told.push(await create('nano', { username: `n${n}`, email: `n${n}@x` }));
    const nano = told.find(({ createdAt }) => createdAt?.length === 30) ?? expect.unreachable();
    const { body } = await call('GET', `${users}/${nano['id']}`);
    const kept = (body as { createdAt: string }).createdAt;
    expect(kept).toMatch(/\.(?:\d{3}|\d{6})Z$/);
    expect(Math.abs(Date.parse(kept) - Date.parse(nano['createdAt'] ?? ''))).toBeLessThanOrEqual(1);
  });
});

describe('a new user', () => {
  test('is enabled, with an e-mail that is not verified, whatever is sent', async () => {
    const user = await create('acme', {
      username: 'new',
      email: 'new@acme.example',
      password: 'secret',
      emailVerified: true,
      id: '00000000-0000-4000-8000-000000000000',
    });
    expect(user).toMatchObject({
      realmName: 'acme',
      username: 'new',
      firstName: null,
      enabled: true,
      emailVerified: false,
    });
    expect(user['id']).not.toMatch(/^0{8}/);
    expect(await server.checkPassword('acme', 'new', 'secret')).toBe(true);
    expect((await call('GET', `${users}/${user['id']}`)).body).toMatchObject({ username: 'new' });
  });

  test('may belong to a realm that does not exist', async () => {
    await create('no-such-realm', { username: 'ghost', email: 'ghost@x' });
    expect(await page('realm=no-such-realm')).toMatchObject({ totalElements: 1 });
  });

  test.each([
    ['name', { username: 'taken', email: 'other@x' }],
    ['e-mail', { username: 'other', email: 'taken@x' }],
  ])('whose %s is taken is a bare 500, at the service and behind the Admin API', async (_what, body) => {
    await call('POST', `${users}?realm=taken`, { username: 'taken', email: 'taken@x' });
    for (const [url, path] of [
      [`${users}?realm=taken`, '/users'],
      [`${server.apiUrl}/admin/realms/taken/users`, '/admin/realms/taken/users'],
    ] as const)
      expect(await call('POST', url, body)).toMatchObject({
        status: 500,
        body: { error: 'Internal Server Error', path },
      });
    expect(await page('realm=taken')).toMatchObject({ totalElements: 1 });
  });

  test.each([
    ['no e-mail', { username: 'x' }, 400],
    ['a blank name', { username: ' \t', email: 'x@x' }, 400],
    ['an e-mail that is none', { username: 'x', email: 'x' }, 400],
    ['an object for a name', { username: {}, email: 'x@x' }, 400],
    ['no object', [], 400],
    ['a name too long', { username: 'x'.repeat(256), email: 'x@x' }, 500],
    ['a NUL', { username: 'x\0y', email: 'x@x' }, 500],
  ])('with %s is a bare error', async (_what, body, status) => {
    const answer = await call('POST', `${users}?realm=refused`, body);
    expect(answer).toMatchObject({ status, body: { status, path: '/users' } });
    expect(await page('realm=refused')).toMatchObject({ totalElements: 0 });
  });

  test('has a question mark for half a character', async () => {
    await call('POST', `${users}?realm=half`, { username: 'a\ud800b', email: 'half@x' });
    expect(await page('realm=half')).toMatchObject({ content: [{ username: 'a?b' }] });
  });

  test('through the Admin API is answered with 200', async () => {
    const answer = await call('POST', `${server.apiUrl}/admin/realms/by-admin/users`, {
      username: 'a',
      email: 'a@x',
    });
    expect(answer).toMatchObject({ status: 200, body: { realmName: 'by-admin' } });
  });
});

describe('a change of a user', () => {
  test('leaves what is null and the user name alone, and takes an empty text', async () => {
    const { id } = await create('change', { username: 'u', email: 'u@x', firstName: 'U', lastName: 'V' });
    const answer = await call('PUT', `${users}/${id}`, {
      username: 'other',
      email: 'u2@x',
      firstName: null,
      lastName: '',
      enabled: false,
      emailVerified: true,
    });
    const after = {
      username: 'u',
      email: 'u2@x',
      firstName: 'U',
      lastName: '',
      enabled: false,
      emailVerified: false,
    };
    expect(answer).toMatchObject({ status: 200, body: after });
    expect((await call('GET', `${users}/${id}`)).body).toMatchObject(after);
  });

  test('answers with the time of the change before, and is none where nothing changes', async () => {
    const { id } = await create('times-of-change', { username: 'u', email: 'u@x' });
    const read = async () => (await call('GET', `${users}/${id}`)).body as { updatedAt: string };
    const first = await read();
    expect((await call('PUT', `${users}/${id}`, { username: 'u', email: 'u@x' })).body).toEqual(first);
    expect(await read()).toEqual(first);
    const told = await call('PUT', `${users}/${id}`, { username: 'u', email: 'u3@x' });
    expect(told.body).toMatchObject({ updatedAt: first.updatedAt });
    expect((await read()).updatedAt > first.updatedAt).toBe(true);
  });

  test('to an e-mail that is taken is a bare 500, also at the service', async () => {
    await create('clash', { username: 'a', email: 'a@x' });
    const { id } = await create('clash', { username: 'b', email: 'b@x' });
    const answer = await call('PUT', `${users}/${id}`, { username: 'b', email: 'a@x' });
    expect(answer).toMatchObject({ status: 500, body: { error: 'Internal Server Error' } });
  });

  test('needs user name and e-mail, and a user', async () => {
    const { id } = await create('needs', { username: 'u', email: 'u@x' });
    expect((await call('PUT', `${users}/${id}`, { email: 'u@x' })).status).toBe(400);
    expect((await call('PUT', `${users}/nobody`, { username: 'u', email: 'u@x' })).status).toBe(400);
    const nobody = `${users}/00000000-0000-4000-8000-000000000000`;
    expect((await call('PUT', nobody, { username: 'u', email: 'u@x' })).status).toBe(500);
  });
});

describe('a user that is deleted', () => {
  test('leaves its role mappings behind', async () => {
    const { id } = await create('acme', { username: 'leaver', email: 'leaver@x', password: 'p' });
    const mappings = `${server.gatewayUrl}/api/realms/acme/users/${id}/role-mappings`;
    const roles = (await call('GET', `${server.gatewayUrl}/api/realms/acme/roles`)).body;
    const [role] = roles as { id: string }[];
    expect((await call('POST', `${mappings}?roleId=${role?.id}`)).status).toBe(204);
    expect(await call('DELETE', `${users}/${id}`)).toMatchObject({ status: 204, body: undefined });
    expect((await call('GET', mappings)).body).toEqual([role?.id]);
    expect(await server.query('user', 'SELECT FROM user_credentials WHERE user_id = $1', [id])).toEqual([]);
    expect((await call('DELETE', `${users}/${id}`)).status).toBe(500);
    // Through the Admin API: 200 where it was there, 500 where not, under any realm.
    const other = await create('acme', { username: 'leaver2', email: 'leaver2@x' });
    const admin = `${server.apiUrl}/admin/realms/elsewhere/users/${other['id']}`;
    expect(await call('DELETE', admin)).toMatchObject({ status: 200, body: undefined });
    expect((await call('DELETE', admin)).status).toBe(500);
  });
});
