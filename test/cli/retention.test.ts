import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CatalogStats } from '../../contract/catalog.ts';
import type { FreedView, RetentionView } from '../../contract/retention.ts';
import { addWords, setStage, type Ran, type Stage } from './sandboxed.ts';
import { captured } from './captured.ts';

/** Whatever could stand in the way is passed over. */
const SETTLED = ['--conflicts', 'skip', '--case-variants', 'create', '--unsupported', 'skip'];
const MERGED = ['--realm', 'merge', '--users', 'merge', '--clients', 'skip', ...SETTLED];

let stage: Stage;
const run = (...words: string[]): Promise<Ran> => stage.run(...words);
const ids: string[] = [];

async function backup(...words: string[]): Promise<string> {
  const { snapshots } = (await run('backup', ...words, '--json')).json() as unknown as {
    snapshots: { id: string }[];
  };
  return snapshots[0]!.id;
}

const listed = async (...words: string[]): Promise<string[]> => {
  const { snapshots } = (await run('snapshot', 'list', ...words, '--json')).json() as unknown as {
    snapshots: { id: string }[];
  };
  return snapshots.map(({ id }) => id);
};

beforeAll(async () => {
  stage = await setStage(60);
  await run(...addWords(stage, 'dev'));
  await run('env', 'add', 'prod', '--pg-url-env', 'PROD_DATABASE');
  for (const tag of ['nightly', 'nightly', 'release', 'nightly'])
    ids.unshift(await backup('dev', 'acme', '--tag', tag));
});
afterAll(async () => stage[Symbol.asyncDispose]());

test('a rule is needed, and one that cannot be is refused before anything is touched', async () => {
  for (const [words, code, message] of [
    [[], 2, 'USAGE'],
    [['--keep-last', '0'], 2, 'USAGE'],
    [['--keep-last', 'x'], 2, 'USAGE'],
    [['--keep-within', '90'], 2, 'USAGE'],
    [['--keep-last', '1', '--time-zone', 'Nowhere'], 2, 'USAGE'],
    [['--keep-tag', 'nihgtly'], 1, 'RETENTION_REFUSED'],
    [['--keep-last', '1', '--tag', 'nope'], 1, 'RETENTION_REFUSED'],
    [['--keep-last', '1', '--realm', 'nope'], 1, 'NOT_FOUND'],
  ] as const) {
    const ran = await run('snapshot', 'prune', ...words, '--json');
    expect([words, ran.code, ran.json()]).toMatchObject([words, code, { error: { code: message } }]);
  }
  expect(await listed()).toEqual(ids);
  expect((await run('snapshot', 'prune', '--keep-last', '1', '--time-zone', 'Nowhere')).err).toContain(
    'the time zone (--time-zone): a time zone such as Europe/Berlin or UTC',
  );
});

test('--dry-run lists every snapshot with the rule that keeps it or lets it go', async () => {
  const words = [
    'snapshot',
    'prune',
    '--keep-daily',
    '1',
    '--keep-tag',
    'release',
    '--time-zone',
    'Asia/Tokyo',
  ];
  const json = (await run(...words, '--dry-run', '--json')).json() as unknown as RetentionView;
  expect(json).toMatchObject({ dryRun: true, timeZone: 'Asia/Tokyo', kept: 2, trashed: 2, grace: '14d' });
  expect(json.groups).toMatchObject([
    {
      environment: 'dev',
      realm: 'acme',
      snapshots: [
        { id: ids[0], keep: true, reasons: [{ rule: 'daily' }] },
        { id: ids[1], keep: true, reasons: [{ rule: 'tag', period: 'release' }] },
        { id: ids[2], keep: false, reasons: [{ rule: 'unmatched' }] },
        { id: ids[3], keep: false, reasons: [{ rule: 'unmatched' }] },
      ],
    },
  ]);
  const { out } = await run(...words, '--dry-run');
  expect(out).toMatch(/^dev\/acme\n/);
  expect(out).toMatch(new RegExp(`${ids[0]} .* backup +stays +newest of day \\d{4}-`));
  expect(out).toMatch(new RegExp(`${ids[3]} .* backup +goes +no rule keeps it`));
  expect(out).toContain('2 snapshots would stay, 2 would go to the trash, for 14d.');
  expect(await listed()).toEqual(ids);
});

