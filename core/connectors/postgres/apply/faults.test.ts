import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AppError } from '../../../../contract/errors.ts';
import { startSandbox, type EnvironmentHandle, type Sandbox } from '../../../../sandbox/index.ts';
import { wholeContent, wholeMerge } from '../../testing/conformance-whole-content.ts';
import type { JsonObject } from '../../../model/record.ts';
import type { ApplyItem, ApplyTarget, Connector } from '../../connector.ts';
import { createPostgresConnector } from '../index.ts';
import { SERVICES, type Service } from '../services.ts';
import { applyAll, creations, failureOf, fingerprints, item, never, runSteps } from '../testing/applying.ts';
import { startCommitCutter, type CommitCutter } from '../testing/commit-cutter.ts';
import { plant } from '../testing/plant.ts';
import { asRole, connectAs, withOwner } from '../testing/server-side.ts';
import { naturalKey } from '../../../model/natural-key.ts';
import { SECTIONS } from '../../../model/sections.ts';

const REALM = 'faults';
const content = wholeContent(REALM);
let sandbox: Sandbox;
let target: EnvironmentHandle;
let cutter: CommitCutter;
let connector: Connector;

beforeAll(async () => {
  sandbox = await startSandbox({ environments: ['target'], seed: false, bcryptCost: 4 });
  target = sandbox.environment('target');
  cutter = await startCommitCutter(Number(new URL(target.pgUrl).port));
  const url = new URL(target.pgUrl);
  url.port = String(cutter.port);
  connector = createPostgresConnector({ name: 'target', url: url.href, timeouts: { lockMs: 400 } });
});
afterAll(async () => {
  await connector.close();
  await cutter.stop();
  await sandbox.stop();
});
beforeEach(async () => {
  cutter.cut = undefined;
  await reset();
});

/** The realm as planted, and nothing else. */
async function reset(): Promise<void> {
  for (const [service, tables] of [
    ['user', 'users, user_credentials, user_social_links'],
    ['rbac', 'roles, groups, user_role_mappings, group_role_mappings, policies'],
    ['client', 'oauth_clients'],
    ['realm', 'realms'],
  ] as const)
    await target.query(service, `TRUNCATE ${tables}`);
  await plant(target, content);
}

function merge(): { target: ApplyTarget; items: ApplyItem[] } {
  const records = new Map(
    SECTIONS.map((section) => [
      section,
      new Map((content.sections[section] ?? []).map((record) => [naturalKey(section, record), record])),
    ]),
  );
  return { target: { realm: REALM, mode: 'merge' }, items: wholeMerge(REALM, records).items };
}

/** With something that differs in every database. */
const overwrite = () => ({
  target: { realm: REALM, mode: 'overwrite' } as const,
  items: creations({
    sections: {
      ...content.sections,
      realm: content.sections.realm!.map((record) => ({ ...record, displayName: 'Anew' })),
      clients: content.sections.clients!.map((record) => ({ ...record, name: 'Anew' })),
      users: content.sections.users!.map((record) => ({ ...record, lastName: 'Anew' })),
    },
  }),
});
const remove = () => ({
  target: { realm: REALM, mode: 'remove' } as const,
  items: [{ section: 'realm', key: REALM, action: 'delete', body: {} } as const],
});

