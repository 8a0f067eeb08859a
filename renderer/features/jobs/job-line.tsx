import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { Link } from 'wouter';
import { titleInWindows } from '../../../contract/job-title.ts';
import type { JobView } from '../../../contract/job.ts';
import { useRefresh } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { ProgressBar } from './progress-bar.tsx';
import { isUnderWay, useCancel, useFollowedJob } from './use-job.ts';

/** A job as it goes: what it does now and how far it is, and at its end what became of it. */
export function JobLine({ id, children }: { id: string; children?: (job: JobView) => ReactNode }) {
  const refresh = useRefresh();
  const { job, error } = useFollowedJob(id);
  const cancel = useCancel();
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
          <Foreign>{titleInWindows(job)}</Foreign>
          {ended && `: ${stateText(job.state)}`}
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
      {!ended && <ProgressBar progress={job.progress} label={titleInWindows(job)} />}
      <ErrorNotice error={job.error ?? cancel.error} />
      {ended && children?.(job)}
    </Stack>
  );
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
