import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXIT } from '../../cli/exit-codes.ts';
import { runCommandLine } from '../../cli/program.ts';
import { PASSPHRASE, TestCatalogs } from '../../core/catalog/test-catalog.ts';
import { flipped, placed, random } from '../../core/catalog/testing/damaged-copy.ts';
import { captured } from '../cli/captured.ts';
import { tellFaults } from './fault-counts.ts';
import { storeSnapshot } from './storing.ts';

const catalogs = new TestCatalogs();
let db: Buffer;
beforeAll(async () => {
  const catalog = await catalogs.open();
  const { environments, jobs } = catalog;
  for (const name of ['dev', 'prod'])
    environments.add({ name, api: { apiUrl: 'https://iam.example', clientId: 'c', clientSecret: 's' } });
  for (let i = 0; i < 12; i++) {
    const run = jobs.acquire(jobs.create({ kind: 'backup', title: `Back up ${i}`, params: {} }).id);
    run.outcome(run.intent('a step', {}), 'done');
    run.finish('canceled');
  }
  for (let i = 0; i < 3; i++) await storeSnapshot(catalog, 40);
  catalog.close();
  db = readFileSync(join(catalog.dir, 'catalog.db'));
});
afterAll(() => catalogs.clear());

interface Answer {
  readonly code: number;
  readonly json: { error?: { code: string; message: string; remedy: string } };
}

async function run(dir: string, ...words: string[]): Promise<Answer> {
  const around = captured({ DRAWBRIDGE_CATALOG: dir, DRAWBRIDGE_PASSPHRASE: PASSPHRASE });
  const code = await runCommandLine([...words, '--json'], around);
  return { code, json: JSON.parse(around.out()) as Answer['json'] };
}

const COMMANDS = [
  ['catalog', 'show'],
  ['env', 'list'],
  ['snapshot', 'list'],
  ['snapshot', 'search', 'latest:prod/acme', 'user-7'],
  ['job', 'list'],
  // The last: it adds a job.
  ['catalog', 'verify'],
] as const;

test('with a byte of the catalog changed, no command crashes, gives other data, or leaves a person without advice', async () => {
  const healthy = new Map<string, Answer>();
  const whole = placed(catalogs, { db });
  for (const words of COMMANDS.slice(1, -1)) healthy.set(words.join(' '), await run(whole, ...words));

  const next = random(11);
  let damaged = 0;
  for (let i = 0; i < 50; i++) {
    const offset = Math.floor(next() * db.length);
    const dir = placed(catalogs, { db });
    // As on a disk that goes bad: beneath a file that is in use.
    writeFileSync(join(dir, 'catalog.db'), flipped(db, offset, 1 + Math.floor(next() * 255)));
    for (const words of COMMANDS) {
      const { code, json } = await run(dir, ...words);
      if (code === EXIT.catalog) damaged++;
      const expected = healthy.get(words.join(' '));
      if (json.error) {
        // A damaged name is one that is not found; all else says that it is damaged.
        expect([offset, words, json.error]).toEqual([
          offset,
          words,
          expect.objectContaining({ code: expect.stringMatching(/^(CATALOG_DAMAGED|NOT_FOUND)$/) }),
        ]);
        expect(json.error.remedy).not.toBe('');
      } else if (words[1] === 'list' && words[0] === 'snapshot') {
        // Those that are damaged are left out, and told by verify.
        const shown = (json as { snapshots: unknown[] }).snapshots;
        for (const one of shown)
          expect((expected!.json as { snapshots: unknown[] }).snapshots).toContainEqual(one);
      } else if (expected && words[1] !== 'search')
        expect([offset, words, json]).toEqual([offset, words, expected.json]);
      expect([EXIT.done, EXIT.failed, EXIT.catalog]).toContain(code);
    }
  }
  expect(damaged).toBeGreaterThan(20);
  tellFaults('commands on a damaged catalog', { flips: 50 });
});
