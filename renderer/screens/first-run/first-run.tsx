import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Page } from '../../design/page.tsx';
import { useWorkspace } from '../../shell/workspace-context.ts';

export function FirstRun() {
  const api = useApi();
  const workspace = useWorkspace();
  const [dir, setDir] = useState(workspace.dir);
  const [passphrase, setPassphrase] = useState('');
  const create = useMutation(api.workspace.create.mutationOptions());
  return (
    <Page title="Welcome to Drawbridge">
      <Stack maw={560}>
        <Text size="sm">Backups are kept in an encrypted catalog on this computer.</Text>
        <TextInput
          label="Folder"
          value={dir}
          disabled={workspace.fixed}
          onChange={(event) => setDir(event.currentTarget.value)}
        />
        <PasswordInput
          label="Passphrase"
          value={passphrase}
          onChange={(event) => setPassphrase(event.currentTarget.value)}
        />
        <ErrorNotice error={create.error} />
        <Button
          w="fit-content"
          loading={create.isPending}
          onClick={() => create.mutate({ dir, key: { passphrase } })}
        >
          Create the catalog
        </Button>
      </Stack>
    </Page>
  );
}
