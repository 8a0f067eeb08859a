import { Writable } from 'node:stream';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommandLine } from '../../cli/program.ts';
import { captured } from './captured.ts';
import { addWords, setStage, type Ran, type Stage } from './sandboxed.ts';

let stage: Stage;
let file: string;

beforeAll(async () => {
  stage = await setStage(60, 'v1.1');
  const { gatewayUrl, authUrl } = stage.sandbox.environment('dev');
  const added = await stage.run(
    ...addWords(stage, 'dev', '--gateway-url', gatewayUrl, '--auth-url', authUrl),
  );
  if (added.code !== 0) throw new Error(added.err);
  file = join(stage.folder, 'realm-seed.json');
  writeFileSync(
    file,
    JSON.stringify({
      realm: { id: 'seeded', displayName: 'Seeded' },
      roles: [{ name: 'reader', description: 'Reads' }],
      clients: [
        { clientId: 'web', name: 'Web', publicClient: false, redirectUris: ['https://web.example.com'] },
      ],
      users: [{ username: 'ann', email: 'ann@example.com', roles: ['reader'], password: 'Plain-1' }],
    }),
  );
});
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
});

test('a preview names the channel that can bring clients, and the flags that settle it', async () => {
  const plan = await stage.run('plan', file, 'dev');
  expect(plan.out).toContain('Blocked:');
  expect(plan.out).toContain('PostgreSQL can bring it');
  expect(plan.out).toContain('--issued-clients leave');
  expect(plan.out).toContain('--issued-clients create');
  expect(plan.out).toMatch(/drawbridge plan .* --issued-clients leave$/m);
});

let seeded: Ran;

test('seeding creates new clients only if that is said, once, and shows no secret', async () => {
  const refused = await stage.run('seed', file, 'dev', '--json');
  expect(refused.code).not.toBe(0);
  expect(refused.json()).toMatchObject({ error: { code: 'PLAN_BLOCKED' } });

  seeded = await stage.run('seed', file, 'dev', '--issued-clients', 'create', '--json');
  expect(seeded.code, seeded.out).toBe(0);
  expect(seeded.json()).toMatchObject({ status: 'succeeded', verified: true });

  const again = await stage.run('seed', file, 'dev', '--issued-clients', 'create', '--json');
  expect(again.code).toBe(0);
  expect(again.json()).toMatchObject({ status: 'exists' });
});

test('the new secret is shown once, by the one command for it', async () => {
  const { job } = seeded.json() as unknown as { job: string };
  const report = await stage.run('job', 'report', job);
  expect(report.out).toMatch(/web +client-[\da-f]{8}/);
  expect(report.out).toContain(`drawbridge job secrets ${job}`);
  const before = [
    seeded,
    report,
    await stage.run('job', 'report', job, '--format', 'csv'),
    await stage.run('job', 'show', job, '--json'),
  ];

  // A full disk behind standard output takes none of them, and none is forgotten.
  const full = captured(stage.env);
  const refused = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  const stdout = new Writable({ write: (_chunk, _encoding, done) => done(refused) });
  stdout.on('error', () => {});
  expect(await runCommandLine(['job', 'secrets', job], { ...full, stdout })).toBe(1);
  expect(full.err()).toMatch(/None was forgotten[^]*job secrets/);

  const shown = await stage.run('job', 'secrets', job);
  const [, issued, secret] = /web +(client-[\da-f]{8}) +(\S{43})/.exec(shown.out) ?? [];
  expect(await stage.sandbox.environment('dev').checkClientSecret(issued!, secret!)).toBe(true);
  for (const { out, err } of before) expect(out + err).not.toContain(secret);

  const gone = await stage.run('job', 'secrets', job, '--json');
  expect(gone.json()).toEqual({ job, secrets: [] });
  expect((await stage.run('job', 'secrets', job)).out).toContain('There are no secrets to show');
  expect((await stage.run('job', 'report', job)).out).not.toContain('can be shown');
});
