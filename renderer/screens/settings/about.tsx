import { Anchor, Group, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useApi } from '../../client/use-client.tsx';
import { CopyText } from '../../design/copy-text.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Mark } from '../../design/mark.tsx';
import { Section, Waiting } from '../../design/page.tsx';

const PLATFORMS: Readonly<Record<string, string>> = {
  linux: 'Linux',
  darwin: 'macOS',
  win32: 'Windows',
};

/** Which program this is: what a report of a defect needs. */
export function About() {
  const api = useApi();
  const { data, error } = useQuery(api.about.queryOptions());
  if (error) return <ErrorNotice error={error} />;
  if (!data) return <Waiting />;
  const facts = [
    ['Version', data.version],
    ['Runs as', data.host === 'desktop' ? 'desktop program' : 'browser mode (drawbridge serve)'],
    ['Platform', PLATFORMS[data.platform] ?? data.platform],
    ['Node.js', data.node],
    ['Licence', data.licence],
  ] as const;
  return (
    <Section title="About Drawbridge">
      <Group align="flex-start" gap="xl" wrap="nowrap">
        <Mark size={56} />
        <Stack gap="sm" flex={1}>
          <Text size="sm">Backs up, compares, migrates and restores realms of OpenGate IAM.</Text>
          <Table variant="vertical" layout="fixed" withRowBorders={false} verticalSpacing={3}>
            <Table.Tbody>
              {facts.map(([name, value]) => (
                <Table.Tr key={name}>
                  <Table.Th w={120} bg="transparent" fw={500} c="dimmed">
                    {name}
                  </Table.Th>
                  <Table.Td>{value}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          <Group gap="sm">
            <CopyText
              text={facts.map(([name, value]) => `${name}: ${value}`).join('\n')}
              label="Copy for a report"
            />
            <Anchor component={Link} href="/help" size="sm">
              Help
            </Anchor>
          </Group>
        </Stack>
      </Group>
    </Section>
  );
}
