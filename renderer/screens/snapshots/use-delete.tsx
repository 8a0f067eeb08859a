import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { takenAt } from '../../../contract/series.ts';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { useClient, useRefresh } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { momentText } from '../../design/moments.ts';
import { placeText } from '../../features/snapshots/snapshot-texts.ts';

/** By this name the notice is taken away when the snapshot has come back another way. */
export function noticeOf(snapshot: string): string {
  return `deleted ${snapshot}`;
}

/** How long the way back is offered where it was deleted; afterwards it is in the trash. Milliseconds. */
const OFFERED = 15_000;

/** Moves a snapshot to the trash at once, and offers to take it back. */
export function useDelete(onDeleted?: () => void): (snapshot: SnapshotView) => void {
  const client = useClient();
  const refresh = useRefresh();
  const tell = (id: string, message: ReactNode): void => {
    notifications.hide(id);
    notifications.show({
      id,
      withBorder: true,
      autoClose: OFFERED,
      closeButtonProps: { 'aria-label': 'Close' },
      message,
    });
  };
  const takeBack = async (id: string, snapshot: string): Promise<void> => {
    try {
      await client.engine.snapshots.restoreFromTrash({ snapshot });
      notifications.hide(id);
      await refresh();
    } catch (error) {
      tell(id, <ErrorNotice error={error} />);
    }
  };
  const remove = async (id: string, snapshot: SnapshotView): Promise<void> => {
    try {
      await client.engine.snapshots.delete({ snapshot: snapshot.id });
    } catch (error) {
      tell(id, <ErrorNotice error={error} />);
      return;
    }
    tell(
      id,
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">
          The snapshot of <Foreign>{placeText(snapshot)}</Foreign>, {momentText(takenAt(snapshot))}, is in the
          trash.
        </Text>
        <Button
          size="compact-sm"
          variant="default"
          flex="none"
          onClick={() => void takeBack(id, snapshot.id)}
        >
          Undo
        </Button>
      </Group>,
    );
    onDeleted?.();
    await refresh();
  };
  return (snapshot) => void remove(noticeOf(snapshot.id), snapshot);
}
