import { Button } from '@mantine/core';
import { Link } from 'wouter';
import type { JobView } from '../../../../contract/job.ts';
import { Foreign } from '../../../design/foreign.tsx';
import { Told } from '../../../design/told.tsx';
import { AttentionItem } from './attention-item.tsx';

export function HalfWrittenRealms({ jobs }: { jobs: readonly JobView[] }) {
  return jobs.map(({ id, written }) => {
    if (!written) return null;
    const { environment, realm, state, text } = written;
    const does = state === 'part' ? 'Undo it…' : 'Look again';
    return (
      <AttentionItem
        key={id}
        severity="severe"
        title={
          <>
            The realm <Foreign>{realm}</Foreign> of <Foreign>{environment}</Foreign>{' '}
            {state === 'part' ? 'is half written' : 'may be half written'}
          </>
        }
        actions={
          <Button
            component={Link}
            href={`/jobs/${id}`}
            size="xs"
            aria-label={`${does}: ${environment}/${realm}`.slice(0, 200)}
          >
            {does}
          </Button>
        }
      >
        <Told>{text}</Told>
      </AttentionItem>
    );
  });
}
