import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addDatabaseWords, addWords, setStage, type Stage } from '../cli/sandboxed.ts';
import type { Busy, Claim, Ran } from './busy-process.ts';
import { tellFaults } from './fault-counts.ts';

/** DRAWBRIDGE_FAULT_SECONDS=120 for the long run. */
const SECONDS = Number(process.env['DRAWBRIDGE_FAULT_SECONDS'] ?? 12);
const PARTS = ['backup', 'seed', 'seed-too', 'plan', 'look', 'search', 'verify', 'trash'];
/** What may come of two that want the same at the same time. All else is a defect. */
const CONTENTION = new Set(['CATALOG_LOCKED', 'TARGET_CHANGED']);

let stage: Stage;

beforeAll(async () => {
  stage = await setStage(200);
  await stage.run(...addWords(stage, 'dev'));
  await stage.run(...addDatabaseWords('prod'));
});
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
});

interface Run {
  readonly code: number | null;
  readonly ran: readonly Ran[];
  readonly err: string;
}

async function busy(task: Busy): Promise<Run> {
  const file = join(stage.folder, `${task.part}.json`);
  writeFileSync(file, JSON.stringify(task));
  const script = fileURLToPath(new URL('./busy-process.ts', import.meta.url));
  const child = spawn(process.execPath, [script, file], {
    env: stage.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ran: Ran[] = [];
  for await (const line of createInterface({ input: child.stdout })) ran.push(JSON.parse(line) as Ran);
  return { code: (await exited)[0] as number | null, ran, err };
}

test(
  `eight processes with one catalog for ${SECONDS} s: nothing is damaged, lost or answered wrongly`,
  async () => {
    const known = (await stage.run('backup', 'dev', 'acme', '--json')).json() as unknown as {
      snapshots: { id: string }[];
    };
    const { id } = known.snapshots[0]!;
    const found = (await stage.run('snapshot', 'search', id, 'alice', '--json')).json() as unknown as {
      matches: unknown[];
    };
    expect(found.matches.length).toBeGreaterThan(0);
    const seedFile = join(stage.folder, 'busy-realm.json');
    const realm = { id: 'busy', displayName: '${TURN}' };
    writeFileSync(seedFile, JSON.stringify({ realm, roles: [{ name: 'r' }], users: [] }));

    const runs = await Promise.all(
      PARTS.map((part) =>
        busy({ part, seconds: SECONDS, seedFile, known: { id, alice: found.matches.length } }),
      ),
    );
    tellCounts(runs);
    tellFaults('processes on one catalog', {
      processes: runs.length,
      processSeconds: runs.length * SECONDS,
    });

    for (const { code, err, ran } of runs) {
      expect([code, err]).toEqual([0, '']);
      expect(ran.length).toBeGreaterThan(0);
      for (const one of ran) {
        if (one.code !== 0) expect(CONTENTION, JSON.stringify(one)).toContain(one.error);
        // Only those who write the same realm stand in each other's way.
        if (one.code !== 0) expect(one.part, JSON.stringify(one)).toMatch(/^seed/);
      }
      expect(ran.some(({ code }) => code === 0)).toBe(true);
    }

    const verified = await stage.run('snapshot', 'verify', '--json');
    expect([verified.code, verified.json()]).toMatchObject([0, { damaged: [] }]);
    await expectClaims(runs.flatMap(({ ran }) => ran.flatMap(({ claim }) => claim ?? [])));
    const { jobs } = (await stage.run('job', 'list', '--limit', '1000', '--json')).json() as unknown as {
      jobs: { state: string }[];
    };
    expect(jobs.filter(({ state }) => !['succeeded', 'failed'].includes(state))).toEqual([]);

    // The realm that two fought over is what one of them wanted last, and whole.
    const [last] = await stage.sandbox
      .environment('prod')
      .query<{ display_name: string }>('realm', `SELECT display_name FROM realms WHERE name = 'busy'`);
    expect(last!.display_name).toMatch(/^seed(?:-too)? \d+$/);
  },
  SECONDS * 1000 + 180_000,
);

interface Stored {
  readonly id: string;
  readonly root: string;
  readonly counts: { readonly users: number };
  readonly tags: readonly string[];
}

/** Everything that was told to be stored is there as it was told, in its place. */
async function expectClaims(claims: readonly Claim[]): Promise<void> {
  const listed = async (...more: string[]): Promise<Map<string, Stored>> => {
    const ran = await stage.run('snapshot', 'list', ...more, '--json');
    const { snapshots } = ran.json() as unknown as { snapshots: Stored[] };
    return new Map(snapshots.map((snapshot) => [snapshot.id, snapshot]));
  };
  const kept = await listed();
  const trashed = await listed('--trash');
  const place = new Map<string, 'kept' | 'trashed'>();
  for (const { id, kind } of claims) {
    if (kind === 'deleted') place.set(id, 'trashed');
    else if (kind === 'restored' || kind === 'snapshot') place.set(id, 'kept');
  }
  for (const claim of claims) {
    const isKept = place.get(claim.id) === 'kept';
    const stored = (isKept ? kept : trashed).get(claim.id);
    expect(stored, JSON.stringify(claim)).toBeDefined();
    expect((isKept ? trashed : kept).has(claim.id), claim.id).toBe(false);
    if (claim.kind === 'snapshot')
      expect([stored!.root, stored!.counts.users]).toEqual([claim.root, claim.users]);
    if (claim.kind === 'tag') expect(stored!.tags).toContain(claim.tag);
  }
}

function tellCounts(runs: readonly Run[]): void {
  const counts = runs.flatMap(({ ran }) => {
    const [first] = ran;
    if (!first) return [];
    const refused = ran.filter(({ code }) => code !== 0);
    const codes = [...new Set(refused.map(({ error }) => error))].join(', ');
    return [`${first.part} ${ran.length}${refused.length > 0 ? ` (${refused.length} ${codes})` : ''}`];
  });
  const total = runs.reduce((sum, { ran }) => sum + ran.length, 0);
  console.log(`${total} commands in ${SECONDS} s: ${counts.join(', ')}`);
}
