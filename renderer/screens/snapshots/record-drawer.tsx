import { Button, Drawer, Stack, Text } from '@mantine/core';
import { IconRestore } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { SECTION_WORDS, type Section } from '../../../contract/sections.ts';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { Waiting } from '../../design/page.tsx';
import { RecordView } from '../../design/record-view.tsx';
import { unknownMembers } from '../../features/snapshots/unknown-members.ts';

/** One record of a snapshot, beside the table that it was opened from. */
export function RecordDrawer({
  snapshot,
  record,
  onClose,
}: {
  snapshot: SnapshotView;
  /** Undefined: closed. */
  record: { readonly section: Section; readonly key: string } | undefined;
  onClose: () => void;
}) {
  return (
    <Drawer
      opened={record !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title={record && oneOf(record.section).replace(/^./, (letter) => letter.toUpperCase())}
      closeButtonProps={{ 'aria-label': 'Close the record' }}
    >
      {record && <Opened snapshot={snapshot} section={record.section} recordKey={record.key} />}
    </Drawer>
  );
}

function Opened({
  snapshot,
  section,
  recordKey,
}: {
  snapshot: SnapshotView;
  section: Section;
  recordKey: string;
}) {
  const api = useApi();
  const record = useQuery(
    api.engine.snapshots.record.queryOptions({
      input: { snapshot: snapshot.id, section, key: recordKey },
      staleTime: Number.POSITIVE_INFINITY,
    }),
  );
  return (
    <Stack gap="md">
      <Text fw={600}>
        <Foreign>{recordKey}</Foreign>
      </Text>
      <ErrorNotice error={record.error} />
      {record.isPending && <Waiting lines={6} />}
      {record.data && (
        <RecordView section={section} record={record.data} unknown={unknownMembers(snapshot, section)} />
      )}
      <Button
        component={Link}
        w="fit-content"
        variant="default"
        href={`/migrate?source=${snapshot.id}&only=${encodeURIComponent(`${section}/${recordKey}`)}`}
        leftSection={<IconRestore size={16} aria-hidden />}
      >
        Restore this {oneOf(section)} …
      </Button>
    </Stack>
  );
}

/** What a single record is called, inside a sentence. */
function oneOf(section: Section): string {
  return section === 'realm' ? 'realm’s settings' : SECTION_WORDS[section][0];
}