async function killSessions(service: Service): Promise<void> {
  const { rows } = await withOwner(target.pgUrl, target.databases[service], (client) =>
    client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'drawbridge'`,
    ),
  );
  expect(rows.length).toBeGreaterThan(0);
  // Until the server has ended them.
  await expect
    .poll(async () => {
      const [row] = await target.query<{ n: number }>(
        service,
        `SELECT count(*)::int AS n FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'drawbridge'`,
      );
      return row!.n;
    })
    .toBe(0);
}

function expectNothingWritten(error: AppError): void {
  expect(error.notChanged).toContain('Nothing was written');
  expect(error.details).toMatchObject({ outcome: 'refused' });
}

describe('somebody else is in the way', () => {
  it('a lock is waited for, and then given up: nothing is written', async () => {
    const before = await fingerprints(target);
    const other = await connectAs(target.pgUrl, target.databases.user, 'the payroll');
    await other.query(`BEGIN; SELECT * FROM users WHERE username = 'alice' FOR UPDATE`);
    const session = await connector.openTarget(REALM, {}, never);
    const { target: to, items } = merge();
    const steps = [];
    for await (const step of session.applySteps(to, oneBatch(items))) steps.push(step);
    const prepare = steps.findIndex(({ label }) => label.startsWith('prepare'));
    for (const step of steps.slice(0, prepare)) await step.run(never);
    expectNothingWritten(await failureOf(steps[prepare]!.run(never), 'TARGET_LOCKED'));
    // Those that follow refuse, commits too.
    for (const step of steps.slice(prepare + 1))
      expectNothingWritten(await failureOf(step.run(never), 'TARGET_LOCKED'));
    await session.close();
    await other.query('ROLLBACK');
    await other.end();
    expect(await fingerprints(target)).toEqual(before);
  });

  it('a record that is changed, created or removed after it was captured makes the whole apply void', async () => {
    const changes = [
      ['user', `UPDATE users SET first_name = 'Else' WHERE username = 'alice'`],
      ['user', `DELETE FROM users WHERE username = 'carol'`],
      [
        'user',
        `INSERT INTO users (realm_name, username, email) VALUES ('${REALM}', 'dave', 'dave@else.example')`,
      ],
      ['rbac', `INSERT INTO roles (realm_name, name) VALUES ('${REALM}', 'added')`],
      ['client', `UPDATE oauth_clients SET name = 'Else' WHERE client_id = '${REALM} web'`],
    ] as const;
    for (const [service, sql] of changes) {
      await reset();
      const session = await connector.openTarget(REALM, {}, never);
      for await (const _batch of session.capture({}, never).batches);
      await target.query(service, sql);
      const before = await fingerprints(target);
      const { target: to, items } = merge();
      expectNothingWritten(await failureOf(runSteps(session, to, items), 'TARGET_CHANGED'));
      await session.close();
      expect(await fingerprints(target)).toEqual(before);
    }
  });

  it('a record that was gone already before names it', async () => {
    await target.query('user', `DELETE FROM users WHERE username = 'carol'`);
    const { target: to, items } = merge();
    const error = await failureOf(applyAll(connector, to, items), 'TARGET_CHANGED');
    expect(error.message).toContain('“carol” (users) is gone');
    expectNothingWritten(error);
  });

  it('a realm that appears while it is created is REALM_EXISTS', async () => {
    const session = await connector.openTarget('appears', {}, never);
    expect(await session.exists(never)).toBe(false);
    await target.query('realm', `INSERT INTO realms (name) VALUES ('appears')`);
    const items = [item('realm', 'create', { name: 'appears' })];
    expectNothingWritten(
      await failureOf(runSteps(session, { realm: 'appears', mode: 'create' }, items), 'REALM_EXISTS'),
    );
    await session.close();
  });

  it('a role without a right on one table writes nothing anywhere', async () => {
    for (const [service, database] of Object.entries(target.databases))
      await withOwner(target.pgUrl, database, async (client) => {
        if (service === 'realm') await client.query(`CREATE ROLE partly LOGIN PASSWORD 'partly'`);
        await client.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO partly`);
        if (service === 'realm') await client.query('REVOKE UPDATE ON realms FROM partly');
      });
    const partly = createPostgresConnector({ name: 'partly', url: asRole(target.pgUrl, 'partly', 'partly') });
    try {
      const route = await partly.capabilities(never);
      expect(route.overwriteRealm).toBe(false);
      expect(route.sections.realm.updateMembers).toEqual([]);
      expect(route.sections.users.updateMembers).toContain('email');
      expect(route.limits).toEqual([
        expect.stringMatching(/^“partly” lacks rights .* GRANT UPDATE ON "public"\."realms" TO "partly";/),
      ]);
      const before = await fingerprints(target);
      const { target: to, items } = merge();
      expectNothingWritten(await failureOf(applyAll(partly, to, items), 'FORBIDDEN'));
      expect(await fingerprints(target)).toEqual(before);
    } finally {
      await partly.close();
    }
  });

  it('a cancel in the middle of a statement ends the apply, and nothing is written', async () => {
    const before = await fingerprints(target);
    const other = await connectAs(target.pgUrl, target.databases.user);
    await other.query('BEGIN; LOCK TABLE user_credentials IN EXCLUSIVE MODE');
    const abort = new AbortController();
    const session = await connector.openTarget(REALM, {}, never);
    const { target: to, items } = merge();
    const work = (async () => {
      for await (const step of session.applySteps(to, oneBatch(items))) {
        if (step.label.startsWith('prepare')) setTimeout(() => abort.abort(), 100);
        await step.run(abort.signal);
      }
    })();
    expectNothingWritten(await failureOf(work, 'CANCELED'));
    await session.close();
    await other.end();
    expect(await fingerprints(target)).toEqual(before);
  });
});

