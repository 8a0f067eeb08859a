/**
 * What a window waits for in realms of many users: search, pages of a table, pages of a plan's preview. Over the engine, as
 * windows ask it.
 *
 *   npx node bench/windows.ts [--users 1000000] [--rounds 3]
 *
 * Bars, for 1,000,000 users: first hits of a search ≤ 300 ms, all ≤ 2 s; a page of a plan's preview ≤ 1 s.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openEngine, type EngineClient } from '../core/engine/index.ts';
import { startSandbox } from '../sandbox/index.ts';
import { atMost, tell } from './bars.ts';
import { userName } from './catalog/population.ts';
import { storedRealm } from './catalog/stored-realm.ts';
import { median, printTable } from './report.ts';

const { values } = parseArgs({
  options: { users: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '3' } },
});
const users = Number(values.users);
/** How often other work is looked for, to see whether the engine lets it in. Milliseconds. */
const TICK = 5;

interface Search {
  readonly what: string;
  readonly text: string;
  /** Milliseconds until hits must be there. */
  readonly first?: number;
  /** Milliseconds until all must be; left out where so many are found that a window does not wait for all. */
  readonly all?: number | 'none set';
}

const SEARCHES: readonly Search[] = [
  {
    what: 'a name of which there is one',
    text: userName(Math.floor(users * 0.7)),
    first: 300,
    all: 2_000,
  },
  { what: 'a name that many have', text: 'hopper', first: 300 },
  { what: 'a name in another script', text: 'иванов', first: 300 },
  { what: 'what nobody has', text: 'nobody at all', all: 2_000 },
  { what: 'what every line has, in a member’s name', text: 'lastname', all: 'none set' },
];

interface Row {
  readonly what: string;
  readonly ms: number[];
  readonly bar: number | undefined;
  found: string;
  /** The longest time in which nothing else was let in. Milliseconds. */
  held: number;
}

const rows = new Map<string, Row>();
const dir = mkdtempSync(join(tmpdir(), 'drawbridge-bench-'));
const keys = { passphrase: () => Promise.resolve('bench') };
const sandbox = await startSandbox({ users: 0, environments: ['prod'] });
try {
  const snapshot = await storedRealm(dir, keys, users);
  const engine = await openEngine({ catalogDir: dir, keys });
  try {
    const { name, apiUrl, authUrl, clientId, clientSecret } = sandbox.environment('prod');
    await engine.client.environments.add({ name, api: { apiUrl, authUrl, clientId, clientSecret } });
    for (let round = 0; round < Number(values.rounds); round++) await measured(engine.client, snapshot);
    const plan = await planned(engine.client, snapshot);
    await previewed(engine.client, plan, 'made here');
    const other = await openEngine({ catalogDir: dir, keys });
    try {
      await previewed(other.client, plan, 'made elsewhere');
    } finally {
      await other.close();
    }
  } finally {
    await engine.close();
  }
  print();
} finally {
  await sandbox.stop();
  rmSync(dir, { recursive: true, force: true });
}

async function measured({ snapshots }: EngineClient, snapshot: string): Promise<void> {
  for (const { what, text, first, all } of SEARCHES) {
    await timed(`search for ${what}: first hits`, first, async () => {
      for await (const { matches, named, searched } of await snapshots.searchStream({ snapshot, text }))
        if (matches.length > 0 || named) return `after ${searched.toLocaleString('en')} records`;
      if (first !== undefined) throw new Error(`Nothing of “${text}” was found.`);
      return 'none';
    });
    if (all !== undefined)
      await timed(`search for ${what}: all`, all === 'none set' ? undefined : all, async () => {
        let found = 0;
        for await (const { matches } of await snapshots.searchStream({ snapshot, text }))
          found += matches.length;
        return `${found} found`;
      });
  }
  const page = { snapshot, section: 'users', limit: 100 } as const;
  await timed('100 records at the end', undefined, async () => {
    const { records } = await snapshots.records({ ...page, from: users - 100 });
    return `up to ${records.at(-1)!.index + 1}`;
  });
  await timed('100 records from anywhere', undefined, async () => {
    const { records } = await snapshots.records({ ...page, from: Math.floor(Math.random() * (users - 100)) });
    return `${records.length} records`;
  });
}

/** A plan to create them all, as a window has it made. */
async function planned({ jobs }: EngineClient, snapshot: string): Promise<string> {
  let plan = '';
  await timed('the plan itself: create all', undefined, async () => {
    const { id } = await jobs.start({
      kind: 'plan',
      source: snapshot,
      environment: 'prod',
      policy: { realmName: 'bench-copy' },
    });
    for await (const view of await jobs.watch({ job: id })) {
      if (view.error) throw new Error(view.error.message);
      if (view.result?.kind === 'plan') plan = view.result.plan.plan;
    }
    return plan;
  });
  return plan;
}

async function previewed({ plans }: EngineClient, plan: string, where: string): Promise<void> {
  const bar = where === 'made here' ? 1000 : undefined;
  const page = (input: object) => async () => {
    const { items, total } = await plans.items({ plan, ...input });
    return `${items.length} of ${total?.toLocaleString('en') ?? 'as many as there are'}`;
  };
  await timed(`a plan ${where}: first page`, bar, page({}));
  await timed(`a plan ${where}: page from the middle`, bar, page({ from: Math.floor(users / 2) }));
  await timed(`a plan ${where}: the middle again`, bar, page({ from: Math.floor(users / 2) }));
  await timed(`a plan ${where}: by text, first`, bar, page({ text: 'hiroshi' }));
  await timed(`a plan ${where}: by text, from its 1,000th hit`, bar, page({ text: 'hiroshi', from: 1000 }));
}

async function timed(what: string, bar: number | undefined, work: () => Promise<string>): Promise<void> {
  const row = rows.get(what) ?? { what, ms: [], bar, found: '', held: 0 };
  rows.set(what, row);
  let seen = performance.now();
  const look = () => {
    row.held = Math.max(row.held, performance.now() - seen - TICK);
    seen = performance.now();
  };
  const ticking = setInterval(look, TICK);
  const started = performance.now();
  row.found = await work();
  row.ms.push(performance.now() - started);
  look();
  clearInterval(ticking);
}

function print(): void {
  process.stdout.write(`${users.toLocaleString('en')} users\n\n`);
  printTable(
    ['what', 'ms (rounds)', 'held others up to, ms', 'found', 'bar', ''],
    [...rows.values()].map(({ what, ms, held, found, bar }) => [
      what,
      `${median(ms).toFixed(0)} (${ms.map((one) => one.toFixed(0)).join(', ')})`,
      Math.max(0, held).toFixed(0),
      found,
      bar === undefined ? '' : `≤ ${bar} ms`,
      bar === undefined ? '' : median(ms) <= bar ? 'pass' : '**short**',
    ]),
  );
  for (const { what, ms, bar } of rows.values())
    if (bar !== undefined) tell({ what, value: median(ms), unit: 'ms', bar: atMost(bar) });
  process.stdout.write(
    `\nPeak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB, the sandbox’s included.\n`,
  );
}
