import { Anchor, Button, Group, List, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconPlayerStop } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link } from 'wouter';
import { titleInWindows } from '../../../contract/job-title.ts';
import type { JobView } from '../../../contract/job.ts';
import { useApi, useRefresh } from '../../client/use-client.tsx';
import { andMore } from '../../design/and-more.ts';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { counted, duration } from '../../design/moments.ts';
import { Waiting } from '../../design/page.tsx';
import { Told } from '../../design/told.tsx';
import { ProgressBar } from '../jobs/progress-bar.tsx';
import { isUnderWay, useCancel, useFollowedJob, useResume } from '../jobs/use-job.ts';
import { StoredSnapshots } from './stored-snapshots.tsx';

/** A backup as it goes on, and what came of it. */
export function BackupLive({
  id,
  onClose,
  onRetried,
}: {
  id: string;
  onClose: () => void;
  onRetried: (job: string) => void;
}) {
  const refresh = useRefresh();
  const { job, error, followAgain } = useFollowedJob(id);
  const over = job !== undefined && !isUnderWay(job);
  useEffect(() => {
    if (over) void refresh();
    // What it stored stands on the screen behind; how `refresh` is made does not matter.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [over]);
  if (!job) return error ? <ErrorNotice error={error} /> : <Waiting />;
  return over ? (
    <Ended job={job} onClose={onClose} onRetried={onRetried} onResumed={followAgain} />
  ) : (
    <Running job={job} notFollowed={error} onClose={onClose} />
  );
}

function Running({ job, notFollowed, onClose }: { job: JobView; notFollowed: unknown; onClose: () => void }) {
  const cancel = useCancel();
  return (
    <Stack gap="md">
      <Text size="sm" fw={600}>
        <Foreign>{titleInWindows(job)}</Foreign>
      </Text>
      <ProgressBar progress={job.progress} label={titleInWindows(job)} />
      <Text size="xs" c="dimmed">
        This window can be closed: the backup goes on, and stands on Home and under Jobs.
      </Text>
      <ErrorNotice error={cancel.error ?? notFollowed} />
      <Group justify="flex-end" gap="xs">
        <Button
          variant="default"
          disabled={job.state === 'canceling' || cancel.isPending}
          onClick={() => cancel.mutate({ job: job.id })}
        >
          {job.state === 'canceling' ? 'Stopping …' : 'Cancel the backup'}
        </Button>
        <Button onClick={onClose}>Go on in the background</Button>
      </Group>
    </Stack>
  );
}

function Ended({
  job,
  onClose,
  onRetried,
  onResumed,
}: {
  job: JobView;
  onClose: () => void;
  onRetried: (job: string) => void;
  onResumed: () => void;
}) {
  const snapshots = job.result?.kind === 'backup' ? job.result.snapshots : [];
  return (
    <Stack gap="md">
      <Outcome job={job} snapshots={snapshots.length} />
      <StoredSnapshots snapshots={snapshots} onOpen={onClose} />
      {job.state === 'succeeded_with_errors' && <NotRead job={job} onRetried={onRetried} />}
      <ErrorNotice error={job.error} />
      <Next job={job} hasSnapshots={snapshots.length > 0} onClose={onClose} onResumed={onResumed} />
    </Stack>
  );
}

function Outcome({ job, snapshots }: { job: JobView; snapshots: number }) {
  const [Icon, text] = outcomeOf(job, snapshots);
  return (
    <Group gap="xs" wrap="nowrap" role="status" data-outcome={job.state}>
      <Icon size={20} aria-hidden />
      <Text fw={600}>{text}</Text>
    </Group>
  );
}

function outcomeOf(job: JobView, snapshots: number) {
  const took =
    job.startedAt && job.finishedAt
      ? ` in ${duration((Date.parse(job.finishedAt) - Date.parse(job.startedAt)) / 1_000)}`
      : '';
  const stored = counted(snapshots, 'realm');
  if (job.state === 'succeeded')
    return [IconCircleCheck, `${stored} backed up${took}, encrypted in your catalog.`] as const;
  if (job.state === 'succeeded_with_errors')
    return [IconAlertTriangle, `${stored} backed up${took}; not everything could be read.`] as const;
  if (job.state === 'canceled') return [IconPlayerStop, 'Canceled. What was stored before is kept.'] as const;
  if (job.state === 'interrupted')
    return [IconAlertTriangle, 'The backup was broken off. Nothing half read was stored.'] as const;
  return [IconAlertTriangle, 'The backup failed.'] as const;
}

/** How many reasons are listed here; all are in the report. */
const MOST = 5;

function NotRead({ job, onRetried }: { job: JobView; onRetried: (job: string) => void }) {
  const api = useApi();
  const { data, error } = useQuery(api.engine.jobs.report.queryOptions({ input: { job: job.id } }));
  const retry = useMutation(api.engine.jobs.retry.mutationOptions({ onSuccess: ({ id }) => onRetried(id) }));
  const reasons = [...new Set(data?.failures.map(({ key, reason }) => `${key}: ${reason}`))];
  return (
    <Stack gap="xs">
      <ErrorNotice error={error ?? retry.error} />
      <List size="sm">
        {reasons.slice(0, MOST).map((reason) => (
          <List.Item key={reason}>
            <Told>{reason}</Told>
          </List.Item>
        ))}
        {reasons.length > MOST && <List.Item>{andMore(reasons.length, MOST)}, in the report</List.Item>}
      </List>
      <Group gap="md">
        <Button
          size="xs"
          variant="default"
          loading={retry.isPending}
          onClick={() => retry.mutate({ job: job.id })}
        >
          Try those again
        </Button>
        <Anchor component={Link} href={`/jobs/${job.id}`} size="sm">
          The whole report
        </Anchor>
      </Group>
    </Stack>
  );
}

function Next({
  job,
  hasSnapshots,
  onClose,
  onResumed,
}: {
  job: JobView;
  hasSnapshots: boolean;
  onClose: () => void;
  onResumed: () => void;
}) {
  const resume = useResume();
  return (
    <>
      <ErrorNotice error={resume.error} />
      {hasSnapshots && (
        <Text size="sm" c="dimmed">
          Next: have it done every night by a schedule, or compare the snapshot with another environment.
        </Text>
      )}
      <Group justify="flex-end" gap="xs">
        {job.resumable && (
          <Button
            variant="default"
            loading={resume.isPending}
            onClick={() => resume.mutate({ job: job.id }, { onSuccess: onResumed })}
          >
            Go on where it stopped
          </Button>
        )}
        {hasSnapshots && (
          <>
            <Button component={Link} href="/schedules" variant="default" onClick={onClose}>
              Schedule it
            </Button>
            <Button component={Link} href="/snapshots" variant="default" onClick={onClose}>
              See the snapshots
            </Button>
          </>
        )}
        <Button onClick={onClose}>Done</Button>
      </Group>
    </>
  );
}
