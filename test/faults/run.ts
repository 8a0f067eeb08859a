/**
 * `npm run faults`: runs every suite that kills, damages or floods Drawbridge, and prints what each of them did, in a table.
 * Words after `--` are vitest's (a file's name runs that alone). Ends with vitest's exit code.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { table } from '../../cli/render/table.ts';
import { COUNTED, COUNTS_FILE, type Counted, type ToldCounts } from './fault-counts.ts';

const SUITES = [
  'test/faults/',
  'test/fuzz/',
  'test/engine/killed.test.ts',
  'test/engine/prune-killed.test.ts',
  'test/network/many-faults.test.ts',
  'core/catalog/damage.test.ts',
  'core/catalog/damaged-log.test.ts',
  'core/catalog/processes.test.ts',
  'core/catalog/copies/move-catalog.test.ts',
  'core/catalog/space/compact-catalog.test.ts',
];

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'drawbridge-faults-'));
const file = join(folder, 'counts.ndjson');
const given = process.argv.slice(2);
try {
  const vitest = spawn('npx', ['vitest', 'run', ...(given.length > 0 ? given : SUITES)], {
    cwd: root,
    stdio: 'inherit',
    // As long, and as often, as they are meant to: a run of all tests has no time for that.
    env: {
      DRAWBRIDGE_FAULT_SECONDS: '120',
      DRAWBRIDGE_FAULT_CHECKPOINTS: 'all',
      ...process.env,
      [COUNTS_FILE]: file,
    },
  });
  const [code] = (await once(vitest, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
  const told = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  print(told.map((text) => JSON.parse(text) as ToldCounts));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function print(told: readonly ToldCounts[]): void {
  const names = Object.keys(COUNTED) as Counted[];
  const shown = names.filter((name) => told.some(({ counts }) => counts[name] !== undefined));
  const row = (suite: string, of: (name: Counted) => number | undefined) => [
    suite,
    ...shown.map((name) => of(name)?.toLocaleString('en') ?? ''),
  ];
  const rows = told
    .filter(({ skipped }) => skipped === undefined)
    .toSorted((a, b) => (a.suite < b.suite ? -1 : 1))
    .map(({ suite, counts }) => row(suite, (name) => counts[name]));
  const total = row('together', (name) => told.reduce((sum, { counts }) => sum + (counts[name] ?? 0), 0));
  const columns = [
    { title: 'suite' },
    ...shown.map((name) => ({ title: COUNTED[name], align: 'right' as const })),
  ];
  const notTried = told.flatMap(({ suite, skipped }) =>
    skipped === undefined
      ? []
      : [`NOT TRIED: ${suite}, since ${skipped}. It says nothing about these faults.`],
  );
  process.stdout.write(`\n${[...table(columns, [...rows, total]), ...notTried].join('\n')}\n`);
}
