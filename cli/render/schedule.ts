import { policyText } from '../../contract/retention-words.ts';
import { MOST_MISSED, type ScheduleRun, type ScheduleView } from '../../contract/schedule.ts';
import type { Telling } from '../io.ts';
import type { Paint } from '../terminal/paint.ts';
import { counted, instant, integer } from './numbers.ts';
import { table, type Cell } from './table.ts';
import { timeTaken } from './time-taken.ts';
import { visible, visibleLines } from './visible.ts';

const STATES: Readonly<
  Record<ScheduleRun['state'], readonly [text: string, tint: 'green' | 'yellow' | 'red' | 'cyan']>
> = {
  running: ['running', 'cyan'],
  succeeded: ['succeeded', 'green'],
  unchanged: ['unchanged', 'green'],
  succeeded_with_errors: ['with errors', 'yellow'],
  failed: ['FAILED', 'red'],
  canceled: ['canceled', 'yellow'],
  interrupted: ['INTERRUPTED', 'red'],
};

function stateCell({ state }: ScheduleRun, paint: Paint): Cell {
  const [text, tint] = STATES[state];
  return { text, paint: paint[tint] };
}

export function scheduleListLines(
  schedules: readonly ScheduleView[],
  { paint, self }: Pick<Telling, 'paint' | 'self'>,
): string[] {
  if (schedules.length === 0)
    return [`There are no schedules. One is added with: ${self} schedule add <name> --cron … --env …`];
  return table(
    [
      { title: 'Schedule' },
      { title: 'What', limit: 40 },
      { title: 'When', limit: 50 },
      { title: 'Next' },
      { title: 'Last' },
      { title: 'Missed', align: 'right' },
    ],
    schedules.map((schedule): Cell[] => [
      { text: schedule.name, paint: paint.bold },
      whatOf(schedule),
      `${schedule.says} (${schedule.timeZone})`,
      schedule.paused ? { text: 'paused', paint: paint.yellow } : clock(schedule.next, schedule.timeZone),
      schedule.runs[0] ? stateCell(schedule.runs[0], paint) : 'never',
      schedule.missed ? { text: missedCell(schedule.missed.count), paint: paint.yellow } : '',
    ]),
  );
}

function whatOf({ environment, realms }: ScheduleView): string {
  return `${environment}: ${realms ? realms.join(', ') : 'every realm'}`;
}

/** Beyond a number they are not counted. */
function times(count: number, what: string): string {
  return count > MOST_MISSED ? `more than ${counted(MOST_MISSED, what)}` : counted(count, what);
}

function missedCell(count: number): string {
  return count > MOST_MISSED ? `>${integer(MOST_MISSED)}` : integer(count);
}

/** By the clock that the schedule means, with that clock's distance from UTC. */
function clock(iso: string | undefined, timeZone: string): string {
  if (iso === undefined) return '';
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'short',
  }).format(new Date(iso));
}

export function scheduleLines(schedule: ScheduleView, paint: Paint): string[] {
  const { cron, says, timeZone, next, missed, paused, tags, retention, onFailure, runs } = schedule;
  const facts: [string, Cell][] = [
    ['Backs up', whatOf(schedule)],
    ['When', `${says} (${cron}), by the clock of ${timeZone}`],
    ['Next', paused ? { text: 'paused', paint: paint.yellow } : clock(next, timeZone)],
    ...(retention ? [['Keeps', policyText(retention)] as [string, Cell]] : []),
    ...(tags.length === 0 ? [] : [['Tags', tags.join(', ')] as [string, Cell]]),
    ...(missed
      ? [
          [
            'Missed',
            `${times(missed.count, 'time')}, the latest ${clock(missed.latest, timeZone)}: the next run catches up, once`,
          ] as [string, Cell],
        ]
      : []),
    [
      'On failure',
      [
        ...(onFailure.command ? [`runs ${onFailure.command.program}`] : []),
        ...(onFailure.webhook ? ['posts to a webhook'] : []),
        'tells at every command, until it is acknowledged',
      ].join(', '),
    ],
  ];
  return [
    `Schedule ${paint.bold(visible(schedule.name))}`,
    ...table([{ title: '' }, { title: '' }], facts, '  '),
    ...(runs.length === 0 ? ['It has not run yet.'] : ['Runs, the newest first:', ...runLines(runs, paint)]),
  ];
}

/** A line each; below the newest, what went wrong and what became of telling about it. */
function runLines(runs: readonly ScheduleRun[], paint: Paint): string[] {
  const [newest = '', ...older] = table(
    [{ title: '' }, { title: '' }, { title: '' }, { title: '' }, { title: '' }],
    runs.map((run): Cell[] => [
      instant(run.startedAt),
      stateCell(run, paint),
      timeTaken(run),
      run.jobs.map((job) => `job ${job}`).join(', '),
      run.missed > 0 ? `caught up with ${times(run.missed, 'missed time')}` : '',
    ]),
    '  ',
  );
  const { error, alerts = [] } = runs[0] ?? {};
  const told = [...(error ? [error.message] : []), ...alerts];
  return [
    newest,
    ...told.flatMap((text) =>
      visibleLines(text)
        .split('\n')
        .map((line) => `    ${line}`),
    ),
    ...older,
  ];
}

/** “failed on 2026-03-04 02:00:00 UTC: The server cannot be reached.” */
export function runSentence({ state, startedAt, error, missed }: ScheduleRun): string {
  const when = instant(startedAt);
  const caughtUp = missed > 0 ? ` (it caught up with ${times(missed, 'missed time')})` : '';
  const why = error ? `: ${visibleLines(error.message)}` : '.';
  return `${DEEDS[state]} ${when}${caughtUp}${why}`;
}

const DEEDS: Readonly<Record<ScheduleRun['state'], string>> = {
  running: 'has been running since',
  succeeded: 'succeeded; begun',
  unchanged: 'found nothing new; begun',
  succeeded_with_errors: 'could not read everything; begun',
  failed: 'failed; begun',
  canceled: 'was canceled; begun',
  interrupted: 'was broken off without a word; begun',
};
