import { Anchor, Button, Table, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { takenAt } from '../../../contract/series.ts';
import type { TrashView } from '../../../contract/retention.ts';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { useApi, useRefresh } from '../../client/use-client.tsx';
import { Empty } from '../../design/empty.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { Moment } from '../../design/moment.tsx';
import { bytes, momentText } from '../../design/moments.ts';
import { Page, Waiting } from '../../design/page.tsx';
import { contents } from '../../design/sections.ts';
import { SnapshotMarks } from '../../features/snapshots/snapshot-marks.tsx';
import { placeText } from '../../features/snapshots/snapshot-texts.ts';
import { EmptyTrash } from './empty-trash.tsx';
import { keptBecause } from './kept-because.ts';
import { spelled } from './trash-grace.ts';
import classes from './trash.module.css';
import { noticeOf } from './use-delete.tsx';

/** What was deleted and can still be had back. */
export function Trash() {
  const api = useApi();
  const snapshots = useQuery(api.engine.snapshots.list.queryOptions({ input: { trash: true } }));
  const preview = useQuery(api.engine.snapshots.previewEmptyTrash.queryOptions({ input: {} }));
  const stats = useQuery(api.engine.catalog.stats.queryOptions());
  const trashed = snapshots.data;
  const fate = new Map(preview.data?.snapshots.map((one) => [one.id, one]));
  const freed = stats.data?.trash;
  return (
    <Page
      title="Trash"
      lead={
        <>
          {preview.data && `Deleted snapshots stay here for ${spelled(preview.data.grace)}. `}
          {freed &&
            freed.snapshots > 0 &&
            `They alone take ${bytes(freed.bytes)}, which emptying gives back. `}
          <Anchor component={Link} href="/snapshots" size="sm" underline="always">
            Back to the snapshots
          </Anchor>
        </>
      }
      actions={<EmptyTrash isEmpty={trashed === undefined || trashed.length === 0} />}
    >
      <ErrorNotice error={snapshots.error ?? preview.error ?? stats.error} />
      {snapshots.isPending && <Waiting lines={5} />}
      {trashed?.length === 0 && (
        <Empty title="The trash is empty">
          A snapshot that is deleted, by hand or by retention, rests here for a while before its space is
          given back. Until then it can be restored as if nothing had happened.
        </Empty>
      )}
      {trashed && trashed.length > 0 && (
        <Table className={classes.trash} verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Snapshot</Table.Th>
              <Table.Th scope="col">In the trash since</Table.Th>
              <Table.Th scope="col">What becomes of it</Table.Th>
              <Table.Th scope="col">
                <span className={classes.unseen}>Actions</span>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {trashed.map((snapshot) => (
              <Trashed key={snapshot.id} snapshot={snapshot} fate={fate.get(snapshot.id)} />
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Page>
  );
}

function Trashed({
  snapshot,
  fate,
}: {
  snapshot: SnapshotView;
  fate: TrashView['snapshots'][number] | undefined;
}) {
  const api = useApi();
  const refresh = useRefresh();
  const restore = useMutation(
    api.engine.snapshots.restoreFromTrash.mutationOptions({
      async onSuccess({ id }) {
        notifications.hide(noticeOf(id));
        await refresh();
      },
    }),
  );
  const when = momentText(takenAt(snapshot));
  return (
    <Table.Tr data-snapshot={snapshot.id}>
      <Table.Td>
        <Text size="sm" fw={500}>
          <Foreign>{placeText(snapshot)}</Foreign>, {when}
        </Text>
        <Text size="xs" c="dimmed">
          {contents(snapshot.counts)}, {bytes(snapshot.bytes)}
        </Text>
        <div className={classes.marks}>
          <SnapshotMarks snapshot={snapshot} />
        </div>
        <ErrorNotice error={restore.error} />
      </Table.Td>
      <Table.Td>{snapshot.trashedAt !== undefined && <Moment at={snapshot.trashedAt} />}</Table.Td>
      <Table.Td>{fate && fateText(fate)}</Table.Td>
      <Table.Td align="right">
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconArrowBackUp size={14} aria-hidden />}
          loading={restore.isPending}
          onClick={() => restore.mutate({ snapshot: snapshot.id })}
          aria-label={`Restore the snapshot of ${placeText(snapshot).slice(0, 200)}, ${when}`}
        >
          Restore
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}

function fateText({ goes, reasons }: TrashView['snapshots'][number]): string {
  if (reasons.length > 0) return `Stays: ${reasons.map(keptBecause).join(', ')}.`;
  return goes
    ? 'Its time is over: it is deleted with the next emptying or pruning.'
    : 'Its time is not over.';
}
