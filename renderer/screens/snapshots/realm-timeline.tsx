import { Anchor, Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { seriesName, takenAt } from '../../../contract/series.ts';
import { useApi } from '../../client/use-client.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { Moment } from '../../design/moment.tsx';
import { count, counted } from '../../design/moments.ts';
import { isStage, StageBadge } from '../../design/stage-badge.tsx';
import { whereText } from '../../features/snapshots/snapshot-texts.ts';
import { RealmChart } from './realm-chart.tsx';
import classes from './realm-timeline.module.css';
import { TimelineEntry } from './timeline-entry.tsx';
import type { RealmGroup } from './timelines.tsx';

/** Of each realm at first; a realm that stands alone shows more. */
const FEW = 4;
const MANY = 25;

export function RealmTimeline({ group, alone }: { group: RealmGroup; alone: boolean }) {
  const { series, snapshots } = group;
  const { environment, realm } = series;
  const api = useApi();
  const environments = useQuery(api.engine.environments.list.queryOptions());
  const [shown, setShown] = useState<number>();
  const stage = environments.data?.find(({ name }) => name === environment)?.stage;
  const most = shown ?? (alone ? MANY : FEW);
  const rest = snapshots.length - most;
  const backups = snapshots.filter(({ purpose }) => purpose === 'backup').length;
  const name = seriesName(series);
  const whole = snapshots.filter(({ complete }) => complete);
  const parts = snapshots.filter(({ purpose, complete }) => purpose === 'backup' && !complete).length;
  const newestWhole = parts > 0 ? whole.find(({ purpose }) => purpose === 'backup') : undefined;
  return (
    <section className={classes.realm} aria-label={`Snapshots of ${name}`.slice(0, 200)}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <div className={classes.about}>
          <Group gap="sm">
            <h2 className={classes.name}>
              <span className={classes.environment}>
                <Foreign>{whereText(series)}</Foreign> /
              </span>{' '}
              <Foreign>{realm}</Foreign>
            </h2>
            {stage !== undefined && isStage(stage) && <StageBadge stage={stage} />}
          </Group>
          <Text size="sm" c="dimmed">
            {environment === undefined
              ? counted(snapshots.length, 'imported snapshot')
              : `${counted(backups, 'backup')}${parts > 0 ? ` (${count(parts)} not whole)` : ''}${backups < snapshots.length ? `, ${counted(snapshots.length - backups, 'other')}` : ''}`}
            {', the newest '}
            <Moment at={takenAt(snapshots[0]!)} />
            {newestWhole && newestWhole !== snapshots[0] && (
              <>
                , the newest whole one <Moment at={takenAt(newestWhole)} />
              </>
            )}
            .
          </Text>
          {whole.length > 1 && (
            <Anchor
              component={Link}
              size="sm"
              href={`/compare?left=${whole[1]!.id}&right=${whole[0]!.id}`}
              aria-label={`Compare the latest two of ${name}`.slice(0, 200)}
            >
              Compare the latest two
            </Anchor>
          )}
        </div>
        {environment !== undefined && backups > 1 && <RealmChart environment={environment} realm={realm} />}
      </Group>
      <ol className={classes.timeline}>
        {snapshots.slice(0, most).map((snapshot) => (
          <TimelineEntry key={snapshot.id} snapshot={snapshot} />
        ))}
      </ol>
      {rest > 0 && (
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() => setShown(most + MANY)}
          aria-label={`Show older snapshots of ${name}`.slice(0, 200)}
        >
          {rest > MANY ? `Show ${MANY} older of ${rest}` : `Show ${rest} older`}
        </Button>
      )}
    </section>
  );
}
