import { Anchor, Drawer, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { DifferenceView } from '../../../contract/comparison.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { FieldChanges } from '../../design/field-changes.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { Waiting } from '../../design/page.tsx';
import { RecordView } from '../../design/record-view.tsx';
import { SECTION_NAMES } from '../../design/sections.ts';
import { unknownMembers } from '../../features/snapshots/unknown-members.ts';

const KINDS = {
  added: 'It is there after, and was not before.',
  removed: 'It was there before, and is not after.',
  changed: 'It is there on both sides, and differs:',
} as const;

/** One difference in full: member by member, or the whole record where only one side has it. */
export function DifferenceDrawer({
  difference,
  sides,
  onClose,
}: {
  difference: DifferenceView | undefined;
  sides: { readonly left: string; readonly right: string };
  onClose: () => void;
}) {
  return (
    <Drawer
      opened={difference !== undefined}
      onClose={onClose}
      position="right"
      size="xl"
      title={difference && SECTION_NAMES[difference.section]}
      closeButtonProps={{ 'aria-label': 'Close the difference' }}
    >
      {difference && <Opened difference={difference} sides={sides} />}
    </Drawer>
  );
}

function Opened({
  difference: { section, key, kind, changes },
  sides: { left, right },
}: {
  difference: DifferenceView;
  sides: { readonly left: string; readonly right: string };
}) {
  const at = (snapshot: string): string =>
    `/snapshots/${snapshot}?section=${section}&key=${encodeURIComponent(key)}`;
  return (
    <Stack gap="md">
      <div>
        <Text fw={600}>
          <Foreign>{key}</Foreign>
        </Text>
        <Text size="sm">{KINDS[kind]}</Text>
      </div>
      {kind === 'changed' ? (
        <FieldChanges kind={kind} changes={changes} />
      ) : (
        <Whole snapshot={kind === 'added' ? right : left} section={section} recordKey={key} />
      )}
      <Group gap="md">
        {kind !== 'added' && (
          <Anchor component={Link} href={at(left)} size="sm">
            The whole record before
          </Anchor>
        )}
        {kind !== 'removed' && (
          <Anchor component={Link} href={at(right)} size="sm">
            The whole record after
          </Anchor>
        )}
      </Group>
    </Stack>
  );
}

function Whole({
  snapshot,
  section,
  recordKey,
}: {
  snapshot: string;
  section: DifferenceView['section'];
  recordKey: string;
}) {
  const api = useApi();
  const record = useQuery(
    api.engine.snapshots.record.queryOptions({ input: { snapshot, section, key: recordKey } }),
  );
  const side = useQuery(api.engine.snapshots.get.queryOptions({ input: { snapshot } }));
  const error = record.error ?? side.error;
  if (error) return <ErrorNotice error={error} />;
  if (!record.data || !side.data) return <Waiting lines={6} />;
  return <RecordView section={section} record={record.data} unknown={unknownMembers(side.data, section)} />;
}
