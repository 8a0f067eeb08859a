import { expect, test, vi } from 'vitest';
import { runCommandLine } from '../../cli/program.ts';
import { Io } from '../../cli/io.ts';
import { theFirst } from '../../cli/render/numbers.ts';
import { progressDisplay, progressLine } from '../../cli/terminal/progress.ts';
import { AppError, type ErrorCode } from '../../contract/errors.ts';
import type { JobReport, JobView } from '../../contract/job.ts';
import { captured } from './captured.ts';
import { apply, applyEndingAs, NOW, RESULT } from './scripted.ts';

test('verified: exit code 0, and the way back', async () => {
  const { code, around } = await applyEndingAs(apply({}));
  expect([code, around.err()]).toEqual([0, '']);
  expect(around.out()).toMatch(/^Done and verified: realm “acme” on “prod”/);
  expect(around.out()).toContain('created  1,000');
  expect(around.out()).toMatch(/To undo this: drawbridge rollback job1\n$/);
});

test('what was done in each section, and what failed, in a table', async () => {
  const none = { create: 0, update: 0, delete: 0, skip: 0, unchanged: 0, failed: 0 };
  const end = apply({
    status: 'succeeded_with_errors',
    verified: false,
    failures: 2,
    counts: { ...none, create: 1_203, failed: 2, retries: 0 },
    sections: {
      realm: { ...none },
      roles: { ...none, create: 3 },
      users: { ...none, create: 1_200, failed: 2 },
    },
  });
  const { around } = await applyEndingAs({ ...end, state: 'succeeded_with_errors' });
  expect(around.out()).toContain(
    ['', '  Section  Created  Failed', '  roles          3       –', '  users      1,200       2', ''].join(
      '\n',
    ),
  );
  const one = apply({ sections: { users: { ...none, create: 1_000 } } });
  expect((await applyEndingAs(one)).around.out()).not.toContain('Section');
});

test('records that failed: exit code 7', async () => {
  const end = apply({ status: 'succeeded_with_errors', verified: false, failures: 3, deviationCount: 3 });
  const { code, around } = await applyEndingAs({ ...end, state: 'succeeded_with_errors' });
  expect(code).toBe(7);
  expect(around.out()).toMatch(/^Finished, but 3 records failed: realm “acme” on “prod”\.\n/);
  expect(around.err()).toMatch(/3 records could not be written/);
  expect(around.err()).toContain('drawbridge job report job1');
  const json = await applyEndingAs(end, { words: ['apply', 'plan1', '--json'] });
  expect(JSON.parse(json.around.out())).toMatchObject({
    job: 'job1',
    failures: 3,
    verified: false,
    error: { code: 'ITEM_FAILURES' },
  });
});

test.each([true, false])(
  'one record that failed, and the rest verified (%s): both are said',
  async (verified) => {
    const result = { status: 'succeeded_with_errors', verified, failures: 1 } as const;
    const { code, around } = await applyEndingAs({ ...apply(result), state: 'succeeded_with_errors' });
    expect(code).toBe(7);
    expect(around.out()).toMatch(
      /^Finished, but 1 record failed: realm “acme” on “prod”\. Everything else was read again and is as promised\.\n/,
    );
    expect(around.out()).not.toContain('Done and verified');
    expect(around.err()).toMatch(
      /^Error \(ITEM_FAILURES\): 1 record could not be written; all others were\.\n/,
    );
  },
);

test('asked later, a job that ended with 7 says why, with which exit code, and where to look', async () => {
  const seeded: Partial<JobView> = {
    kind: 'seed',
    state: 'succeeded_with_errors',
    result: { kind: 'seed', result: { ...RESULT, verified: false, failures: 2 } },
  };
  const shown = await applyEndingAs(seeded, { words: ['job', 'show', 'job1'] });
  expect(shown.code).toBe(0);
  expect(shown.around.out()).toMatch(
    /\n {2}Exit code +7\nError \(ITEM_FAILURES\): 2 records could not be written; all others were\.\nWhat to do: See which, and why: drawbridge job report job1\n/,
  );
  const json = await applyEndingAs(seeded, { words: ['job', 'show', 'job1', '--json'] });
  expect(JSON.parse(json.around.out())).toMatchObject({
    job: {
      exitCode: 7,
      error: { code: 'ITEM_FAILURES', remedy: expect.stringContaining('job report job1') },
    },
  });

  const leftOut = { count: 3, asked: 0, sections: {}, first: [] };
  const merged = await applyEndingAs(
    { ...seeded, result: { kind: 'seed', result: { ...RESULT, leftOut } } },
    { words: ['job', 'show', 'job1'] },
  );
  expect(merged.around.out()).toMatch(
    /3 records of the file were left out[^]*\nSee: drawbridge job report job1\n/,
  );

  const well = await applyEndingAs(apply({}), { words: ['job', 'show', 'job1', '--json'] });
  expect(JSON.parse(well.around.out()).job).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(well.around.out()).job).not.toHaveProperty('error');
});

