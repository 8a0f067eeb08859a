import { Button, PasswordInput, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Page } from '../../design/page.tsx';
import { useWorkspace } from '../../shell/workspace-context.ts';

export function Unlock() {
  const api = useApi();
  const workspace = useWorkspace();
  const [passphrase, setPassphrase] = useState('');
  const open = useMutation(api.workspace.open.mutationOptions());
  return (
    <Page title="Your catalog is locked" lead={workspace.dir}>
      <Stack maw={460}>
        <PasswordInput
          label="Passphrase"
          value={passphrase}
          onChange={(event) => setPassphrase(event.currentTarget.value)}
        />
        <ErrorNotice error={open.error ?? workspace.error} />
        <Button w="fit-content" loading={open.isPending} onClick={() => open.mutate({ key: { passphrase } })}>
          Open
        </Button>
      </Stack>
    </Page>
  );
}
