import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobInput } from '../../contract/job.ts';
import type { PolicyInput } from '../../contract/plan.ts';
import type { EngineClient } from '../../core/engine/index.ts';
import type { DialectName, EnvironmentHandle } from '../../sandbox/index.ts';
import { startLine, type Line } from '../engine/line.ts';
import { serverState } from '../engine/server-state.ts';
import { tellFaults } from './fault-counts.ts';
import type { Checkpoints } from './doomed-job.ts';
import { checkpointsOf, Killing, KILLING_TIMEOUT, resumed, run, tried, upTo } from './killing.ts';
import { realmOf, serverImage } from './server-image.ts';

const SETTLED: PolicyInput = { unsupported: 'skip', conflicts: 'skip', caseVariants: 'create' };
const MERGE: PolicyInput = { ...SETTLED, realm: 'merge', users: 'merge', clients: 'skip' };

/** One each is enough of what takes a step for itself. */
const OTHER_CLIENTS = ['clients/acme-*', 'clients/partner-*'];

interface Scenario {
  readonly what: string;
  readonly policy: PolicyInput;
  readonly realm: string;
}

const CREATE: Scenario = {
  what: 'an import that creates a realm',
  realm: 'copy',
  policy: {
    ...SETTLED,
    realmName: 'copy',
    clients: 'skip',
    issuedClients: 'create',
    exclude: OTHER_CLIENTS,
  },
};
const INTO: Scenario = { what: 'an import into a realm that exists', realm: 'acme', policy: MERGE };
const OVER: Scenario = {
  what: 'a restore that overwrites a realm',
  realm: 'acme',
  policy: { ...SETTLED, realm: 'overwrite' },
};
const SOME: Scenario = { ...INTO, policy: { ...MERGE, sections: ['users'] } };
const MIRROR: Scenario = {
  what: 'a restore that makes a realm what a snapshot has',
  realm: 'acme',
  policy: { ...MERGE, extra: 'delete', sections: ['realm', 'roles', 'users'] },
};

interface Route {
  readonly over: string;
  readonly dialect: DialectName;
  readonly channel: 'api' | 'postgres' | 'both';
  readonly users: number;
  readonly scenarios: readonly Scenario[];
  /** Those that are written by calls, or in which there is one: over both channels only what the databases leave to the API. */
  readonly calling: readonly Scenario[];
}

describe.each<Route>([
  // A batch has 500 users.
  {
    over: 'the documented API',
    dialect: 'documented',
    channel: 'api',
    users: 600,
    scenarios: [CREATE, INTO, OVER],
    calling: [CREATE, INTO, OVER],
  },
  // A step has 25 users.
  {
    over: 'the API of v1.1.0',
    dialect: 'v1.1',
    channel: 'api',
    users: 40,
    scenarios: [CREATE, INTO, OVER],
    calling: [CREATE, INTO, OVER],
  },
  {
    over: 'PostgreSQL',
    dialect: 'documented',
    channel: 'postgres',
    users: 40,
    scenarios: [CREATE, OVER, MIRROR],
    calling: [],
  },
  {
    over: 'both channels',
    dialect: 'documented',
    channel: 'both',
    users: 40,
    scenarios: [CREATE, SOME, OVER],
    calling: [INTO],
  },
])('over $over', ({ over, dialect, channel, users, scenarios, calling }) => {
  let line: Line;
  let server: EnvironmentHandle;
  let image: Awaited<ReturnType<typeof serverImage>>;
  let killing: Killing;
  // Over the API every client that is created gets a secret that nobody else has.
  const hashes = channel !== 'api';
  const totals = { kills: 0, resumed: 0, rolledBack: 0 };

  beforeAll(async () => {
    line = await startLine(users, {
      dialect,
      environments: ['dev', { name: 'next', seed: 'prod' }],
      addApis: false,
    });
    for (const name of ['dev', 'next']) {
      const { apiUrl, authUrl, gatewayUrl, clientId, clientSecret, pgUrl } = line.sandbox.environment(name);
      await line.client.environments.add({
        name,
        stage: 'development',
        ...(channel !== 'postgres' && {
          api: { apiUrl, authUrl, gatewayUrl, clientId, clientSecret, limits: { concurrency: 1 } },
        }),
        ...(channel !== 'api' && { postgres: { url: pgUrl } }),
      });
    }
    await line.run({ kind: 'backup', environment: 'dev', realms: ['acme'] });
    server = line.sandbox.environment('next');
    image = await serverImage(server);
    killing = new Killing(line);
  }, 180_000);
  afterAll(async () => {
    await line.close();
    tellFaults(`imports over ${over}`, totals);
  });

  async function planned(client: EngineClient, { policy, realm }: Scenario): Promise<JobInput> {
    const { result, error } = await run(client, {
      kind: 'plan',
      source: 'latest:dev/acme',
      environment: 'next',
      policy,
    });
    if (result?.kind !== 'plan') throw new Error(`No plan: ${error?.message}`);
    expect(result.plan).toMatchObject({ blocked: false, empty: false });
    return { kind: 'apply', plan: result.plan.plan, confirm: realm };
  }

  /** Kills an import at each of these, and sees that it ends as if nobody had, or as if it had not been begun. */
  async function endsAsUndisturbed(
    scenario: Scenario,
    of: Checkpoints,
    checkpointsOfUndisturbed: (job: string) => Promise<readonly number[]>,
  ): Promise<void> {
    const { realm } = scenario;
    await image.putBack();
    const before = await serverState(server, realm);
    const undisturbed = await run(line.client, await planned(line.client, scenario));
    expect(undisturbed).toMatchObject({ result: { result: { verified: true, failures: 0 } } });
    const after = await realmOf(server, realm, { hashes });
    for (const checkpoint of await checkpointsOfUndisturbed(undisturbed.id)) {
      await image.putBack();
      await killing.at(
        checkpoint,
        await planned(line.client, scenario),
        async (client, job) => {
          totals.kills++;
          if (job.resumable) {
            const { result, error, state, attempts } = await resumed(client, job.id);
            expect({ checkpoint, state, error }).toEqual({
              checkpoint,
              state: 'succeeded',
              error: undefined,
            });
            expect(attempts).toBe(2);
            expect(result).toMatchObject({ result: { verified: true, failures: 0 } });
            expect(await realmOf(server, realm, { hashes })).toEqual(after);
            totals.resumed++;
            return;
          }
          await expect(client.jobs.resume({ job: job.id })).rejects.toMatchObject({ code: 'HALF_WRITTEN' });
          const back = await run(client, { kind: 'rollback-plan', job: job.id });
          if (back.result?.kind !== 'rollback-plan') throw new Error(`No plan: ${back.error?.message}`);
          await run(client, { kind: 'apply', plan: back.result.plan.plan, confirm: realm });
          expect(await serverState(server, realm)).toEqual(before);
          totals.rolledBack++;
        },
        of,
      );
    }
  }

  it.each(scenarios)(
    '$what ends as if undisturbed, wherever it was killed',
    (scenario) =>
      endsAsUndisturbed(scenario, 'journal', (undisturbed) => checkpointsOf(line.client, undisturbed)),
    KILLING_TIMEOUT,
  );

  it.each(calling)(
    '$what ends as if undisturbed, after whichever call it was killed that the server has answered and nobody heard of',
    (scenario) =>
      endsAsUndisturbed(scenario, 'writes', async () => {
        await image.putBack();
        const writes = await killing.count(await planned(line.client, scenario), 'writes');
        return tried(upTo(writes), 60);
      }),
    KILLING_TIMEOUT,
  );
});
