import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JobInput } from '../../contract/job.ts';
import type { PolicyInput } from '../../contract/plan.ts';
import type { EngineClient } from '../../core/engine/index.ts';
import type { EnvironmentHandle } from '../../sandbox/index.ts';
import { startLine, type Line } from '../engine/line.ts';
import { serverState } from '../engine/server-state.ts';
import { tellFaults } from './fault-counts.ts';
import {
  checkpointsOf,
  checkpointsOfStep,
  EVERY_CHECKPOINT,
  Killing,
  KILLING_TIMEOUT,
  resumed,
  run,
  tried,
} from './killing.ts';
import { serverImage } from './server-image.ts';

const SETTLED: PolicyInput = { unsupported: 'skip', conflicts: 'skip', caseVariants: 'create' };
const MERGE: PolicyInput = { ...SETTLED, realm: 'merge', users: 'merge', clients: 'update' };

interface Scenario {
  readonly what: string;
  readonly policy: PolicyInput;
  readonly realm: string;
  /** It deletes all that bears the realm's name, also what was nobody's before. */
  readonly clears?: true;
}

const SCENARIOS: readonly Scenario[] = [
  { what: 'an import into a realm that exists', realm: 'acme', policy: MERGE },
  // Its roles are there already: once its users are gone, nothing that a plan sees tells of it.
  { what: 'an import of users only', realm: 'acme', policy: { ...MERGE, sections: ['users'] } },
  { what: 'a mirror', realm: 'acme', policy: { ...MERGE, extra: 'delete' } },
  { what: 'an overwrite', realm: 'acme', policy: { ...SETTLED, realm: 'overwrite' }, clears: true },
  {
    what: 'the creation of a realm',
    realm: 'copy',
    policy: { ...SETTLED, realmName: 'copy', clients: 'skip' },
    clears: true,
  },
];

let line: Line;
let server: EnvironmentHandle;
let image: Awaited<ReturnType<typeof serverImage>>;
let killing: Killing;
const totals = { kills: 0, resumed: 0, rolledBack: 0 };

beforeAll(async () => {
  line = await startLine(24, { environments: ['dev', { name: 'next', seed: 'prod' }], addApis: false });
  for (const name of ['dev', 'next']) await line.add(name, 'postgres');
  await line.run({ kind: 'backup', environment: 'dev-postgres', realms: ['acme'] });
  server = line.sandbox.environment('next');
  // What a user who was deleted over the API of OpenGate has left behind.
  await server.query(
    'rbac',
    `INSERT INTO user_role_mappings (user_id, role_id, realm_name)
     SELECT gen_random_uuid(), id, realm_name FROM roles WHERE realm_name = 'acme'`,
  );
  image = await serverImage(server);
  killing = new Killing(line);
}, 180_000);
afterAll(async () => {
  await line.close();
  tellFaults('rollbacks', totals);
});

async function plan(client: EngineClient, input: JobInput, realm: string): Promise<JobInput> {
  const { result, error } = await run(client, input);
  if (!result || !('plan' in result)) throw new Error(`No plan: ${error?.message}`);
  return { kind: 'apply', plan: result.plan.plan, confirm: realm };
}

const importing = (client: EngineClient, { policy, realm }: Scenario) =>
  plan(
    client,
    { kind: 'plan', source: 'latest:dev-postgres/acme', environment: 'next-postgres', policy },
    realm,
  );
const undoing = (client: EngineClient, { realm }: Scenario, job: string) =>
  plan(client, { kind: 'rollback-plan', job }, realm);

/** Checkpoints at which something is committed, or about to be. */
async function commitsOf(client: EngineClient, job: string): Promise<number[]> {
  const { steps } = await client.jobs.report({ job });
  return steps.flatMap(({ label }, n) => (label.startsWith('commit ') ? checkpointsOfStep(n) : []));
}

/** Rows that hang on nobody: whatever a capture, which reads them through the records they belong to, does not see. */
async function nobodys(): Promise<string[]> {
  const [users, links] = await Promise.all([
    server.query<{ id: string }>('user', 'SELECT id::text FROM users'),
    server.query<{ row: string }>(
      'user',
      `SELECT 'credential ' || c.user_id AS row FROM user_credentials c WHERE user_id NOT IN (SELECT id FROM users)
       UNION ALL SELECT 'link ' || l.user_id FROM user_social_links l WHERE user_id NOT IN (SELECT id FROM users)`,
    ),
  ]);
  const mappings = await server.query<{ row: string }>(
    'rbac',
    `SELECT 'user mapping ' || user_id || ' ' || role_id || ' ' || realm_name AS row FROM user_role_mappings
     WHERE user_id <> ALL ($1::uuid[]) OR role_id NOT IN (SELECT id FROM roles)
     UNION ALL SELECT 'group mapping ' || group_id || ' ' || role_id FROM group_role_mappings
     WHERE group_id NOT IN (SELECT id FROM groups) OR role_id NOT IN (SELECT id FROM roles)`,
    [users.map(({ id }) => id)],
  );
  return [...links, ...mappings].map(({ row }) => row).sort();
}

