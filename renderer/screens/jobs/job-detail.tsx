import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { titleInWindows } from '../../../contract/job-title.ts';
import type { JobView } from '../../../contract/job.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { Moment } from '../../design/moment.tsx';
import { Page, Section, Waiting } from '../../design/page.tsx';
import { ApplyOutcome, SafetySnapshot } from '../../features/jobs/apply-outcome.tsx';
import { HalfWritten } from '../../features/jobs/half-written.tsx';
import { IssuedSecrets } from '../../features/jobs/issued-secrets.tsx';
import { ProgressBar } from '../../features/jobs/progress-bar.tsx';
import { JobState } from '../../features/jobs/job-state.tsx';
import { SaveReport } from '../../features/jobs/save-report.tsx';
import { SectionProgress } from '../../features/jobs/section-progress.tsx';
import { isUnderWay, useFollowedJob } from '../../features/jobs/use-job.ts';
import { PlanFacts } from '../../features/plans/plan-facts.tsx';
import { JobActions } from './job-actions.tsx';
import { JobFailures, JobItems, JobSteps } from '../../features/jobs/job-lists.tsx';
import { JobOutcome } from './job-outcome.tsx';
import classes from './jobs.module.css';
import { kindText, tookText } from '../../features/jobs/job-words.ts';

/** One job: how far it is, what it came to, and what can be done about it. */
export function JobDetail({ id }: { id: string }) {
  const { job, error, followAgain } = useFollowedJob(id);
  return (
    <Page
      title={job ? kindText(job.kind) : 'Job'}
      lead={job ? <Foreign>{titleInWindows(job)}</Foreign> : undefined}
      actions={
        <Button
          component={Link}
          href="/jobs"
          variant="subtle"
          leftSection={<IconArrowLeft size={16} aria-hidden />}
        >
          All jobs
        </Button>
      }
    >
      <ErrorNotice error={error}>
        <Button size="compact-sm" variant="default" onClick={followAgain}>
          Look again
        </Button>
      </ErrorNotice>
      {!job && !error && <Waiting lines={6} />}
      {job && <Detail job={job} followAgain={followAgain} />}
    </Page>
  );
}

function Detail({ job, followAgain }: { job: JobView; followAgain: () => void }) {
  const api = useApi();
  const running = isUnderWay(job);
  const state = `${job.state} ${job.attempts}`;
  const {
    data: report,
    error,
    refetch,
  } = useQuery({
    ...api.engine.jobs.report.queryOptions({ input: { job: job.id } }),
    // Of a job that runs the number of its steps grows.
    refetchInterval: running ? 2_000 : false,
  });
  const reported = useRef(state);
  useEffect(() => {
    if (reported.current === state) return;
    // The last one that was asked for while it ran does not know of its end.
    reported.current = state;
    void refetch();
  }, [refetch, state]);
  const { result } = job;
  const applied = result?.kind === 'apply' || result?.kind === 'seed' ? result.result : undefined;
  return (
    <>
      <Facts job={job} />
      {running && (
        <Section title="Progress">
          <Stack gap="md">
            <ProgressBar progress={job.progress} label={titleInWindows(job)} />
            {report?.plan && job.kind === 'apply' && (
              <SectionProgress plan={report.plan} progress={job.progress} finished={false} />
            )}
          </Stack>
        </Section>
      )}
      <BrokenOff job={job} />
      <ErrorNotice error={job.error} />
      {job.written && <HalfWritten written={job.written} />}
      {applied && <ApplyOutcome result={applied} />}
      {!applied && job.safetySnapshot !== undefined && (
        <SafetySnapshot snapshot={job.safetySnapshot} realm="" />
      )}
      {job.undoneBy !== undefined && (
        <Text size="sm">
          It was undone by{' '}
          <Anchor component={Link} href={`/jobs/${job.undoneBy}`} underline="always">
            job {job.undoneBy}
          </Anchor>
          .
        </Text>
      )}
      <JobActions job={job} failures={report?.failureCount ?? 0} followAgain={followAgain}>
        {!running && <SaveReport job={job.id} />}
      </JobActions>
      <IssuedSecrets job={job} />
      <JobOutcome job={job} asked={report?.asked} />
      <ErrorNotice error={error} />
      {report && report.failureCount > 0 && (
        <JobFailures
          job={job.id}
          state={`${state} ${running ? report.failureCount : ''}`}
          total={report.failureCount}
        />
      )}
      {report?.plan && (
        <Section title="The plan">
          <PlanFacts plan={report.plan} />
        </Section>
      )}
      {report?.plan && !running && <JobItems job={job.id} state={state} />}
      {report && report.stepCount > 0 && (
        <JobSteps
          job={job.id}
          state={`${state} ${running ? report.stepCount : ''}`}
          total={report.stepCount}
        />
      )}
    </>
  );
}

function Facts({ job }: { job: JobView }) {
  const { startedAt, createdAt, finishedAt, attempts } = job;
  return (
    <dl className={classes.facts}>
      <dt>State</dt>
      <dd>
        <JobState job={job} />
      </dd>
      <dt>Begun</dt>
      <dd>
        <Moment at={startedAt ?? createdAt} as="date" />
      </dd>
      {finishedAt !== undefined && (
        <>
          <dt>Ended</dt>
          <dd>
            <Group gap={6}>
              <Moment at={finishedAt} as="date" />
              <span>{tookText(job) && `after ${tookText(job)}`}</span>
            </Group>
          </dd>
        </>
      )}
      {attempts > 1 && (
        <>
          <dt>Attempts</dt>
          <dd>{attempts}</dd>
        </>
      )}
      <dt>Id</dt>
      <dd>{job.id}</dd>
    </dl>
  );
}

/** A job of which nobody has said how it ended. */
function BrokenOff({ job: { state, error } }: { job: JobView }) {
  if (state !== 'interrupted' || error) return null;
  return (
    <Text size="sm" role="status">
      Its process ended without a word: it was killed, or the computer stopped. How far it came is what its
      steps say. Nothing goes on writing by itself.
    </Text>
  );
}
