import { cpSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PruneResult } from '../../contract/retention.ts';
import { TestCatalogs } from '../../core/catalog/test-catalog.ts';
import { tellFaults } from '../faults/fault-counts.ts';
import { killedAfterTransactions } from '../faults/killed-after.ts';
import { EVERY_CHECKPOINT } from '../faults/killing.ts';
import { fillMonth, pruneAsJob, prunedBy, stateOf } from './pruned-catalog.ts';

const catalogs = new TestCatalogs();
const clock = { at: Date.parse('2026-10-30T02:00:00Z') };
let filled: string;
/** As it is after a run that nobody disturbed. */
let undisturbed: unknown;
let result: PruneResult;

beforeAll(async () => {
  const catalog = await catalogs.open({ testing: { now: () => new Date(clock.at) } });
  filled = catalog.dir;
  await fillMonth(catalog, clock);
  catalog.close();
  const dir = copied();
  const pruned = await reopened(dir, clock.at);
  result = prunedBy(await pruneAsJob(pruned));
  undisturbed = await look(dir, pruned);
});
afterAll(() => catalogs.clear());

function copied(): string {
  const dir = join(catalogs.newFolder(), 'catalog');
  cpSync(filled, dir, { recursive: true });
  return dir;
}

const reopened = (dir: string, at: number) =>
  catalogs.open({ dir, create: false, testing: { now: () => new Date(at) } });

async function look(dir: string, catalog: Awaited<ReturnType<typeof reopened>>): Promise<unknown> {
  const db = new Database(join(dir, 'catalog.db'), { readonly: true });
  const state = await stateOf(catalog, db);
  db.close();
  return state;
}

/**
 * What must be the same. Whether a chunk is stored whole, or as changes upon a chain that is left for it alone, may depend on
 * which of two that share a chain a run comes to first.
 */
function kept(state: unknown): object {
  const { chunks: _chunks, data: _data, ...rest } = state as Record<string, unknown>;
  return rest;
}

describe('a process that is killed while it prunes', () => {
  it('has much to do', () => {
    expect(result).toMatchObject({
      trashed: 15,
      kept: 7,
      expired: 16,
      forgotten: { plans: 1, jobs: 1 },
      freed: { snapshots: 16 },
    });
    expect(undisturbed).toMatchObject({ damaged: [], hasGaps: false, plans: [] });
    // Some chunks were stored whole instead of the chain behind them.
    const db = new Database(join(filled, 'catalog.db'), { readonly: true });
    const deltas = new Set(db.prepare('SELECT lower(hex(id)) FROM chunks WHERE depth > 1').pluck().all());
    db.close();
    const { chunks } = undisturbed as { chunks: [string, number | null, number | null, number][] };
    expect(chunks.some(([id, , , depth]) => depth === 0 && deltas.has(id))).toBe(true);
  });

  it('after whichever transaction, leaves a catalog that is whole, and pruned again comes to the same end', async () => {
    const states = new Set<string>();
    const script = join(import.meta.dirname, 'prune-process.ts');
    let dir = '';
    const start = (transactions: number) =>
      [script, (dir = copied()), String(transactions), String(clock.at)] as const;
    const { transactions, kills } = await killedAfterTransactions(start, async () => {
      // Its lease has run out.
      const catalog = await reopened(dir, clock.at + 31_000);
      catalog.checkIntegrity();
      const left = await look(dir, catalog);
      expect(left).toMatchObject({ damaged: [] });
      states.add(JSON.stringify(left));
      const job = await pruneAsJob(catalog);
      expect([job.state, prunedBy(job).freed.pending]).toEqual(['succeeded', undefined]);
      const end = await look(dir, catalog);
      expect(kept(end)).toEqual(kept(undisturbed));
      // Nothing is left over that a further run would free.
      expect(prunedBy(await pruneAsJob(catalog)).freed).toMatchObject({ snapshots: 0, chunks: 0 });
      expect(await look(dir, catalog)).toEqual(end);
      catalog.close();
    });
    tellFaults('prunes', { kills, resumed: kills });
    expect(transactions).toBeGreaterThan(15);
    // As it was; with more in the trash; without the plan; without the snapshots; without some, without all of their chunks; …
    expect(states.size).toBeGreaterThan(EVERY_CHECKPOINT ? 5 : 3);
  }, 600_000);
});
