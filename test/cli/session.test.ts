import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { captured, typing } from './captured.ts';
import { addWords, setStage, type Ran, type Stage } from './sandboxed.ts';

let stage: Stage;
/** Everything that any command of this session printed. */
const everything: string[] = [];

beforeAll(async () => {
  stage = await setStage();
  await run(...addWords(stage, 'dev'));
  await run(...addWords(stage, 'prod', '--stage', 'production'));
});
afterAll(async () => stage[Symbol.asyncDispose]());

async function run(...words: string[]): Promise<Ran> {
  const ran = await stage.run(...words);
  everything.push(ran.out, ran.err);
  return ran;
}

async function backupOf(realm: string): Promise<Record<string, never>> {
  const { snapshots } = (await run('backup', 'dev', realm, '--json')).json() as unknown as {
    snapshots: Record<string, never>[];
  };
  return snapshots[0]!;
}

const SETTLED = [
  '--realm',
  'merge',
  '--users',
  'merge',
  '--clients',
  'skip',
  '--unsupported',
  'skip',
  '--conflicts',
  'skip',
];

test('environments: listed without secrets, tested step by step', async () => {
  const listed = await run('env', 'list', '--json');
  expect(listed.json()).toMatchObject({
    environments: [
      { name: 'dev', stage: 'development', api: { clientId: 'admin-cli', insecureTls: false } },
      { name: 'prod', stage: 'production' },
    ],
  });
  expect((await run('env', 'list')).out).toMatch(/^dev +development +http:\/\/127\.0\.0\.1:\d+ +admin-cli/m);
  const tested = await run('env', 'test', 'dev', '--json');
  expect([tested.code, tested.json()]).toEqual([
    0,
    expect.objectContaining({ environment: 'dev', usable: true, dialect: 'documented' }),
  ]);
  expect((await run('realms', 'dev', '--json')).json()).toMatchObject({
    realms: expect.arrayContaining([expect.objectContaining({ name: 'acme' })]),
  });
});

test('an environment that cannot be used is kept, and exit code 5 says so', async () => {
  const words = [
    'env',
    'add',
    'dead',
    '--api-url',
    'http://127.0.0.1:1',
    '--client-id',
    'x',
    '--client-secret-env',
    'DEV_SECRET',
  ];
  const added = await run(...words, '--json');
  expect(added.code).toBe(5);
  expect(added.json()).toMatchObject({ environment: { name: 'dead' }, probe: { usable: false } });
  expect((await run('env', 'test', 'dead')).code).toBe(5);
  expect(await run('realms', 'dead', '--json')).toMatchObject({ code: 5 });
  expect((await run('backup', 'dead', 'acme', '--json')).json()).toMatchObject({
    error: { code: 'UNREACHABLE' },
  });
  expect((await run('env', 'remove', 'dead')).code).toBe(0);
  expect((await run('env', 'test', 'dead')).code).toBe(1);
});

test('a wrong client secret, and a client without rights', async () => {
  const { apiUrl, limitedClient } = stage.sandbox.environment('dev');
  stage.env['WRONG'] = 'not-the-secret';
  stage.env['LIMITED'] = limitedClient.clientSecret;
  const wrong = [
    'env',
    'add',
    'wrong',
    '--api-url',
    apiUrl,
    '--client-id',
    'admin-cli',
    '--client-secret-env',
    'WRONG',
  ];
  const limited = [
    'env',
    'add',
    'limited',
    '--api-url',
    apiUrl,
    '--client-id',
    limitedClient.clientId,
    '--client-secret-env',
    'LIMITED',
  ];
  expect((await run(...wrong)).code).toBe(5);
  expect((await run(...limited, '--no-test')).code).toBe(0);
  expect((await run('realms', 'wrong', '--json')).json()).toMatchObject({ error: { code: 'AUTH_FAILED' } });
  expect((await run('realms', 'limited', '--json')).json()).toMatchObject({ error: { code: 'FORBIDDEN' } });
  await run('env', 'remove', 'wrong');
  await run('env', 'remove', 'limited');
});

