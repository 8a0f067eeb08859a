import { Button, Drawer, Group, List, Stack, Text } from '@mantine/core';
import type { PlanItemView } from '../../../contract/plan.ts';
import { FieldChanges } from '../../design/field-changes.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { ActionBadge } from './action-badge.tsx';
import { answersTo, decidedText, type ItemDecisions } from './item-decisions.ts';
import { channelsText } from './plan-facts.tsx';
import { settlementText } from './plan-words.ts';
import { SECTION_NAMES } from '../../design/sections.ts';
import { Told } from '../../design/told.tsx';

const CHANGE = { from: 'On the target now', to: 'Afterwards' };
const STAYS = { from: 'On the target: stays so', to: 'In the source: not brought' };
const OPEN = { from: 'On the target now', to: 'In the source' };

/** What is written is shown as a change; of what stays, only how the two sides differ. */
const SHOWN = {
  create: { kind: 'added', sides: CHANGE },
  update: { kind: 'changed', sides: CHANGE },
  delete: { kind: 'removed', sides: CHANGE },
  unchanged: { kind: 'apart', sides: STAYS },
  skip: { kind: 'apart', sides: STAYS },
  conflict: { kind: 'apart', sides: OPEN },
} as const;

/** One item: what becomes of it and why, member by member, and what else could become of it. */
export function ItemDrawer({
  item,
  decisions,
  onClose,
}: {
  item: PlanItemView | undefined;
  decisions: ItemDecisions | undefined;
  onClose: () => void;
}) {
  return (
    <Drawer
      opened={item !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title={item && `${SECTION_NAMES[item.section]}: what becomes of it`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {item && <Details item={item} decisions={decisions} onClose={onClose} />}
    </Drawer>
  );
}

function Details({
  item,
  decisions,
  onClose,
}: {
  item: PlanItemView;
  decisions: ItemDecisions | undefined;
  onClose: () => void;
}) {
  const { key, action, explanation, changes, warnings, channels = [] } = item;
  return (
    <Stack gap="md">
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <ActionBadge action={action} />
        <Text fw={600}>
          <Foreign>{key}</Foreign>
        </Text>
      </Group>
      <Text size="sm">
        <Told whole>{explanation}</Told>
      </Text>
      {channels.length > 0 && (
        <Text size="sm" c="dimmed">
          It is written {channelsText(channels)}.
        </Text>
      )}
      {warnings.length > 0 && (
        <List size="sm" aria-label="Warnings">
          {warnings.map((warning) => (
            <List.Item key={warning}>
              <Told whole>{warning}</Told>
            </List.Item>
          ))}
        </List>
      )}
      {decisions && <DecidedSince item={item} decisions={decisions} />}
      <FieldChanges changes={changes} {...SHOWN[action]} />
      {decisions && <Decisions item={item} decisions={decisions} onDone={onClose} />}
    </Stack>
  );
}

/** What is decided of it by now, where the preview shows something else. */
function DecidedSince({ item, decisions }: { item: PlanItemView; decisions: ItemDecisions }) {
  const text = decidedText(item, decisions);
  if (text === undefined) return null;
  return (
    <Text size="sm" fw={500} role="status">
      {text} The preview does not show that yet.
    </Text>
  );
}

function Decisions({
  item,
  decisions,
  onDone,
}: {
  item: PlanItemView;
  decisions: ItemDecisions;
  onDone: () => void;
}) {
  const leftOut = decisions.isLeftOut(item);
  const answers = answersTo(item);
  const holds = decisions.holding(answers);
  return (
    <Stack gap="xs">
      {decisions.canUpdate(item) && (
        <Button
          variant="default"
          justify="flex-start"
          onClick={() => {
            decisions.toggleUpdate(item);
            onDone();
          }}
        >
          {decisions.isUpdated(item) && 'Take back: '}
          {item.section === 'credentials' ? 'Update the user to whom it belongs' : 'Update this one'}
        </Button>
      )}
      {answers.map((answer) => (
        <Button
          key={answer.meaning}
          variant="default"
          justify="flex-start"
          onClick={() => {
            decisions.settle(answer.change, answers);
            onDone();
          }}
        >
          {answer === holds && 'Take back: '}
          {settlementText(answer)}
        </Button>
      ))}
      {decisions.canLeaveOut(item) && (
        <Button
          variant="default"
          justify="flex-start"
          onClick={() => {
            decisions.toggle(item);
            onDone();
          }}
        >
          {leaveOutText(leftOut, decisions.keeps(item))}
        </Button>
      )}
    </Stack>
  );
}

function leaveOutText(isOut: boolean, keeps: boolean): string {
  if (keeps) return isOut ? 'Delete it on the target after all' : 'Keep it on the target';
  return isOut ? 'Bring this record after all' : 'Leave this record out';
}
