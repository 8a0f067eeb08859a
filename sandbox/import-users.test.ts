import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from './index.ts';
import { expectRefused, ImportBench, user } from './testing/import-bench.ts';

let sandbox: Sandbox;
let bench: ImportBench;

beforeAll(async () => {
  sandbox = await startSandbox({ environments: ['server'], bcryptCost: 4 });
  bench = new ImportBench(sandbox.environment('server'));
});

afterAll(() => sandbox.stop());

beforeEach(() => bench.clear());

describe('POST /admin/realms/{realm}/users/import', () => {
  beforeEach(async () => {
    await bench.importRealm({
      realm: { id: 'shop' },
      roles: [{ name: 'viewer' }, { name: 'editor' }],
      users: [
        user('alice', { firstName: 'Alice', lastName: 'L', password: 'pw', roles: ['viewer'] }),
        user('bob', { emailVerified: true }),
      ],
    });
  });

  const users = async (): Promise<unknown> =>
    ((await bench.client.get('/admin/realms/shop/users/export')).body as { users: unknown }).users;

  test('adds new users and skips those that are there, whole', async () => {
    const answer = await bench.importUsers([
      user('alice', { firstName: 'Changed', roles: ['editor'] }),
      user('carol', { roles: ['viewer', 'brand-new'] }),
    ]);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        realm: 'shop',
        users: { created: 1, updated: 0, skipped: 1 },
        roles: { created: 1, names: ['brand-new'] },
      },
    });
    expect(await users()).toMatchObject([
      { username: 'alice', firstName: 'Alice', roles: ['viewer'] },
      { username: 'bob' },
      { username: 'carol', roles: ['brand-new', 'viewer'] },
    ]);
  });

  test('a second time changes nothing', async () => {
    await bench.importUsers([user('carol', { roles: ['viewer'] })]);
    const before = await bench.everything();
    expect((await bench.importUsers([user('carol', { roles: ['editor'] })])).body).toMatchObject({
      users: { created: 0, skipped: 1 },
      roles: { created: 0 },
    });
    expect(await bench.everything()).toEqual(before);
  });

  test('with mergeUsers=true updates what the body names and leaves the rest', async () => {
    const answer = await bench.importUsers(
      [
        user('alice', { email: 'new@example.com', lastName: null, enabled: false, password: 'other' }),
        { username: 'bob', firstName: 'Bob', roles: ['editor', 'fresh'] },
        user('dave'),
      ],
      '?mergeUsers=true',
    );
    expect(answer).toMatchObject({
      status: 200,
      body: { users: { created: 1, updated: 2, skipped: 0 }, roles: { names: ['fresh'] } },
    });
    expect(await users()).toEqual([
      {
        username: 'alice',
        email: 'new@example.com',
        firstName: 'Alice',
        enabled: false,
        emailVerified: false,
        roles: ['viewer'],
      },
      {
        ...user('bob'),
        firstName: 'Bob',
        enabled: true,
        emailVerified: true,
        roles: ['editor', 'fresh'],
      },
      { ...user('dave'), enabled: true, emailVerified: false, roles: [] },
    ]);
    // Attributes are updated; a password is none.
    expect(await bench.server.checkPassword('shop', 'alice', 'pw')).toBe(true);
  });

  test('with mergeUsers=true keeps ids, times of creation, and roles that the body does not list', async () => {
    const rows = (): Promise<unknown> =>
      bench.server.query('user', 'SELECT id, created_at FROM users ORDER BY username');
    const before = await rows();
    await bench.importUsers([user('alice', { roles: ['editor'] })], '?mergeUsers=true');
    expect(await rows()).toEqual(before);
    expect(await users()).toMatchObject([{ roles: ['editor', 'viewer'] }, {}]);
  });

  test('takes user names that differ only by case as different users', async () => {
    const answer = await bench.importUsers([{ username: 'Alice', email: 'Alice@example.com' }]);
    expect(answer.body).toMatchObject({ users: { created: 1 } });
  });

  test('answers 409 when an e-mail belongs to another user of the realm, and changes nothing', async () => {
    const taken = { error: 'EMAIL_EXISTS', conflicts: [{ username: 'eve', email: 'bob@example.com' }] };
    await expectRefused(
      bench,
      () => bench.importUsers([user('zoe'), user('eve', { email: 'bob@example.com' })]),
      409,
      taken,
    );
    await expectRefused(
      bench,
      () => bench.importUsers([user('alice', { email: 'bob@example.com' })], '?mergeUsers=true'),
      409,
      { error: 'EMAIL_EXISTS' },
    );
  });

  test('does not mind the e-mail of a user it skips, or one of another realm', async () => {
    await bench.importRealm({ realm: { id: 'other' }, users: [user('zed')] });
    const answer = await bench.importUsers([user('alice', { email: 'bob@example.com' }), user('zed')]);
    expect(answer).toMatchObject({ status: 200, body: { users: { created: 1, skipped: 1 } } });
  });

  test('answers 404 for a realm that is not there, before and after the body', async () => {
    await expectRefused(bench, () => bench.importUsers([user('x')], '', 'nope'), 404, {
      error: 'REALM_NOT_FOUND',
    });
  });

  test.each([
    [{}, 'users'],
    [{ users: [{ username: 'new' }] }, 'users[0].email'],
    [{ users: [user('ok'), user('x', { enabled: 'yes' })] }, 'users[1].enabled'],
    [{ users: [user('x', { roles: [''] })] }, 'users[0].roles[0]'],
  ])('names the bad member of body %#', async (body, field) => {
    await expectRefused(bench, () => bench.client.post('/admin/realms/shop/users/import', body), 400, {
      fields: [{ field }],
    });
  });

  test('imports at the same time do not lose each other', async () => {
    const batches = Array.from({ length: 6 }, (_, batch) =>
      Array.from({ length: 50 }, (_, i) => user(`u${batch}-${i}`, { roles: ['common', `own-${batch}`] })),
    );
    const answers = await Promise.all(batches.map((batch) => bench.importUsers(batch)));
    expect(answers.map((answer) => answer.status)).toEqual(batches.map(() => 200));
    expect(await users()).toHaveLength(302);
    expect(await bench.server.query('rbac', `SELECT FROM roles WHERE name = 'common'`)).toHaveLength(1);
  });
});