test('a backup, and a second one that finds nothing changed', async () => {
  const first = await backupOf('acme');
  expect(first).toMatchObject({
    realm: 'acme',
    environment: 'dev',
    channel: 'admin-api',
    complete: true,
    counts: { realm: 1, roles: 12, users: 300 },
    missing: expect.arrayContaining([expect.objectContaining({ section: 'credentials' })]),
  });
  const second = await run('backup', 'dev', 'acme', '--tag', 'again', '--note', 'the same');
  expect(second.out).toMatch(new RegExp(`Unchanged since snapshot ${String(first['id'])}`));
  expect((await run('snapshot', 'list', '--tag', 'again', '--json')).json()).toMatchObject({
    snapshots: [{ unchanged: true, unchangedSince: first['id'], tags: ['again'], note: 'the same' }],
  });
  expect((await run('backup', 'dev')).code).toBe(2);
  expect((await run('backup', 'dev', 'acme', '--all')).code).toBe(2);
  expect((await run('backup', 'dev', 'nowhere', '--json')).json()).toMatchObject({
    error: { code: 'REALM_NOT_FOUND' },
  });
});

test('every realm at once', async () => {
  const { snapshots } = (await run('backup', 'prod', '--all', '--json', '--quiet')).json() as unknown as {
    snapshots: { realm: string }[];
  };
  expect(snapshots.map(({ realm }) => realm).toSorted()).toEqual(['acme', 'master', 'partner-portal']);
});

test('snapshots are shown, searched, proved, tagged, pinned, deleted and taken back', async () => {
  const { id } = (await backupOf('field-ops')) as unknown as { id: string };
  expect((await run('snapshot', 'show', id)).out).toContain('field-ops');
  expect((await run('snapshot', 'show', id.slice(0, -1), '--json')).json()).toMatchObject({
    snapshot: { id },
  });
  const alice = await run('snapshot', 'show', 'latest:dev/acme', '--record', 'users/alice', '--json');
  expect(alice.json()).toMatchObject({
    section: 'users',
    key: 'alice',
    record: { username: 'alice', lastName: 'Liddell' },
  });
  expect((await run('snapshot', 'search', 'latest:dev/acme', 'CAPITAL', '--json')).json()).toMatchObject({
    matches: [{ section: 'users', key: 'Alice' }],
    truncated: false,
  });
  expect(
    (await run('snapshot', 'search', 'latest:dev/acme', 'acme', '--limit', '3', '--json')).json(),
  ).toMatchObject({ truncated: true });
  expect((await run('snapshot', 'verify', '--json')).json()).toMatchObject({ damaged: [] });
  expect((await run('snapshot', 'tag', id, 'one', 'two', '--json')).json()).toMatchObject({
    snapshot: { tags: ['one', 'two'] },
  });
  expect((await run('snapshot', 'tag', id, '--remove', 'one', '--json')).json()).toMatchObject({
    snapshot: { tags: ['two'] },
  });
  expect((await run('snapshot', 'pin', id, '--json')).json()).toMatchObject({ snapshot: { pinned: true } });
  expect((await run('snapshot', 'delete', id)).code).not.toBe(0);
  expect((await run('snapshot', 'pin', id, '--unpin')).code).toBe(0);
  expect((await run('snapshot', 'delete', id, '--json')).json()).toEqual({ deleted: id });
  expect((await run('snapshot', 'list', '--json')).out).not.toContain(id);
  expect((await run('snapshot', 'list', '--trash', '--json')).json()).toMatchObject({ snapshots: [{ id }] });
  expect((await run('snapshot', 'restore-from-trash', id)).code).toBe(0);
  expect((await run('snapshot', 'show', id)).code).toBe(0);
});

test('a snapshot becomes a file, and a file a snapshot that differs in nothing', async () => {
  const file = join(stage.folder, 'acme.json');
  expect((await run('snapshot', 'export', 'latest:dev/acme', '--out', file, '--json')).json()).toMatchObject({
    path: file,
  });
  expect(statSync(file).mode & 0o077).toBe(0);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ realm: { id: 'acme' } });
  expect((await run('snapshot', 'export', 'latest:dev/acme', '--out', file)).code).toBe(1);
  expect(
    (await run('snapshot', 'export', 'latest:dev/acme', '--out', file, '--replace', '--format', 'users'))
      .code,
  ).toBe(0);
  await run('snapshot', 'export', 'latest:dev/acme', '--out', file, '--replace');
  const imported = (await run('snapshot', 'import', file, '--json')).json() as unknown as {
    snapshot: { id: string };
  };
  const diff = await run('diff', 'latest:dev/acme', imported.snapshot.id, '--json');
  expect([diff.code, diff.json()]).toEqual([0, expect.objectContaining({ equal: true })]);
});

