import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAppError } from '../../../contract/errors.ts';
import { startSandbox, type Sandbox } from '../../../sandbox/index.ts';
import { parseLine } from '../../model/exact-json.ts';
import type { JsonObject } from '../../model/record.ts';
import { SECTIONS } from '../../model/sections.ts';
import { createAdminApiConnector } from '../admin-api/index.ts';
import type {
  ApplyItem,
  ApplyStep,
  CaptureMemory,
  CaptureOptions,
  Connector,
  Remembered,
} from '../connector.ts';
import { createPostgresConnector } from '../postgres/index.ts';
import { createBothConnector } from './index.ts';

const signal = new AbortController().signal;

describe('both channels, where the Admin API is that of release v1.1.0', () => {
  const asked: string[] = [];
  let sandbox: Sandbox;
  let connector: Connector;

  beforeAll(async () => {
    sandbox = await startSandbox({
      dialect: 'v1.1',
      environments: ['dev'],
      users: 60,
      bcryptCost: 4,
      onRequest: ({ method, path }) => void asked.push(`${method} ${path}`),
    });
    connector = connect();
  });
  afterAll(async () => {
    await connector?.close();
    await sandbox?.stop();
  });

  function connect(apiUrl = sandbox.environment('dev').apiUrl, url = sandbox.environment('dev').pgUrl) {
    const { authUrl, gatewayUrl, clientId, clientSecret } = sandbox.environment('dev');
    return createBothConnector({
      api: createAdminApiConnector({ name: 'dev', apiUrl, authUrl, gatewayUrl, clientId, clientSecret }),
      postgres: createPostgresConnector({ name: 'dev', url }),
    });
  }

  async function record(section: string, key: string, options: CaptureOptions = {}): Promise<JsonObject> {
    let found: JsonObject | undefined;
    for await (const batch of connector.capture('acme', options, signal).batches)
      for (const each of batch.records)
        if (batch.section === section && each.key === key) found = parseLine(each.line);
    return found ?? {};
  }

  async function apply(items: readonly ApplyItem[]): Promise<ApplyStep[]> {
    const session = await connector.openTarget('acme', {}, signal);
    const done: ApplyStep[] = [];
    for await (const _batch of session.capture({}, signal).batches) continue;
    const batches = {
      async *[Symbol.asyncIterator]() {
        yield await Promise.resolve(items);
      },
    };
    for await (const step of session.applySteps({ realm: 'acme', mode: 'merge' }, batches)) {
      expect((await step.run(signal)).failures).toEqual([]);
      done.push(step);
    }
    await session.close();
    return done;
  }

  it('says which channel each thing goes through', async () => {
    const { sections } = await connector.capabilities(signal);
    expect(sections.realm.channels!.update).toMatchObject({
      displayName: 'admin-api',
      loginTheme: 'admin-api',
      enabled: 'postgres',
      smtpConfig: 'postgres',
    });
    expect(sections.users.channels!.update).toMatchObject({
      firstName: 'admin-api',
      enabled: 'admin-api',
      email: 'postgres',
      emailVerified: 'postgres',
      roles: 'postgres',
    });
    for (const section of ['clients', 'roles', 'groups', 'credentials'] as const)
      expect(Object.values(sections[section].channels!.update)).not.toContain('admin-api');
    expect(sections.clients.createMembers).toContain('clientId');
  });

  it('reads through the databases, hashes and all', async () => {
    const capture = connector.capture('acme', {}, signal);
    for await (const _batch of capture.batches) continue;
    expect(capture.facts()).toMatchObject({ channel: 'postgres', missing: [] });
  });

  it('writes settings and attributes through the API, what it cannot set through the databases, and loses nothing', async () => {
    const before = await record('users', 'alice');
    const hash = await record('credentials', 'alice\u0000PASSWORD');
    asked.length = 0;
    const steps = await apply([
      {
        section: 'realm',
        key: 'acme',
        action: 'update',
        body: { name: 'acme', displayName: 'ACME two', enabled: false },
      },
      {
        section: 'users',
        key: 'alice',
        action: 'update',
        body: { username: 'alice', lastName: 'Pleasance', email: 'alice@new.example', emailVerified: false },
      },
      {
        section: 'users',
        key: 'zoe',
        action: 'create',
        body: { username: 'zoe', email: 'zoe@new.example', emailVerified: true },
      },
    ]);
    expect(steps.filter(({ label }) => label.includes('(Admin API)')).map(({ section }) => section)).toEqual([
      'realm',
      'users',
    ]);
    expect(asked.filter((call) => !call.startsWith('GET ') && !call.includes('token'))).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^PUT .*\/realms\/acme$/),
        expect.stringMatching(/^PUT .*users\//),
      ]),
    );
    expect(await record('realm', 'acme')).toMatchObject({ displayName: 'ACME two', enabled: false });
    const { updatedAt: _then, ...kept } = before;
    expect(await record('users', 'alice')).toMatchObject({
      ...kept,
      lastName: 'Pleasance',
      email: 'alice@new.example',
      emailVerified: false,
    });
    expect(await record('credentials', 'alice\u0000PASSWORD')).toEqual(hash);
    expect(await record('users', 'zoe')).toMatchObject({ emailVerified: true });
  });

  it('is probed over both, each dialect named', async () => {
    const report = await connector.probe(signal);
    expect(report.usable).toBe(true);
    const dialect = report.steps.find(({ name }) => name === 'Admin API: Dialect');
    expect(dialect?.text).toContain('OpenGate v1.1.0 style');
  });

  it('an API that cannot be asked says how to do without it; a backup needs it not', async () => {
    const half = connect('http://127.0.0.1:1');
    try {
      const error: unknown = await half.capabilities(signal).catch((thrown: unknown) => thrown);
      expect(isAppError(error) && error.remedy).toContain('--remove-api');
      const capture = half.capture('field-ops', {}, signal);
      for await (const _batch of capture.batches) continue;
      expect(capture.facts().missing).toEqual([]);
    } finally {
      await half.close();
    }
  });

  it('roles that no database tells are kept by a memory as they come, and the window begins with their reading', async () => {
    const { apiUrl, authUrl, gatewayUrl, clientId, clientSecret, pgUrl } = sandbox.environment('dev');
    const databases = createPostgresConnector({ name: 'dev', url: pgUrl });
    const lacking = createBothConnector({
      api: createAdminApiConnector({ name: 'dev', apiUrl, authUrl, gatewayUrl, clientId, clientSecret }),
      postgres: {
        ...databases,
        lacks: async () =>
          await Promise.resolve([{ section: 'users', member: 'roles', reason: 'No right.' }]),
      },
    });
    const kept = new Map<string, Remembered>();
    const memory: CaptureMemory = {
      recall: (keys) => new Map(keys.flatMap((key) => (kept.has(key) ? [[key, kept.get(key)!]] : []))),
      note(values) {
        for (const [key, value] of values) kept.set(key, { value, at: Date.now() });
      },
    };
    try {
      for (const calls of [60, 0]) {
        asked.length = 0;
        const from = new Date().toISOString();
        const capture = lacking.capture('field-ops', { memory }, signal);
        let withRoles = 0;
        for await (const batch of capture.batches)
          if (batch.section === 'users')
            for (const { line } of batch.records)
              if ((parseLine(line)['roles'] as string[]).includes('technician')) withRoles++;
        expect(withRoles).toBe(60);
        expect(asked.filter((call) => call.endsWith('/role-mappings'))).toHaveLength(calls);
        const { window } = capture.facts();
        if (calls > 0) expect(window!.from >= from).toBe(true);
        else expect(window!.from < from).toBe(true);
      }
    } finally {
      await lacking.close();
    }
  });

  it('what no database has comes through the API', async () => {
    const { apiUrl, authUrl, gatewayUrl, clientId, clientSecret, pgUrl } = sandbox.environment('dev');
    const databases = createPostgresConnector({ name: 'dev', url: pgUrl });
    const lacking = createBothConnector({
      api: createAdminApiConnector({ name: 'dev', apiUrl, authUrl, gatewayUrl, clientId, clientSecret }),
      // As where the client service's database is not there.
      postgres: {
        ...databases,
        capture: (realm, options, given) =>
          databases.capture(
            realm,
            { ...options, sections: SECTIONS.filter((each) => each !== 'clients') },
            given,
          ),
      },
    });
    try {
      const capture = lacking.capture('field-ops', {}, signal);
      let clients = 0;
      for await (const batch of capture.batches)
        if (batch.section === 'clients') clients += batch.records.length;
      expect(clients).toBe(2);
      const { knows, missing, warnings } = capture.facts();
      expect(knows.clients).not.toContain('webOrigins');
      expect(missing).toEqual([
        expect.objectContaining({ section: 'clients', member: 'secretHash' }),
        expect.objectContaining({ section: 'clients', member: 'webOrigins' }),
        expect.objectContaining({ section: 'clients', member: 'clientSecret' }),
      ]);
      expect(warnings).toContainEqual(expect.stringContaining('Read over the Admin API'));
    } finally {
      await lacking.close();
    }
  });
});
