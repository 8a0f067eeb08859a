/**
 * Comparing and planning with snapshots of many users as they lie in an encrypted catalog: cost follows what changed.
 *
 *   npx node bench/diff.ts [--users 1000000] [--rounds 3]
 *
 * Bar: ≤ 1 s for 1,000,000 users of which 1,000 changed, scattered at random.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openCatalog, type Catalog } from '../core/catalog/index.ts';
import { diffSnapshots } from '../core/compare/diff-snapshots.ts';
import type { SnapshotSides } from '../core/compare/section-side.ts';
import { DOCUMENTED_ROUTE } from '../core/connectors/admin-api/documented/route.ts';
import { snapshotSides } from '../core/jobs/snapshot-sides.ts';
import { canonicalRecord } from '../core/model/canonical.ts';
import type { CanonicalRecord } from '../core/model/record.ts';
import { DEFAULT_POLICY, type PlanContext, type Policy } from '../core/planner/plan.ts';
import { planItems } from '../core/planner/plan-items.ts';
import { createSummary } from '../core/planner/summary.ts';
import { atMost, tell } from './bars.ts';
import { median } from './report.ts';

const { values } = parseArgs({
  options: { users: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '3' } },
});
const users = Number(values.users);
const BATCH = 1_000;
const JUDGED = 'diff, 1,000 changed';
const KNOWN = ['username', 'email', 'firstName', 'lastName', 'enabled', 'emailVerified', 'roles'];

interface Row {
  readonly what: string;
  readonly seconds: number[];
  /** Of all threads; on a busy machine steadier than the time. */
  readonly cpuSeconds: number[];
  found: string;
}

const dir = mkdtempSync(join(tmpdir(), 'drawbridge-bench-'));
const catalog = await openCatalog({
  dir,
  keys: { passphrase: () => Promise.resolve('bench') },
  create: true,
});
try {
  const base = await store(catalog, 0);
  const few = await store(catalog, 1_000);
  const more = await store(catalog, 10_000);
  const rows = new Map<string, Row>();
  for (let round = 0; round < Number(values.rounds); round++) {
    await timed(rows, 'diff, unchanged', () => differences(base, base));
    await timed(rows, JUDGED, () => differences(base, few));
    await timed(rows, 'diff, 10,000 changed', () => differences(base, more));
    await timed(rows, 'plan to merge, 1,000 changed', () => plan(base, few, { users: 'merge' }));
    await timed(rows, 'plan to create', () => plan(undefined, base, {}));
    await timed(rows, 'plan to overwrite, 1,000 changed', () => plan(base, few, { realm: 'overwrite' }));
  }
  print([...rows.values()]);
  for (const { what, seconds } of rows.values())
    tell({ what, value: median(seconds), unit: 's', ...(what === JUDGED && { bar: atMost(1) }) });
} finally {
  catalog.close();
  rmSync(dir, { recursive: true, force: true });
}

/** A snapshot of all users, of which so many, scattered at random, have another e-mail address than the first had. */
async function store(into: Catalog, changed: number): Promise<string> {
  const writer = into.snapshots.begin({ realm: 'bench', purpose: 'import', complete: true });
  await writer.addOrdered('realm', [canonicalRecord('realm', { name: 'bench' })]);
  let batch: CanonicalRecord[] = [];
  for (let i = 0; i < users; i++) {
    batch.push(user(i, changed));
    if (batch.length < BATCH && i < users - 1) continue;
    await writer.addOrdered('users', batch);
    batch = [];
  }
  const { id } = await writer.commit(
    {
      realm: 'bench',
      channel: 'file',
      dialect: 'bench',
      sections: ['realm', 'users'],
      knows: { realm: ['name'], users: KNOWN },
      missing: [],
      warnings: [],
    },
    new AbortController().signal,
  );
  return id;
}

function user(i: number, changed: number): CanonicalRecord {
  const hash = createHash('sha256').update(String(i)).digest();
  const isChanged = hash.readUInt32BE(0) < (changed / users) * 2 ** 32;
  const hex = hash.toString('hex');
  return canonicalRecord('users', {
    username: `user-${String(i).padStart(8, '0')}`,
    email: `${hex.slice(0, 12)}${isChanged ? `.${changed}` : ''}@mail.example.com`,
    firstName: `First${hash[4]}`,
    lastName: `Last${hash.readUInt16BE(5)}`,
    enabled: hash[7]! > 5,
    emailVerified: hash[8]! > 60,
    roles: ['viewer', `role-${hash[9]! % 20}`],
    id: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
    createdAt: `2025-01-${String((hash[10]! % 28) + 1).padStart(2, '0')}T00:00:00.${hash[11]! + 100}Z`,
  });
}

function sidesOf(snapshot: string): SnapshotSides {
  return snapshotSides(catalog.snapshots, catalog.snapshots.get(snapshot));
}

async function differences(left: string, right: string): Promise<string> {
  let found = 0;
  for await (const part of diffSnapshots(sidesOf(left), sidesOf(right)))
    if (part.kind === 'differences') found += part.records.length;
  return `${found} differences`;
}

async function plan(target: string | undefined, source: string, policy: Partial<Policy>): Promise<string> {
  const context: PlanContext = {
    policy: { ...DEFAULT_POLICY, realm: 'merge', ...policy },
    route: DOCUMENTED_ROUTE,
    targetRealm: 'bench',
    targetExists: target !== undefined,
  };
  const sides = { target: target === undefined ? {} : sidesOf(target), source: sidesOf(source) };
  const summary = createSummary(context);
  for await (const entries of planItems(context, sides)) summary.add(entries);
  const { create, update, unchanged } = summary.finish().sections.users!;
  return `${create} create, ${update} update, ${unchanged} unchanged`;
}

async function timed(rows: Map<string, Row>, what: string, run: () => Promise<string>): Promise<void> {
  const row = rows.get(what) ?? { what, seconds: [], cpuSeconds: [], found: '' };
  rows.set(what, row);
  const started = performance.now();
  const before = process.cpuUsage();
  row.found = await run();
  row.seconds.push((performance.now() - started) / 1000);
  const { user, system } = process.cpuUsage(before);
  row.cpuSeconds.push((user + system) / 1e6);
}

function print(rows: readonly Row[]): void {
  console.log(`${users.toLocaleString('en')} users, median of ${values.rounds} rounds`);
  const table = rows.map(({ what, seconds, cpuSeconds, found }) => ({
    what,
    seconds: median(seconds).toFixed(3),
    best: Math.min(...seconds).toFixed(3),
    'CPU seconds': median(cpuSeconds).toFixed(3),
    found,
  }));
  console.table(table);
  console.log(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
}
