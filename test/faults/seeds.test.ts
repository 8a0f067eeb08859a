import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EnvironmentHandle } from '../../sandbox/index.ts';
import { startLine, type Line } from '../engine/line.ts';
import { tellFaults } from './fault-counts.ts';
import { checkpointsOf, Killing, KILLING_TIMEOUT, resumed, run } from './killing.ts';
import { realmOf, serverImage } from './server-image.ts';

let line: Line;
let server: EnvironmentHandle;
let image: Awaited<ReturnType<typeof serverImage>>;
let killing: Killing;

beforeAll(async () => {
  line = await startLine(30, { environments: ['dev', { name: 'next', seed: 'prod' }] });
  server = line.sandbox.environment('next');
  image = await serverImage(server);
  killing = new Killing(line);
}, 120_000);
afterAll(() => line.close());

it(
  'a seed comes to the same realm, wherever it was killed',
  async () => {
    const path = join(line.catalogDir, 'seed.json');
    writeFileSync(
      path,
      JSON.stringify({
        realm: { id: 'seeded', displayName: 'Seeded' },
        roles: [{ name: 'admin' }, { name: 'member' }],
        clients: [],
        users: Array.from({ length: 30 }, (_, i) => ({
          username: `user-${i}`,
          email: `user-${i}@example.com`,
          enabled: true,
          roles: ['member'],
        })),
      }),
    );
    const input = { kind: 'seed', path, environment: 'next' } as const;
    await image.putBack();
    const first = await run(line.client, input);
    expect(first).toMatchObject({ result: { result: { status: 'succeeded', verified: true } } });
    const seeded = await realmOf(server, 'seeded', { hashes: false });
    const checkpoints = await checkpointsOf(line.client, first.id);
    for (const checkpoint of checkpoints) {
      await image.putBack();
      await killing.at(checkpoint, input, async (client, job) => {
        const done = await resumed(client, job.id);
        expect({ checkpoint, state: done.state, error: done.error }).toMatchObject({
          checkpoint,
          state: 'succeeded',
        });
        expect(done).toMatchObject({ result: { kind: 'seed', result: { verified: true } } });
        expect(await realmOf(server, 'seeded', { hashes: false })).toEqual(seeded);
      });
    }
    tellFaults('seeds over the documented API', { kills: killing.kills, resumed: killing.kills });
  },
  KILLING_TIMEOUT,
);
