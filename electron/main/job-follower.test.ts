import { expect, it } from 'vitest';
import { AppError } from '../../contract/errors.ts';
import type { JobView } from '../../contract/job.ts';
import { toWire } from '../../contract/wire.ts';
import type { AppClient } from './engine-keeper.ts';
import { JobFollower } from './job-follower.ts';

/** A follower, and what it made known, over jobs as they are told here. */
function follower(jobs: () => readonly Partial<JobView>[] | Promise<never>) {
  const told: string[] = [];
  const client = { engine: { jobs: { list: async () => await jobs() } } } as unknown as AppClient;
  const follows = new JobFollower({
    client: () => client,
    onRunning: (running) => told.push(`running: ${running.map(({ id }) => id).join(' ')}`),
    onEnded: ({ id, state }) => told.push(`${id} ${state}`),
    warn: (line) => told.push(line),
  });
  return async (): Promise<string[]> => {
    follows.changed();
    // Nothing in it waits for more than promises.
    await new Promise((resolve) => setImmediate(resolve));
    return told.splice(0);
  };
}

it('tells which jobs run, and of each that it saw running how it ended', async () => {
  let jobs: Partial<JobView>[] = [{ id: 'one', state: 'running', title: 'One' }];
  const look = follower(() => jobs);
  expect(await look()).toEqual(['running: one']);
  // One ended and the next began: their number is the same.
  jobs = [
    { id: 'two', state: 'running', title: 'Two' },
    { id: 'one', state: 'succeeded', title: 'One' },
    { id: 'zero', state: 'failed', title: 'Long ago' },
  ];
  expect(await look()).toEqual(['running: two', 'one succeeded']);
});

it('is silent while no catalog is open, and tells of anything else', async () => {
  let error = new AppError('PASSPHRASE_NEEDED', 'The catalog is locked.');
  const look = follower(() => Promise.reject(toWire(error)));
  expect(await look()).toEqual([]);
  error = new AppError('CATALOG_DAMAGED', 'The jobs cannot be read.');
  expect(await look()).toEqual(['Which jobs run could not be asked: The jobs cannot be read.']);
});