test('what could not be read again is not called a deviation', async () => {
  const { code, around } = await applyEndingAs(apply({ verified: false }));
  expect([code, around.out()]).toEqual([1, expect.stringMatching(/^Done, but only verified in part: /)]);
  expect(around.err()).toContain('not everything is verified');
});

test('a job whose process was killed says so', async () => {
  for (const words of [
    ['job', 'report', 'job1'],
    ['job', 'show', 'job1'],
  ]) {
    const { code, around } = await applyEndingAs({ state: 'interrupted' }, { words });
    expect([code, around.out()]).toEqual([0, expect.stringContaining('Its process ended without a word')]);
  }
});

test('not as promised: exit code 1, and what differs', async () => {
  const deviations = [
    { section: 'users' as const, key: 'eve\u001b[2J', kind: 'changed', members: ['email'] },
  ];
  const { code, around } = await applyEndingAs(apply({ verified: false, deviations, deviationCount: 120 }));
  expect(code).toBe(1);
  expect(around.out()).toContain('users/eve\\u{1B}[2J: changed (email)');
  expect(around.out()).toContain('… and 119 more');
  expect(around.err()).toContain('The target, read again, is not what was promised, in 120 records.');
});

test('the engine’s own verdict beside a result is kept', async () => {
  const error = {
    code: 'VERIFICATION_FAILED' as const,
    message: 'Not so.',
    notChanged: '',
    remedy: 'Look.',
    details: {},
  };
  const { code, around } = await applyEndingAs(
    { ...apply({ verified: false, deviationCount: 1 }), state: 'failed', error },
    { words: ['apply', 'plan1', '--json'] },
  );
  expect([code, JSON.parse(around.out())]).toMatchObject([
    1,
    { verified: false, error: { code: 'VERIFICATION_FAILED', message: 'Not so.' } },
  ]);
});

test('what was there already, and what was already so, is done: exit code 0', async () => {
  for (const status of ['exists', 'nothing-to-do'] as const) {
    expect((await applyEndingAs(apply({ status, verified: false, safetySnapshot: null }))).code).toBe(0);
  }
});

test('an error is three sentences, and its exit code is that of its code', async () => {
  const codes: [ErrorCode, number][] = [
    ['TARGET_CHANGED', 6],
    ['UNREACHABLE', 5],
    ['CATALOG_LOCKED', 8],
    ['DISK_FULL', 1],
  ];
  for (const [code, exitCode] of codes) {
    const error = {
      code,
      message: 'It broke\nerror: fake',
      notChanged: 'The target.',
      remedy: 'Try again.',
      details: {},
    };
    const ended = await applyEndingAs({ state: 'failed', error });
    expect(ended.code).toBe(exitCode);
    expect(ended.around.err()).toBe(
      `Error (${code}): It broke\n  error: fake\nNot changed: The target.\nWhat to do: Try again.\n`,
    );
    expect(ended.around.out()).toBe('');
  }
});

test('a job that was canceled elsewhere says how far it came', async () => {
  const step = { seq: 1, label: 'users 1–500', startedAt: NOW, finishedAt: NOW };
  const steps: JobReport['steps'] = [
    { ...step, outcome: 'done' },
    { ...step, seq: 2, label: 'users 501–1,000', outcome: 'unknown' },
  ];
  const { code, around } = await applyEndingAs({ state: 'canceled' }, { report: { steps } });
  expect(code).toBe(1);
  expect(around.err()).toBe(
    'Canceled. Done before that: 1 step, “users 1–500”. Whether “users 501–1,000” took effect is not known.\n' +
      'Not changed: Everything after that was not begun.\n' +
      'What to do: See how far it came with: drawbridge job report job1\n' +
      '  To undo what was written: drawbridge rollback job1\n',
  );
});

test('a defect is told as one, and not as a stack trace', async () => {
  const around = captured({});
  const code = await runCommandLine(['env', 'list'], {
    ...around,
    openEngine: () => Promise.reject(new TypeError('oops')),
  });
  expect([code, around.err()]).toEqual([
    1,
    expect.stringMatching(/^Error \(INTERNAL\): .*oops.*\nWhat to do: .*report it/),
  ]);
});

test('a report holds every failure, however many there are', async () => {
  const failures = Array.from({ length: 2500 }, (_, at) => ({
    section: 'users' as const,
    key: `=user${at}`,
    reason: 'refused, "twice"',
  }));
  const report = { failures, failureCount: failures.length };
  const csv = await applyEndingAs(apply({}), { words: ['job', 'report', 'job1', '--format', 'csv'], report });
  const lines = csv.around.out().split('\r\n');
  expect(lines).toHaveLength(2 + 2500 + 1);
  expect(lines[2]).toBe('failure,failed,users,"\'=user0","refused, ""twice""",,,,');
  for (const words of [
    ['job', 'report', 'job1', '--format', 'json'],
    ['job', 'report', 'job1', '--json', '--format', 'csv'],
  ]) {
    const json = await applyEndingAs(apply({}), { words, report });
    expect((JSON.parse(json.around.out()) as JobReport).failures).toEqual(failures);
  }
});

