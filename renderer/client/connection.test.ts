import { os } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import { afterEach, expect, it } from 'vitest';
import { Connection } from './connection.ts';

const forever = new Promise<never>(() => {});

/** An engine that answers one event, and then nothing more. */
const engine = {
  engine: {
    jobs: {
      watch: os.handler(async function* () {
        yield 'running';
        await forever;
      }),
      get: os.handler(() => forever),
    },
  },
};

const ends: MessagePort[] = [];
afterEach(() => {
  for (const port of ends.splice(0)) port.close();
});

function connected() {
  const { port1, port2 } = new MessageChannel();
  ends.push(port1, port2);
  new RPCHandler(engine).upgrade(port2);
  port2.start();
  const connection = new Connection({
    onConnection: (listen) => listen({ kind: 'port', port: port1 }),
  });
  const state = connection.state();
  if (state.state !== 'connected') throw new Error('There is no connection.');
  return { jobs: state.client.engine.jobs, die: () => port2.close() };
}

const lost = { code: 'CONNECTION_LOST', remedy: expect.stringContaining('under Jobs as interrupted') };

it('tells what is followed, called or called later that the line broke', async () => {
  const { jobs, die } = connected();
  const events = await jobs.watch({ job: 'one' });
  expect(await events.next()).toEqual({ done: false, value: 'running' });
  const next = events.next();
  const called = jobs.get({ job: 'one' });
  die();
  await expect(next).rejects.toMatchObject(lost);
  await expect(called).rejects.toMatchObject(lost);
  await expect(jobs.get({ job: 'one' })).rejects.toMatchObject(lost);
});

it('leaves what the caller gave up as it is', async () => {
  const { jobs } = connected();
  const stop = new AbortController();
  const events = await jobs.watch({ job: 'one' }, { signal: stop.signal });
  await events.next();
  const next = events.next();
  stop.abort(new Error('Given up.'));
  await expect(next).rejects.toThrow('Given up.');
});