describe('connections are lost', () => {
  for (const [name, make] of [
    ['merge', merge],
    ['overwrite', overwrite],
    ['remove', remove],
  ] as const)
    for (const service of SERVICES)
      it(`${name}: before each step, that to the ${service} service’s database`, async () => {
        const { target: to, items } = make();
        const labels: string[] = [];
        const session = await connector.openTarget(REALM, {}, never);
        for await (const step of session.applySteps(to, oneBatch(items))) labels.push(step.label);
        await session.close();
        const before = await fingerprints(target);
        for (const [at, label] of labels.entries()) {
          // Nothing is connected before the first step; and rows are staged in one way in every section.
          if (at === 0 || (at > 1 && !/^(?:prepare|commit|users)/.test(label))) continue;
          const error = await applyAll(connector, to, items, async (_step, number) => {
            if (number === at) await killSessions(service);
          }).then(
            () => undefined,
            (thrown: unknown) => thrown as AppError,
          );
          const after = await fingerprints(target);
          const changed = SERVICES.filter((one) => after[one] !== before[one]);
          // Its own commit was made before it was killed, or nothing was to be written to it.
          if (error === undefined)
            expect(labels.slice(at)).not.toContain(`commit ${target.databases[service]}`);
          else if (error.code === 'HALF_WRITTEN') {
            const place = (one: Service) => target.databases[one];
            expect([...(error.details['written'] as string[])].sort()).toEqual(changed.map(place).sort());
            expect(error.details['notWritten']).toContain(place(service));
            expect(error.details['unknown']).toEqual([]);
            for (const one of changed) expect(error.message).toContain(place(one));
          } else {
            expect(error.code).toBe('CONNECTION_LOST');
            expectNothingWritten(error);
            expect(changed).toEqual([]);
          }
          if (changed.length > 0) await reset();
        }
      });

  it('the answer to a commit: what was committed is found out, and the work goes on', async () => {
    for (const service of SERVICES) {
      await reset();
      cutter.cut = { database: target.databases[service], when: 'after' };
      const { target: to, items } = overwrite();
      const before = await fingerprints(target);
      await applyAll(connector, to, items);
      const after = await fingerprints(target);
      expect(SERVICES.filter((one) => after[one] === before[one])).toEqual([]);
    }
  });

  it('at a commit that did not arrive: nothing was written, or it is said what was', async () => {
    for (const [at, service] of SERVICES.entries()) {
      await reset();
      cutter.cut = { database: target.databases[service], when: 'before' };
      const { target: to, items } = overwrite();
      const before = await fingerprints(target);
      const error = await failureOf(
        applyAll(connector, to, items),
        at === 0 ? 'CONNECTION_LOST' : 'HALF_WRITTEN',
      );
      const after = await fingerprints(target);
      expect(SERVICES.filter((one) => after[one] !== before[one])).toEqual(SERVICES.slice(0, at));
      expect(error.details['outcome']).toBe('refused');
      if (at === 0) expectNothingWritten(error);
      else
        expect(error.details).toMatchObject({
          written: SERVICES.slice(0, at).map((one) => target.databases[one]),
          notWritten: SERVICES.slice(at).map((one) => target.databases[one]),
          unknown: [],
        });
    }
  });

  it('and the server with it: it is said that it is not known', async () => {
    cutter.cut = { database: target.databases.rbac, when: 'after', andAllOthers: true };
    const { target: to, items } = overwrite();
    let facts: JsonObject & { commit?: JsonObject } = {};
    const error = await failureOf(
      applyAll(connector, to, items, async (step) => {
        if (step.label === `commit ${target.databases.rbac}`) facts = (await step.facts?.(never)) ?? {};
      }),
      'HALF_WRITTEN',
    );
    expect(error.details).toMatchObject({
      written: [target.databases.user],
      unknown: [target.databases.rbac],
      outcome: 'unknown',
    });
    // Nobody answers, and whoever asks need not go on waiting.
    await expect(connector.commitOutcome!(facts, AbortSignal.timeout(300))).rejects.toMatchObject({
      code: 'CANCELED',
    });
    cutter.cut = undefined;
    // Later, when it can be asked again.
    expect(await connector.commitOutcome!(facts, never)).toBe('committed');
    // A server that did not make it has given the number to another transaction.
    const elsewhere = { ...facts, commit: { ...facts.commit, identity: '7000000000000000000/16384' } };
    expect(await connector.commitOutcome!(elsewhere, never)).toBe('unknown');
  });
});

async function* oneBatch(items: readonly ApplyItem[]): AsyncGenerator<readonly ApplyItem[]> {
  yield await Promise.resolve(items);
}
