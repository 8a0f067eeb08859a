import { AppError } from '../../../contract/errors.ts';
import type { ScheduleView } from '../../../contract/schedule.ts';
import type { Catalog } from '../../catalog/index.ts';
import { isFailure, type Schedule } from '../../catalog/schedules/schedule-store.ts';
import {
  believable,
  dueTime,
  nextTime,
  nextTimes,
  timesBetween,
  timetableInWords,
} from '../../jobs/schedule-times.ts';
import { fairShare } from '../fair-share.ts';
import { implementer } from '../implementer.ts';
import type { ScheduleDesk } from '../schedule-desk.ts';

const WEEK = 7 * 86_400_000;
/** How many coming times show what an expression means. */
const EXPLAINED_TIMES = 5;
/** Of a caller who cannot cancel. */
const NEVER = new AbortController().signal;

export function scheduleProcedures(catalog: Catalog, desk: ScheduleDesk) {
  const { now } = catalog;
  const { schedules } = implementer;
  const view = (schedule: Schedule) => scheduleView(schedule, now());
  return {
    list: schedules.list.handler(() => desk.list().map(view)),
    get: schedules.get.handler(({ input }) => view(desk.get(input.name))),
    add: schedules.add.handler(({ input }) => {
      timetableInWords(input, now());
      // One that is not there would only be missed at night.
      const environment = catalog.environments.get(input.environment).name;
      return view(catalog.schedules.add({ ...input, environment }));
    }),
    update: schedules.update.handler(({ input }) => {
      const { cron, timeZone } = catalog.schedules.get(input.name);
      timetableInWords({ cron: input.cron ?? cron, timeZone: input.timeZone ?? timeZone }, now());
      const environment =
        input.environment === undefined ? undefined : catalog.environments.get(input.environment).name;
      return view(desk.update({ ...input, ...(environment !== undefined && { environment }) }));
    }),
    explain: schedules.explain.handler(({ input }) => ({
      says: timetableInWords(input, now()),
      next: nextTimes(input, now(), EXPLAINED_TIMES).map((at) => at.toISOString()),
    })),
    remove: schedules.remove.handler(({ input }) => catalog.schedules.remove(input.name)),
    pause: schedules.pause.handler(({ input: { name, paused } }) =>
      view(
        catalog.schedules.change(name, (before) => {
          if (before.paused === paused) return undefined;
          return paused ? { paused } : { paused, handledUntil: now().toISOString() };
        }),
      ),
    ),
    upcoming: schedules.upcoming.handler(({ input: { from, to, limit } }) => {
      const begin = from === undefined ? now() : new Date(from);
      const end = to === undefined ? new Date(begin.getTime() + WEEK) : new Date(to);
      if (end <= begin)
        throw new AppError('USAGE', 'The calendar ends before it begins.', {
          notChanged: 'Nothing was changed.',
          remedy: 'Give an end that is later than the beginning.',
        });
      const all = desk
        .list()
        .filter(({ paused }) => !paused)
        .map((schedule) => calendarOf(schedule, now(), { begin, end, limit }));
      return fairShare(all, limit).toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
    }),
    run: schedules.run.handler(async function* ({ input, signal = NEVER }) {
      if (input.what === 'one') yield* desk.runNow(input.name, signal);
      else if (input.what === 'due') yield* desk.runDue(signal);
      else yield* desk.keepRunning(signal);
    }),
    failures: schedules.failures.handler(() =>
      desk
        .list()
        .flatMap(({ name, runs }) =>
          runs
            .filter((run) => isFailure(run) && !run.acknowledged)
            .map((run) => ({ schedule: name, run: { ...run } })),
        ),
    ),
    acknowledge: schedules.acknowledge.handler(({ input }) => ({
      acknowledged: desk.acknowledge(input.name, input.until),
    })),
  };
}

function scheduleView(schedule: Schedule, now: Date): ScheduleView {
  const { command, webhook, handledUntil, paused, ...rest } = schedule;
  const until = believable(new Date(handledUntil), now);
  const next = paused ? undefined : nextTime(schedule, until > now ? until : now);
  const due = paused ? undefined : dueTime(schedule, until, now);
  return {
    ...rest,
    says: timetableInWords(schedule, now),
    onFailure: { ...(command && { command }), webhook },
    paused,
    ...(next && { next: next.toISOString() }),
    ...(due && { missed: { count: due.missed + 1, latest: due.at.toISOString() } }),
  };
}

function calendarOf(
  schedule: Schedule,
  now: Date,
  { begin, end, limit }: { begin: Date; end: Date; limit: number },
) {
  const until = believable(new Date(schedule.handledUntil), now);
  const from = new Date(Math.max(begin.getTime(), until.getTime() + 1));
  if (from >= end) return [];
  return timesBetween(schedule, from, end, limit).map((at) => ({
    schedule: schedule.name,
    at: at.toISOString(),
    state: at <= now ? ('missed' as const) : ('next' as const),
  }));
}
