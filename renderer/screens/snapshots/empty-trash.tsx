import { Button, Radio, Stack, Text } from '@mantine/core';
import { IconTrashX } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { JobView } from '../../../contract/job.ts';
import { useApi } from '../../client/use-client.tsx';
import { Confirm } from '../../design/confirm.tsx';
import { JobLine } from '../../features/jobs/job-line.tsx';
import { bytes, counted } from '../../design/moments.ts';
import { Told } from '../../design/told.tsx';
import { Dialog } from './dialog.tsx';
import { spelled } from './trash-grace.ts';

/** Deletes what is in the trash for good. Cutting the grace period short needs the number of what goes, typed. */
export function EmptyTrash({ isEmpty }: { isEmpty: boolean }) {
  const api = useApi();
  const [opened, setOpened] = useState(false);
  const [reach, setReach] = useState<'due' | 'all'>('due');
  const input = reach === 'all' ? { olderThan: '0d' } : {};
  const preview = useQuery(api.engine.snapshots.previewEmptyTrash.queryOptions({ input, enabled: opened }));
  const start = useMutation(api.engine.jobs.start.mutationOptions({ onSuccess: () => setOpened(false) }));
  const goes = preview.data?.goes ?? 0;
  const stays = (preview.data?.snapshots.length ?? 0) - goes;
  const needsNumber = preview.data?.needsConfirmation === true;
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconTrashX size={16} aria-hidden />}
        disabled={isEmpty}
        onClick={() => {
          start.reset();
          // The harmless one, whatever was looked at before.
          setReach('due');
          setOpened(true);
        }}
      >
        Empty the trash …
      </Button>
      <Confirm
        opened={opened}
        title="Empty the trash"
        action={goes === 0 ? 'Nothing to delete' : `Delete ${counted(goes, 'snapshot')} for good`}
        impossible={goes === 0}
        typed={goes > 0 && needsNumber ? { label: `Type ${goes} to confirm`, text: String(goes) } : undefined}
        pending={start.isPending}
        error={start.error ?? preview.error}
        onClose={() => setOpened(false)}
        onConfirm={() =>
          start.mutate({ kind: 'empty-trash', ...input, ...(needsNumber && { confirm: goes }) })
        }
      >
        <Radio.Group label="What goes" value={reach} onChange={setReach}>
          <Stack gap={6} mt={6}>
            <Radio
              value="due"
              label={`What has been there for longer than ${spelled(preview.data?.grace ?? '14d')}`}
            />
            <Radio value="all" label="Everything that nothing counts on, now" />
          </Stack>
        </Radio.Group>
        {preview.data && (
          <Text size="sm">
            {goes === 0
              ? 'Nothing would be deleted.'
              : `${counted(goes, 'snapshot is', 'snapshots are')} deleted for good. This cannot be undone.`}
            {stays > 0 && ` ${counted(stays, 'snapshot stays', 'snapshots stay')} in the trash.`}
          </Text>
        )}
      </Confirm>
      {start.data && (
        <Dialog title="Empty the trash" onClose={() => start.reset()}>
          <JobLine id={start.data.id}>{(job) => <Freed job={job} />}</JobLine>
        </Dialog>
      )}
    </>
  );
}

function Freed({ job: { result } }: { job: JobView }) {
  if (result?.kind !== 'empty-trash') return null;
  const { snapshots, bytes: freed, fileAfter, pending } = result.freed;
  return (
    <Text size="sm">
      {counted(snapshots, 'snapshot was', 'snapshots were')} deleted for good, {bytes(freed)} of records were
      freed. The catalog takes {bytes(fileAfter)} now. {pending !== undefined && <Told>{pending}</Told>}
    </Text>
  );
}
