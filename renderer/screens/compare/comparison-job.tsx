import { Button } from '@mantine/core';
import { IconAdjustments, IconArrowsExchange } from '@tabler/icons-react';
import type { JobView } from '../../../contract/job.ts';
import { useWatch } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { JobLine } from '../../features/jobs/job-line.tsx';
import { Page, Waiting } from '../../design/page.tsx';
import { Comparison } from './comparison.tsx';
import type { ComparisonWish } from './wish.ts';

/** The job that counts what differs, while it runs; then what it found. */
export function ComparisonJob({
  id,
  wish,
  onChange,
  onSwap,
}: {
  id: string;
  wish: ComparisonWish;
  onChange: () => void;
  onSwap: () => void;
}) {
  const { latest: job, error } = useWatch<JobView>(`comparison ${id}`, (client, signal) =>
    client.engine.jobs.watch({ job: id }, { signal }),
  );
  const compared = job?.result?.kind === 'diff' ? job.result.comparison : undefined;
  const actions = (
    <>
      <Button variant="default" leftSection={<IconArrowsExchange size={16} aria-hidden />} onClick={onSwap}>
        Exchange the sides
      </Button>
      <Button variant="default" leftSection={<IconAdjustments size={16} aria-hidden />} onClick={onChange}>
        Compare others
      </Button>
    </>
  );
  if (compared) return <Comparison comparison={compared} wish={wish} actions={actions} />;
  return (
    <Page title="Compare" actions={actions}>
      <ErrorNotice error={error} />
      {error ? null : <JobLine id={id} />}
      {(!job || job.state === 'running' || job.state === 'queued') && <Waiting lines={6} />}
    </Page>
  );
}
