import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { IconArrowBackUp, IconPlayerPlay, IconRefresh, IconX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import type { JobView } from '../../../contract/job.ts';
import { useApi, useRefresh } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { counted } from '../../design/moments.ts';
import { canBeUndone } from '../../features/jobs/undoable.ts';
import { isUnderWay } from '../../features/jobs/use-job.ts';

/** What can be done about a job now: each says first what it does. */
export function JobActions({
  job,
  failures,
  followAgain,
  children,
}: {
  job: JobView;
  failures: number;
  followAgain: () => void;
  children: ReactNode;
}) {
  const api = useApi();
  const refresh = useRefresh();
  const [, navigate] = useLocation();
  const [asking, setAsking] = useState<'cancel' | 'resume'>();
  const cancel = useMutation({
    ...api.engine.jobs.cancel.mutationOptions(),
    onSuccess: () => {
      // One that nobody runs is canceled at once, and was not followed any more.
      if (!isUnderWay(job)) followAgain();
    },
  });
  const resume = useMutation({
    ...api.engine.jobs.resume.mutationOptions(),
    onSuccess: async () => {
      followAgain();
      await refresh();
    },
  });
  const retry = useMutation({
    ...api.engine.jobs.retry.mutationOptions(),
    onSuccess: ({ id }) => navigate(`/jobs/${id}`),
  });
  const { id, kind, state } = job;
  const running = isUnderWay(job);
  const cancelable = running || state === 'interrupted';
  const canRetry = failures > 0 && !running && !job.resumable && job.undoneBy === undefined && job.result;
  return (
    <Stack gap="sm">
      <ErrorNotice error={cancel.error ?? resume.error ?? retry.error} />
      <Group gap="xs">
        {job.resumable && (
          <Button leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={() => setAsking('resume')}>
            Resume
          </Button>
        )}
        {canRetry && (
          <Button
            leftSection={<IconRefresh size={16} aria-hidden />}
            loading={retry.isPending}
            onClick={() => (kind === 'backup' ? retry.mutate({ job: id }) : navigate(`/migrate?retry=${id}`))}
          >
            Try {counted(failures, 'failed record', 'failed records')} again
          </Button>
        )}
        {canBeUndone(job) && !running && (
          <Button
            variant={job.written?.state === 'part' ? 'filled' : 'default'}
            leftSection={<IconArrowBackUp size={16} aria-hidden />}
            onClick={() => navigate(`/migrate?job=${id}`)}
          >
            Undo …
          </Button>
        )}
        {children}
        {cancelable && (
          <Button
            variant="default"
            leftSection={<IconX size={16} aria-hidden />}
            disabled={state === 'canceling'}
            onClick={() => setAsking('cancel')}
          >
            {state === 'canceling' ? 'Stopping …' : 'Cancel the job'}
          </Button>
        )}
      </Group>
      <Ask
        opened={asking === 'cancel'}
        title="Cancel this job?"
        action="Cancel the job"
        keep={running ? 'Let it run' : 'Leave it as it is'}
        onClose={() => setAsking(undefined)}
        onDo={() => cancel.mutate({ job: id })}
      >
        {cancelText(job)}
      </Ask>
      <Ask
        opened={asking === 'resume'}
        title="Go on with this job?"
        action="Resume"
        keep="Not now"
        onClose={() => setAsking(undefined)}
        onDo={() => resume.mutate({ job: id })}
      >
        {resumeText(job)}
      </Ask>
    </Stack>
  );
}

/** The harmless answer is the one that Enter gives. */
function Ask({
  opened,
  title,
  action,
  keep,
  children,
  onClose,
  onDo,
}: {
  opened: boolean;
  title: string;
  action: string;
  keep: string;
  children: ReactNode;
  onClose: () => void;
  onDo: () => void;
}) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      closeButtonProps={{ 'aria-label': 'Close' }}
      centered
    >
      <Text size="sm">{children}</Text>
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button
          variant="default"
          onClick={() => {
            onDo();
            onClose();
          }}
        >
          {action}
        </Button>
        <Button onClick={onClose} data-autofocus>
          {keep}
        </Button>
      </Group>
    </Modal>
  );
}

function cancelText({ kind, resumable, state }: JobView): string {
  if (state === 'interrupted')
    return `Nobody runs it any more. Once it is canceled it is not shown as interrupted${resumable ? '; it can still be resumed' : ''}. What it wrote stays.`;
  if (kind === 'apply' || kind === 'seed')
    return 'It stops at the next batch. What is written by then stays on the target, and the job says what was and what was not done; it can be resumed, or undone. Between the commits of several databases it goes to its end: half of it would be worse than all.';
  return 'It stops at the next batch. Nothing is changed on an environment by this kind of job. It can be started again.';
}

function resumeText({ kind, state }: JobView): string {
  const again =
    kind === 'apply' || kind === 'seed'
      ? 'First the target is read again: only if it is what this job left there, the writing goes on after the last step of the journal. All else is refused, and says which records are not as expected. Nothing is written twice, and the whole is verified in the end.'
      : kind === 'backup'
        ? 'Realms that were captured stay; one that was under way is read again.'
        : 'It is done again from the start. It changes no environment.';
  return state === 'failed' ? `${again} What stopped it before should be mended first.` : again;
}
