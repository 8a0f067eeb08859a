import { Button, Group } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { JobInput, JobView } from '../../../contract/job.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { JobLine } from '../../features/jobs/job-line.tsx';

/** The end of a dialog that starts a job: the way out, the button that starts it, and above them how it goes. */
export function StartJob({
  action,
  input,
  isReady = true,
  error,
  onClose,
  children,
}: {
  /** What the button says. */
  action: string;
  input: JobInput;
  isReady?: boolean;
  /** What went wrong before it was started. */
  error?: unknown;
  onClose: () => void;
  /** What it came to. */
  children: (job: JobView) => ReactNode;
}) {
  const api = useApi();
  // What it is given may have secrets: nothing keeps it longer than the dialog.
  const start = useMutation(api.engine.jobs.start.mutationOptions({ gcTime: 0 }));
  return (
    <>
      <ErrorNotice error={error ?? start.error} />
      {start.data && (
        <JobLine key={start.data.id} id={start.data.id}>
          {children}
        </JobLine>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
        <Button disabled={!isReady} loading={start.isPending} onClick={() => start.mutate(input)}>
          {action}
        </Button>
      </Group>
    </>
  );
}
