import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ScheduleRun, ScheduleView } from '../../contract/schedule.ts';
import { SECTIONS } from '../../contract/sections.ts';
import { Interruption } from '../../cli/terminal/interruption.ts';
import { shellWord } from '../../cli/io.ts';
import { applyEndingAs, apply, NOW } from './scripted.ts';
import { addWords, setStage, type Stage } from './sandboxed.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage(30);
  await stage.run(...addWords(stage, 'dev'));
});
afterAll(async () => stage[Symbol.asyncDispose]());

const NIGHTLY = [
  'schedule',
  'add',
  'nightly',
  '--cron',
  '0 2 * * *',
  '--time-zone',
  'Europe/Berlin',
  '--env',
  'dev',
];

test('a schedule is added, said in words, listed, run, and removed', async () => {
  expect((await stage.run('schedule', 'list')).out).toMatch(/^There are no schedules\./);
  const added = await stage.run(
    ...NIGHTLY,
    '--realm',
    'acme',
    '--tag',
    'nightly',
    '--keep-daily',
    '7',
    '--keep-last',
    '3',
  );
  expect(added.out).toMatch(/Keeps +the last 3, 7 daily\n/);
  expect([added.code, added.out]).toEqual([
    0,
    expect.stringContaining('At 02:00, every day (0 2 * * *), by the clock of Europe/Berlin'),
  ]);
  expect(added.out).toContain('drawbridge schedule install --help');
  expect((await stage.run('schedule', 'list')).out).toMatch(
    /nightly +dev: acme +At 02:00, every day \(Europe\/Berlin\) +\S+ 02:00 +never/,
  );

  expect([(await stage.run('schedule', 'run', '--due')).out]).toEqual(['Nothing is due.\n']);
  const run = await stage.run('schedule', 'run', 'nightly', '--json');
  expect([run.code, run.json()]).toMatchObject([
    0,
    {
      runs: [
        {
          schedule: 'nightly',
          run: { number: 1, state: 'succeeded', jobs: [expect.any(String), expect.any(String)] },
        },
      ],
    },
  ]);
  const again = await stage.run('schedule', 'run', 'nightly');
  expect([again.code, again.out]).toEqual([0, expect.stringContaining('nightly found nothing new; begun')]);
  // Told once, on either stream.
  expect(again.err).toContain('nightly has been running since');
  expect(again.err).not.toContain('nothing new');
  expect((await stage.run('snapshot', 'list', '--tag', 'nightly', '--json')).json()).toMatchObject({
    snapshots: [{ note: 'Schedule nightly' }, {}],
  });

  expect((await stage.run('schedule', 'pause', 'nightly')).out).toMatch(/Next +paused/);
  expect((await stage.run('schedule', 'resume', 'nightly')).out).toMatch(/Next +\d{4}-/);
  expect((await stage.run('schedule', 'remove', 'nightly')).out).toContain('Its snapshots stay.');
  const catalog = stage.env['DRAWBRIDGE_CATALOG']!;
  const gone = await stage.run('--catalog', catalog, 'schedule', 'show', 'nightly');
  expect(gone.code).toBe(1);
  // What the engine advises, as it has to be typed to look into the same catalog.
  expect(gone.err).toContain(
    `See which there are: drawbridge --catalog ${shellWord(catalog)} schedule list.`,
  );
});

test('a run that fails: its exit code, a warning at every command, until it is acknowledged', async () => {
  await stage.run(...NIGHTLY, '--realm', 'no-such-realm');
  const run = await stage.run('schedule', 'run', 'nightly');
  expect(run.code).not.toBe(0);
  for (const words of [
    ['env', 'list'],
    ['job', 'list', '--quiet'],
  ]) {
    const { err } = await stage.run(...words);
    expect(err).toMatch(/^Warning: The schedule nightly failed; begun .*no-such-realm/);
    expect(err).toContain('drawbridge schedule acknowledge');
  }
  expect((await stage.run('schedule', 'show', 'nightly')).out).toMatch(/FAILED/);
  expect((await stage.run('schedule', 'acknowledge')).out).toBe('Failed runs that are known now: 1.\n');
  expect((await stage.run('env', 'list')).err).toBe('');
  await stage.run('schedule', 'remove', 'nightly');
});

