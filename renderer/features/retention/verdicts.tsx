import { Badge, Button, Group, Stack, Table, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { reasonsText } from '../../../contract/retention-words.ts';
import { seriesName } from '../../../contract/series.ts';
import type { RetentionView } from '../../../contract/retention.ts';
import { Foreign } from '../../design/foreign.tsx';
import { count, counted } from '../../design/moments.ts';
import { Moment } from '../../design/moment.tsx';
import { WideTable } from '../../design/wide-table.tsx';

/** How many rows of one realm are drawn before more are asked for. */
const STEP = 25;

type Group = RetentionView['groups'][number];

/** What a policy comes to: in a sentence, and for each snapshot the rule that keeps it or lets it go. */
export function Verdicts({ view }: { view: RetentionView }) {
  const { kept, trashed, expired, grace } = view;
  return (
    <Stack gap="md">
      <Text size="sm" role="status">
        {counted(kept, 'snapshot would stay', 'snapshots would stay')},{' '}
        {counted(trashed, 'would go to the trash', 'would go to the trash')}, for {grace}.
        {expired > 0 &&
          ` ${counted(expired, 'snapshot that has', 'snapshots that have')} been there for longer would be deleted.`}
      </Text>
      {view.groups.map((group) => (
        <GroupVerdicts key={seriesName(group)} group={group} />
      ))}
    </Stack>
  );
}

function GroupVerdicts({ group }: { group: Group }) {
  const [shown, setShown] = useState(STEP);
  const name = seriesName(group);
  return (
    <Stack gap={4}>
      <Title order={3} size="h5">
        <Foreign>{name}</Foreign>
        <Text span c="dimmed" size="sm" ml="sm">
          {count(group.kept)} stay, {count(group.trashed)} go
        </Text>
      </Title>
      <WideTable minWidth={560}>
        <Table verticalSpacing={4} layout="fixed" aria-label={`Snapshots of ${name}`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={170}>Taken</Table.Th>
              <Table.Th w={130}>What</Table.Th>
              <Table.Th w={80}>Verdict</Table.Th>
              <Table.Th>Why</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {group.snapshots
              .slice(0, shown)
              .map(({ id, finishedAt, takenAt, purpose, complete, keep, reasons }) => (
                <Table.Tr key={id}>
                  <Table.Td>
                    <Moment at={takenAt ?? finishedAt} as="date" />
                  </Table.Td>
                  <Table.Td>
                    {complete || (purpose !== 'backup' && purpose !== 'import')
                      ? purpose
                      : `${purpose}, not whole`}
                  </Table.Td>
                  <Table.Td>
                    <Badge variant="light" color={keep ? 'moss' : 'amber'} tt="none" radius="xs">
                      {keep ? 'stays' : 'goes'}
                    </Badge>
                  </Table.Td>
                  <Table.Td>
                    <Foreign>{reasonsText(reasons)}</Foreign>
                  </Table.Td>
                </Table.Tr>
              ))}
          </Table.Tbody>
        </Table>
      </WideTable>
      {group.snapshots.length > shown && (
        <Group>
          <Button variant="subtle" size="compact-sm" onClick={() => setShown(shown + 8 * STEP)}>
            Show {count(Math.min(8 * STEP, group.snapshots.length - shown))} more of{' '}
            {count(group.snapshots.length)}
          </Button>
        </Group>
      )}
    </Stack>
  );
}
