import { afterEach, expect, it } from 'vitest';
import { TestCatalogs } from '../catalog/test-catalog.ts';
import { toldSoFar } from './earlier-work.ts';

const catalogs = new TestCatalogs();
afterEach(() => catalogs.clear());

it('of what many steps have found as much is told as a run that was not broken off would tell', async () => {
  const catalog = await catalogs.open();
  const run = catalog.jobs.acquire(catalog.jobs.create({ kind: 'apply', title: 'a', params: {} }).id);
  for (let batch = 0; batch < 150; batch++)
    run.outcome(run.intent(`users ${batch}`, { section: 'users', direct: true }), 'done', {
      retries: 1,
      warnings: [`${batch} of 200 users existed already.`],
    });
  const told = toldSoFar(catalog, run.id);
  expect(told).toMatchObject({ retries: 150, issued: [] });
  expect(told.warnings).toHaveLength(100);
  expect(told.warnings[0]).toBe('0 of 200 users existed already.');
});
