import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconArrowBackUp, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { PlanView } from '../../../contract/plan.ts';
import { useApi, useRefresh } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Moment } from '../../design/moment.tsx';

/**
 * Says that what a preview was made from lies in the trash, and takes it back from there. It is not refused: whatever retention
 * does, the engine keeps the snapshots of an open plan.
 */
export function TrashedSource({ plan: { mode, source } }: { plan: PlanView }) {
  // A realm that is only removed needs no source.
  return mode === 'remove' ? null : <TrashedSnapshot id={source.snapshot} />;
}

/** The same of a snapshot that was chosen. */
export function TrashedSnapshot({ id }: { id: string }) {
  const api = useApi();
  const refresh = useRefresh();
  const { data, error } = useQuery({
    ...api.engine.snapshots.get.queryOptions({ input: { snapshot: id } }),
    // It may have been put there by another window.
    staleTime: 0,
  });
  const restore = useMutation({
    ...api.engine.snapshots.restoreFromTrash.mutationOptions(),
    onSuccess: refresh,
  });
  if (error) return <ErrorNotice error={error} />;
  if (data?.trashedAt === undefined) return null;
  return (
    <Alert
      color="amber"
      variant="light"
      icon={<IconTrash aria-hidden />}
      title="The snapshot that this comes from lies in the trash"
      role="note"
      data-trashed-source
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">
          It was put there <Moment at={data.trashedAt} />, and is deleted for good some time after that. A
          preview keeps it until it was carried out; what may come later, such as trying failed records again,
          does not.
        </Text>
        <ErrorNotice error={restore.error} />
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconArrowBackUp size={14} aria-hidden />}
          loading={restore.isPending}
          onClick={() => restore.mutate({ snapshot: id })}
        >
          Restore it from the trash
        </Button>
      </Stack>
    </Alert>
  );
}
