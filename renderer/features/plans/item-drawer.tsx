import { Button, Drawer, Group, List, Stack, Text } from '@mantine/core';
import type { PlanItemView, PolicyInput } from '../../../contract/plan.ts';
import { settlementsOf } from '../../../contract/settling.ts';
import { FieldChanges } from '../../design/field-changes.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { ActionBadge } from './action-badge.tsx';
import { channelsText } from './plan-facts.tsx';
import { settlementText } from './plan-words.ts';
import { SECTION_NAMES } from '../../design/sections.ts';
import { Told } from '../../design/told.tsx';

/** What can be decided of single items. Nothing of it holds before the preview is made anew. */
export interface ItemDecisions {
  readonly isLeftOut: (item: PlanItemView) => boolean;
  readonly canLeaveOut: (item: PlanItemView) => boolean;
  readonly toggle: (item: PlanItemView) => void;
  /** Of every conflict that this settles, of whatever kind. What is settled by it already is open again. */
  readonly settle: (change: PolicyInput) => void;
  readonly isSettledBy: (change: PolicyInput) => boolean;
}

const KINDS = {
  create: 'added',
  update: 'changed',
  unchanged: 'changed',
  skip: 'changed',
  delete: 'removed',
  conflict: 'changed',
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
      <FieldChanges
        changes={changes}
        kind={KINDS[action]}
        sides={{ from: 'On the target now', to: 'Afterwards' }}
      />
      {decisions && (
        <Decisions
          item={item}
          decisions={decisions}
          onDone={() => {
            onClose();
          }}
        />
      )}
    </Stack>
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
  const settlements =
    item.action === 'conflict'
      ? settlementsOf(item).filter(({ change }) => Object.keys(change).length > 0)
      : [];
  return (
    <Stack gap="xs">
      {settlements.map(({ change, meaning }) => (
        <Button
          key={meaning}
          variant="default"
          justify="flex-start"
          onClick={() => {
            decisions.settle(change);
            onDone();
          }}
        >
          {decisions.isSettledBy(change) && 'Take back: '}
          {settlementText({ change, meaning })}
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
          {leftOut ? 'Bring this record after all' : 'Leave this record out'}
        </Button>
      )}
    </Stack>
  );
}
