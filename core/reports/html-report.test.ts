import { expect, test } from 'vitest';
import { AppError } from '../../contract/errors.ts';
import type { ReportItem } from '../../contract/report.ts';
import type { SnapshotView } from '../../contract/snapshot.ts';
import { csvReport } from './csv-report.ts';
import { htmlReport } from './html-report.ts';
import { junitReport } from './junit-report.ts';
import { manyOf, reportOf, sourceOf, textOf } from './testing/sources.ts';

const HOSTILE = '<script>alert(1)</script>"\'&\u202Egnp.\u001b[2J';

function item(key: string, outcome: ReportItem['outcome'] = 'done'): ReportItem {
  return { section: 'users', key, action: 'create', outcome, text: 'The target does not have this user.' };
}

const PLAN = {
  plan: 'plan1',
  createdAt: '2026-03-04T05:06:07.000Z',
  applied: true,
  source: { snapshot: 'snap1', realm: 'acme', environment: 'dev' },
  target: { environment: 'prod', stage: 'production', realm: HOSTILE, exists: true, snapshot: 'snap2' },
  mode: 'overwrite' as const,
  destructive: true,
  blocked: false,
  empty: false,
  losses: { users: 3, passwordHashes: 2, clientSecrets: 0, sessions: 'all' as const, records: {} },
  sections: { users: { create: 7, update: 0, unchanged: 0, skip: 0, delete: 3, conflict: 0 } },
  cannotSet: [{ section: 'users' as const, member: HOSTILE, records: 4 }],
  warnings: [HOSTILE],
  policy: {},
};

test('whatever data says, it is text', async () => {
  const failure = { section: 'users' as const, key: HOSTILE, reason: `${HOSTILE}\nsecond line` };
  const report = reportOf(
    {
      title: HOSTILE,
      error: { code: 'INTERNAL', message: HOSTILE, notChanged: HOSTILE, remedy: HOSTILE, details: {} },
    },
    { asked: { [HOSTILE]: HOSTILE }, plan: PLAN, failures: [failure] },
  );
  const html = await textOf(htmlReport(sourceOf(report, [item(HOSTILE)])));
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\\u{202E}gnp.\\u{1B}[2J');
  expect(html.match(/<script/i)).toBeNull();
  for (const character of ['\u202E', '\u001b']) expect(html).not.toContain(character);
  // Every tag is one of ours, with nothing but what we give it.
  const tags = new Set([...html.matchAll(/<([a-z]\w*)/g)].map(([, name]) => name));
  expect([...tags].filter((name) => !OURS.includes(name!))).toEqual([]);
  expect(html).not.toMatch(/\son\w+=|javascript:|https?:\/\//i);
});

const OURS =
  'html head meta title style body main header footer p h1 h2 strong span section ul li dl div dt dd table thead tbody tr th td'.split(
    ' ',
  );

test('nothing can be loaded or run: the policy allows one style, which is the one that is there', async () => {
  const html = await textOf(htmlReport(sourceOf(reportOf({}))));
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)![1]!;
  const style = /<style>([\s\S]*)<\/style>/.exec(html)![1]!;
  const digest = Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style))).toString(
    'base64',
  );
  expect(policy).toBe(
    `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`,
  );
  expect(html).not.toMatch(/\sstyle=/);
});