test('a file that is not a document says where it is wrong', async () => {
  const file = join(stage.folder, 'broken.json');
  writeFileSync(file, '{"realm": {"id": "x"},\n "users": [{"username": 1}]}');
  const { code, err } = await run('snapshot', 'import', file);
  expect(code).toBe(1);
  expect(err).toMatch(/line 2/);
});

test('nothing differs from what was just backed up; prod differs', async () => {
  await run('backup', 'dev', 'acme');
  const same = await run('diff', 'latest:dev/acme', 'dev/acme');
  expect(same.code).toBe(0);
  expect(same.out).toMatch(/^No difference between “latest:dev\/acme”/);
  const different = await run(
    'diff',
    'prod/acme',
    'dev/acme',
    '--limit',
    '5',
    '--sections',
    'realm,roles',
    '--json',
  );
  expect(different.code).toBe(3);
  expect(different.json()).toMatchObject({
    equal: false,
    sections: { realm: { changed: 1 }, roles: { added: 4, removed: 0, changed: 1 } },
    truncated: true,
  });
  expect((await run('diff', 'prod/acme', 'dev/acme', '--sections', 'realm')).out).toContain(
    'accessTokenLifespan: 120 → 300',
  );
});

test('a preview with conflicts is blocked, and names the flags that settle them', async () => {
  const plan = await run('plan', 'latest:dev/acme', 'prod');
  expect(plan.code).toBe(0);
  for (const flag of [
    '--realm merge',
    '--realm overwrite',
    '--clients skip',
    '--clients update',
    '--unsupported skip',
    '--conflicts skip',
  ]) {
    expect(plan.out).toContain(flag);
  }
  const next = /^ {2}drawbridge (plan .*)$/m.exec(plan.out)![1]!;
  const settled = await run(...next.split(' '), '--json');
  expect(settled.json()).toMatchObject({ blocked: false, destructive: false });
  const document = await run(
    'plan',
    'latest:dev/acme',
    'prod',
    '--exit-code',
    '--show',
    'conflict',
    '--limit',
    '3',
    '--json',
  );
  expect(document.code).toBe(3);
  expect(document.json()).toMatchObject({
    plan: expect.any(String),
    blocked: true,
    losses: { users: 0, passwordHashes: 0, clientSecrets: 0, sessions: 0 },
    sections: { realm: { conflict: 1, create: 0 }, users: { create: expect.any(Number) } },
    warnings: expect.any(Array),
    next: expect.stringContaining('plan latest:dev/acme prod --realm merge'),
    items: [{ action: 'conflict' }, { action: 'conflict' }, { action: 'conflict' }],
  });
  const blocked = (document.json() as unknown as { plan: string }).plan;
  expect((await run('apply', blocked, '--json')).json()).toMatchObject({ error: { code: 'PLAN_BLOCKED' } });
  const migrated = await run('migrate', 'latest:dev/acme', 'prod', '--json');
  expect([migrated.code, migrated.json()]).toEqual([
    1,
    {
      error: expect.objectContaining({
        code: 'PLAN_BLOCKED',
        remedy: expect.stringContaining('drawbridge migrate latest:dev/acme prod --realm merge'),
      }),
    },
  ]);
});

test('a plan that has nothing to do says so', async () => {
  const plan = await run('plan', 'latest:dev/acme', 'dev', '--realm', 'merge', '--exit-code');
  expect(plan.code).toBe(0);
  expect(plan.out).toContain('Nothing to apply.');
});

test('a realm is not brought onto itself', async () => {
  expect(await run('plan', 'dev/acme', 'dev')).toMatchObject({
    code: 2,
    err: expect.stringContaining('same'),
  });
});

