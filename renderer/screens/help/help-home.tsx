import { Anchor, Code, List, SimpleGrid, Stack, Text } from '@mantine/core';
import { Link } from 'wouter';
import { Page, Section } from '../../design/page.tsx';

/** The first steps, each with the way to where it is done. */
const STEPS: readonly (readonly [href: string, link: string, text: string])[] = [
  [
    '/environments',
    'Add an environment',
    'Give the addresses of an OpenGate installation and a client’s secret, its databases, or both, and have it tested. Or start the sandbox, with which nothing can go wrong.',
  ],
  [
    '/environments',
    'Back up its realms',
    'A backup is a snapshot: one realm at one moment, whole or saying what it does not have, encrypted, and stored only once where it is the same.',
  ],
  [
    '/schedules',
    'Have it done by itself',
    'A schedule takes backups at fixed times, keeps as many as you say, and tells when one fails.',
  ],
  [
    '/compare',
    'Look at what differs',
    'Compare two snapshots, or one with how the realm is now: record by record, value by value.',
  ],
  [
    '/migrate',
    'Migrate or restore',
    'Choose a source and a target, look at the preview, leave out what should stay, and confirm. The target is backed up first, and read again afterwards; with that backup it can be undone, as far as the channel to the target can write it.',
  ],
];

const DOCS: readonly (readonly [file: string, what: string])[] = [
  ['docs/guide', 'the guide: from the first backup to production, with whole sessions'],
  ['docs/cli.md', 'every command, with examples, exit codes and JSON'],
  ['docs/catalog.md', 'how the catalog and its keys work, and what to do when something is lost or damaged'],
  ['docs/dialects.md', 'what each channel to an environment reads and writes, member by member'],
  ['docs/postgres-rights.md', 'the rights that Drawbridge needs in the databases'],
  ['docs/network.md', 'proxies, certificates and limits'],
  ['docs/archive-format.md', 'archives, which open without Drawbridge'],
  ['docs/format.md', 'what the catalog stores, exactly enough to read it by another program'],
  ['docs/ci.md', 'seeding and checking realms in pipelines'],
  ['docs/ARCHITECTURE.md', 'how Drawbridge is built'],
];

export function HelpHome() {
  return (
    <Page title="Help" lead="What one needs to know to begin, and where everything else is written.">
      <Section title="Getting started">
        <List type="ordered" spacing="sm" size="sm">
          {STEPS.map(([href, link, text]) => (
            <List.Item key={link}>
              <Anchor component={Link} href={href} size="sm" underline="always">
                {link}
              </Anchor>
              <Text size="sm" c="dimmed" maw="75ch">
                {text}
              </Text>
            </List.Item>
          ))}
        </List>
      </Section>
      <Section title="Look it up">
        <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="lg">
          {(
            [
              ['/help/errors', 'Every error', 'what each code means, where it comes from, and what to do'],
              [
                '/help/routes',
                'What each channel can do',
                'over the Admin API, over PostgreSQL, or over both',
              ],
              ['/help/keys', 'Keyboard', 'every way through the program without a mouse'],
            ] as const
          ).map(([href, name, what]) => (
            <Stack gap={2} key={href}>
              <Anchor component={Link} href={href} size="sm" underline="always">
                {name}
              </Anchor>
              <Text size="sm" c="dimmed">
                {what}
              </Text>
            </Stack>
          ))}
        </SimpleGrid>
      </Section>
      <Section title="Documentation">
        <Text size="sm" mb="sm">
          These files are in the folder of Drawbridge’s source; the installed program is without them. In a
          terminal <Code>drawbridge help</Code>, or <Code>--help</Code> behind any command, says what it does.
        </Text>
        <List size="sm" spacing={4}>
          {DOCS.map(([file, what]) => (
            <List.Item key={file}>
              <Code>{file}</Code> {what}
            </List.Item>
          ))}
        </List>
      </Section>
    </Page>
  );
}
