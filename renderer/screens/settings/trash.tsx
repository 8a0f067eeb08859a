import { Badge, Button, Group, Radio, Stack, Table, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { reasonsText } from '../../../contract/retention-words.ts';
import { useApi } from '../../client/use-client.tsx';
import { Confirm } from '../../design/confirm.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { JobLine } from '../../features/jobs/job-line.tsx';
import { Moment } from '../../design/moment.tsx';
import { bytes, count, counted } from '../../design/moments.ts';
import { Section, Waiting } from '../../design/page.tsx';
import { Told } from '../../design/told.tsx';
import { WideTable } from '../../design/wide-table.tsx';

/** How many of them are drawn one by one. */
const SHOWN = 50;

/** What is in the trash, and what emptying it would delete for good. */
export function Trash() {
  const api = useApi();
  const [what, setWhat] = useState<'due' | 'all'>('due');
  const [asking, setAsking] = useState(false);
  const input = what === 'all' ? { olderThan: '0d' } : {};
  const { data, error, isPlaceholderData } = useQuery(
    api.engine.snapshots.previewEmptyTrash.queryOptions({ input, placeholderData: (before) => before }),
  );
  const start = useMutation(api.engine.jobs.start.mutationOptions({ onSuccess: () => setAsking(false) }));
  // Until the other choice is looked at, what is shown is of the first: its number is not to be confirmed for that.
  const goes = data?.goes ?? 0;
  return (
    <Section title="Trash">
      <ErrorNotice error={error} />
      {!data && !error && <Waiting lines={2} />}
      {data?.snapshots.length === 0 && (
        <Text size="sm">
          The trash is empty. What is deleted, by hand or by retention, rests here for {data.grace} before it
          is gone for good.
        </Text>
      )}
      {data && data.snapshots.length > 0 && (
        <Stack gap="sm">
          <Radio.Group label="Delete for good" value={what} onChange={(value) => setWhat(value)}>
            <Group mt={6} gap="lg">
              <Radio value="due" label={`what has been there for longer than ${data.grace}`} />
              <Radio value="all" label="everything that is in it now" />
            </Group>
          </Radio.Group>
          <WideTable minWidth={520}>
            <Table verticalSpacing={4} aria-label="Snapshots in the trash">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Snapshot</Table.Th>
                  <Table.Th>In the trash</Table.Th>
                  <Table.Th>Verdict</Table.Th>
                  <Table.Th>Why</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {data.snapshots.slice(0, SHOWN).map((snapshot) => (
                  <Table.Tr key={snapshot.id}>
                    <Table.Td ff="monospace">{snapshot.id}</Table.Td>
                    <Table.Td>
                      <Moment at={snapshot.trashedAt} />
                    </Table.Td>
                    <Table.Td>
                      <Badge variant="light" color={snapshot.goes ? 'brick' : 'moss'} tt="none" radius="xs">
                        {snapshot.goes ? 'goes' : 'stays'}
                      </Badge>
                    </Table.Td>
                    <Table.Td>
                      <Foreign>
                        {snapshot.reasons.length > 0
                          ? reasonsText(snapshot.reasons)
                          : snapshot.goes
                            ? what === 'all'
                              ? 'everything goes'
                              : 'its time is over'
                            : 'its time is not over'}
                      </Foreign>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </WideTable>
          {data.snapshots.length > SHOWN && (
            <Text size="xs" c="dimmed">
              The first {SHOWN} of {count(data.snapshots.length)}.
            </Text>
          )}
          <Group>
            <Button
              color="brick"
              variant="outline"
              disabled={goes === 0 || isPlaceholderData}
              onClick={() => setAsking(true)}
            >
              {goes === 0 ? 'Nothing is due' : `Delete ${counted(goes, 'snapshot')} for good …`}
            </Button>
          </Group>
        </Stack>
      )}
      {start.data && (
        <JobLine id={start.data.id}>
          {({ result }) =>
            result?.kind === 'empty-trash' && (
              <Text size="sm">
                {counted(result.freed.snapshots, 'snapshot was', 'snapshots were')} deleted for good,{' '}
                {bytes(result.freed.bytes)} of records were freed.{' '}
                {result.freed.pending && <Told>{result.freed.pending}</Told>}
              </Text>
            )
          }
        </JobLine>
      )}
      <Confirm
        opened={asking}
        title="Delete for good?"
        action={`Delete ${counted(goes, 'snapshot')}`}
        typed={
          data?.needsConfirmation
            ? { label: `Type ${goes}, how many are deleted before their time`, text: String(goes) }
            : undefined
        }
        pending={start.isPending}
        error={start.error}
        onClose={() => {
          start.reset();
          setAsking(false);
        }}
        onConfirm={() =>
          start.mutate({
            kind: 'empty-trash',
            ...input,
            ...(data?.needsConfirmation && { confirm: goes }),
          })
        }
      >
        <Text size="sm">
          {counted(goes, 'snapshot is', 'snapshots are')} gone for good then: nothing brings them back. All
          other snapshots stay.
        </Text>
      </Confirm>
    </Section>
  );
}
