import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconArrowBackUp, IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import type { JobView } from '../../../contract/job.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { counted } from '../../design/moments.ts';
import { Waiting } from '../../design/page.tsx';
import { ApplyOutcome } from '../../features/jobs/apply-outcome.tsx';
import { canBeUndone } from '../../features/jobs/undoable.ts';
import { IssuedSecrets } from '../../features/jobs/issued-secrets.tsx';
import { JobFailures } from '../../features/jobs/job-lists.tsx';
import { isUnderWay } from '../../features/jobs/use-job.ts';
import { SaveReport } from '../../features/jobs/save-report.tsx';
import { useWizard } from './use-wizard.ts';

/** What it came to, what a person must do now, and the way back. */
export function ReportStep() {
  const api = useApi();
  const { draft } = useWizard();
  const { data, error } = useQuery(
    api.engine.jobs.get.queryOptions({ input: { job: draft.run?.job ?? '' } }),
  );
  return (
    <Stack gap="lg">
      <Title order={2} size="h4">
        What it came to
      </Title>
      <ErrorNotice error={error} />
      {!data && !error && <Waiting />}
      {data && (isUnderWay(data) ? <GoesOn /> : <Report job={data} />)}
    </Stack>
  );
}

/** It was taken up again elsewhere. */
function GoesOn() {
  return (
    <Group gap="sm" role="status">
      <Text size="sm">The job goes on: it was resumed.</Text>
      <Button component={Link} href="/migrate/run" size="compact-sm" variant="default">
        Watch it
      </Button>
    </Group>
  );
}

function Report({ job }: { job: JobView }) {
  const [, navigate] = useLocation();
  const result = job.result?.kind === 'apply' ? job.result.result : undefined;
  return (
    <>
      {result && <ApplyOutcome result={result} />}
      <ErrorNotice error={job.error} />
      <IssuedSecrets job={job} />
      {result && result.failures > 0 && (
        <JobFailures job={job.id} state={`${job.state} ${job.attempts}`} total={result.failures} />
      )}
      <Group gap="xs">
        {result && result.failures > 0 && (
          <Button
            leftSection={<IconRefresh size={16} aria-hidden />}
            onClick={() => navigate(`/migrate?retry=${job.id}`)}
          >
            Try {counted(result.failures, 'failed record', 'failed records')} again
          </Button>
        )}
        {canBeUndone(job) && (
          <Button
            variant="default"
            leftSection={<IconArrowBackUp size={16} aria-hidden />}
            onClick={() => navigate(`/migrate?job=${job.id}`)}
          >
            Undo …
          </Button>
        )}
        <SaveReport job={job.id} />
        <Button component={Link} href={`/jobs/${job.id}`} variant="subtle">
          See the job
        </Button>
      </Group>
    </>
  );
}
