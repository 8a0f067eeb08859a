import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startSandbox, type EnvironmentHandle, type Sandbox } from '../../../sandbox/index.ts';
import { Databases, type Transactions } from './databases.ts';
import { SERVICES } from './services.ts';
import type { Session } from './session.ts';
import type { PostgresSettings } from './settings.ts';
import { asRole, connectAs, connectionsLeft, withOwner } from './testing/server-side.ts';

let sandbox: Sandbox;
let target: EnvironmentHandle;
let opened: Databases[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({ environments: ['target'], seed: false, bcryptCost: 4 });
  target = sandbox.environment('target');
});
afterEach(async () => {
  await Promise.all(opened.map((databases) => databases.close()));
  opened = [];
});
afterAll(() => sandbox.stop());

function open(more: Partial<PostgresSettings> = {}): Databases {
  const databases = new Databases({ name: 'target', url: target.pgUrl, ...more });
  opened.push(databases);
  return databases;
}

const never = new AbortController().signal;

async function userSession(
  databases: Databases,
  mode: 'read' | 'write' = 'write',
  signal = never,
): Promise<Session> {
  return (await databases.begin(['user'], mode, signal)).of('user');
}

/** What the owner of the databases sees of ours. */
async function activity(): Promise<{ query: string; state: string }[]> {
  return await target.query(
    'user',
    `SELECT query, state FROM pg_stat_activity WHERE application_name = 'drawbridge'`,
  );
}

async function until(what: () => Promise<boolean>, patienceMs = 3_000): Promise<void> {
  for (const end = Date.now() + patienceMs; !(await what()); await sleep(20))
    if (Date.now() > end) throw new Error('waited in vain');
}

