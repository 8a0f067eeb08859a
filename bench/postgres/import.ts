/**
 * Importing over PostgreSQL: a whole realm where there is none, or one without users; 1 % of it into a populated one; and
 * nothing into an equal one. Beside it what loading the dump of the same tables, and capturing the same realm, cost in
 * the same run.
 *
 *   npx node bench/postgres/import.ts [--users 1000000] [--rounds 3] [--only whole|one-percent|nothing] [--profile folder]
 *
 * Bars (seconds by the clock, medians of rounds that take turns): writing a whole realm ≤ 1.0 × `psql` loading the data
 * of `pg_dump`, 350 MB; 1 %, until the last commit, ≤ 1.5 × a capture + the writes (an apply captures the target before and
 * after, so that the second capture, which proves what was written, can only come on top); nothing ≤ 2 × a capture, and no
 * row is touched.
 */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { PolicyInput } from '../../contract/plan.ts';
import { median } from '../report.ts';
import { environmentOf, runJob } from './engine-job.ts';
import type { JobRun } from './job-process.ts';
import {
  apart,
  changeUsers,
  createEmpty,
  createPopulation,
  REALM,
  SOURCE,
  type DatabaseSet,
} from './population.ts';
import { printRows, type Row } from './rows.ts';
import { startServer } from './server.ts';

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    profile: { type: 'string' },
  },
});
const users = Number(values.users);
const rounds = Number(values.rounds);
const { only, profile } = values;

/** As a migration that makes the target like the source without deleting anything there. */
const POLICY: PolicyInput = { realm: 'merge', users: 'merge', clients: 'update' };
const TARGET = apart('target');
const LOADED = apart('loaded');
/** What is dumped, loaded and timed, by database. */
const MEASURED = { user: ['users', 'user_credentials'], rbac: ['user_role_mappings'] } as const;

const server = await startServer();

/** What the target has of the realm before it is imported. */
const BEFORE = [
  { what: 'new realm', create: (names: DatabaseSet) => createEmpty(server, names) },
  { what: 'realm without users', create: createWithoutUsers },
] as const;

try {
  await createPopulation(server, users);
  process.stdout.write(
    `${users.toLocaleString('en')} users with a credential and two role mappings each; PostgreSQL ${server.version} as it is installed; medians of ${rounds} rounds that take turns\n\n`,
  );
  printRows([
    ...(isWanted('whole') ? await wholeRealm() : await populate()),
    ...(isWanted('nothing') ? await nothing('nothing differs') : []),
    ...(isWanted('one-percent') ? await onePercent() : []),
    ...(isWanted('nothing') ? await nothing('nothing differs but when some were changed') : []),
  ]);
} finally {
  await server.stop();
}

function isWanted(what: 'whole' | 'one-percent' | 'nothing'): boolean {
  return only === undefined || only === what;
}

/** What the other measurements expect of the first one: a target that is equal to the source. */
async function populate(): Promise<Row[]> {
  await createEmpty(server, TARGET);
  importInto(backUp('dev', catalogOf('work')).snapshot);
  await requireEqual(TARGET);
  return [];
}

interface Import {
  readonly plan: JobRun;
  readonly apply: JobRun;
}

async function wholeRealm(): Promise<Row[]> {
  const dumped = dump();
  const source = backUp('dev', catalogOf('source'));
  const loads: number[] = [];
  const imports = BEFORE.map((): Import[] => []);
  for (let round = 0; round < rounds; round++) {
    await createWithoutUsers(LOADED);
    await server.settle();
    loads.push(load());
    await requireEqual(LOADED);
    for (const [i, { create }] of BEFORE.entries()) {
      await create(TARGET);
      await server.settle();
      // Each round begins with the source in the catalog, and nothing of the target.
      rmSync(catalogOf('work'), { recursive: true, force: true });
      cpSync(catalogOf('source'), catalogOf('work'), { recursive: true });
      imports[i]!.push(importInto(source.snapshot));
      await requireEqual(TARGET);
    }
  }
  const baseline = { what: 'psql', seconds: median(loads) };
  return [
    { what: '`pg_dump --data-only` into a file', seconds: [dumped] },
    { what: '`psql` of that file, indexes standing', seconds: loads },
    ...BEFORE.flatMap(({ what }, i) => wholeRealmRows(what, imports[i]!, baseline)),
  ];
}

