import { Anchor, List } from '@mantine/core';
import { Link } from 'wouter';
import type { JobResult } from '../../../contract/job.ts';

/** What of an archive is in the catalog already, as items of a list. */
export function AlreadyThere({ of }: { of: Extract<JobResult, { kind: 'import-file' }>['alreadyThere'] }) {
  return of.map(({ archived, snapshot, trashed }) => (
    <List.Item key={archived}>
      Snapshot{' '}
      <Anchor
        component={Link}
        href={trashed ? '/snapshots/trash' : `/snapshots/${snapshot}`}
        underline="always"
      >
        {snapshot}
      </Anchor>{' '}
      of the archive is here already{trashed ? ', in the trash' : ''}: nothing was stored twice.
    </List.Item>
  ));
}
