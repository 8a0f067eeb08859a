import { ActionIcon, Anchor, Group, Text, Tooltip } from '@mantine/core';
import { IconPin, IconPinFilled } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Link } from 'wouter';
import { takenAt } from '../../../contract/series.ts';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { useApi, useRefresh } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { Moment } from '../../design/moment.tsx';
import { bytes, exactMoment, momentText } from '../../design/moments.ts';
import { contents } from '../../design/sections.ts';
import { SnapshotMarks } from '../../features/snapshots/snapshot-marks.tsx';
import { originText, placeText } from '../../features/snapshots/snapshot-texts.ts';
import classes from './realm-timeline.module.css';
import { SnapshotMenu } from './snapshot-menu.tsx';

export function TimelineEntry({ snapshot }: { snapshot: SnapshotView }) {
  const api = useApi();
  const refresh = useRefresh();
  const pin = useMutation(api.engine.snapshots.pin.mutationOptions({ onSuccess: refresh }));
  const { id, pinned, complete, archived, finishedAt } = snapshot;
  const taken = takenAt(snapshot);
  const when = momentText(taken);
  // Several may have been taken within a minute.
  const named = `${placeText(snapshot).slice(0, 200)}, ${when}, ${id}`;
  return (
    <li className={classes.entry} data-whole={complete || undefined} data-snapshot={id}>
      <div>
        <Anchor
          component={Link}
          href={`/snapshots/${id}`}
          size="sm"
          fw={500}
          title={exactMoment(taken)}
          aria-label={`${when}, ${placeText(snapshot).slice(0, 200)}`}
        >
          {when}
        </Anchor>
        <div className={classes.date}>
          <Moment at={taken} />
        </div>
      </div>
      <div className={classes.what}>
        <Text size="sm" truncate>
          {contents(snapshot.counts)}
        </Text>
        <div className={classes.marks}>
          <Text size="xs" c="dimmed" truncate>
            <Foreign>{originText(snapshot)}</Foreign>
            {archived && (
              <>
                {', imported '}
                <Moment at={finishedAt} />
              </>
            )}
            {snapshot.note !== undefined && (
              <>
                {' · '}
                <Foreign>{snapshot.note}</Foreign>
              </>
            )}
          </Text>
          <SnapshotMarks snapshot={snapshot} />
        </div>
      </div>
      <div className={classes.size}>{bytes(snapshot.bytes)}</div>
      <Group gap={2} wrap="nowrap">
        <Tooltip label={pinned ? 'Pinned: no retention lets it go' : 'Pin: keep it whatever retention says'}>
          <ActionIcon
            variant="subtle"
            color={pinned ? 'moat' : 'slate'}
            aria-label={`Pin the snapshot of ${named}`}
            aria-pressed={pinned}
            loading={pin.isPending}
            onClick={() => pin.mutate({ snapshot: id, pinned: !pinned })}
          >
            {pinned ? <IconPinFilled size={16} aria-hidden /> : <IconPin size={16} aria-hidden />}
          </ActionIcon>
        </Tooltip>
        <SnapshotMenu snapshot={snapshot} label={`Actions for the snapshot of ${named}`} />
      </Group>
      <ErrorNotice error={pin.error} />
    </li>
  );
}