function wholeRealmRows(what: string, imports: readonly Import[], baseline: Row['baseline']): Row[] {
  const applies = imports.map(({ apply }) => apply);
  return [
    {
      what: `**${what}, the writing: first step to last commit**`,
      seconds: applies.map(({ writing }) => writing!),
      peakMb: applies.map(({ peakMb }) => peakMb),
      ...(baseline && { baseline }),
      bar: 1,
      memoryBar: 350,
    },
    {
      what: `${what}, the job \`apply\`: safety capture, check of the plan, writing, verification`,
      ...figures(applies),
      ...(baseline && { baseline }),
    },
    { what: `${what}, the job \`plan\``, ...figures(imports.map(({ plan }) => plan)) },
  ];
}

/** Expects the target to be equal to the source. */
async function onePercent(): Promise<Row[]> {
  const imports: Import[] = [];
  const captures = { first: [] as JobRun[], again: [] as JobRun[] };
  for (let round = 1; round <= rounds; round++) {
    await changeUsers(server, Math.round(users / 100), round, { passwords: true, roles: true });
    const source = backUp('dev', catalogOf('work'));
    await tidy();
    rmSync(catalogOf('fresh'), { recursive: true, force: true });
    captures.first.push(backUp('prod', catalogOf('fresh')).run);
    captures.again.push(backUp('prod', catalogOf('work')).run);
    imports.push(importInto(source.snapshot));
    await requireEqual(TARGET);
  }
  const first = median(captures.first.map(({ seconds }) => seconds));
  const writes = median(imports.map(({ apply }) => apply.writing!));
  const allowed = { what: '1.5 × a capture + the writes', seconds: 1.5 * first + writes };
  return [
    { what: '1 % differs, capture of the target into an empty catalog', ...figures(captures.first) },
    { what: '1 % differs, capture of the target, unchanged since the last one', ...figures(captures.again) },
    { what: '1 % differs, the writing', seconds: imports.map(({ apply }) => apply.writing!) },
    {
      what: '**1 % differs, `apply` until the last commit: safety capture, check of the plan, writing**',
      seconds: imports.map(({ apply }) => apply.untilWritten!),
      baseline: allowed,
      bar: 1,
    },
    {
      what: '1 % differs, the whole job `apply`, which captures the target again and verifies every item',
      ...figures(imports.map(({ apply }) => apply)),
      baseline: allowed,
    },
    {
      what: '1 % differs, `plan` and `apply`',
      seconds: imports.map(({ plan, apply }) => plan.seconds + apply.seconds),
      baseline: allowed,
    },
  ];
}

/** Expects the target to be equal to the source. */
async function nothing(what: string): Promise<Row[]> {
  const imports: Import[] = [];
  const captures: JobRun[] = [];
  const source = backUp('dev', catalogOf('work'));
  await tidy();
  for (let round = 0; round < rounds; round++) {
    rmSync(catalogOf('fresh'), { recursive: true, force: true });
    captures.push(backUp('prod', catalogOf('fresh')).run);
    const before = await rowVersions(TARGET);
    imports.push(importInto(source.snapshot));
    const after = await rowVersions(TARGET);
    if (after !== before) throw new Error('An import of nothing has written rows.');
  }
  const baseline = { what: 'capture', seconds: median(captures.map(({ seconds }) => seconds)) };
  return [
    { what: `${what}, capture of the target into an empty catalog`, ...figures(captures) },
    {
      what: `**${what}, the job \`apply\`** (every row still has its version)`,
      ...figures(imports.map(({ apply }) => apply)),
      baseline,
      bar: 2,
      memoryBar: 350,
    },
    {
      what: `${what}, \`plan\` and \`apply\``,
      seconds: imports.map(({ plan, apply }) => plan.seconds + apply.seconds),
      baseline,
    },
  ];
}

function catalogOf(name: string): string {
  return join(server.folder, `catalog-${name}`);
}

function environments() {
  return [environmentOf(server, 'dev'), environmentOf(server, 'prod', TARGET)];
}

function backUp(environment: string, catalog: string): { snapshot: string; run: JobRun } {
  const run = runJob({
    catalog,
    environments: environments(),
    job: { kind: 'backup', environment, realms: [REALM] },
  });
  if (run.result.kind !== 'backup') throw new Error('The backup has no snapshot.');
  return { snapshot: run.result.snapshots[0]!.id, run };
}

function importInto(snapshot: string): Import {
  const request = { catalog: catalogOf('work'), environments: environments() };
  if (profile !== undefined) mkdirSync(profile, { recursive: true });
  const plan = runJob(
    { ...request, job: { kind: 'plan', source: snapshot, environment: 'prod', policy: POLICY } },
    profile,
  );
  if (plan.result.kind !== 'plan') throw new Error('The plan is missing.');
  const { result } = plan;
  const apply = runJob({ ...request, job: { kind: 'apply', plan: result.plan.plan } }, profile);
  explain('plan', plan);
  explain('apply', apply);
  if (apply.result.kind !== 'apply') throw new Error('The apply has no result.');
  const { verified, status } = apply.result.result;
  if (!verified && status !== 'nothing-to-do') throw new Error('The import was not verified.');
  return { plan, apply };
}

