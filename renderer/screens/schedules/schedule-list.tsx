import { Anchor, Badge, Button, Code, CopyButton, Group, Stack, Text, Title } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { ScheduleView } from '../../../contract/schedule.ts';
import { useApi } from '../../client/use-client.tsx';
import { Empty } from '../../design/empty.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { JobLine } from '../../features/jobs/job-line.tsx';
import { Moment } from '../../design/moment.tsx';
import { Page, Section, Waiting } from '../../design/page.tsx';
import { Calendar } from './calendar.tsx';
import { FailedRuns } from './failed-runs.tsx';
import { RunBadge } from './run-badge.tsx';
import { ScheduleActions } from './schedule-actions.tsx';
import { missedText, whatOf } from './schedule-texts.ts';
import classes from './schedules.module.css';

/** How often a list that shows something running is asked for again. Milliseconds. */
const WHILE_RUNNING = 2_000;
/** Times pass, and other programs have the same catalog open. Milliseconds. */
const USUALLY = 30_000;

/** Every schedule with its next time and how it went last, and the calendar of all. */
export function ScheduleList() {
  const api = useApi();
  const { data: schedules, error } = useQuery(
    api.engine.schedules.list.queryOptions({
      refetchInterval: ({ state }) =>
        state.data?.some(({ runs }) => runs[0]?.state === 'running') ? WHILE_RUNNING : USUALLY,
    }),
  );
  const add = (
    <Button component={Link} href="/schedules/add" leftSection={<IconPlus size={16} aria-hidden />}>
      Add a schedule
    </Button>
  );
  return (
    <Page
      title="Schedules"
      lead="Backups that are taken by themselves, and what is kept of them."
      actions={schedules && schedules.length > 0 && add}
    >
      <ErrorNotice error={error} />
      {!schedules && !error && <Waiting lines={6} />}
      {schedules?.length === 0 && (
        <Empty title="There are no schedules yet" actions={add}>
          A schedule backs up an environment at fixed times, such as every night at two, keeps as many
          snapshots as you say, and tells when a run fails. What is missed while nothing runs is caught up
          with, once.
        </Empty>
      )}
      {schedules && schedules.length > 0 && (
        <>
          <FailedRuns />
          <div className={classes.list}>
            {schedules.map((schedule) => (
              <Row key={schedule.name} schedule={schedule} />
            ))}
          </div>
          <Section title="Calendar">
            <Calendar schedules={schedules} />
          </Section>
        </>
      )}
      {schedules && <WithoutWindow />}
    </Page>
  );
}

function Row({ schedule }: { schedule: ScheduleView }) {
  const { name, says, cron, timeZone, next, paused, missed, runs } = schedule;
  const [last] = runs;
  const job = last?.state === 'running' ? last.jobs.at(-1) : undefined;
  return (
    <section className={classes.row} aria-label={`Schedule ${name}`}>
      <Group justify="space-between" align="flex-start">
        <Stack gap={2} className={classes.what}>
          <Group gap="xs">
            <Title order={2} size="h5">
              <Anchor component={Link} href={`/schedules/named/${name}`} inherit>
                {name}
              </Anchor>
            </Title>
            {paused && (
              <Badge variant="light" color="slate" tt="none" radius="xs">
                paused
              </Badge>
            )}
            {missed && (
              <Badge variant="light" color="amber" tt="none" radius="xs">
                {missedText(missed.count, 'time')} missed
              </Badge>
            )}
          </Group>
          <Text size="sm">
            {says}, by the clock of {timeZone} <Code>{cron}</Code>
          </Text>
          <Text size="sm" c="dimmed">
            <Foreign>{whatOf(schedule)}</Foreign>
          </Text>
        </Stack>
        <ScheduleActions schedule={schedule} />
      </Group>
      <Group gap="lg" mt={6}>
        <Text size="sm">
          <Text span c="dimmed" inherit>
            Next{' '}
          </Text>
          {next ? <Moment at={next} /> : 'not while it is paused'}
        </Text>
        <Text size="sm" component="div">
          <Text span c="dimmed" inherit>
            Last run{' '}
          </Text>
          {last ? (
            <>
              <Moment at={last.startedAt} /> <RunBadge state={last.state} />
            </>
          ) : (
            'none yet'
          )}
        </Text>
      </Group>
      {job !== undefined && (
        <div className={classes.live}>
          <JobLine id={job} />
        </div>
      )}
    </section>
  );
}

/** Schedules run in this program: who wants them without it is told how. */
function WithoutWindow() {
  const api = useApi();
  const { data: about } = useQuery(api.about.queryOptions());
  if (!about) return null;
  const flag =
    about.platform === 'darwin' ? '--launchd' : about.platform === 'win32' ? '--task-scheduler' : '--systemd';
  const command = `drawbridge schedule install ${flag}`;
  return (
    <Section title="Who runs them">
      <Stack gap="xs">
        <Text size="sm">
          {about.runsSchedules
            ? 'Schedules run while Drawbridge is open and this catalog is unlocked. What passes while it is closed is caught up with, once, at the next start.'
            : 'This Drawbridge was started with --no-schedules: it shows schedules and runs them only when you ask.'}
        </Text>
        <Text size="sm">
          To have them run also without it, let this computer start them. This prints what is needed for that,
          and changes nothing by itself:
        </Text>
        <Group gap="xs">
          <Code>{command}</Code>
          <CopyButton value={command}>
            {({ copied, copy }) => (
              <Button size="compact-xs" variant="default" onClick={copy}>
                {copied ? 'Copied' : 'Copy'}
              </Button>
            )}
          </CopyButton>
        </Group>
      </Stack>
    </Section>
  );
}