test('what destroys is refused until it is confirmed', async () => {
  const words = [
    'migrate',
    'latest:dev/acme',
    'prod',
    '--realm',
    'overwrite',
    '--unsupported',
    'skip',
    '--conflicts',
    'skip',
  ];
  const refused = await run(...words);
  expect(refused.code).toBe(4);
  expect(refused.err).toMatch(/\d+ users will be gone/);
  expect(refused.err).toContain('--confirm acme --confirm-environment prod');
  expect((await run(...words, '--confirm', 'prod')).err).toContain('is not the realm’s name');
  expect((await run(...words, '--confirm', 'acme')).code).toBe(4);
  expect((await run(...words, '--json')).json()).toMatchObject({
    error: {
      code: 'CONFIRMATION_NEEDED',
      details: { losses: { sessions: 'all', users: expect.any(Number) } },
    },
  });
  expect((await run('diff', 'latest:prod/acme', 'prod/acme')).code).toBe(0);
});

test('on a terminal the names are asked for, and Enter cancels', async () => {
  const words = [
    'migrate',
    'latest:prod/partner-portal',
    'prod',
    '--realm',
    'overwrite',
    '--unsupported',
    'skip',
    '--clients',
    'update',
  ];
  const realm = 'Type the realm’s name (partner-portal) to go on, or press Enter to cancel: ';
  const environment = 'Type the environment’s name (prod) as well: ';
  const answer = async (...typed: [string, string][]): Promise<Ran> => {
    const around = captured({ ...stage.env, NO_COLOR: '1' }, { tty: true });
    const left = typing(around, typed);
    const ran = await stage.begin(around, ...words);
    expect(left).toEqual([]);
    return ran;
  };
  expect((await answer([realm, '\r'])).code).toBe(4);
  expect((await answer([realm, 'prod\r'])).code).toBe(4);
  const halfway = await answer([realm, 'partner-portal\r'], [environment, '\r']);
  expect([halfway.code, halfway.err]).toEqual([
    4,
    expect.stringMatching(/– \d+ users will stay but lose the password/),
  ]);
  expect((await run('diff', 'latest:prod/partner-portal', 'prod/partner-portal')).code).toBe(0);
  const confirmed = await answer([realm, 'partner-portal\r'], [environment, 'prod\r']);
  expect([confirmed.code, confirmed.out]).toEqual([0, expect.stringContaining('Done and verified')]);
});

test('an apply does what the preview says, and proves it', async () => {
  const { plan } = (await run('plan', 'latest:dev/acme', 'prod', ...SETTLED, '--json')).json() as unknown as {
    plan: string;
  };
  const applied = await run('apply', plan, '--json');
  expect(applied.code).toBe(0);
  expect(applied.json()).toMatchObject({
    job: expect.any(String),
    status: 'succeeded',
    verified: true,
    failures: 0,
    safetySnapshot: expect.any(String),
    counts: { failed: 0, create: expect.any(Number), update: expect.any(Number) },
    deviationCount: 0,
  });
  const again = await run('apply', plan, '--json');
  expect([again.code, again.json()]).toMatchObject([6, { error: { code: 'PLAN_OUTDATED' } }]);
  const { job } = applied.json() as unknown as { job: string };
  expect((await run('job', 'report', job)).out).toContain('Done and verified');
  expect((await run('job', 'report', job, '--format', 'csv')).out).toMatch(
    /^kind,outcome,section,key,text,startedAt,finishedAt\r\njob,succeeded,/,
  );
  expect(JSON.parse((await run('job', 'report', job, '--format', 'json')).out)).toMatchObject({
    job: { id: job },
    steps: expect.arrayContaining([expect.objectContaining({ outcome: 'done' })]),
    failures: [],
    failureCount: 0,
  });
  expect((await run('job', 'show', job)).out).toContain('succeeded');
  expect((await run('job', 'list', '--limit', '2', '--json')).json()).toMatchObject({
    jobs: [
      { kind: 'apply', state: 'failed' },
      { id: job, state: 'succeeded' },
    ],
  });
});

test('a target that changed since the preview is not written to', async () => {
  const { plan } = (
    await run('plan', 'latest:dev/partner-portal', 'prod', '--realm', 'merge', '--json')
  ).json() as unknown as { plan: string };
  expect(plan).toBeUndefined();
  await run('backup', 'dev', 'acme');
  const second = (
    await run(
      'plan',
      'latest:dev/acme',
      'prod',
      '--users',
      'merge',
      ...SETTLED,
      '--exclude',
      'users/Alice',
      '--json',
    )
  ).json() as unknown as { plan: string };
  await stage.sandbox
    .environment('prod')
    .query(
      'user',
      `UPDATE users SET first_name = 'Changed' WHERE realm_name = 'acme' AND username = 'alice'`,
    );
  const applied = await run('apply', second.plan, '--json');
  expect([applied.code, applied.json()]).toMatchObject([6, { error: { code: 'TARGET_CHANGED' } }]);
});

