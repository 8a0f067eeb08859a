import { Anchor, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';
import { Link } from 'wouter';
import type { JobProgress, JobView } from '../../../contract/job.ts';
import { useApi, useRefresh } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { bytes, count, duration } from '../../design/moments.ts';
import { isUnderWay, useFollowedJob } from './use-job.ts';

/** A job as it goes: what it does now and how far it is, and at its end what became of it. */
export function JobLine({ id, children }: { id: string; children?: (job: JobView) => ReactNode }) {
  const api = useApi();
  const refresh = useRefresh();
  const { job, error } = useFollowedJob(id);
  const cancel = useMutation(api.engine.jobs.cancel.mutationOptions());
  const ended = job !== undefined && !isUnderWay(job);
  useEffect(() => {
    // What it did shows on many screens.
    if (ended) void refresh();
    // `refresh` is another function at each drawing.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [ended]);
  if (error) return <ErrorNotice error={error} />;
  if (!job) return null;
  return (
    <Stack gap={6}>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" role="status">
          <Foreign>{job.title}</Foreign>: {ended ? stateText(job.state) : progressText(job.progress)}
        </Text>
        <Group gap="sm" wrap="nowrap">
          {!ended && (
            <Button
              size="compact-sm"
              variant="default"
              loading={cancel.isPending || job.state === 'canceling'}
              onClick={() => cancel.mutate({ job: id })}
            >
              Cancel the job
            </Button>
          )}
          {!job.unrecorded && (
            <Anchor component={Link} href={`/jobs/${id}`} size="sm">
              Show the job
            </Anchor>
          )}
        </Group>
      </Group>
      {job.unrecorded && (
        <Text size="xs" c="dimmed">
          The disk of the catalog is full: this job is not kept among its jobs. What it finds is told here
          only.
        </Text>
      )}
      {!ended && <ProgressBar progress={job.progress} />}
      <ErrorNotice error={job.error ?? cancel.error} />
      {ended && children?.(job)}
    </Stack>
  );
}

function ProgressBar({ progress }: { progress: JobProgress | undefined }) {
  const known = progress?.of !== undefined && progress.of > 0;
  const percent = known ? Math.min(100, (progress.done / progress.of!) * 100) : 100;
  return (
    <Progress
      value={percent}
      animated={!known}
      striped={!known}
      size="sm"
      aria-label={known ? `${Math.round(percent)} %` : 'Working'}
    />
  );
}

function progressText(progress: JobProgress | undefined): string {
  if (!progress) return 'waiting to begin';
  const { phase, done, of, unit, left, waited } = progress;
  if (waited !== undefined) return `${phase}, for ${duration(waited)}`;
  const amount = (value: number): string => (unit === 'bytes' ? bytes(value) : count(value));
  const far = `${amount(done)}${of === undefined ? '' : ` of ${amount(of)}`}${unit === 'bytes' ? '' : ` ${unit}`}`;
  return `${phase}, ${far}${left === undefined ? '' : `, ${duration(left)} left`}`;
}

function stateText(state: JobView['state']): string {
  switch (state) {
    case 'succeeded':
      return 'done.';
    case 'succeeded_with_errors':
      return 'done, but not everything worked.';
    case 'failed':
      return 'failed.';
    case 'canceled':
      return 'canceled.';
    case 'interrupted':
      return 'broken off.';
    default:
      return `${state}.`;
  }
}
