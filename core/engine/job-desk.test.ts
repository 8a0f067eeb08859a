import { afterEach, expect, it } from 'vitest';
import { AppError, throwIfAborted } from '../../contract/errors.ts';
import type { JobView } from '../../contract/job.ts';
import { TestCatalogs } from '../catalog/test-catalog.ts';
import { JobDesk } from './job-desk.ts';

const catalogs = new TestCatalogs();
afterEach(() => catalogs.clear());

it('what runs here is canceled although the disk is too full to note that somebody asked for it', async () => {
  const { jobs } = await catalogs.open();
  const full: typeof jobs = {
    ...jobs,
    requestCancel() {
      throw new AppError('DISK_FULL', 'There is no room.');
    },
  };
  const desk = new JobDesk({ jobs: full });
  const { id } = desk.start({ kind: 'verify', title: 'v', params: {} }, async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    throwIfAborted(signal);
    throw new TypeError('It was not canceled.');
  });
  const seen: JobView['state'][] = [];
  const watching = (async () => {
    for await (const { state } of desk.watch(id, undefined)) seen.push(state);
  })();
  desk.cancel(id.slice(0, -1));
  await watching;
  expect(seen.at(-1)).toBe('canceled');
  const other = jobs.create({ kind: 'verify', title: 'v', params: {} });
  expect(() => desk.cancel(other.id)).toThrow('There is no room.');
});
