import { Alert, Button, List, Text } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { takenAt } from '../../../contract/series.ts';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import type { JobView } from '../../../contract/job.ts';
import { useApi } from '../../client/use-client.tsx';
import { andMore } from '../../design/and-more.ts';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { JobLine } from '../../features/jobs/job-line.tsx';
import { bytes, counted, momentText } from '../../design/moments.ts';
import { Waiting } from '../../design/page.tsx';
import { SECTION_NAMES } from '../../design/sections.ts';
import { Told } from '../../design/told.tsx';
import { Dialog } from './dialog.tsx';

export function VerifyButton() {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconShieldCheck size={16} aria-hidden />}
        onClick={() => setOpened(true)}
      >
        Verify
      </Button>
      {opened && <VerifyDialog onClose={() => setOpened(false)} />}
    </>
  );
}

/** Reads every byte of a snapshot, or of all of them, and holds it against its hash. */
export function VerifyDialog({ snapshot, onClose }: { snapshot?: SnapshotView; onClose: () => void }) {
  const api = useApi();
  const { mutate, data, error } = useMutation(api.engine.jobs.start.mutationOptions());
  const id = snapshot?.id;
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    mutate({ kind: 'verify', ...(id !== undefined && { snapshot: id }) });
  }, [mutate, id]);
  return (
    <Dialog
      title={snapshot ? `Verify the snapshot of ${momentText(takenAt(snapshot))}` : 'Verify all snapshots'}
      onClose={onClose}
    >
      <Text size="sm">
        Every byte that is stored is read, decrypted and held against its hash. The job goes on when this is
        closed.
      </Text>
      <ErrorNotice error={error} />
      {!data && !error && <Waiting lines={2} />}
      {data && <JobLine id={data.id}>{(job) => <Verified job={job} />}</JobLine>}
    </Dialog>
  );
}

/** All are with the job. */
const LISTED = 100;

function Verified({ job: { result } }: { job: JobView }) {
  if (result?.kind !== 'verify') return null;
  const { snapshots, chunks, bytes: read, damaged } = result.report;
  const what = `${counted(snapshots, 'snapshot')} in ${counted(chunks, 'chunk')}, ${bytes(read)}, were read and held against their hashes.`;
  if (damaged.length === 0)
    return (
      <Alert color="moss" icon={<IconShieldCheck aria-hidden />} title="Whole">
        {what}
      </Alert>
    );
  return (
    <Alert color="brick" title={counted(damaged.length, 'damaged place')}>
      <Text size="sm">{what}</Text>
      <List size="sm" my="xs">
        {damaged.slice(0, LISTED).map(({ snapshot, section, text }) => (
          <List.Item key={`${snapshot} ${section} ${text}`}>
            {snapshot !== '' && `${snapshot}${section ? `, ${SECTION_NAMES[section].toLowerCase()}` : ''}: `}
            <Told>{text}</Told>
          </List.Item>
        ))}
        {damaged.length > LISTED && <List.Item>{andMore(damaged.length, LISTED)}</List.Item>}
      </List>
      <Text size="sm">
        Take a new backup of the realms that are named: it stores anew what is damaged and has not changed
        since, and heals what shares it. Then verify again. What is still damaged can only come from a copy of
        the catalog.
      </Text>
    </Alert>
  );
}
