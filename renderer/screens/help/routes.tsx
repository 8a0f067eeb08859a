import { Code, List, Table, Text } from '@mantine/core';
import { Page, Section } from '../../design/page.tsx';
import { WideTable } from '../../design/wide-table.tsx';
import { BackToHelp } from './back-to-help.tsx';

type Reach = readonly [what: string, documented: string, released: string, postgres: string];

/** In short what docs/dialects.md has in full, which is written from what the connectors say of themselves. */
const RECORDS: readonly Reach[] = [
  ['Realm settings', 'read and written', 'all but password policy and mail server', 'read and written'],
  ['Roles', 'read; created with the realm or by a user’s mapping', 'read and created', 'read and written'],
  ['Groups', 'not at all', 'not at all', 'read and written'],
  [
    'Clients',
    'read; created with the realm; secrets are hidden',
    'read; created under ids and secrets of the server’s own',
    'read and written, with the hashes of their secrets',
  ],
  ['Policies', 'not at all', 'not at all', 'read and written'],
  [
    'Users',
    'read and written; roles are only added',
    'read and written; nothing can be emptied',
    'read and written',
  ],
  ['Password hashes', 'not at all', 'not at all', 'read and written'],
  ['Social links', 'not at all', 'not at all', 'read and written'],
];

const REALMS: readonly Reach[] = [
  [
    'Replace a whole realm',
    'yes, losing hashes and secrets',
    'yes, losing hashes and secrets',
    'yes, losing nothing',
  ],
  ['Remove a realm', 'no', 'yes; roles, groups, clients and policies survive it', 'yes, all of it'],
  [
    'All or nothing',
    'no: in bounded batches',
    'no: one resource at a time',
    'yes: one transaction in each database',
  ],
];

/** What each channel to an environment can read and write. */
export function Routes() {
  return (
    <Page title="What each channel can do" lead={<BackToHelp />}>
      <Section title="In short">
        <List size="sm" spacing={4}>
          <List.Item>
            The <strong>databases</strong> (PostgreSQL) hold everything, and can be read and written whole:
            only such backups bring people’s passwords back.
          </List.Item>
          <List.Item>
            The <strong>Admin API</strong> keeps to the server’s own rules and logs, and tells less. The one
            that OpenGate’s documentation describes exports whole realms; that of release v1.1.0 is read one
            resource at a time. Which one a server speaks is found out by testing it.
          </List.Item>
          <List.Item>
            An environment with <strong>both</strong> uses the API for what it does faithfully, and the
            databases for what only they can.
          </List.Item>
        </List>
        <Text size="sm" mt="sm">
          What cannot be read is unknown, never empty: it is not compared, and never deleted from a target.
          What cannot be written is counted in the preview before anything happens.
        </Text>
      </Section>
      <Section title="Records">
        <Reaches rows={RECORDS} label="What each channel reads and writes of records" />
      </Section>
      <Section title="Whole realms">
        <Reaches rows={REALMS} label="What each channel does with whole realms" />
        <Text size="sm" mt="sm" c="dimmed">
          Every member of every record, for each channel, stands in <Code>docs/dialects.md</Code>.
        </Text>
      </Section>
    </Page>
  );
}

function Reaches({ rows, label }: { rows: readonly Reach[]; label: string }) {
  return (
    <WideTable minWidth={680}>
      <Table verticalSpacing={6} layout="fixed" aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={170}>What</Table.Th>
            <Table.Th>Admin API as documented</Table.Th>
            <Table.Th>Admin API of v1.1.0</Table.Th>
            <Table.Th>PostgreSQL</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(([what, ...cells]) => (
            <Table.Tr key={what}>
              <Table.Th scope="row" fw={500}>
                {what}
              </Table.Th>
              {cells.map((cell, index) => (
                // Three columns, always in this order.
                // oxlint-disable-next-line react/no-array-index-key
                <Table.Td key={index}>{cell}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </WideTable>
  );
}