test('it moves to the trash, from where a snapshot comes back', async () => {
  const ran = await run('snapshot', 'prune', '--env', 'dev', '--realm', 'acme', '--keep-last', '2', '--json');
  expect(ran.json()).toMatchObject({ kept: 2, trashed: 2, freed: { snapshots: 0 }, forgotten: { plans: 0 } });
  expect(await listed('--trash')).toEqual(ids.slice(2));
  expect((await run('snapshot', 'list', '--trash')).out).toMatch(/in the trash since \d{4}-/);
  expect((await run('snapshot', 'restore-from-trash', ids[2]!)).code).toBe(0);
  expect(await listed()).toEqual(ids.slice(0, 3));
  const again = await run('snapshot', 'prune', '--keep-last', '2');
  expect(again.out).toContain('dev/acme  2 kept  1 to the trash');
  expect(again.out).toContain('1 snapshot is in the trash, for 14d.');
  expect((await run('job', 'report', (await newestJob()).id)).out).toContain(
    'Move one snapshot to the trash',
  );
});

async function newestJob(): Promise<{ id: string; kind: string }> {
  const { jobs } = (await run('job', 'list', '--limit', '1', '--json')).json() as unknown as {
    jobs: { id: string; kind: string }[];
  };
  return jobs[0]!;
}

test('the trash is emptied before its time only when their number is confirmed', async () => {
  expect((await run('snapshot', 'empty-trash')).out).toBe('Nothing was there to be deleted for good.\n');
  const dry = await run('snapshot', 'empty-trash', '--older-than', '0d', '--dry-run');
  expect(dry.out).toContain('2 snapshots would be deleted for good.');
  const refused = await run('snapshot', 'empty-trash', '--older-than', '0d', '--json');
  expect([refused.code, refused.json()]).toMatchObject([
    4,
    {
      error: {
        code: 'CONFIRMATION_NEEDED',
        remedy: expect.stringContaining('snapshot empty-trash --older-than 0d --confirm 2'),
      },
    },
  ]);
  expect((await run('snapshot', 'empty-trash', '--older-than', '0d', '--confirm', '3')).code).toBe(4);

  // A person is asked, and Enter cancels.
  for (const [typed, code] of [
    ['\n', 4],
    ['2\n', 0],
  ] as const) {
    const around = captured(stage.env, { tty: true });
    around.stdin.push(typed);
    const ran = await stage.begin(around, 'snapshot', 'empty-trash', '--older-than', '0d');
    expect([typed, ran.code]).toEqual([typed, code]);
    expect(ran.err).toContain('Type their number (2) to go on');
    expect(await listed('--trash')).toHaveLength(code === 0 ? 0 : 2);
  }
  expect((await run('snapshot', 'verify', '--json')).json()).toMatchObject({ damaged: [] });
});

test('what a job can be undone with survives any policy, and undoes it', async () => {
  const { job, safetySnapshot } = (
    await run('migrate', 'dev/acme', 'prod', '--realm-name', 'acme', ...MERGED, '--json')
  ).json() as unknown as { job: string; safetySnapshot: string };
  const words = ['snapshot', 'prune', '--keep-last', '1', '--keep-safety', '0d', '--json'];
  const { groups } = (await run(...words, '--dry-run')).json() as unknown as RetentionView;
  expect(groups.flatMap(({ snapshots }) => snapshots)).toContainEqual(
    expect.objectContaining({
      id: safetySnapshot,
      keep: true,
      reasons: [{ rule: 'rollback', by: job }],
    }),
  );
  const pruned = (await run(...words)).json() as unknown as RetentionView;
  const gone = pruned.groups.flatMap(({ snapshots }) => snapshots);
  expect([gone.length, gone.every(({ keep }) => !keep)]).toEqual([pruned.trashed, true]);
  expect(gone.map(({ id }) => id)).not.toContain(safetySnapshot);
  // Nor does it go when somebody moves it to the trash.
  await run('snapshot', 'delete', safetySnapshot);
  const trash = (await run('snapshot', 'empty-trash', '--older-than', '0d', '--dry-run', '--json')).json();
  expect(trash).toMatchObject({
    snapshots: expect.arrayContaining([
      expect.objectContaining({ id: safetySnapshot, goes: false, reasons: [{ rule: 'rollback', by: job }] }),
    ]),
  });
  const { goes } = trash as unknown as { goes: number };
  const emptied = await run('snapshot', 'empty-trash', '--older-than', '0d', '--confirm', String(goes));
  expect(emptied.out).toContain(`  ${safetySnapshot}  job ${job} is undone with it\n`);
  const undone = await run('rollback', job, '--confirm', 'acme', '--json');
  expect([undone.code, undone.json()]).toMatchObject([0, { verified: true, undid: job }]);
});