test('many failed runs are told in few lines, and data in them cannot forge any', async () => {
  const run: ScheduleRun = {
    number: 1,
    missed: 2,
    startedAt: NOW,
    state: 'failed',
    jobs: [],
    error: { code: 'UNREACHABLE', message: 'Gone\u001b[2J.' },
    alerts: [],
    acknowledged: false,
  };
  const failedRuns = Array.from({ length: 9 }, (_, at) => ({ schedule: `s${at}`, run }));
  const { around } = await applyEndingAs(apply({}), { failedRuns });
  expect(around.err().split('\n').slice(0, 4)).toEqual([
    'Warning: The schedule s0 failed; begun 2026-03-04 05:06:07 UTC (it caught up with 2 missed times): Gone\\u{1B}[2J.',
    expect.stringContaining('s1'),
    expect.stringContaining('s2'),
    'Warning: To see them: drawbridge schedule list. Known? drawbridge schedule acknowledge. There are 6 more.',
  ]);
});

test('what is wrong with a schedule is said, and nothing is added', async () => {
  for (const [words, says] of [
    [[...NIGHTLY], 'No realm is named.'],
    [[...NIGHTLY, '--all', '--realm', 'acme'], 'Realms are named, and --all'],
    [[...NIGHTLY, '--all', '--on-failure-arg', 'x'], '--on-failure-arg is given without'],
    [[...NIGHTLY, '--all', '--webhook-url-env', 'NOT_SET'], '“NOT_SET” is not set'],
    [['schedule', 'add', 'n', '--cron', 'at night', '--env', 'dev', '--all'], 'not a usable cron expression'],
    [['schedule', 'add', 'Not a name', '--cron', '0 2 * * *', '--env', 'dev', '--all'], 'the name'],
    [['schedule', 'run', 'nightly', '--due'], 'A schedule is named, and --due'],
    [['schedule', 'install'], 'What starts programs on this computer'],
    [['schedule', 'install', '--cron', '--systemd'], 'What starts programs on this computer'],
  ] as const) {
    const { code, err } = await stage.run(...words);
    expect([words, code, err]).toEqual([words, 2, expect.stringContaining(says)]);
  }
  expect((await stage.run('schedule', 'list', '--json')).json()).toEqual({ schedules: [] });
});

test('the loop waits, takes up what is added, and ends with 0 when it is told to', async () => {
  const around = stage.surroundings();
  const interruption = new Interruption();
  const loop = stage.begin({ ...around, interruption }, 'schedule', 'run');
  await until(() => around.err().includes('There is no schedule to wait for'));
  interruption.raise('SIGTERM');
  expect(await loop).toMatchObject({ code: 0, out: '' });
});

test('the files for this computer: the program, the catalog, and no passphrase', async () => {
  for (const service of ['--systemd', '--launchd', '--cron', '--task-scheduler']) {
    const { code, out, err } = await stage.run('schedule', 'install', service);
    expect([service, code]).toEqual([service, 0]);
    expect(out).toContain(stage.env['DRAWBRIDGE_CATALOG']);
    expect(out).toContain(process.execPath);
    expect(err).toMatch(/^This belongs into: /);
    expect(err).toMatch(/passphrase/);
    expect(out + err).not.toContain('correct horse');
    const { files, steps } = (
      await stage.run('schedule', 'install', service, '--json')
    ).json() as unknown as {
      files: { path: string; text: string }[];
      steps: string[];
    };
    expect(files.map(({ text }) => text)).toEqual([out]);
    expect(err).toBe([`This belongs into: ${files[0]!.path}`, ...steps, ''].join('\n'));
    expect((await stage.run('schedule', 'install', service, '--quiet')).err).toBe('');
  }
});

test.each([
  ['--launchd', 'plist'],
  ['--task-scheduler', 'Task'],
])('what %s prints is an XML document, and nothing else', async (service, root) => {
  const { out } = await stage.run('--catalog', '/srv/R&D <2>', 'schedule', 'install', service);
  expect(rootOf(out)).toBe(root);
  expect(out).toContain('/srv/R&amp;D &lt;2&gt;');
});

test('the real executable runs what is due by the line for cron', async () => {
  await stage.run(...NIGHTLY, '--realm', 'acme');
  const program = join(import.meta.dirname, '../../cli/drawbridge.mjs');
  const words = [process.execPath, program, 'schedule', 'run', 'nightly', '--json'].map(shellWord).join(' ');
  const { code, out } = await new Promise<{ code: number; out: string }>((resolve) => {
    execFile('/bin/sh', ['-c', words], { env: stage.env }, (error, out) =>
      resolve({ code: Number(error?.code ?? 0), out }),
    );
  });
  expect([code, JSON.parse(out)]).toMatchObject([0, { runs: [{ run: { state: 'unchanged' } }] }]);
});

