import { Anchor, Stack, Text, VisuallyHidden } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Fragment, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { Link } from 'wouter';
import type { ScheduleView } from '../../../contract/schedule.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { count, counted } from '../../design/moments.ts';
import { DATES } from '../../wording/system-locale.ts';
import { Waiting } from '../../design/page.tsx';
import { calendarDays, cutOff, entriesByDay, type Day, type DayEntry } from './calendar-days.ts';
import classes from './calendar.module.css';

/** This week and the two after it: at least two weeks ahead. */
const WEEKS = 3;
/** As many times as the engine tells at once. */
const LIMIT = 10_000;
/** How many lines fit into a day. */
const LINES = 3;

const weekday = new Intl.DateTimeFormat(DATES, { weekday: 'short' });
const dayName = new Intl.DateTimeFormat(DATES, { weekday: 'long', day: 'numeric', month: 'long' });
const clock = new Intl.DateTimeFormat(DATES, { timeStyle: 'short' });

/** What comes and what was missed, day by day, by this computer's clock. Arrow keys go from day to day. */
export function Calendar({ schedules }: { schedules: readonly ScheduleView[] }) {
  const api = useApi();
  const today = useToday();
  // Another one only when the day is another: the query goes by it.
  const days = useMemo(() => calendarDays(new Date(today), WEEKS), [today]);
  const { data, error } = useQuery(
    api.engine.schedules.upcoming.queryOptions({
      input: { from: days[0]!.begin.toISOString(), to: days.at(-1)!.end.toISOString(), limit: LIMIT },
      refetchInterval: 30_000,
    }),
  );
  const [chosen, setChosen] = useState(() => days.findIndex(({ begin }) => begin.toDateString() === today));
  const cells = useRef<(HTMLTableCellElement | null)[]>([]);
  if (error) return <ErrorNotice error={error} />;
  if (!data) return <Waiting lines={4} />;
  const entries = entriesByDay(data, days);
  const weeks = Array.from({ length: WEEKS }, (_, week) => days.slice(week * 7, week * 7 + 7));
  const cut = cutOff(data, LIMIT);
  // Of days after the last time that was told of one that runs often, not all is known.
  const isCut = ({ end }: Day): boolean => [...cut.values()].some(({ after }) => end > after);
  const isPart = ({ end }: Day, { schedule }: DayEntry): boolean => {
    const after = cut.get(schedule)?.after;
    return after !== undefined && end > after;
  };

  const move = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    const to =
      event.key === 'Home'
        ? 0
        : event.key === 'End'
          ? days.length - 1
          : step === undefined
            ? -1
            : chosen + step;
    if (to < 0 || to >= days.length) return;
    event.preventDefault();
    setChosen(to);
    cells.current[to]?.focus();
  };
  return (
    <Stack gap="sm">
      {/* A table of days that keys lead through: what the pattern of a calendar grid asks for. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role */}
      <table className={classes.grid} role="grid" aria-label="Coming and missed runs" onKeyDown={move}>
        <thead>
          <tr>
            {weeks[0]!.map(({ begin }) => (
              <th key={begin.toISOString()} scope="col">
                {weekday.format(begin)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map((week, row) => (
            <tr key={week[0]!.begin.toISOString()}>
              {week.map((day, column) => {
                const at = row * 7 + column;
                return (
                  // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the grid takes the keys
                  <td
                    key={day.begin.toISOString()}
                    ref={(cell) => {
                      cells.current[at] = cell;
                    }}
                    tabIndex={at === chosen ? 0 : -1}
                    aria-selected={at === chosen}
                    aria-current={day.begin.toDateString() === today ? 'date' : undefined}
                    onClick={() => setChosen(at)}
                    onFocus={() => setChosen(at)}
                  >
                    <VisuallyHidden>{dayName.format(day.begin)}: </VisuallyHidden>
                    <span className={classes.date} aria-hidden>
                      {day.begin.getDate()}
                    </span>
                    {entries[at]!.slice(0, LINES).map((entry) => (
                      <span
                        key={`${entry.schedule} ${entry.state}`}
                        className={classes.entry}
                        data-state={entry.state}
                      >
                        {entryText(entry, isPart(day, entry))}
                      </span>
                    ))}
                    {entries[at]!.length > LINES && (
                      <span className={classes.more}>and {entries[at]!.length - LINES} more</span>
                    )}
                    {isCut(day) && <span className={classes.more}>not all are counted</span>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <ChosenDay
        day={days[chosen]!}
        entries={entries[chosen]!}
        isCut={isCut(days[chosen]!)}
        isPart={(entry) => isPart(days[chosen]!, entry)}
      />
      <Text size="xs" c="dimmed">
        By the clock of this computer. Schedules that are paused are not in it
        {schedules.every(({ paused }) => paused) && ', and all are'}.
        {[...cut].map(([schedule, { times }]) => (
          <Fragment key={schedule}>
            {' '}
            Of <Foreign>{schedule}</Foreign>, which runs often, it has the first {count(times)} times only.
          </Fragment>
        ))}
      </Text>
    </Stack>
  );
}

/** Today, also when a window stays open over night. */
function useToday(): string {
  const [today, setToday] = useState(() => new Date().toDateString());
  useEffect(() => {
    const timer = setInterval(() => setToday(new Date().toDateString()), 60_000);
    return () => clearInterval(timer);
  }, []);
  return today;
}

function ChosenDay({
  day,
  entries,
  isCut,
  isPart,
}: {
  day: Day;
  entries: readonly DayEntry[];
  isCut: boolean;
  /** It has more times on this day than are told. */
  isPart: (entry: DayEntry) => boolean;
}) {
  return (
    <Stack gap={2} aria-live="polite">
      <Text size="sm" fw={600}>
        {dayName.format(day.begin)}
      </Text>
      {isCut && (
        <Text size="sm" c="dimmed">
          More is to run than the calendar counts.
        </Text>
      )}
      {entries.length === 0 && !isCut && (
        <Text size="sm" c="dimmed">
          Nothing is to run.
        </Text>
      )}
      {entries.map((entry) => {
        const { schedule, state, times } = entry;
        return (
          <Text size="sm" key={`${schedule} ${state}`}>
            <Anchor component={Link} href={`/schedules/named/${schedule}`} size="sm" underline="always">
              {schedule}
            </Anchor>
            {state === 'missed' ? ', missed: ' : ': '}
            {isPart(entry)
              ? `more than ${counted(times.length, 'time')}, from ${clock.format(times[0])} on`
              : times.length <= 8
                ? times.map((at) => clock.format(at)).join(', ')
                : `${counted(times.length, 'time')}, from ${clock.format(times[0])} to ${clock.format(times.at(-1))}`}
          </Text>
        );
      })}
    </Stack>
  );
}

/** @param isPart there are more than are told */
function entryText({ schedule, state, times }: DayEntry, isPart: boolean): string {
  const when = isPart
    ? `more than ${count(times.length)}×`
    : times.length === 1
      ? clock.format(times[0])
      : `${count(times.length)}×`;
  return `${state === 'missed' ? 'missed ' : ''}${when} ${schedule}`;
}
