import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { FailedRun } from '../../../../contract/schedule.ts';
import { useApi, useRefresh } from '../../../client/use-client.tsx';
import { Foreign } from '../../../design/foreign.tsx';
import { Moment } from '../../../design/moment.tsx';
import { counted } from '../../../design/moments.ts';
import { Told } from '../../../design/told.tsx';
import { AttentionItem } from './attention-item.tsx';

/** A schedule that fails every night is one thing to look at. */
export function FailedRuns({ failures }: { failures: readonly FailedRun[] }) {
  return [...new Set(failures.map(({ schedule }) => schedule))].map((schedule) => (
    <OfSchedule
      key={schedule}
      schedule={schedule}
      runs={failures.filter((failure) => failure.schedule === schedule)}
    />
  ));
}

const ENDS: Partial<Record<FailedRun['run']['state'], string>> = {
  succeeded_with_errors: 'could not read everything',
  interrupted: 'was broken off',
  canceled: 'was canceled',
};

function OfSchedule({ schedule, runs }: { schedule: string; runs: readonly FailedRun[] }) {
  const api = useApi();
  const refresh = useRefresh();
  const acknowledge = useMutation(api.engine.schedules.acknowledge.mutationOptions({ onSettled: refresh }));
  const { run } = runs.reduce((newest, one) => (one.run.startedAt > newest.run.startedAt ? one : newest));
  return (
    <AttentionItem
      severity="severe"
      title={
        <>
          The schedule <Foreign>{schedule}</Foreign> {ENDS[run.state] ?? 'failed'}
        </>
      }
      error={acknowledge.error}
      actions={
        <>
          <Button
            size="xs"
            variant="subtle"
            aria-label={`I know: ${schedule}`}
            loading={acknowledge.isPending}
            onClick={() => acknowledge.mutate({ name: schedule, until: run.startedAt })}
          >
            I know
          </Button>
          <Button
            component={Link}
            href={run.jobs.length > 0 ? `/jobs/${run.jobs.at(-1)}` : '/schedules'}
            size="xs"
            variant="default"
            aria-label={`See what happened: ${schedule}`}
          >
            See what happened
          </Button>
        </>
      }
    >
      <Moment at={run.startedAt} />
      {runs.length > 1 && `, and ${counted(runs.length - 1, 'time')} before`}.{' '}
      {run.error && <Told>{run.error.message}</Told>}
    </AttentionItem>
  );
}
