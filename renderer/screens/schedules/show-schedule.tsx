import { Anchor, Code, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { policyText } from '../../../contract/retention-words.ts';
import type { ScheduleRun, ScheduleView } from '../../../contract/schedule.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { JobLine } from '../../features/jobs/job-line.tsx';
import { Moment } from '../../design/moment.tsx';
import { duration } from '../../design/moments.ts';
import { Page, Section, Waiting } from '../../design/page.tsx';
import { SECTION_NAMES } from '../../design/sections.ts';
import { Told } from '../../design/told.tsx';
import { WideTable } from '../../design/wide-table.tsx';
import { FailedRuns } from './failed-runs.tsx';
import { RunBadge } from './run-badge.tsx';
import { ScheduleActions } from './schedule-actions.tsx';
import { missedText } from './schedule-texts.ts';

/** Of older ones only the jobs are kept. */
const RUNS_KEPT = 20;

/** One schedule: what it does, when, and how its last runs went. */
export function ShowSchedule({ name }: { name: string }) {
  const api = useApi();
  const [, navigate] = useLocation();
  const { data: schedule, error } = useQuery(
    api.engine.schedules.get.queryOptions({
      input: { name },
      refetchInterval: ({ state }) => (state.data?.runs[0]?.state === 'running' ? 2_000 : 30_000),
    }),
  );
  const [last] = schedule?.runs ?? [];
  const job = last?.state === 'running' ? last.jobs.at(-1) : undefined;
  return (
    <Page
      title={`Schedule ${name}`}
      lead={
        <Anchor component={Link} href="/schedules" size="sm">
          All schedules
        </Anchor>
      }
      actions={schedule && <ScheduleActions schedule={schedule} onRemoved={() => navigate('/schedules')} />}
    >
      <ErrorNotice error={error} />
      {!schedule && !error && <Waiting />}
      {schedule && (
        <>
          <FailedRuns of={name} />
          {job !== undefined && (
            <Section title="Running now">
              <JobLine id={job} />
            </Section>
          )}
          <Section title="What it does">
            <Facts schedule={schedule} />
          </Section>
          <Section
            title={schedule.runs.length < RUNS_KEPT ? 'Runs' : `The last ${schedule.runs.length} runs`}
          >
            <Runs runs={schedule.runs} />
          </Section>
        </>
      )}
    </Page>
  );
}

function Facts({ schedule }: { schedule: ScheduleView }) {
  const { environment, realms, sections, credentials, tags, retention, onFailure, missed, next } = schedule;
  const facts: readonly (readonly [string, ReactNode])[] = [
    [
      'Backs up',
      <Foreign key="what">{`${environment}: ${realms ? realms.join(', ') : 'every realm that there is when it runs'}`}</Foreign>,
    ],
    [
      'Contents',
      sections
        ? `only ${sections.map((section) => SECTION_NAMES[section].toLowerCase()).join(', ')}: such a snapshot is not a whole backup`
        : credentials
          ? 'everything that the channel can read'
          : 'everything but password hashes and client secrets: not a whole backup',
    ],
    [
      'When',
      <>
        {schedule.says}, by the clock of {schedule.timeZone} <Code>{schedule.cron}</Code>
      </>,
    ],
    ['Next', next ? <Moment key="next" at={next} as="date" /> : 'not while it is paused'],
    ...(missed
      ? ([
          [
            'Missed',
            <>
              {missedText(missed.count, 'time')}, the latest <Moment at={missed.latest} as="date" />: the next
              run catches up, once
            </>,
          ],
        ] as const)
      : []),
    ['Tags', tags.length === 0 ? 'none' : <Foreign key="tags">{tags.join(', ')}</Foreign>],
    [
      'Keeps',
      retention ? (
        <Foreign key="keeps">{`${policyText(retention)}, by the days of ${retention.timeZone}`}</Foreign>
      ) : (
        'everything'
      ),
    ],
    [
      'When a run fails',
      <>
        Drawbridge tells of it until somebody says to know
        {onFailure.command && (
          <>
            , runs{' '}
            <Code>
              <Foreign>{[onFailure.command.program, ...onFailure.command.args].join(' ')}</Foreign>
            </Code>
          </>
        )}
        {onFailure.webhook && ', posts to a webhook (its address is kept as a secret)'}
      </>,
    ],
  ];
  return (
    <Table variant="vertical" layout="fixed" withRowBorders={false} verticalSpacing={4}>
      <Table.Tbody>
        {facts.map(([label, value]) => (
          <Table.Tr key={label}>
            <Table.Th w={150} bg="transparent" fw={500} c="dimmed">
              {label}
            </Table.Th>
            <Table.Td>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Runs({ runs }: { runs: readonly ScheduleRun[] }) {
  if (runs.length === 0) return <Text size="sm">It has not run yet.</Text>;
  return (
    <WideTable minWidth={620}>
      <Table verticalSpacing={6} aria-label="The last runs, the newest first">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Begun</Table.Th>
            <Table.Th>Ended as</Table.Th>
            <Table.Th>Took</Table.Th>
            <Table.Th>Jobs</Table.Th>
            <Table.Th>Remarks</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map((run) => (
            <Table.Tr key={run.number}>
              <Table.Td>
                <Moment at={run.startedAt} as="date" />
              </Table.Td>
              <Table.Td>
                <RunBadge state={run.state} />
              </Table.Td>
              <Table.Td>
                {run.finishedAt === undefined
                  ? ''
                  : duration((Date.parse(run.finishedAt) - Date.parse(run.startedAt)) / 1000)}
              </Table.Td>
              <Table.Td>
                {run.jobs.map((job, index) => (
                  <Anchor
                    key={job}
                    component={Link}
                    href={`/jobs/${job}`}
                    size="sm"
                    mr="xs"
                    aria-label={`${index === 0 ? 'backup' : 'retention'} job of run ${run.number}`}
                  >
                    {index === 0 ? 'backup' : 'retention'}
                  </Anchor>
                ))}
              </Table.Td>
              <Table.Td>
                <Stack gap={2}>
                  {run.missed > 0 && (
                    <Text size="sm">caught up with {missedText(run.missed, 'missed time')}</Text>
                  )}
                  {run.error && (
                    <Text size="sm">
                      <Told>{run.error.message}</Told>{' '}
                      <Anchor href={`#/help/errors/${run.error.code}`} size="sm" underline="always">
                        {run.error.code}
                      </Anchor>
                    </Text>
                  )}
                  {run.alerts.map((alert) => (
                    <Text size="sm" c="dimmed" key={alert}>
                      <Foreign>{alert}</Foreign>
                    </Text>
                  ))}
                </Stack>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </WideTable>
  );
}
