import { Button } from '@mantine/core';
import { Link } from 'wouter';
import { titleInWindows } from '../../../../contract/job-title.ts';
import type { JobView } from '../../../../contract/job.ts';
import { Foreign } from '../../../design/foreign.tsx';
import { Moment } from '../../../design/moment.tsx';
import { useCancel, useResume } from '../../../features/jobs/use-job.ts';
import { AttentionItem } from './attention-item.tsx';

export function BrokenOffJobs({ jobs }: { jobs: readonly JobView[] }) {
  return jobs.map((job) => <BrokenOff key={job.id} job={job} />);
}

/** What writes to a realm is decided on its own page, where one sees how far it came. */
const WRITING = ['apply', 'seed'];

function BrokenOff({ job }: { job: JobView }) {
  const { id, kind, resumable, startedAt, createdAt } = job;
  const title = titleInWindows(job);
  const resume = useResume();
  const leave = useCancel();
  const named = `${title}, job ${id}`;
  const writes = WRITING.includes(kind);
  return (
    <AttentionItem
      severity={writes ? 'severe' : 'notice'}
      title={
        <>
          <Foreign>{title}</Foreign> was broken off
        </>
      }
      error={resume.error ?? leave.error}
      actions={
        <>
          {!writes && (
            <Button
              size="xs"
              variant="subtle"
              aria-label={`Leave it: ${named}`}
              loading={leave.isPending}
              onClick={() => leave.mutate({ job: id })}
            >
              Leave it
            </Button>
          )}
          <Button
            component={Link}
            href={`/jobs/${id}`}
            size="xs"
            variant="default"
            aria-label={`See the job: ${named}`}
          >
            See the job
          </Button>
          {resumable && (
            <Button
              size="xs"
              aria-label={`Resume: ${named}`}
              loading={resume.isPending}
              onClick={() => resume.mutate({ job: id })}
            >
              Resume
            </Button>
          )}
        </>
      }
    >
      It began <Moment at={startedAt ?? createdAt} />, and its program ended without a word.
      {resumable
        ? ' It can go on where it stopped; nothing goes on by itself.'
        : ' It cannot be gone on with.'}
    </AttentionItem>
  );
}
