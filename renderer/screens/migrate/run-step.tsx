import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconArrowBackUp, IconPlayerPlay, IconRefresh, IconX } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { titleInWindows } from '../../../contract/job-title.ts';
import type { JobView } from '../../../contract/job.ts';
import { visible } from '../../../contract/visible.ts';
import { useApi, useHost } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Waiting } from '../../design/page.tsx';
import { canBeUndone } from '../../features/jobs/undoable.ts';
import { HalfWritten } from '../../features/jobs/half-written.tsx';
import { ProgressBar } from '../../features/jobs/progress-bar.tsx';
import { JobState } from '../../features/jobs/job-state.tsx';
import { SectionProgress } from '../../features/jobs/section-progress.tsx';
import { isUnderWay, useFollowedJob } from '../../features/jobs/use-job.ts';
import { useWizard } from './use-wizard.ts';

/** The job as it runs. It goes on when the window is closed, and is found here again. */
export function RunStep() {
  const { draft } = useWizard();
  const { job, error, followAgain } = useFollowedJob(draft.run?.job);
  return (
    <Stack gap="lg">
      <Title order={2} size="h4">
        {job && !isUnderWay(job) ? 'It has stopped' : 'It is being carried out'}
      </Title>
      <ErrorNotice error={error}>
        <Button size="compact-sm" variant="default" onClick={followAgain}>
          Look again
        </Button>
      </ErrorNotice>
      {!job && !error && <Waiting />}
      {job && <Running job={job} followAgain={followAgain} />}
    </Stack>
  );
}

function Running({ job, followAgain }: { job: JobView; followAgain: () => void }) {
  const api = useApi();
  const { draft, change } = useWizard();
  const [, navigate] = useLocation();
  const plan = useQuery({
    ...api.engine.plans.get.queryOptions({ input: { plan: draft.run?.plan ?? '' } }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const cancel = useMutation(api.engine.jobs.cancel.mutationOptions());
  const running = isUnderWay(job);
  const ended = !running && job.result !== undefined;
  useToldEnd(job, running);
  const isReported = draft.run?.ended === true;
  useEffect(() => {
    if (!ended) return;
    // The report opens with it, and can then be gone to.
    if (isReported) navigate('/migrate/report', { replace: true });
    else change(({ run, ...rest }) => ({ ...rest, ...(run && { run: { ...run, ended: true } }) }));
  }, [change, ended, isReported, navigate]);
  return (
    <>
      {running && <ProgressBar progress={job.progress} label={titleInWindows(job)} />}
      <ErrorNotice error={plan.error} />
      {plan.data && running && <SectionProgress plan={plan.data} progress={job.progress} finished={false} />}
      {running && (
        <Stack gap="xs">
          <ErrorNotice error={cancel.error} />
          <Group gap="sm">
            <Button
              variant="default"
              leftSection={<IconX size={16} aria-hidden />}
              disabled={job.state === 'canceling'}
              loading={cancel.isPending}
              onClick={() => cancel.mutate({ job: job.id })}
            >
              {job.state === 'canceling' ? 'Stopping …' : 'Cancel'}
            </Button>
            <Button component={Link} href={`/jobs/${job.id}`} variant="subtle">
              Watch it under Jobs
            </Button>
          </Group>
          <Text size="sm" c="dimmed">
            Canceling stops at the next batch, and says what was and what was not written. You can close this
            window: the job goes on as long as Drawbridge runs, and is found here again.
          </Text>
        </Stack>
      )}
      {!running && !ended && <Stopped job={job} followAgain={followAgain} />}
    </>
  );
}

/** Tells whoever looks at something else that it has ended, once, where they want to be told. */
function useToldEnd({ title, result }: JobView, running: boolean): void {
  const api = useApi();
  const { notify } = useHost();
  const { data: preferences } = useQuery(api.preferences.get.queryOptions());
  const wasRunning = useRef(running);
  const isWanted = preferences?.notifications === true;
  useEffect(() => {
    if (running === wasRunning.current) return;
    wasRunning.current = running;
    if (!running && isWanted)
      notify?.('Drawbridge', `${result ? 'Finished' : 'It has stopped'}: ${visible(title)}`);
  }, [isWanted, notify, result, running, title]);
}

/** It came to no result: what is so now, and the ways from here. */
function Stopped({ job, followAgain }: { job: JobView; followAgain: () => void }) {
  const api = useApi();
  const { draft, change } = useWizard();
  const [, navigate] = useLocation();
  const resume = useMutation({ ...api.engine.jobs.resume.mutationOptions(), onSuccess: followAgain });
  const code = job.error?.code;
  const isOutdated = code === 'TARGET_CHANGED' || code === 'PLAN_OUTDATED';
  const again = (): void => {
    if (draft.origin.kind === 'plan' && draft.run) {
      // A plan that was opened by its id has no choices to be made anew from, but those that it was made with.
      navigate(`/migrate?again=${draft.run.plan}`);
      return;
    }
    change((draft) => {
      const { run: _, preview: __, ...rest } = draft;
      return { ...rest, step: 'preview' };
    });
    navigate('/migrate/preview');
  };
  return (
    <Stack gap="md">
      <Group>
        <JobState job={job} />
      </Group>
      <ErrorNotice error={job.error} />
      {isOutdated && !canBeUndone(job) && (
        <Text size="sm" role="status">
          Nothing was written. A new preview shows what would be done now.
        </Text>
      )}
      {!job.error && job.state === 'interrupted' && (
        <Text size="sm" role="status">
          Its process ended without a word. Nothing goes on writing by itself: resume it, or undo what it
          wrote.
        </Text>
      )}
      {job.written && <HalfWritten written={job.written} />}
      <ErrorNotice error={resume.error} />
      <Group gap="xs">
        {job.resumable && !isOutdated && (
          <Button
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
            loading={resume.isPending}
            onClick={() => resume.mutate({ job: job.id })}
          >
            Resume
          </Button>
        )}
        {job.written?.state !== 'part' && (
          <Button
            variant={isOutdated ? 'filled' : 'default'}
            leftSection={<IconRefresh size={16} aria-hidden />}
            onClick={again}
          >
            Make a new preview
          </Button>
        )}
        {canBeUndone(job) && (
          <Button
            component={Link}
            href={`/migrate?job=${job.id}`}
            variant="default"
            leftSection={<IconArrowBackUp size={16} aria-hidden />}
          >
            Undo …
          </Button>
        )}
        <Button component={Link} href={`/jobs/${job.id}`} variant="subtle">
          See the job
        </Button>
      </Group>
    </Stack>
  );
}