describe('a transaction', () => {
  it('has settings of its own and leaves none behind; all databases are seen within the window', async () => {
    const databases = open({ timeouts: { lockMs: 1234 } });
    const before = new Date().toISOString();
    const transactions = await databases.begin(SERVICES, 'read', never);
    expect(transactions.databases.map(({ place }) => place)).toEqual([
      'opengate_user',
      'opengate_rbac',
      'opengate_client',
      'opengate_realm',
    ]);
    const { from, to } = transactions.window;
    expect([before < from, from < to, to.slice(0, 23) <= new Date().toISOString()]).toEqual([
      true,
      true,
      true,
    ]);
    expect(from).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    const session = transactions.of('user');
    const [settings] = await session.query(
      `SELECT current_setting('transaction_isolation') AS isolation, current_setting('transaction_read_only') AS readonly,
              current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
              current_setting('transaction_timeout') AS transaction, current_setting('TimeZone') AS zone,
              current_setting('search_path') AS path, current_setting('client_connection_check_interval') AS looks`,
    );
    expect(settings).toEqual({
      isolation: 'repeatable read',
      readonly: 'on',
      statement: '0',
      lock: '1234ms',
      transaction: '0',
      zone: 'UTC',
      path: 'pg_catalog',
      looks: '5s',
    });
    await session.query('COMMIT');
    expect(
      await session.query(
        `SELECT current_setting('lock_timeout') AS lock, current_setting('search_path') AS path`,
      ),
    ).toEqual([{ lock: '0', path: '"$user", public' }]);
  });

  it('gives the rows of the last of several statements, and counts what it writes', async () => {
    const session = await userSession(open());
    expect(await session.query('SELECT 1 AS a; SELECT 2 AS b')).toEqual([{ b: 2 }]);
    expect(await session.query('')).toEqual([]);
    expect(await session.execute('CREATE TEMP TABLE pairs (a int) ON COMMIT DROP')).toBe(0);
    expect(await session.execute('INSERT INTO pg_temp.pairs SELECT generate_series(1, $1)', [3])).toBe(3);
  });

  it('is not seen by others before its commit, and tells by its number what became of it', async () => {
    const databases = open();
    const outcomes = async (xid: string): Promise<unknown> =>
      (await target.query('user', 'SELECT pg_xact_status($1::xid8) AS outcome', [xid]))[0];
    const committed = await databases.begin(['user'], 'write', never);
    const [part] = committed.databases;
    const facts = await part!.commitFacts();
    expect(facts).toMatchObject({ database: 'opengate_user', place: 'opengate_user', services: ['user'] });
    expect(await outcomes(facts.xid)).toEqual({ outcome: 'in progress' });
    await part!.session.query('COMMIT');
    expect(await outcomes(facts.xid)).toEqual({ outcome: 'committed' });
    const dropped = await databases.begin(['user'], 'write', never);
    const { xid } = await dropped.databases[0]!.commitFacts();
    await dropped.rollback();
    // The server has ended the connection when `rollback` returns: nothing of it is left to wait for.
    expect(await outcomes(xid)).toEqual({ outcome: 'aborted' });
    await dropped.rollback();
  });

  it('goes on although the role has limits of its own', async () => {
    // Longer than it takes to begin a session, on a machine that is busy with other things.
    await target.query('user', `CREATE ROLE hurried LOGIN SUPERUSER PASSWORD 'hush'`);
    for (const limit of [
      'statement_timeout',
      'idle_in_transaction_session_timeout',
      'transaction_timeout',
      'idle_session_timeout',
    ])
      await target.query('user', `ALTER ROLE hurried SET ${limit} = '1s'`);
    const session = await userSession(open({ url: asRole(target.pgUrl, 'hurried', 'hush') }), 'read');
    await session.query('SELECT pg_sleep(1.2)');
    await sleep(1_200);
    expect(await session.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe('an abort', () => {
  it('ends the statement on the server at once', async () => {
    const controller = new AbortController();
    const session = await userSession(open(), 'write', controller.signal);
    const work = session.query('SELECT pg_sleep(30)');
    await until(async () => (await activity()).some(({ query }) => query.includes('pg_sleep')));
    controller.abort();
    await expect(work).rejects.toMatchObject({ code: 'CANCELED' });
    expect(await connectionsLeft(target.pgUrl, 1_000)).toBe(0);
    await expect(session.query('SELECT 1')).rejects.toMatchObject({ code: 'CANCELED' });
  });

  it('ends a COPY that nobody reads or feeds', async () => {
    for (const copy of [
      'COPY (SELECT generate_series(1, 10000000)) TO STDOUT',
      'COPY pg_temp.fed FROM STDIN',
    ]) {
      const controller = new AbortController();
      const session = await userSession(open(), 'write', controller.signal);
      await session.query('CREATE TEMP TABLE fed (a text)');
      const { client } = session;
      const { stream } = client.connection;
      const work = session.run(
        () =>
          new Promise((_resolve, reject) => {
            const quiet = (): void => undefined;
            client.query({
              submit: (connection: { query(sql: string): void }) => connection.query(copy),
              handleError: reject,
              handleCopyInResponse: quiet,
              handleCopyData: quiet,
              handleRowDescription: quiet,
              handleDataRow: quiet,
              handleCommandComplete: quiet,
              handleReadyForQuery: quiet,
            } as never);
          }),
      );
      stream.pause();
      await until(async () =>
        (await activity()).some(({ query, state }) => query === copy && state === 'active'),
      );
      controller.abort();
      await expect(work).rejects.toMatchObject({ code: 'CANCELED' });
      expect(await connectionsLeft(target.pgUrl, 1_000)).toBe(0);
    }
  });

  it('while connecting leaves nothing behind', async () => {
    const databases = open();
    await databases.layout(never);
    const controller = new AbortController();
    const work = databases.begin(SERVICES, 'read', controller.signal);
    setTimeout(() => controller.abort(), 4);
    await expect(work).rejects.toMatchObject({ code: 'CANCELED' });
    expect(await connectionsLeft(target.pgUrl, 1_000)).toBe(0);
  });
});

describe('a lock that somebody else holds', () => {
  async function whileLocked(
    lock: string,
    work: (session: Session, told: string[], pid: number) => Promise<void>,
    more: Partial<PostgresSettings> = {},
  ): Promise<void> {
    const other = await connectAs(target.pgUrl, 'opengate_user', 'psql');
    const told: string[] = [];
    try {
      await other.query(`BEGIN; ${lock}`);
      const { rows } = await other.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const transactions = await open(more).begin(['user'], 'write', never, (text) => told.push(text));
      await work(transactions.of('user'), told, rows[0]!.pid);
      await transactions.rollback();
    } finally {
      await other.end();
    }
  }

  it('is told about while it is waited for, and given up with the name of who holds it', async () => {
    await whileLocked(
      'LOCK TABLE users',
      async (session, told, pid) => {
        const error = await session
          .query('SELECT count(*) FROM public.users')
          .catch((error: unknown) => error);
        const holder = `process ${pid} \\(user opengate, application “psql”, from 127\\.0\\.0\\.1\\) since \\d\\d:\\d\\d:\\d\\d UTC`;
        expect(told.length).toBeGreaterThanOrEqual(1);
        expect(told[0]).toMatch(new RegExp(`^a lock on “users” in opengate_user, held by ${holder}$`));
        expect(error).toMatchObject({
          code: 'TARGET_LOCKED',
          message: expect.stringMatching(new RegExp(`held by ${holder}`)) as string,
        });
        // The watching connection is gone with the statement.
        await until(async () => (await activity()).length === 1);
      },
      { timeouts: { lockMs: 2_500 } },
    );
  });

  it('is named even when the patience is shorter than a second', async () => {
    await whileLocked(
      'LOCK TABLE users',
      async (session, _told, pid) => {
        await expect(session.query('SELECT count(*) FROM public.users')).rejects.toMatchObject({
          code: 'TARGET_LOCKED',
          message: expect.stringContaining(`process ${pid}`) as string,
        });
      },
      { timeouts: { lockMs: 600 } },
    );
  });

  it('of a single row is named with its table, as far as an ordinary role may see', async () => {
    await target.query(
      'user',
      `CREATE ROLE plain LOGIN PASSWORD 'hush'; GRANT UPDATE, SELECT ON users TO plain`,
    );
    await target.query(
      'user',
      `INSERT INTO users (realm_name, username, email) VALUES ('r', 'ada', 'ada@example.com')`,
    );
    await whileLocked(
      `UPDATE users SET first_name = 'held' WHERE username = 'ada'`,
      async (session, told, pid) => {
        await expect(
          session.query(`UPDATE public.users SET last_name = 'x' WHERE username = 'ada'`),
        ).rejects.toMatchObject({ code: 'TARGET_LOCKED' });
        expect(told[0]).toBe(
          `a lock on “users” in opengate_user, held by process ${pid} (user opengate, application “psql”)`,
        );
      },
      { url: asRole(target.pgUrl, 'plain', 'hush'), timeouts: { lockMs: 1_600 } },
    );
  });

  it('that is released in time is only waited for; what conflicts is a change of the target', async () => {
    const other = await connectAs(target.pgUrl, 'opengate_user');
    await other.query(`BEGIN; UPDATE users SET first_name = 'new' WHERE username = 'ada'`);
    const session = await userSession(open());
    const work = session.query(`UPDATE public.users SET last_name = 'x' WHERE username = 'ada'`);
    const released = sleep(300).then(() => other.query('COMMIT'));
    await expect(work).rejects.toMatchObject({ code: 'TARGET_CHANGED', details: { sqlState: '40001' } });
    // Its answer may still be under way when the wait for the lock has ended.
    await released;
    await other.end();
  });
});

describe('a connection that is lost', () => {
  it('between two statements ends nothing but the next statement, which says why', async () => {
    const session = await userSession(open());
    await target.query(
      'user',
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'drawbridge'`,
    );
    await sleep(100);
    await expect(session.query('SELECT 1')).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      message: expect.stringContaining('an administrator ended the connection') as string,
      details: { outcome: 'unknown' },
    });
    await session.end();
  });

  it('in the middle of one is a lost connection too', async () => {
    const session = await userSession(open());
    const work = session.query('SELECT pg_sleep(30)');
    const outcome = work.catch((error: unknown) => error);
    await until(async () => (await activity()).some(({ query }) => query.includes('pg_sleep')));
    await target.query(
      'user',
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'drawbridge'`,
    );
    expect(await outcome).toMatchObject({
      code: 'CONNECTION_LOST',
      details: { outcome: 'unknown' },
    });
  });

  it('with a server that crashes is a lost connection', async () => {
    await using crashing = await startSandbox({
      environments: ['other'],
      seed: false,
      bcryptCost: 4,
      onError: () => undefined,
    });
    const databases = open({ url: crashing.environment('other').pgUrl });
    const session = await userSession(databases);
    const work = session.query('SELECT pg_sleep(30)');
    const outcome = work.catch((error: unknown) => error);
    await sleep(100);
    await crashing.stop();
    expect(await outcome).toMatchObject({
      code: 'CONNECTION_LOST',
      details: { outcome: 'unknown' },
    });
    await expect(databases.begin(['user'], 'read', never)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  it('by an administrator’s cancel is only the statement', async () => {
    const session = await userSession(open());
    const work = session.query('SELECT pg_sleep(30)');
    const outcome = work.catch((error: unknown) => error);
    await until(async () => (await activity()).some(({ query }) => query.includes('pg_sleep')));
    await target.query(
      'user',
      `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'drawbridge'`,
    );
    expect(await outcome).toMatchObject({ code: 'TIMEOUT', details: { sqlState: '57014' } });
  });
});

describe('Databases', () => {
  it('several captures at once, and their end, leave no connection', async () => {
    const databases = open();
    const all: Transactions[] = await Promise.all(
      [1, 2, 3].map(() => databases.begin(SERVICES, 'read', never)),
    );
    expect((await activity()).length).toBe(12);
    await Promise.all(all.map((one) => one.rollback()));
    expect((await activity()).length).toBe(0);
  });

  it('one caller’s abort of the discovery is not another’s, and its failure is not remembered', async () => {
    const databases = open();
    const controller = new AbortController();
    const first = databases.layout(controller.signal);
    const second = databases.layout(never);
    controller.abort();
    await expect(first).rejects.toMatchObject({ code: 'CANCELED' });
    expect(Object.keys((await second).services)).toHaveLength(4);
    await withOwner(target.pgUrl, 'postgres', (client) =>
      client.query('ALTER DATABASE opengate_rbac RENAME TO hidden'),
    );
    const another = open({ databases: { rbac: 'opengate_rbac' } });
    expect((await another.layout(never)).problems.rbac).toContain('opengate_rbac');
    await expect(another.begin(['rbac'], 'read', never)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await withOwner(target.pgUrl, 'postgres', (client) =>
      client.query('ALTER DATABASE hidden RENAME TO opengate_rbac'),
    );
    expect((await another.layout(never)).services.rbac).toBeDefined();
  });

  it('close ends what is under way: a discovery, an opening, a statement, and what lies idle', async () => {
    const sockets = (): number =>
      process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap').length;
    const before = sockets();
    for (const delay of [0, 2, 5, 10, 20, 30, 40, 60]) {
      const databases = open();
      const work = Promise.allSettled([
        databases.begin(SERVICES, 'read', never).then((one) => one.of('user').query('SELECT pg_sleep(30)')),
        databases.begin(SERVICES, 'write', never),
      ]);
      await sleep(delay);
      await databases.close();
      const [slept] = await work;
      expect(slept).toMatchObject({ status: 'rejected', reason: { code: 'CANCELED' } });
      expect(await connectionsLeft(target.pgUrl, 1_000)).toBe(0);
      await expect(databases.layout(never)).rejects.toMatchObject({ code: 'CANCELED' });
      await expect(databases.begin(['user'], 'read', never)).rejects.toMatchObject({ code: 'CANCELED' });
      await until(async () => sockets() <= before);
    }
  });

  it('when one database cannot be opened, none stays open', async () => {
    const databases = open();
    await databases.layout(never);
    await withOwner(target.pgUrl, 'postgres', (client) =>
      client.query('ALTER DATABASE opengate_client ALLOW_CONNECTIONS false'),
    );
    try {
      await expect(databases.begin(SERVICES, 'write', never)).rejects.toMatchObject({
        details: { sqlState: '55000' },
      });
      expect(await connectionsLeft(target.pgUrl, 1_000)).toBe(0);
    } finally {
      await withOwner(target.pgUrl, 'postgres', (client) =>
        client.query('ALTER DATABASE opengate_client ALLOW_CONNECTIONS true'),
      );
    }
  });
});
