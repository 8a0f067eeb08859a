import { Badge, Table, Text } from '@mantine/core';
import type { CatalogView, WayIn } from '../../../contract/catalog-folder.ts';
import { Moment } from '../../design/moment.tsx';
import { WideTable } from '../../design/wide-table.tsx';

const NAMES: Readonly<Record<WayIn['kind'], readonly [name: string, what: string]>> = {
  passphrase: ['Passphrase', 'typed, on any computer'],
  keychain: ['Keychain', 'of this user on this computer; nothing is asked'],
  recovery: ['Recovery key', 'for when everything else is lost'],
};

export function WaysIn({ catalog: { waysIn, recoveryKey } }: { catalog: CatalogView }) {
  return (
    <>
      <WideTable minWidth={520}>
        <Table verticalSpacing={6} aria-label="Ways in">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Way in</Table.Th>
              <Table.Th>What it is</Table.Th>
              <Table.Th>Made</Table.Th>
              <Table.Th>State</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {waysIn.map(({ kind, createdAt, damaged }) => (
              <Table.Tr key={`${kind} ${createdAt}`}>
                <Table.Td fw={500}>{NAMES[kind][0]}</Table.Td>
                <Table.Td>{NAMES[kind][1]}</Table.Td>
                <Table.Td>
                  <Moment at={createdAt} />
                </Table.Td>
                <Table.Td>
                  <Badge variant="light" color={damaged ? 'brick' : 'moss'} tt="none" radius="xs">
                    {damaged ? 'damaged' : 'works'}
                  </Badge>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </WideTable>
      {!recoveryKey && (
        <Text size="sm" mt="sm">
          There is no recovery key: whoever loses what is listed here loses every backup in this catalog.
        </Text>
      )}
      <Text size="sm" c="dimmed" mt="xs">
        Everything is encrypted with AES-256-GCM under a key of its own, and each of these opens that key.
        Nobody can get in without one of them.
      </Text>
    </>
  );
}
