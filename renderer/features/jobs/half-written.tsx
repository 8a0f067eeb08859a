import { Alert, Table } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { WrittenView } from '../../../contract/job.ts';
import { Foreign } from '../../design/foreign.tsx';
import { Told } from '../../design/told.tsx';

const OUTCOMES = { committed: 'written', aborted: 'not written', unknown: 'not known' } as const;

/** Which databases a job was written to, where it did not end well. */
export function HalfWritten({ written }: { written: WrittenView }) {
  const { state, text, databases } = written;
  const grave = state === 'part';
  return (
    <Alert
      color={grave ? 'brick' : 'amber'}
      icon={<IconAlertTriangle aria-hidden />}
      title={grave ? 'The realm is half written' : 'What was written'}
      role={grave ? 'alert' : 'note'}
    >
      <Told whole>{text}</Told>
      {databases.length > 0 && (
        <Table mt="xs" maw={560}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Database</Table.Th>
              <Table.Th scope="col">Services</Table.Th>
              <Table.Th scope="col">State</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {databases.map(({ place, services, outcome }) => (
              <Table.Tr key={place}>
                <Table.Td>
                  <Foreign>{place}</Foreign>
                </Table.Td>
                <Table.Td>{services.join(', ')}</Table.Td>
                <Table.Td>{OUTCOMES[outcome]}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {grave && (
        <>
          {' '}
          Until it is undone, nothing else is planned or applied to this realm. Undo it: that brings the realm
          back to what it was.
        </>
      )}
    </Alert>
  );
}
