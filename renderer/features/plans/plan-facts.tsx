import { Alert, List, Stack, Table, Text } from '@mantine/core';
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import { ACTIONS, ROUTE_CHANNELS, type PlanView } from '../../../contract/plan.ts';
import { SECTIONS } from '../../../contract/sections.ts';
import { listed } from '../../../contract/numbers.ts';
import { Foreign } from '../../design/foreign.tsx';
import { count, counted } from '../../design/moments.ts';
import { WideTable } from '../../design/wide-table.tsx';
import { PlanBar } from './plan-bar.tsx';
import classes from './plan-facts.module.css';
import { ACTION_TITLES, countsSentence, lossTexts, planSentence } from './plan-words.ts';
import { SECTION_NAMES } from '../../design/sections.ts';
import { Told } from '../../design/told.tsx';
import { countedRecords } from './section-words.ts';

/** What a plan would do, before anything is done: sentences, a bar, the counts, and what must be known. */
export function PlanFacts({ plan }: { plan: PlanView }) {
  return (
    <Stack gap="md">
      <Stack gap={4}>
        <Text fw={500}>
          <Foreign>{planSentence(plan)}</Foreign>
        </Text>
        <Text size="sm" data-plan-counts>
          {plan.empty && !plan.blocked ? 'There is nothing to do. ' : ''}
          {countsSentence(plan)}
        </Text>
      </Stack>
      <PlanBar plan={plan} />
      <PlanLosses plan={plan} />
      <Counts plan={plan} />
      <Channels plan={plan} />
      <CannotSet plan={plan} />
      <Warnings warnings={plan.warnings} />
    </Stack>
  );
}

const NOT_LOST = 'Nothing that is not written again.';
const ONLY_ASKED =
  'Nothing of the target is lost. The warnings of the preview say why it is asked all the same.';

/** What is destroyed, in numbers; nothing where nothing is. */
export function PlanLosses({ plan }: { plan: PlanView }) {
  if (!plan.destructive) return null;
  const losses = lossTexts(plan);
  // Such as a pseudonymised copy that is brought to where real people are: a warning says it.
  const onlyAsked = losses.length === 0 && (plan.mode === 'create' || plan.mode === 'merge');
  return (
    <Alert
      color="brick"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      title={
        onlyAsked
          ? 'This has to be confirmed by name'
          : `This ${plan.blocked ? 'would destroy' : 'destroys'} what is on the target`
      }
      role="note"
      data-losses
    >
      <List size="sm">
        {(losses.length === 0 ? [onlyAsked ? ONLY_ASKED : NOT_LOST] : losses).map((loss) => (
          <List.Item key={loss}>
            <Foreign>{loss}</Foreign>
          </List.Item>
        ))}
      </List>
      {plan.losses.passwordHashes + plan.losses.clientSecrets > 0 && (
        <Text size="sm" mt={6}>
          PostgreSQL keeps passwords and client secrets: add the databases to the environment, or take a
          source that holds them.
        </Text>
      )}
    </Alert>
  );
}

function Counts({ plan: { sections } }: { plan: PlanView }) {
  const rows = SECTIONS.filter((section) => sections[section]);
  const shown = ACTIONS.filter((action) => rows.some((section) => sections[section]![action] > 0));
  if (shown.length === 0) return null;
  return (
    <WideTable minWidth={120 + 90 * shown.length}>
      <Table className={classes.counts} aria-label="Records by section and by what becomes of them">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Section</Table.Th>
            {shown.map((action) => (
              <Table.Th key={action} scope="col" className={classes.number}>
                {ACTION_TITLES[action]}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((section) => (
            <Table.Tr key={section}>
              <Table.Th scope="row" fw={400}>
                {SECTION_NAMES[section]}
              </Table.Th>
              {shown.map((action) => {
                const number = sections[section]![action];
                return (
                  <Table.Td
                    key={action}
                    className={classes.number}
                    data-action-of={number > 0 ? action : undefined}
                  >
                    {number === 0 ? '–' : count(number)}
                  </Table.Td>
                );
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </WideTable>
  );
}

const OVER = { 'admin-api': 'over the Admin API', postgres: 'over PostgreSQL' } as const;

/** Where the target has two channels: how much goes through which. */
function Channels({ plan: { channels = {}, blocked } }: { plan: PlanView }) {
  const parts = ROUTE_CHANNELS.flatMap((channel) => {
    const number = channels[channel] ?? 0;
    return number === 0 ? [] : [`${counted(number, 'record')} ${OVER[channel]}`];
  });
  if (parts.length === 0) return null;
  return (
    <Text size="sm" c="dimmed">
      {blocked ? 'Would be written' : 'Written'}: {listed(parts)}.
    </Text>
  );
}

export function channelsText(channels: readonly (keyof typeof OVER)[]): string {
  return listed(channels.map((channel) => OVER[channel]));
}

/** What the channel to the environment cannot write. */
function CannotSet({ plan: { cannotSet } }: { plan: PlanView }) {
  if (cannotSet.length === 0) return null;
  return (
    <Alert
      color="amber"
      variant="light"
      icon={<IconInfoCircle aria-hidden />}
      title="What this channel cannot set"
      role="note"
    >
      <List size="sm">
        {cannotSet.map(({ section, member, records }) => (
          <List.Item key={`${section}.${member}`}>
            <Foreign>{`“${member}” of ${countedRecords(section, records)}`}</Foreign>
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

function Warnings({ warnings }: { warnings: readonly string[] }) {
  if (warnings.length === 0) return null;
  return (
    <Alert
      color="amber"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      title={counted(warnings.length, 'warning')}
      role="note"
    >
      <WarningList warnings={warnings} />
    </Alert>
  );
}

function WarningList({ warnings }: { warnings: readonly string[] }) {
  return (
    <List size="sm" spacing={4}>
      {warnings.map((warning) => (
        <List.Item key={warning}>
          <Told whole>{warning}</Told>
        </List.Item>
      ))}
    </List>
  );
}

/** So many are read at a glance; more would push what has to be typed out of sight. */
const SEEN_AT_ONCE = 3;

/** The warnings of a preview once more, where it is confirmed. */
export function PlanWarningsAgain({ plan: { warnings, cannotSet } }: { plan: PlanView }) {
  const all = [
    ...cannotSet.map(
      ({ section, member, records }) =>
        `This channel cannot set “${member}” of ${countedRecords(section, records)}.`,
    ),
    ...warnings,
  ];
  if (all.length === 0) return null;
  return (
    <Alert
      color="amber"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      role="note"
      data-warnings={all.length}
    >
      <details open={all.length <= SEEN_AT_ONCE}>
        <summary className={classes.again}>
          {counted(all.length, 'warning of the preview', 'warnings of the preview')}
        </summary>
        <WarningList warnings={all} />
      </details>
    </Alert>
  );
}
