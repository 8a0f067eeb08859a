import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { asAppError } from '../../../contract/wire.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { useWorkspace } from '../../shell/workspace-context.ts';
import { EntryFrame } from './entry-frame.tsx';
import { KeyInput, keyOf, waysInto, type TypedKey } from './key-input.tsx';
import { OtherFolder } from './other-folder.tsx';
import { whyNoKeyFits } from './why-no-key-fits.ts';

export function CatalogLocked() {
  const api = useApi();
  const workspace = useWorkspace();
  const ways = waysInto(workspace);
  const [typed, setTyped] = useState<TypedKey>({ way: ways[0] ?? 'passphrase', text: '' });
  const open = useMutation(api.workspace.open.mutationOptions({ gcTime: 0 }));
  const thrown = open.error ?? (open.isIdle ? workspace.error : undefined);
  const error = thrown ? ('remedy' in thrown ? thrown : asAppError(thrown)) : undefined;
  const refusal = error && whyNoKeyFits(error, typed.way, workspace.opensWith);
  return (
    <EntryFrame title="Your catalog is locked" lead={<Foreign whole>{workspace.dir}</Foreign>}>
      <Stack
        component="form"
        maw={480}
        gap="md"
        onSubmit={(event) => {
          event.preventDefault();
          const key = keyOf(typed);
          open.mutate(key ? { key } : {});
        }}
      >
        <KeyInput
          ways={ways}
          value={typed}
          error={open.error && refusal?.what}
          onChange={(value) => {
            open.reset();
            setTyped(value);
          }}
        />
        {typed.way === 'keychain' && (
          <Text size="sm" c="dimmed">
            The key of this catalog is in the keychain of this computer. If the keychain is locked, the system
            asks you to unlock it.
          </Text>
        )}
        {refusal ? (
          <Text size="sm" role="alert">
            {(!open.error || typed.way === 'keychain') && <strong>{refusal.what} </strong>}
            {refusal.next}
          </Text>
        ) : (
          <ErrorNotice error={error} />
        )}
        <Group>
          <Button
            type="submit"
            loading={open.isPending}
            disabled={typed.way !== 'keychain' && typed.text === ''}
          >
            {typed.way === 'keychain' ? 'Open with the keychain' : 'Open'}
          </Button>
        </Group>
      </Stack>
      <OtherFolder />
    </EntryFrame>
  );
}