/** Where the time of a run went, on stderr: it is not part of the table. */
function explain(what: string, { seconds, phases, steps }: JobRun): void {
  const parts = phases.map((part) => `${part.phase} ${part.seconds.toFixed(1)} (${part.mb} MB)`);
  const written = Object.entries(steps).map(([step, each]) => `${step} ${each.toFixed(1)}`);
  process.stderr.write(`${what} ${seconds.toFixed(2)} s: ${parts.join(', ')}; ${written.join(', ')}\n`);
}

function figures(runs: readonly JobRun[]): Pick<Row, 'seconds' | 'cpuSeconds' | 'peakMb'> {
  return {
    seconds: runs.map(({ seconds }) => seconds),
    cpuSeconds: runs.map(({ cpuSeconds }) => cpuSeconds),
    peakMb: runs.map(({ peakMb }) => peakMb),
  };
}

function dumpOf(service: keyof typeof MEASURED): string {
  return join(server.folder, `${service}.sql`);
}

function dump(): number {
  let seconds = 0;
  for (const service of ['user', 'rbac'] as const) {
    const tables = MEASURED[service].map((table) => `--table=${table}`);
    const args = ['--data-only', ...tables, `--file=${dumpOf(service)}`, SOURCE[service]];
    seconds += server.run('pg_dump', args).seconds;
  }
  return seconds;
}

function load(): number {
  let seconds = 0;
  for (const service of ['user', 'rbac'] as const)
    seconds += server.run('psql', [
      '--no-psqlrc',
      '--quiet',
      '--set=ON_ERROR_STOP=1',
      `--file=${dumpOf(service)}`,
      LOADED[service],
    ]).seconds;
  return seconds;
}

/** The source's realm with nobody in it. Its roles, with their ids, must stand for `psql` to load the mappings. */
async function createWithoutUsers(names: DatabaseSet): Promise<void> {
  await createEmpty(server, names);
  const file = join(server.folder, 'rest.sql');
  for (const [service, table] of [
    ['realm', 'realms'],
    ['rbac', 'roles'],
  ] as const) {
    server.run('pg_dump', ['--data-only', `--table=${table}`, `--file=${file}`, SOURCE[service]]);
    server.run('psql', ['--no-psqlrc', '--quiet', `--file=${file}`, names[service]]);
  }
}

/** What autovacuum would do at some moment, so that it falls into no run. */
async function tidy(): Promise<void> {
  for (const names of [SOURCE, TARGET])
    for (const service of ['user', 'rbac'] as const) await server.query(names[service], 'VACUUM (ANALYZE)');
  await server.settle();
}

/** @throws Error when these databases do not hold the same users, hashes and mappings as the source, with the same ids of users */
async function requireEqual(names: DatabaseSet): Promise<void> {
  const [there, here] = [await contents(names), await contents(SOURCE)];
  if (there !== here) throw new Error(`The copy in ${names.user} differs from the source.`);
}

async function contents(names: DatabaseSet): Promise<string> {
  const sum = (row: string) => `count(*) || ' ' || sum(hashtextextended((${row})::text, 0)::numeric)`;
  const parts = [
    [
      names.user,
      `SELECT ${sum('id, username, email, first_name, last_name, enabled, email_verified')} AS sum FROM users`,
    ],
    [names.user, `SELECT ${sum('user_id, credential_type, secret_hash')} AS sum FROM user_credentials`],
    [
      names.rbac,
      `SELECT ${sum('user_id, name')} AS sum FROM user_role_mappings JOIN roles ON roles.id = role_id`,
    ],
  ] as const;
  const sums = [];
  for (const [database, sql] of parts)
    sums.push((await server.query<{ sum: string }>(database, sql))[0]!.sum);
  return sums.join();
}

/** Changes when any row of these tables is inserted, deleted, updated or locked for an update. */
async function rowVersions(names: DatabaseSet): Promise<string> {
  const sums = [];
  for (const [service, tables] of [
    ['realm', ['realms']],
    ['user', ['users', 'user_credentials', 'user_social_links']],
    ['rbac', ['roles', 'groups', 'policies', 'user_role_mappings', 'group_role_mappings']],
    ['client', ['oauth_clients']],
  ] as const)
    for (const table of tables) {
      const [row] = await server.query<{ sum: string }>(
        names[service],
        `SELECT count(*) || ' ' || coalesce(sum(hashtextextended((ctid, xmin, xmax)::text, 0)::numeric), 0) AS sum FROM ${table}`,
      );
      sums.push(row!.sum);
    }
  return sums.join();
}