/** Reads a document as strictly as a parser does: the declaration first, every tag closed in order, one root, no stray sign. */
function rootOf(xml: string): string | undefined {
  const head = /^<\?xml version="1\.0" encoding="UTF-8"\?>\n(?:<!DOCTYPE [^<>]*>\n)?/.exec(xml);
  expect(head).not.toBeNull();
  const piece =
    /<(?<close>\/?)(?<name>\w+)(?: \w+="[^"<&]*")*(?<alone>\/?)>|(?<text>(?:[^<&]|&(?:amp|lt|gt|quot);)+)/gy;
  piece.lastIndex = head![0].length;
  const open: string[] = [];
  const roots: string[] = [];
  while (piece.lastIndex < xml.length) {
    const at = piece.lastIndex;
    const found = piece.exec(xml)?.groups;
    expect(found, `at “${xml.slice(at, at + 40)}”`).toBeDefined();
    const { close, name, alone, text } = found!;
    if (text !== undefined && open.length === 0) expect(text.trim()).toBe('');
    if (name === undefined) continue;
    if (open.length === 0) roots.push(name);
    if (close) expect(open.pop()).toBe(name);
    else if (!alone) open.push(name);
  }
  expect(open).toEqual([]);
  expect(roots).toHaveLength(1);
  return roots[0];
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('a schedule is changed by name, and what is not given stays', async () => {
  await stage.run(...addWords(stage, 'prod'));
  const add = ['schedule', 'add', 'changing', '--cron', '0 2 * * *', '--time-zone', 'UTC', '--env', 'dev'];
  const more = ['--realm', 'acme', '--tag', 'nightly', '--keep-daily', '7', '--keep-last', '3'];
  await stage.run(...add, ...more, '--on-failure-command', '/bin/true', '--on-failure-arg', 'a');
  const show = async (): Promise<ScheduleView> =>
    (await stage.run('schedule', 'show', 'changing', '--json')).json()['schedule'] as unknown as ScheduleView;
  await stage.run('schedule', 'run', 'changing');
  const before = await show();

  const changed = await stage.run(
    'schedule',
    'update',
    'changing',
    '--cron',
    '30 3 * * *',
    '--keep-daily',
    '30',
  );
  expect([changed.code, changed.out]).toEqual([
    0,
    expect.stringContaining('At 03:30, every day (30 3 * * *)'),
  ]);
  const after = await show();
  expect(after).toEqual({
    ...before,
    cron: '30 3 * * *',
    says: 'At 03:30, every day',
    next: expect.stringMatching(/T03:30:00/),
    retention: { ...before.retention, keepDaily: 30 },
  });
  expect(after.runs).toHaveLength(1);

  await stage.run(
    'schedule',
    'update',
    'changing',
    '--env',
    'prod',
    '--all',
    '--keep-everything',
    '--remove-command',
  );
  const last = await show();
  expect(last).toMatchObject({ environment: 'prod', tags: ['nightly'], onFailure: { webhook: false } });
  expect(last).not.toHaveProperty('realms');
  expect(last).not.toHaveProperty('retention');
  expect(last.onFailure).not.toHaveProperty('command');

  await stage.run('schedule', 'update', 'changing', '--sections', 'realm,users', '--no-credentials');
  expect(await show()).toMatchObject({ sections: ['realm', 'users'], credentials: false });
  // All of them are no choice.
  await stage.run('schedule', 'update', 'changing', '--sections', SECTIONS.join(','));
  expect(await show()).not.toHaveProperty('sections');
  await stage.run('schedule', 'update', 'changing', '--sections', 'realm,users');
  await stage.run('schedule', 'update', 'changing', '--name', 'renamed', '--all-sections', '--credentials');
  await stage.run('schedule', 'update', 'renamed', '--name', 'changing');
  expect(await show()).toEqual(last);

  for (const [words, code, why] of [
    [['changing', '--name', 'Not a name'], 2, 'the new name'],
    [['changing'], 2, 'Nothing is given that should change.'],
    [['changing', '--cron', 'never'], 2, 'not a usable cron expression'],
    [['changing', '--env', 'nowhere'], 1, 'There is no environment'],
    [['nosuch', '--cron', '0 4 * * *'], 1, 'There is no schedule “nosuch”'],
    [['changing', '--on-failure-arg', 'x'], 2, 'no program is run'],
  ] as const) {
    const refused = await stage.run('schedule', 'update', ...words);
    expect([refused.code, refused.err]).toEqual([code, expect.stringContaining(why)]);
  }
  expect(await show()).toEqual(last);
  await stage.run('schedule', 'remove', 'changing');
});
