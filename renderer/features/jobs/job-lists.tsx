import { Badge, Button, Stack, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { FOUND_SENTENCES } from '../../../contract/found-again.ts';
import type { ItemFailure, JobStep } from '../../../contract/job.ts';
import type { ReportItem } from '../../../contract/report.ts';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { count, counted, exactMoment } from '../../design/moments.ts';
import { DATES } from '../../wording/system-locale.ts';
import { Section, Waiting } from '../../design/page.tsx';
import { ACTION_TITLES } from '../plans/plan-words.ts';
import { SECTION_NAMES } from '../../design/sections.ts';
import { Told } from '../../design/told.tsx';
import classes from './job-lists.module.css';
import { tookText } from './job-words.ts';
import { useStreamed, type Streamed } from './use-streamed.ts';

interface Column<T> {
  readonly title: string;
  /** Never broken into lines. */
  readonly narrow?: true;
  readonly cell: (row: T) => ReactNode;
}

const RECORD: Column<Pick<ItemFailure, 'section' | 'key'>> = {
  title: 'Record',
  cell: ({ section, key }) => (
    <>
      <Text span size="xs" c="dimmed">
        {SECTION_NAMES[section]}
      </Text>{' '}
      <Foreign>{key}</Foreign>
    </>
  ),
};

/** Why; of what failed, what stood there when the target was read again; and what a person should know of it. */
function Why({ text, found, notes = [] }: Pick<ReportItem, 'text' | 'found' | 'notes'>) {
  return (
    <>
      <Told whole>{text}</Told>
      {found && (
        <Text size="sm" c="dimmed">
          {FOUND_SENTENCES[found]}
        </Text>
      )}
      {notes.map((note) => (
        <Text key={note.text} size="sm" c="dimmed">
          <Told whole>{note.text}</Told>
        </Text>
      ))}
    </>
  );
}

const FAILURE: readonly Column<ItemFailure>[] = [
  RECORD,
  { title: 'Why', cell: ({ reason, found }) => <Why text={reason} found={found} /> },
];

/** Every record that failed, and why. @param state of the job: another one has other failures */
export function JobFailures({ job, state, total }: { job: string; state: string; total: number }) {
  const streamed = useStreamed(`failures ${job} ${state}`, (client, signal) =>
    client.engine.jobs.failures({ job }, { signal }),
  );
  return (
    <Section title={counted(total, 'failure')}>
      <Rows streamed={streamed} of={total} columns={FAILURE} label="Failures" />
    </Section>
  );
}

const OUTCOMES: Readonly<Record<ReportItem['outcome'], { text: string; color: string }>> = {
  done: { text: 'Done', color: 'moss' },
  left: { text: 'Left alone', color: 'slate' },
  failed: { text: 'Failed', color: 'brick' },
  deviates: { text: 'Not as promised', color: 'brick' },
  'not-written': { text: 'Not written', color: 'slate' },
  unknown: { text: 'Not known', color: 'amber' },
};

const ITEM: readonly Column<ReportItem>[] = [
  RECORD,
  { title: 'Planned', narrow: true, cell: ({ action }) => ACTION_TITLES[action] },
  {
    title: 'Became',
    narrow: true,
    cell: ({ outcome }) => (
      <Badge color={OUTCOMES[outcome].color} variant="light" radius="xs" tt="none">
        {OUTCOMES[outcome].text}
      </Badge>
    ),
  },
  { title: 'Why', cell: ({ text, found, notes }) => <Why text={text} found={found} notes={notes} /> },
];

/** What became of each record of the plan. */
export function JobItems({ job, state }: { job: string; state: string }) {
  const streamed = useStreamed(
    `items ${job} ${state}`,
    (client, signal) => client.engine.jobs.items({ job }, { signal }),
    50,
  );
  return (
    <Section title="What became of each record">
      <Rows streamed={streamed} columns={ITEM} label="What became of each record" />
    </Section>
  );
}

const STEP_OUTCOMES = { done: 'Done', failed: 'Failed', unknown: 'Not known' } as const;
const time = new Intl.DateTimeFormat(DATES, { timeStyle: 'medium' });

const STEP: readonly Column<JobStep>[] = [
  {
    title: 'Begun',
    narrow: true,
    cell: ({ startedAt }) => (
      <time dateTime={startedAt} title={exactMoment(startedAt)}>
        {time.format(new Date(startedAt))}
      </time>
    ),
  },
  { title: 'Step', cell: ({ label }) => <Foreign>{label}</Foreign> },
  { title: 'State', narrow: true, cell: ({ outcome }) => STEP_OUTCOMES[outcome] },
  {
    title: 'Took',
    narrow: true,
    cell: ({ startedAt, finishedAt }) =>
      finishedAt === undefined ? '' : tookText({ state: 'succeeded', startedAt, finishedAt }),
  },
];

/** The journal. */
export function JobSteps({ job, state, total }: { job: string; state: string; total: number }) {
  const streamed = useStreamed(
    `steps ${job} ${state}`,
    (client, signal) => client.engine.jobs.steps({ job }, { signal }),
    100,
  );
  return (
    <Section title={`Journal: ${counted(total, 'step')}`}>
      <Rows streamed={streamed} of={total} columns={STEP} label="Steps of the journal" />
    </Section>
  );
}

function Rows<T>({
  streamed: { rows, error, ended, loading, more },
  of,
  columns,
  label,
}: {
  streamed: Streamed<T>;
  of?: number;
  columns: readonly Column<T>[];
  label: string;
}) {
  if (rows.length === 0 && loading) return <Waiting lines={3} />;
  return (
    <Stack gap="sm">
      <ErrorNotice error={error} />
      {rows.length > 0 && (
        <Table aria-label={label}>
          <Table.Thead>
            <Table.Tr>
              {columns.map(({ title }) => (
                <Table.Th key={title} scope="col">
                  {title}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row, nth) => (
              // Rows only come to those that are there, at the end.
              // oxlint-disable-next-line react/no-array-index-key
              <Table.Tr key={nth}>
                {columns.map(({ title, narrow, cell }) => (
                  <Table.Td key={title} className={narrow && classes.narrow}>
                    {cell(row)}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {ended && rows.length === 0 && !error && (
        <Text size="sm" c="dimmed">
          None.
        </Text>
      )}
      {!ended && (
        <Button variant="default" size="xs" w="fit-content" loading={loading} onClick={more}>
          Show more{of === undefined ? '' : ` (${count(rows.length)} of ${count(of)})`}
        </Button>
      )}
    </Stack>
  );
}
