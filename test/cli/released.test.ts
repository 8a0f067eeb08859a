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

test('and offers nothing that the API cannot do', async () => {
  const dev = stage.sandbox.environment('dev');
  await stage.run('backup', 'dev', 'acme', '--tag', 'before');
  await dev.query('client', `UPDATE oauth_clients SET name = 'Changed' WHERE client_id = 'acme-web'`);
  const { snapshots } = (await stage.run('snapshot', 'list', '--json')).json() as unknown as {
    snapshots: { id: string }[];
  };
  const [{ id }] = snapshots as [{ id: string }];
  const copied = await stage.run('snapshot', 'export', id, '--out', join(stage.folder, 'acme.json'));
  expect(copied.code, copied.err).toBe(0);
  const clients = await stage.run('plan', join(stage.folder, 'acme.json'), 'dev', '--realm', 'merge');
  expect(clients.out).toContain('this channel cannot change clients');
  expect(clients.out).toContain('--clients skip');
  expect(clients.out).not.toContain('--clients update');

  await dev.query('rbac', `INSERT INTO roles (realm_name, name) VALUES ('seeded', 'left')`);
  const left = await stage.run('plan', file, 'dev');
  await dev.query('rbac', `DELETE FROM roles WHERE realm_name = 'seeded'`);
  expect(left.out).toContain('none of which can be deleted over this channel');
  expect(left.out).toContain('--leftovers adopt');
  expect(left.out).not.toContain('--leftovers remove');
});

test('a realm that is disabled goes live only if that is said, and no advice says it', async () => {
  const disabled = join(stage.folder, 'disabled.json');
  writeFileSync(disabled, JSON.stringify({ realm: { id: 'closed', enabled: false } }));
  const plan = await stage.run('plan', disabled, 'dev');
  expect(plan.out).toContain('it will be ENABLED: people can log in');
  expect(plan.out).toContain('--unsupported skip');
  expect(plan.out).not.toContain('The way that changes least');
  const seeded = await stage.run('seed', disabled, 'dev', '--json');
  expect(seeded.json()).toMatchObject({
    error: {
      code: 'PLAN_BLOCKED',
      message: expect.stringContaining('it will be ENABLED'),
      remedy: expect.stringContaining('--unsupported skip'),
    },
  });
  writeFileSync(disabled, JSON.stringify({ realm: { id: 'shut', enabled: false } }));
  const meant = await stage.run('seed', disabled, 'dev', '--unsupported', 'skip', '--json');
  expect(meant.json()).toMatchObject({ status: 'succeeded', verified: true });
  writeFileSync(disabled, JSON.stringify({ realm: { id: 'closed', enabled: false } }));
  const done = await stage.run('migrate', disabled, 'dev', '--unsupported', 'skip');
  expect(done.out).toContain('Realm “closed” will be ENABLED');
  expect(done.out).toContain('Realm “closed” is enabled; the source’s is disabled.');
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

test('what was done names the command that shows new secrets', async () => {
  const other = join(stage.folder, 'told.json');
  const client = { clientId: 'api', publicClient: false, redirectUris: ['https://api.example.com'] };
  writeFileSync(other, JSON.stringify({ realm: { id: 'told' }, clients: [client] }));
  const told = await stage.run('seed', other, 'dev', '--issued-clients', 'create');
  expect(told.out).toContain('The job keeps the new secrets until it is told to forget them');
  expect(told.out).toMatch(/1 new secret can be shown, once: drawbridge job secrets \w+/);
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
