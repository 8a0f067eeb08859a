import { Kbd, Table, Text } from '@mantine/core';
import { useHost } from '../../client/use-client.tsx';
import { Page, Section } from '../../design/page.tsx';
import { SCREENS } from '../../shell/screens.tsx';
import { BackToHelp } from './back-to-help.tsx';

const MODIFIER = /Mac/.test(navigator.userAgent) ? '⌘' : 'Ctrl';

const GENERAL: readonly (readonly [keys: readonly string[], what: string])[] = [
  [[MODIFIER, 'K'], 'Go to any screen or action by its name'],
  [['Tab'], 'To the next control; with Shift to the one before it'],
  [['Enter'], 'Does what the focused control says; in a question that loses something, cancels'],
  [['Space'], 'Turns a switch, ticks a box'],
  [['Esc'], 'Closes what is open in front, without doing it'],
  [['↑', '↓'], 'From row to row in lists, from day to day in calendars'],
  [['Page Up', 'Page Down'], 'A page at a time in long lists'],
  [['Home', 'End'], 'To the first and the last row'],
];

/** Every way through the program without a mouse. */
export function Keys() {
  const host = useHost();
  return (
    <Page title="Keyboard" lead={<BackToHelp />}>
      <Section title="Everywhere">
        <Shortcuts rows={GENERAL} />
      </Section>
      <Section title="To a screen">
        {host.kind === 'loopback' && (
          <Text size="sm" mb="xs">
            A browser takes these for its tabs, unless Drawbridge has a window of its own there. {MODIFIER}{' '}
            and K lead to every screen as well.
          </Text>
        )}
        <Shortcuts
          rows={SCREENS.flatMap(({ key, name }) => (key ? [[[MODIFIER, key], name] as const] : []))}
        />
      </Section>
    </Page>
  );
}

function Shortcuts({ rows }: { rows: readonly (readonly [keys: readonly string[], what: string])[] }) {
  return (
    <Table verticalSpacing={6} withRowBorders={false}>
      <Table.Tbody>
        {rows.map(([keys, what]) => (
          <Table.Tr key={what}>
            <Table.Th scope="row" w={200} fw={400}>
              {keys.map((key, index) => (
                <span key={key}>
                  {index > 0 && ' '}
                  <Kbd>{key}</Kbd>
                </span>
              ))}
            </Table.Th>
            <Table.Td>{what}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