test('it begins with what a person must do, and tells what was asked, promised, done and verified', async () => {
  const result = {
    status: 'succeeded_with_errors' as const,
    environment: 'prod',
    realm: 'acme',
    plan: 'plan1',
    verified: false,
    counts: { create: 6, update: 0, delete: 3, skip: 0, unchanged: 0, failed: 1, retries: 12 },
    sections: {
      roles: { create: 6, update: 0, delete: 0, skip: 0, unchanged: 0, failed: 0 },
      users: { create: 0, update: 0, delete: 3, skip: 0, unchanged: 0, failed: 1 },
    },
    failures: 1,
    deviations: [{ section: 'users' as const, key: 'eve', kind: 'changed', members: ['email'] }],
    deviationCount: 120,
    safetySnapshot: 'snap3',
    verificationSnapshot: 'snap4',
    todo: ['2 users have no password until it is reset.'],
  };
  const report = reportOf(
    { state: 'succeeded_with_errors', result: { kind: 'apply', result }, secretsKept: 2 },
    {
      asked: { plan: 'plan1', confirm: 'acme' },
      plan: PLAN,
      failures: [{ section: 'users', key: 'bob', reason: 'The e-mail address is taken.' }],
      steps: [
        {
          seq: 1,
          label: 'users 1–7',
          startedAt: '2026-03-04T05:06:07.000Z',
          finishedAt: '2026-03-04T05:06:09.500Z',
          outcome: 'done',
        },
      ],
    },
  );
  const html = await textOf(
    htmlReport(sourceOf(report, [item('alice'), item('bob', 'failed'), item('left', 'left')])),
  );
  const titles = [...html.matchAll(/<h2>([^<]*)<\/h2>/g)].map(([, title]) => title);
  expect(titles).toEqual([
    'What a person must do now',
    'What happened',
    'What was verified',
    'What could not be written',
    'What was asked',
    'What the preview promised',
    'What it destroys',
    'What this channel cannot set',
    'Warnings of the preview',
    'Every record that was to be written',
    'Steps',
  ]);
  expect(html).toContain('<li class="text">2 users have no password until it is reset.</li>');
  expect(html).toContain('drawbridge job secrets job1');
  expect(html).toContain('<dt>Calls repeated</dt><dd>12</dd>');
  expect(html).toMatch(
    /What happened[\s\S]*<th[^>]*>Failed<\/th>[\s\S]*<td>users<\/td>[\s\S]*What was verified/,
  );
  expect(html).toContain('120 records are not as promised.');
  expect(html).toContain('119 more are not listed.');
  expect(html).toContain('took 1 min 2 s');
  expect(html).toContain('<td class="right">2.5 s</td>');
  expect(html).toContain('<dt>Confirm</dt><dd>acme</dd>');
  expect(html).toMatch(/<td>alice<\/td><td>create<\/td><td><span class="good">done<\/span>/);
  expect(html).toMatch(/<td>bob<\/td><td>create<\/td><td><span class="bad">failed<\/span>/);
  expect(html).not.toContain('<td>left</td>');
});

test('a kind of job that the report does not know is told all the same', async () => {
  const result = {
    kind: 'something-new',
    told: { kept: 60, trashed: 300, freed: { bytes: 5_000_000 }, groups: [{}, {}] },
  };
  const html = await textOf(
    htmlReport(sourceOf(reportOf({ kind: 'something-new', result: result as never }))),
  );
  expect(html).toContain('<dt>Told trashed</dt><dd>300</dd>');
  expect(html).toContain('<dt>Told freed bytes</dt><dd>5,000,000</dd>');
  expect(html).toContain('<dt>Told groups</dt><dd>2</dd>');
});

test('a prune: what was moved to the trash, and why', async () => {
  const gone = {
    id: 'snap9',
    finishedAt: '2026-03-01T02:00:00.000Z',
    purpose: 'backup' as const,
    complete: true,
    tags: [],
    keep: false,
    reasons: [{ rule: 'unmatched' as const }],
  };
  const pruned = {
    now: '2026-03-04T02:00:00.000Z',
    timeZone: 'UTC',
    groups: [{ environment: 'prod', realm: 'acme', kept: 7, trashed: 1, snapshots: [gone] }],
    kept: 7,
    trashed: 1,
    expired: 2,
    grace: '14d',
    freed: { snapshots: 1, chunks: 3, bytes: 5_000_000, fileBefore: 9_000_000, fileAfter: 4_000_000 },
    forgotten: { plans: 0, jobs: 1 },
  };
  const source = sourceOf(reportOf({ kind: 'prune', result: { kind: 'prune', pruned } }));
  const html = await textOf(htmlReport(source));
  expect(html).toContain('7 snapshots kept, 1 snapshot moved to the trash, where they stay for 14d.');
  expect(html).toContain('9.0 MB → 4.0 MB');
  // Not as many as were to be: one job after the other came between.
  expect(html).toContain('<dt>Deleted from the trash</dt><dd>1</dd>');
  expect(html).toMatch(/<td>prod\/acme<\/td><td>snap9<\/td><td>[^<]*<\/td><td>unmatched<\/td>/);
  expect(await textOf(csvReport(source))).toContain('snapshot,trashed,,acme,snap9 of prod/acme: unmatched,');
});

