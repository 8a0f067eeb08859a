import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobInput, JobView } from '../../contract/job.ts';
import type { DialectName } from '../../sandbox/index.ts';
import { startLine, type Line } from '../engine/line.ts';
import { tellFaults } from './fault-counts.ts';
import { checkpointsOf, Killing, KILLING_TIMEOUT, resumed, run, tried, upTo } from './killing.ts';

describe.each<{ over: string; dialect: DialectName; channel: 'api' | 'postgres' | 'both' }>([
  { over: 'the documented API', dialect: 'documented', channel: 'api' },
  { over: 'the API of v1.1.0', dialect: 'v1.1', channel: 'api' },
  { over: 'PostgreSQL', dialect: 'documented', channel: 'postgres' },
  { over: 'both channels', dialect: 'documented', channel: 'both' },
])('a backup over $over', ({ over, dialect, channel }) => {
  let line: Line;
  let killing: Killing;

  beforeAll(async () => {
    line = await startLine(30, { dialect, environments: ['dev'], addApis: false });
    await line.add('dev', channel, { as: 'dev' });
    killing = new Killing(line);
  }, 120_000);
  afterAll(() => line.close());

  it(
    'of every realm comes to the same snapshots, wherever it was killed, and takes again only that one of which nobody knew',
    async () => {
      const input: JobInput = { kind: 'backup', environment: 'dev', tags: ['nightly'] };
      const undisturbed = await run(line.client, input);
      const taken = rootsOf(undisturbed);
      expect(Object.keys(taken).length).toBeGreaterThan(1);
      const checkpoints = await checkpointsOf(line.client, undisturbed.id);
      for (const checkpoint of checkpoints)
        await killing.at(checkpoint, input, async (client, job) => {
          expect(job).toMatchObject({ resumable: true });
          const before = await client.snapshots.list({ tag: 'nightly' });
          const done = await resumed(client, job.id);
          expect({ checkpoint, state: done.state }).toEqual({ checkpoint, state: 'succeeded' });
          expect(rootsOf(done)).toEqual(taken);
          // Those that the journal acknowledges stay; all others are taken, also the one that was stored just before it died.
          const more = (await client.snapshots.list({ tag: 'nightly' })).length - before.length;
          expect(more).toBe(Object.keys(taken).length - Math.floor(checkpoint / 3));
        });
      tellFaults(`backups over ${over}`, { kills: killing.kills, resumed: killing.kills });
    },
    KILLING_TIMEOUT,
  );

  it(
    'of one realm comes to the same snapshot, after whichever transaction of the catalog it was killed, however much of it was stored',
    async () => {
      const input: JobInput = { kind: 'backup', environment: 'dev', realms: ['acme'], tags: ['whole'] };
      const taken = rootsOf(await run(line.client, input));
      const transactions = await killing.count(input, 'transactions');
      const before = killing.kills;
      let resumptions = 0;
      for (const checkpoint of tried(upTo(transactions - 1)))
        await killing.at(
          checkpoint,
          input,
          async (client, job) => {
            const isDone = job.state === 'succeeded';
            if (!isDone) resumptions++;
            const done = isDone ? job : await resumed(client, job.id);
            expect({ checkpoint, state: done.state }).toEqual({ checkpoint, state: 'succeeded' });
            expect(rootsOf(done)).toEqual(taken);
          },
          'transactions',
        );
      const kills = killing.kills - before;
      // Only the last ones come when it is done.
      expect(kills - resumptions).toBeLessThan(4);
      tellFaults(`transactions of backups over ${over}`, { kills, resumed: resumptions });
    },
    KILLING_TIMEOUT,
  );
});

function rootsOf({ result }: JobView): Record<string, string> {
  if (result?.kind !== 'backup') throw new Error('No backup.');
  return Object.fromEntries(result.snapshots.map(({ realm, root }) => [realm, root]));
}
