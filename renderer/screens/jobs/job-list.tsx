import {
  Anchor,
  Button,
  Group,
  SegmentedControl,
  Stack,
  Table,
  Text,
  TextInput,
  VisuallyHidden,
} from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { titleInWindows } from '../../../contract/job-title.ts';
import type { JobView } from '../../../contract/job.ts';
import { useApi } from '../../client/use-client.tsx';
import { Empty } from '../../design/empty.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { Moment } from '../../design/moment.tsx';
import { count } from '../../design/moments.ts';
import { Page, Waiting } from '../../design/page.tsx';
import { WideTable } from '../../design/wide-table.tsx';
import { HalfWritten } from '../../features/jobs/half-written.tsx';
import { ProgressBar } from '../../features/jobs/progress-bar.tsx';
import { JobState } from '../../features/jobs/job-state.tsx';
import { isUnderWay } from '../../features/jobs/use-job.ts';
import classes from './jobs.module.css';
import { kindText, tookText } from '../../features/jobs/job-words.ts';
import { needingAttention } from '../../features/jobs/needing-attention.ts';

const SHOWN = {
  all: { name: 'All', among: (jobs) => jobs },
  running: { name: 'Running', among: (jobs) => jobs.filter(isUnderWay) },
  attention: { name: 'Needs attention', among: needingAttention },
} as const satisfies Record<
  string,
  { name: string; among: (jobs: readonly JobView[]) => readonly JobView[] }
>;

type Shown = keyof typeof SHOWN;

/** How often the list is asked for anew, in milliseconds: other programs start jobs as well. */
const WHILE_RUNNING = 1_000;
const WHILE_IDLE = 5_000;

/** As many as the engine lists. */
const MOST_JOBS = 1_000;

export function JobList() {
  const api = useApi();
  const [limit, setLimit] = useState(100);
  const [shown, setShown] = useState<Shown>('all');
  const [text, setText] = useState('');
  const { data: jobs, error } = useQuery({
    ...api.engine.jobs.list.queryOptions({ input: { limit } }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.some(isUnderWay) ? WHILE_RUNNING : WHILE_IDLE),
  });
  const { data: halfWritten = [], error: notLooked } = useQuery(api.engine.jobs.halfWritten.queryOptions());
  const found = jobs && SHOWN[shown].among(jobs).filter((job) => isFound(job, text));
  return (
    <Page title="Jobs" lead="Everything that was done, the newest first, and what runs now.">
      <ErrorNotice error={error} />
      <ErrorNotice error={notLooked} />
      {halfWritten.map(
        ({ id, written }) =>
          written && (
            <Stack key={id} gap="xs">
              <HalfWritten written={written} />
              <Anchor component={Link} href={`/jobs/${id}`} size="sm" underline="always">
                Job {id}, and what undoes it
              </Anchor>
            </Stack>
          ),
      )}
      {!jobs && !error && <Waiting lines={8} />}
      {jobs?.length === 0 && (
        <Empty
          title="No job yet"
          actions={
            <>
              <Button component={Link} href="/snapshots">
                Take a backup
              </Button>
              <Button component={Link} href="/migrate" variant="default">
                Migrate a realm
              </Button>
            </>
          }
        >
          Whatever Drawbridge does for you runs as a job: backups, previews, migrations, verifications. Each
          keeps a journal here, so that it can be watched, canceled, gone on with after an interruption, and
          undone.
        </Empty>
      )}
      {jobs && jobs.length > 0 && (
        <Stack gap="sm">
          <Group justify="space-between">
            <SegmentedControl
              aria-label="Which jobs"
              value={shown}
              onChange={(value) => setShown(value as Shown)}
              data={Object.entries(SHOWN).map(([value, { name, among }]) => ({
                value,
                label: value === 'all' ? name : `${name} (${count(among(jobs).length)})`,
              }))}
            />
            <TextInput
              aria-label="Search in the jobs"
              placeholder="Search"
              leftSection={<IconSearch size={16} aria-hidden />}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          </Group>
          <Jobs jobs={found ?? []} />
          {jobs.length >= limit && (
            <Group gap="sm">
              <Text size="sm" c="dimmed">
                These are the newest {count(jobs.length)} jobs: what is counted and found above is among them.
              </Text>
              {limit < MOST_JOBS && (
                <Button
                  variant="default"
                  size="compact-sm"
                  onClick={() => setLimit(Math.min(MOST_JOBS, limit * 3))}
                >
                  Show older ones
                </Button>
              )}
            </Group>
          )}
        </Stack>
      )}
    </Page>
  );
}

function isFound(job: JobView, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  return [job.id, job.title, titleInWindows(job), kindText(job.kind)].some((part) =>
    part.toLowerCase().includes(wanted),
  );
}

function Jobs({ jobs }: { jobs: readonly JobView[] }) {
  if (jobs.length === 0)
    return (
      <Text c="dimmed" size="sm" role="status">
        No job is like that.
      </Text>
    );
  return (
    <WideTable minWidth={720}>
      <Table highlightOnHover className={classes.jobs} aria-label="Jobs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col" className={classes.state}>
              State
            </Table.Th>
            <Table.Th scope="col">What</Table.Th>
            <Table.Th scope="col" className={classes.kind}>
              Kind
            </Table.Th>
            <Table.Th scope="col" className={classes.when}>
              Begun
            </Table.Th>
            <Table.Th scope="col" className={classes.took}>
              Took
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {jobs.map((job) => (
            <Table.Tr key={job.id}>
              <Table.Td>
                <JobState job={job} />
              </Table.Td>
              <Table.Td>
                <Anchor component={Link} href={`/jobs/${job.id}`} size="sm" c="inherit" fw={500}>
                  <Foreign>{titleInWindows(job)}</Foreign>
                  <VisuallyHidden>, job {job.id}</VisuallyHidden>
                </Anchor>
                {isUnderWay(job) && <ProgressBar progress={job.progress} label={titleInWindows(job)} />}
              </Table.Td>
              <Table.Td>{kindText(job.kind)}</Table.Td>
              <Table.Td>
                <Moment at={job.startedAt ?? job.createdAt} />
              </Table.Td>
              <Table.Td className={classes.took}>{tookText(job)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </WideTable>
  );
}
