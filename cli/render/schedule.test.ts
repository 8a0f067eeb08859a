import { createColors } from 'picocolors';
import { expect, it } from 'vitest';
import { MOST_MISSED, type ScheduleRun, type ScheduleView } from '../../contract/schedule.ts';
import { scheduleLines } from './schedule.ts';

const failed = (number: number, more: Partial<ScheduleRun> = {}): ScheduleRun => ({
  number,
  missed: 0,
  startedAt: `2026-03-0${number}T02:00:00.000Z`,
  finishedAt: `2026-03-0${number}T02:00:01.000Z`,
  state: 'failed',
  jobs: [],
  alerts: [],
  acknowledged: false,
  ...more,
});

const schedule: ScheduleView = {
  name: 'nightly',
  cron: '0 2 * * *',
  says: 'At 02:00, every day',
  timeZone: 'UTC',
  environment: 'prod',
  credentials: true,
  tags: [],
  onFailure: { command: { program: '/bin/page', args: [] }, webhook: true },
  paused: false,
  createdAt: '2026-03-01T00:00:00.000Z',
  runs: [],
};

function runsShown(runs: readonly ScheduleRun[]): string[] {
  const lines = scheduleLines({ ...schedule, runs: [...runs] }, createColors(false));
  return lines.slice(lines.indexOf('Runs, the newest first:') + 1);
}

it('what went wrong, and what became of telling about it, stands below the run that it belongs to', () => {
  const newest = failed(3, {
    error: { code: 'UNREACHABLE', message: 'Nobody answers.\nNot at all.' },
    alerts: ['/bin/page ended with 0.', 'The webhook took it.'],
  });
  const older = failed(2, { error: { code: 'AUTH_FAILED', message: 'Another reason.' } });
  expect(runsShown([newest, older, failed(1)])).toEqual([
    expect.stringMatching(/^ {2}2026-03-03 .*FAILED/),
    '    Nobody answers.',
    '      Not at all.',
    '    /bin/page ended with 0.',
    '    The webhook took it.',
    expect.stringMatching(/^ {2}2026-03-02 .*FAILED/),
    expect.stringMatching(/^ {2}2026-03-01 .*FAILED/),
  ]);
});

it('does not say how long a run took during which the clock was set back', () => {
  expect(runsShown([failed(3, { finishedAt: '2026-03-03T01:00:00.000Z' })])).toEqual([
    expect.stringMatching(/^ {2}2026-03-03 02:00:00 UTC {2}FAILED$/),
  ]);
});

it('a run of which there is nothing to tell has nothing below it', () => {
  expect(runsShown([failed(2), failed(1)])).toHaveLength(2);
  expect(scheduleLines(schedule, createColors(false)).at(-1)).toBe('It has not run yet.');
});

it('says of failures what the commands do: each of them tells, until somebody has acknowledged it', () => {
  expect(scheduleLines(schedule, createColors(false)).join('\n')).toContain(
    'runs /bin/page, posts to a webhook, tells at every command, until it is acknowledged',
  );
});

it('a number of missed times that is a cap is not told as a count', () => {
  expect(runsShown([failed(2, { missed: MOST_MISSED + 1 })])[0]).toContain(
    'caught up with more than 9,999 missed times',
  );
  expect(runsShown([failed(2, { missed: MOST_MISSED })])[0]).toContain('caught up with 9,999 missed times');
  const missed = { count: MOST_MISSED + 2, latest: '2026-03-01T02:00:00.000Z' };
  expect(scheduleLines({ ...schedule, missed }, createColors(false)).join('\n')).toContain(
    'more than 9,999 times, the latest',
  );
});