test('of an archive everything that it brought is told, and what was there already', async () => {
  const [one, two] = ['snap1', 'snap2'].map((id) => ({ ...SNAPSHOT, id }));
  const alreadyThere = [{ archived: 'snap0', snapshot: 'snap8', trashed: true }];
  const of = (snapshots: SnapshotView[]) =>
    sourceOf(
      reportOf({
        kind: 'import-file',
        result: { kind: 'import-file', snapshot: one!, snapshots, alreadyThere },
      }),
    );
  const html = await textOf(htmlReport(of([one!, two!])));
  expect(html).toMatch(/<td>acme<\/td><td>snap1<\/td>[\s\S]*<td>acme<\/td><td>snap2<\/td>/);
  expect(html).toMatch(/<td>snap0<\/td><td>snap8<\/td><td><span class="warning">in the trash/);
  const table = await textOf(csvReport(of([one!, two!])));
  for (const row of [
    'snapshot,stored,,acme,snap2,',
    'snapshot,already-there,,,"snap8 is snap0 of the archive',
  ])
    expect(table).toContain(row);
  const nothingNew = await textOf(htmlReport(of([])));
  expect(nothingNew).toContain('The archive has nothing new: nothing was stored.');
  expect(nothingNew).not.toContain('snap1');
});

const SNAPSHOT: SnapshotView = {
  id: 'snap1',
  realm: 'acme',
  channel: 'postgres',
  dialect: 'postgres',
  purpose: 'import',
  startedAt: '2026-03-04T05:06:07.000Z',
  finishedAt: '2026-03-04T05:06:08.000Z',
  root: 'r',
  unchanged: false,
  complete: true,
  counts: { realm: 1, users: 4312 },
  bytes: 1,
  missing: [],
  warnings: [],
  tags: [],
  pinned: false,
};

test('a plan to try again what failed is told as any other, once', async () => {
  const result = { kind: 'retry-plan' as const, plan: PLAN, job: 'job0' };
  const html = await textOf(htmlReport(sourceOf(reportOf({ kind: 'retry-plan', result }))));
  const titles = [...html.matchAll(/<h2>([^<]*)<\/h2>/g)].map(([, title]) => title);
  expect(titles).toContain('What the preview promised');
  expect(titles).not.toContain('What happened');
});

test('CSV tells of what a job wrote elsewhere', async () => {
  const file = { path: './all.age', bytes: 12 };
  const archive = { kind: 'export-archive' as const, ...file, snapshots: ['s'], encrypted: true, notes: [] };
  const copy = { kind: 'catalog-backup' as const, ...file, snapshots: 1, chunks: 1 };
  for (const result of [archive, copy])
    expect(await textOf(csvReport(sourceOf(reportOf({ kind: result.kind, result }))))).toContain(
      'file,written,,./all.age,12 bytes,',
    );
  const made = { kind: 'pseudonymize' as const, snapshot: SNAPSHOT };
  expect(await textOf(csvReport(sourceOf(reportOf({ result: made }))))).toContain(
    'snapshot,stored,,acme,snap1,',
  );
});

test('each thing to be known of an archive, or of a pseudonymised copy, is a sentence of its own', async () => {
  const [one, two] = ['It has a secret, and more.', 'It opens with its passphrase only.'];
  const listed = `<li class="text">${one}</li>\n<li class="text">${two}</li>`;
  const file = { path: './all.age', bytes: 5_000_000, snapshots: ['snap1', 'snap2'], encrypted: true };
  const archive = { kind: 'export-archive' as const, ...file, notes: [one, two] };
  const ofArchive = await textOf(htmlReport(sourceOf(reportOf({ result: archive }))));
  for (const text of [listed, '<dt>Size</dt><dd>5.0 MB</dd>', '<dt>Snapshots</dt><dd>snap1, snap2</dd>'])
    expect(ofArchive).toContain(text);
  const copy = { kind: 'pseudonymize' as const, snapshot: { ...SNAPSHOT, warnings: [one, two] } };
  const ofCopy = await textOf(htmlReport(sourceOf(reportOf({ result: copy }))));
  expect(ofCopy).toContain(listed);
  expect(ofCopy).toContain('<td>snap1</td>');
});

