import { writeFileSync } from 'node:fs';
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
  await run('backup', 'dev', 'acme', 'field-ops');
  await run('backup', 'prod', '--all');
});
afterAll(async () => stage[Symbol.asyncDispose]());

async function run(...words: string[]): Promise<Ran> {
  const ran = await stage.run(...words);
  everything.push(ran.out, ran.err);
  return ran;
}

const SETTLED = '--realm merge --users merge --clients skip --unsupported skip --conflicts skip'.split(' ');

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
    '--unsupported skip',
    '--conflicts skip',
  ]) {
    expect(plan.out).toContain(flag);
  }
  // The documented API changes no client.
  expect(plan.out).not.toContain('--clients update');
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
  const refused = await run('apply', blocked, '--json');
  expect(refused.json()).toMatchObject({ error: { code: 'PLAN_BLOCKED' } });
  const { error } = refused.json() as unknown as { error: { remedy: string } };
  const settles = /drawbridge (plan \w+ prod .*)$/.exec(error.remedy)![1]!;
  expect((await run(...settles.split(' '), '--json')).json()).toMatchObject({ blocked: false });
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

test('a blocked plan that is applied says how to make it anew, with the flags that it had', async () => {
  const flags = [
    '--realm-name',
    'acme2',
    '--users',
    'merge',
    '--exclude',
    'users/alice',
    '--update',
    'users/bob',
    '--update',
    'clients/acme-web',
    '--sections',
    'realm,users,clients',
  ];
  const plan = await run('plan', 'latest:dev/acme', 'prod', ...flags, '--json');
  expect(plan.json()).toMatchObject({
    blocked: true,
    policy: { update: ['users/bob', 'clients/acme-web'] },
  });
  const { plan: id } = plan.json() as unknown as { plan: string };
  const { error } = (await run('apply', id, '--json')).json() as unknown as { error: { remedy: string } };
  for (const flag of [
    '--realm-name acme2',
    '--users merge',
    '--exclude users/alice',
    '--update users/bob --update clients/acme-web',
    '--sections realm,users,clients',
  ])
    expect(error.remedy).toContain(flag);
});

test('a name that no realm can have is called what the one who typed it calls it', async () => {
  const { code, err } = await run('plan', 'latest:dev/acme', 'prod', '--realm-name', 'acmeX');
  expect([code, err]).toEqual([2, expect.stringContaining('the realm’s name on the target (--realm-name)')]);
  expect(err).not.toContain('policy.');
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
  expect([halfway.code, halfway.out]).toEqual([
    4,
    expect.stringMatching(/– \d+ users will stay but lose the password/),
  ]);
  expect((await run('diff', 'latest:prod/partner-portal', 'prod/partner-portal')).code).toBe(0);
  for (const shown of [halfway.out + halfway.err, (await answer([realm, '\r'])).out])
    expect(shown.match(/This destroys what is on the target/g)).toHaveLength(1);
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
    /^kind,outcome,section,key,text,startedAt,finishedAt,action,notes\r\njob,succeeded,/,
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
  expect([applied.code, applied.json()]).toMatchObject([
    6,
    {
      error: {
        code: 'TARGET_CHANGED',
        message:
          'prod/acme has changed since the plan was made: 1 of its users. Other than in the preview: users/alice (firstName).',
      },
    },
  ]);
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

const OVERWRITE = '--realm overwrite --clients update --unsupported skip --conflicts skip'.split(' ');

test.each([
  ['migrate latest:dev/field-ops dev', '--confirm field-ops', 'dev/field-ops'],
  ['restore latest:dev/field-ops', '--confirm field-ops', 'dev/field-ops'],
  [
    'migrate latest:prod/partner-portal prod',
    '--confirm partner-portal --confirm-environment prod',
    'prod/partner-portal',
  ],
  [
    'restore latest:prod/partner-portal',
    '--confirm partner-portal --confirm-environment prod',
    'prod/partner-portal',
  ],
])('%s %s: confirmed by flags, it overwrites and verifies', async (command, confirmation, realm) => {
  const words = [...command.split(' '), ...OVERWRITE];
  const refused = await run(...words, '--json');
  expect(refused.code).toBe(4);
  const remedy = (refused.json() as unknown as { error: { remedy: string } }).error.remedy;
  expect(remedy).toMatch(new RegExp(`drawbridge ${command} .* ${confirmation}$`));
  // Exactly what the refusal tells people to type.
  const again = remedy.slice(remedy.indexOf('drawbridge ') + 'drawbridge '.length).split(' ');
  const done = await run(...again, '--json');
  expect([done.code, done.json()]).toMatchObject([
    0,
    { status: 'succeeded', verified: true, failures: 0, preview: { mode: 'overwrite', destructive: true } },
  ]);
  expect((await run('diff', `latest:${realm}`, realm)).code).toBe(0);
});

test('no secret was printed by any of this, and no data reached the terminal unescaped', () => {
  const printed = everything.join('');
  for (const secret of [
    stage.env['DEV_SECRET']!,
    stage.env['PROD_SECRET']!,
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