interface Before {
  readonly state: Record<string, unknown[]>;
  readonly nobodys: readonly string[];
}

/** Whole: the realm, and what hangs on nobody. */
async function stateOf({ realm }: Scenario): Promise<Before> {
  const { userRoles, ...rest } = await serverState(server, realm);
  const all = await nobodys();
  const dangling = new Set(all.map((row) => row.split(' ')[2]));
  return {
    state: { ...rest, userRoles: userRoles!.filter((row) => !dangling.has((row as string).split(' ')[0])) },
    nobodys: all,
  };
}

async function requireAsBefore(scenario: Scenario, before: Before): Promise<void> {
  const now = await stateOf(scenario);
  expect(now.state).toEqual(before.state);
  if (!scenario.clears) expect(now.nobodys).toEqual(before.nobodys);
  expect(now.nobodys.filter((row) => !before.nobodys.includes(row))).toEqual([]);
}

describe.each(SCENARIOS)('the rollback of $what', (scenario) => {
  let before: Before;
  beforeEach(async () => {
    await image.putBack();
    before = await stateOf(scenario);
  });

  async function finish(client: EngineClient, job: { id: string; resumable?: unknown }, undone: string) {
    totals.kills++;
    if (job.resumable) {
      totals.resumed++;
      const { state, error } = await resumed(client, job.id);
      expect({ state, error }).toEqual({ state: 'succeeded', error: undefined });
    } else {
      totals.rolledBack++;
      await expect(client.jobs.resume({ job: job.id })).rejects.toMatchObject({ code: 'HALF_WRITTEN' });
      const again = await run(client, await undoing(client, scenario, undone));
      expect(again).toMatchObject({ state: 'succeeded', result: { result: { verified: true } } });
    }
    await requireAsBefore(scenario, before);
    expect(await client.jobs.halfWritten()).toEqual([]);
    expect((await client.jobs.get({ job: undone })).undoneBy).toBeDefined();
  }

  it(
    'comes to the same end, wherever it was killed',
    async () => {
      const whole = async (client: EngineClient) => (await run(client, await importing(client, scenario))).id;
      const first = await run(line.client, await undoing(line.client, scenario, await whole(line.client)));
      expect(first).toMatchObject({ result: { result: { verified: true } } });
      await requireAsBefore(scenario, before);
      const checkpoints =
        scenario === SCENARIOS[0]
          ? await checkpointsOf(line.client, first.id)
          : tried(await commitsOf(line.client, first.id));
      for (const checkpoint of checkpoints) {
        await image.putBack();
        const undone = await whole(line.client);
        await killing.at(
          checkpoint,
          await undoing(line.client, scenario, undone),
          async (client, job) => await finish(client, job, undone),
        );
      }
    },
    KILLING_TIMEOUT,
  );

  // Two kills each: of these, all are tried where every checkpoint is.
  const twice = EVERY_CHECKPOINT || scenario === SCENARIOS[0];
  it.runIf(twice)(
    'comes to the same end also when the job that it undoes had been killed between its commits',
    async () => {
      const { id: whole } = await run(line.client, await importing(line.client, scenario));
      // Users are committed, the rest is not: the intent of the second commit is written.
      const third = (await commitsOf(line.client, whole))[checkpointsOfStep(0).length]!;
      /** What follows is done by whoever finds it: the killed process still holds the realm by everybody else's clock. */
      async function half(then: (client: EngineClient, broken: string) => Promise<void>): Promise<void> {
        await image.putBack();
        const work = await importing(line.client, scenario);
        await killing.at(third, work, async (client, { id, resumable }) => {
          expect(resumable).toBeFalsy();
          await then(client, id);
        });
      }
      let checkpoints: number[] = [];
      await half(async (client, broken) => {
        const first = await run(client, await undoing(client, scenario, broken));
        expect(first).toMatchObject({ state: 'succeeded', result: { result: { verified: true } } });
        await requireAsBefore(scenario, before);
        checkpoints = tried(await commitsOf(client, first.id));
      });
      for (const checkpoint of checkpoints) {
        let rollback: { work: JobInput; undoes: string } | undefined;
        await half(async (client, broken) => {
          rollback = { work: await undoing(client, scenario, broken), undoes: broken };
        });
        const { work, undoes } = rollback!;
        await killing.at(checkpoint, work, async (client, job) => await finish(client, job, undoes));
      }
    },
    KILLING_TIMEOUT,
  );
});