test('where records failed and all else is as promised, the verification says just that', async () => {
  const result = {
    status: 'succeeded_with_errors' as const,
    environment: 'prod',
    realm: 'acme',
    verified: false,
    counts: { create: 6, update: 0, delete: 0, skip: 0, unchanged: 0, failed: 1, retries: 0 },
    failures: 1,
    deviations: [],
    deviationCount: 0,
    safetySnapshot: 'snap3',
    verificationSnapshot: 'snap4',
    todo: [],
  };
  const told = async (of: typeof result) => {
    const source = sourceOf(reportOf({ result: { kind: 'apply', result: of } }));
    return `${await textOf(htmlReport(source))}${await textOf(junitReport(source))}`;
  };
  const failed = await told(result);
  expect(failed).toContain('but for 1 record that failed, what could be read of it is as the plan promised.');
  expect(failed).toContain('Not in 1 record that failed: what could be read of the others is as promised.');
  expect(failed).not.toContain('could not be read again');
  expect((await told({ ...result, failures: 0 })).match(/could not be read again as a whole/g)).toHaveLength(
    2,
  );
});

test('a plan that cannot be derived any more does not withhold the rest', async () => {
  const source = {
    ...sourceOf(reportOf({}, { plan: PLAN })),
    items: () => ({
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.reject(new AppError('NOT_FOUND', 'Snapshot snap1 is gone.')),
      }),
    }),
  };
  expect(await textOf(htmlReport(source))).toContain(
    'The records of the plan cannot be listed any more: Snapshot snap1 is gone.',
  );
});

test('of a million records the page shows the first, and says where the others are', async () => {
  const count = 1_000_000;
  const failed = (at: number) => ({ section: 'users' as const, key: `user${at}`, reason: 'refused' });
  const source = {
    ...sourceOf(reportOf({}, { plan: PLAN, failureCount: count })),
    failures: () => manyOf(count, failed),
    items: () => manyOf(count, (at) => item(`user${at}`, 'failed')),
  };
  const html = await textOf(htmlReport(source));
  expect(html.length).toBeLessThan(1_000_000);
  expect(
    html.match(/998,000 more are not listed here: the report as CSV or JSON has all of them\./g),
  ).toHaveLength(2);
});

test('a seeding that left something out is not called as promised, and what is to be known of a record stands at it', async () => {
  const result = {
    status: 'nothing-to-do' as const,
    environment: 'prod',
    realm: 'shop',
    verified: true,
    counts: { create: 0, update: 0, delete: 0, skip: 1, unchanged: 3, failed: 0, retries: 0 },
    failures: 0,
    deviations: [],
    deviationCount: 0,
    safetySnapshot: 'snap2',
    verificationSnapshot: null,
    todo: ['Left out: 1 client (“shop-web”).'],
    leftOut: {
      count: 1,
      asked: 0,
      sections: { clients: 1 },
      first: [{ section: 'clients' as const, key: 'shop-web' }],
    },
  };
  const report = reportOf({ kind: 'seed', result: { kind: 'seed', result } }, { plan: PLAN });
  const noted = { ...item('ann'), notes: [{ kind: 'no-password', text: 'It has no password.' }] };
  const html = await textOf(htmlReport(sourceOf(report, [noted])));
  expect(html).toContain('it was already as promised, but for what was left out');
  expect(html).toContain(
    'The target was already as promised, but for 1 record of the file that this channel cannot write: nothing was written.',
  );
  expect(html).toContain('Left out: 1 client (“shop-web”).');
  expect(html).toContain('The target does not have this user. It has no password.');
});

test('of a preview whose source was a pseudonymised copy it says so', async () => {
  const source = { snapshot: 'snap1', realm: 'acme', pseudonymized: { environment: 'dev' } };
  const report = reportOf({}, { plan: { ...PLAN, source } });
  expect(await textOf(htmlReport(sourceOf(report)))).toContain(
    'dev/acme, snapshot snap1, a pseudonymised copy',
  );
});