test('progress without a terminal: a plain line every few seconds, none with --quiet or when nothing moved', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const around = captured({});
    const display = progressDisplay(new Io(around, {}));
    const quiet = progressDisplay(new Io(around, { quiet: true }));
    for (let second = 0; second <= 20; second++) {
      const done = Math.min(second, 12) * 1000;
      const left = (20_000 - done) / 1000;
      const progress = { phase: 'Reading', done, of: 20_000, unit: 'users' as const, rate: 1000, left };
      display.show(progress);
      quiet.show(progress);
      vi.advanceTimersByTime(1000);
    }
    display.end();
    expect(around.err()).toBe(
      'Reading: 5,000 of 20,000 users (25 %), 1,000 users/s, about 20 s left\n' +
        'Reading: 10,000 of 20,000 users (50 %), 1,000 users/s, about 10 s left\n' +
        'Reading: 12,000 of 20,000 users (60 %), 1,000 users/s\n',
    );
    expect(around.out()).toBe('');
  } finally {
    vi.useRealTimers();
  }
});

const WAITING =
  'Waiting for a lock on “users” in opengate_user, held by process 4711 (user app) since 12:03:04 UTC';

test('what keeps it waiting is told at once, and how long, without a terminal as well', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const around = captured({});
    const display = progressDisplay(new Io(around, {}));
    for (let waited = 0; waited <= 7; waited++) {
      display.show({ phase: WAITING, done: 0, unit: 'items', waited });
      vi.advanceTimersByTime(1000);
    }
    expect(around.err()).toBe(`${WAITING}; 0 s so far\n${WAITING}; 5 s so far\n`);
  } finally {
    vi.useRealTimers();
  }
});

test('on a terminal, who is waited for is told whole, however narrow that is', () => {
  const around = captured({ NO_COLOR: '1' }, { tty: true });
  around.stderr.columns = 40;
  const display = progressDisplay(new Io(around, {}));
  display.show({ phase: 'Reading', done: 0, unit: 'records' });
  for (const waited of [0, 1]) display.show({ phase: WAITING, done: 0, unit: 'items', waited });
  display.end();
  expect(around.err().split(`${WAITING}\n`)).toHaveLength(2);
  expect(around.err()).toContain('1 s: Waiting for');
});

test('one is not many', () => {
  expect(progressLine({ phase: 'Writing', done: 0, of: 1, unit: 'items', rate: 1 })).toBe(
    'Writing: 0 of 1 item (0 %), 1 item/s',
  );
  expect(progressLine({ phase: 'Reading', done: 1, unit: 'users' })).toBe('Reading: 1 user');
  const left = (of: number) =>
    progressLine({ phase: 'Reading', done: 0, of, unit: 'users', rate: 100, left: of / 100 });
  expect(left(500)).toBe('Reading: 0 of 500 users (0 %), 100 users/s');
  expect(left(4_100)).toBe('Reading: 0 of 4,100 users (0 %), 100 users/s, about 50 s left');
  expect(left(20_000)).toBe('Reading: 0 of 20,000 users (0 %), 100 users/s, about 4 min left');
  expect([theFirst(1, 'match', 'matches'), theFirst(2, 'match', 'matches')]).toEqual([
    'the first match',
    'the first 2 matches',
  ]);
});

test('progress on a terminal: a bar that is taken away at the end', () => {
  const around = captured({ NO_COLOR: '1' }, { tty: true });
  const display = progressDisplay(new Io(around, {}));
  display.show({ phase: 'Reading\u001b[2J', done: 500, of: 1000, unit: 'bytes' });
  display.end();
  expect(around.err()).toContain('████████████░░░░░░░░░░░░ Reading\\u{1B}[2J: 500 B of 1.0 kB (50 %)');
  expect(around.err()).toContain('\u001b[?25h');
  expect(around.out()).toBe('');
});

test('AppErrors of the engine’s opening keep their code', async () => {
  const around = captured({});
  const locked = new AppError('CATALOG_LOCKED', 'Somebody else.', {
    notChanged: 'Nothing.',
    remedy: 'Wait.',
  });
  const code = await runCommandLine(['env', 'list', '--json'], {
    ...around,
    openEngine: () => Promise.reject(locked),
  });
  expect([code, JSON.parse(around.out())]).toEqual([
    8,
    { error: { code: 'CATALOG_LOCKED', message: 'Somebody else.', notChanged: 'Nothing.', remedy: 'Wait.' } },
  ]);
});