test('what stays in the trash because of a plan is said, with until when', async () => {
  const { goes } = (
    await run('snapshot', 'empty-trash', '--older-than', '0d', '--dry-run', '--json')
  ).json() as unknown as { goes: number };
  await run('snapshot', 'empty-trash', '--older-than', '0d', '--confirm', String(goes));
  const source = await backup('dev', 'acme');
  const { plan } = (await run('plan', source, 'prod', ...MERGED, '--json')).json() as unknown as {
    plan: string;
  };
  await run('snapshot', 'delete', source);
  const emptied = await run('snapshot', 'empty-trash', '--older-than', '0d', '--confirm', '1');
  expect([emptied.code, emptied.out]).toEqual([
    0,
    expect.stringMatching(
      new RegExp(
        `^1 snapshot stays in the trash, since something counts on it:\\n` +
          `  ${source}  plan ${plan} needs it, until \\d{4}-\\d\\d-\\d\\d [\\d:]+ UTC at the latest\\n$`,
      ),
    ),
  ]);
  const told = (await run('snapshot', 'empty-trash', '--older-than', '0d', '--json')).json();
  expect(told).toMatchObject({ held: [{ id: source, reasons: [{ rule: 'plan', by: plan }] }] });
  await run('snapshot', 'restore-from-trash', source);
});

test('a job whose snapshot is gone says so', async () => {
  const { job, safetySnapshot } = (
    await run('restore', 'latest:dev/acme', 'prod', ...MERGED, '--json')
  ).json() as unknown as { job: string; safetySnapshot: string };
  const later = (
    await run(
      'restore',
      'latest:dev/acme',
      'prod',
      '--realm',
      'overwrite',
      ...SETTLED,
      '--confirm',
      'acme',
      '--json',
    )
  ).json() as unknown as { job: string; status: string };
  expect(later).toMatchObject({ status: expect.stringMatching(/^succeeded/) });
  expect(later.job).not.toBe(job);
  await run('snapshot', 'prune', '--keep-last', '1', '--keep-safety', '0d');
  expect(await listed('--trash')).toContain(safetySnapshot);
  const { goes } = (
    await run('snapshot', 'empty-trash', '--older-than', '0d', '--dry-run', '--json')
  ).json() as unknown as { goes: number };
  const freed = (
    await run('snapshot', 'empty-trash', '--older-than', '0d', '--confirm', String(goes), '--json')
  ).json() as unknown as { freed: FreedView };
  expect(freed.freed.snapshots).toBe(goes);
  const refused = await run('rollback', job, '--json');
  expect([refused.code, refused.json()]).toMatchObject([
    1,
    { error: { code: 'NOT_FOUND', message: expect.stringContaining('cannot be undone any more') } },
  ]);
});

test('what the catalog costs, and how long it keeps things', async () => {
  const stats = (await run('catalog', 'stats', '--json')).json() as unknown as CatalogStats;
  const acme = stats.realms.find(({ environment, realm }) => environment === 'dev' && realm === 'acme')!;
  expect(acme).toMatchObject({ snapshots: 1, content: expect.any(Number) });
  expect(acme.own + acme.shared).toBeGreaterThan(1_000);
  expect(stats.total.stored).toBeGreaterThan(0);
  expect(stats).toMatchObject({
    trash: { grace: '14d' },
    file: { shrinks: true },
    damaged: [],
  });
  expect((await run('catalog', 'stats')).out).toMatch(/^Realm +From +Snapshots[\s\S]*\nThe file: [\d.]+ kB/);

  expect((await run('catalog', 'settings', '--trash', '30d', '--json')).json()).toEqual({
    settings: { trash: '30d', plans: '30d', jobs: '1y' },
  });
  expect((await run('catalog', 'settings')).out).toMatch(/^Snapshots in the trash +30d +--trash\n/);
  expect((await run('catalog', 'settings', '--trash', 'soon')).code).toBe(2);
});
