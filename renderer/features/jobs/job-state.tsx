import { Badge } from '@mantine/core';
import {
  IconAlertTriangle,
  IconArrowBackUp,
  IconCheck,
  IconClock,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlugConnectedX,
  IconX,
} from '@tabler/icons-react';
import type { JobView } from '../../../contract/job.ts';

const LOOKS = {
  queued: { text: 'Waiting', color: 'slate', icon: IconClock },
  running: { text: 'Running', color: 'moat', icon: IconPlayerPlay },
  canceling: { text: 'Stopping', color: 'amber', icon: IconPlayerPause },
  canceled: { text: 'Canceled', color: 'slate', icon: IconX },
  succeeded: { text: 'Done', color: 'moss', icon: IconCheck },
  succeeded_with_errors: { text: 'Done, with failures', color: 'amber', icon: IconAlertTriangle },
  failed: { text: 'Failed', color: 'brick', icon: IconAlertTriangle },
  interrupted: { text: 'Interrupted', color: 'amber', icon: IconPlugConnectedX },
} as const;

const UNDONE = { text: 'Undone', color: 'slate', icon: IconArrowBackUp } as const;
const HALF_WRITTEN = { text: 'Half written', color: 'brick', icon: IconAlertTriangle } as const;

/** What became of a job. What became of what it wrote says more than how it ended. */
export function JobState({ job }: { job: Pick<JobView, 'state' | 'undoneBy' | 'written'> }) {
  const { text, color, icon: Icon } = looksOf(job);
  return (
    <Badge color={color} variant="light" radius="xs" tt="none" leftSection={<Icon size={12} aria-hidden />}>
      {text}
    </Badge>
  );
}

function looksOf({ state, undoneBy, written }: Pick<JobView, 'state' | 'undoneBy' | 'written'>) {
  if (undoneBy !== undefined) return UNDONE;
  return written?.state === 'part' ? HALF_WRITTEN : LOOKS[state];
}