test('a realm that is not there yet is created whole; seeding it again leaves it alone', async () => {
  const created = await run('migrate', 'dev/field-ops', 'prod', '--unsupported', 'skip');
  expect(created.code).toBe(0);
  expect(created.out).toContain('Done and verified');
  expect((await run('diff', 'dev/field-ops', 'prod/field-ops')).code).toBe(0);
  const file = join(stage.folder, 'field-ops.json');
  await run('backup', 'dev', 'field-ops');
  await run('snapshot', 'export', 'latest:dev/field-ops', '--out', file);
  const seeded = await run('seed', file, 'prod', '--json');
  expect([seeded.code, seeded.json()]).toMatchObject([0, { status: 'exists' }]);
  await stage.sandbox
    .environment('prod')
    .query('client', `DELETE FROM oauth_clients WHERE realm_name = 'field-ops'`);
});

test('a pipeline seeds a realm, twice', async () => {
  const file = join(stage.folder, 'seed.json');
  writeFileSync(
    file,
    JSON.stringify({
      realm: { id: 'seeded', displayName: 'Seeded' },
      roles: [{ name: 'viewer' }],
      users: [],
    }),
  );
  const first = await run('seed', file, 'dev', '--json', '--quiet');
  expect([first.code, first.json(), first.err]).toMatchObject([
    0,
    { status: 'succeeded', verified: true, failures: 0 },
    '',
  ]);
  const second = await run('seed', file, 'dev', '--json', '--quiet');
  expect([second.code, second.json(), second.err]).toMatchObject([0, { status: 'exists' }, '']);
});

test('a realm is brought back to what a snapshot has, once that is confirmed', async () => {
  const { safetySnapshot } = JSON.parse(
    (
      await run(
        'migrate',
        'latest:prod/partner-portal',
        'prod',
        '--realm-name',
        'portal-copy',
        '--clients',
        'skip',
        '--unsupported',
        'skip',
        '--conflicts',
        'skip',
        '--json',
      )
    ).out,
  ) as { safetySnapshot: string | null };
  expect(safetySnapshot).toBeNull();
  await run('backup', 'prod', 'portal-copy');
  await stage.sandbox
    .environment('prod')
    .query('user', `UPDATE users SET last_name = 'Changed' WHERE realm_name = 'portal-copy'`);
  const restored = await run(
    'restore',
    'latest:prod/portal-copy',
    '--realm',
    'merge',
    '--users',
    'merge',
    '--clients',
    'skip',
    '--json',
  );
  expect([restored.code, restored.json()]).toMatchObject([
    0,
    { verified: true, counts: { update: 40 }, preview: { mode: 'merge' } },
  ]);
  expect((await run('diff', 'latest:prod/portal-copy', 'prod/portal-copy')).code).toBe(0);
});

test('a wrong passphrase opens nothing', async () => {
  const around = stage.surroundings();
  const ran = await stage.begin(
    { ...around, env: { ...stage.env, DRAWBRIDGE_PASSPHRASE: 'wrong' } },
    'env',
    'list',
    '--json',
  );
  expect([ran.code, ran.json()]).toMatchObject([8, { error: { code: 'WRONG_KEY' } }]);
});

test('no secret was printed by any of this, and no data reached the terminal unescaped', () => {
  const printed = everything.join('');
  for (const secret of [
    stage.env['DEV_SECRET']!,
    stage.env['PROD_SECRET']!,
    stage.env['LIMITED']!,
    'correct horse',
    'smtp-password-of-acme',
  ]) {
    expect(printed.includes(secret)).toBe(false);
  }
  // CSV has CR LF; nothing else of C0 and C1, and no direction marks.
  expect(
    printed
      .replaceAll('\r\n', '')
      .match(/[\p{Cc}\p{Bidi_Control}]/gu)
      ?.filter((character) => character !== '\n'),
  ).toEqual([]);
});
