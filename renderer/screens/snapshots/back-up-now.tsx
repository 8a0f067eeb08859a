import { Button, Group, Select } from '@mantine/core';
import { IconDatabaseExport } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { JobLine } from '../../design/job-line.tsx';
import { Dialog } from './dialog.tsx';

/** @param environment what is chosen already; empty: files, which are not backed up */
export function BackUpNow({
  environment = '',
  realm,
}: {
  environment?: string | undefined;
  realm?: string | undefined;
}) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button leftSection={<IconDatabaseExport size={16} aria-hidden />} onClick={() => setOpened(true)}>
        Back up now
      </Button>
      {opened && <BackUp environment={environment} realm={realm} onClose={() => setOpened(false)} />}
    </>
  );
}

function BackUp({
  environment: given,
  realm,
  onClose,
}: {
  environment: string;
  realm: string | undefined;
  onClose: () => void;
}) {
  const api = useApi();
  const environments = useQuery(api.engine.environments.list.queryOptions());
  const start = useMutation(api.engine.jobs.start.mutationOptions());
  const [chosen, setChosen] = useState(given || null);
  const environment = chosen ?? environments.data?.[0]?.name;
  return (
    <Dialog title="Back up" onClose={onClose} size="md">
      <Select
        label="Environment"
        description={
          realm === undefined ? 'All of its realms are backed up.' : `Its realm ${realm} is backed up.`
        }
        data={(environments.data ?? []).map(({ name }) => name)}
        value={environment ?? null}
        onChange={setChosen}
      />
      <ErrorNotice error={start.error} />
      {start.data && <JobLine id={start.data.id} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
        <Button
          disabled={environment === undefined}
          loading={start.isPending}
          onClick={() =>
            environment !== undefined &&
            start.mutate({ kind: 'backup', environment, ...(realm !== undefined && { realms: [realm] }) })
          }
        >
          Back up
        </Button>
      </Group>
    </Dialog>
  );
}
