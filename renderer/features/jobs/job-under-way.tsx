import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { titleInWindows } from '../../../contract/job-title.ts';
import type { JobView } from '../../../contract/job.ts';
import { useRefresh } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { ProgressBar } from './progress-bar.tsx';
import { isUnderWay, useCancel, useFollowedJob } from './use-job.ts';

/** A job that runs: how far it is, and a way to stop it. */
export function JobUnderWay({ job: known }: { job: JobView }) {
  const { job = known, error } = useFollowedJob(known.id);
  const cancel = useCancel();
  const refresh = useRefresh();
  const over = !isUnderWay(job);
  const told = useRef(false);
  useEffect(() => {
    if (!over || told.current) return;
    told.current = true;
    // What it made, or left, stands on other parts of the screen.
    void refresh();
  }, [over, refresh]);
  return (
    <Stack gap={6}>
      <Group justify="space-between" wrap="nowrap">
        <Anchor component={Link} href={`/jobs/${job.id}`} size="sm" fw={600} c="inherit">
          <Foreign>{titleInWindows(job)}</Foreign>
        </Anchor>
        {!over && (
          <Button
            size="compact-xs"
            variant="default"
            disabled={job.state === 'canceling' || cancel.isPending}
            onClick={() => cancel.mutate({ job: job.id })}
            aria-label={`Cancel: ${titleInWindows(job)}`}
          >
            {job.state === 'canceling' ? 'Stopping …' : 'Cancel'}
          </Button>
        )}
      </Group>
      {over ? (
        <Text size="xs" c="dimmed">
          It has ended.
        </Text>
      ) : (
        <ProgressBar progress={job.progress} label={titleInWindows(job)} />
      )}
      <ErrorNotice error={cancel.error ?? error} />
    </Stack>
  );
}
