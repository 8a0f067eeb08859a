import { Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi, useRefresh } from '../../client/use-client.tsx';
import { Confirm } from '../../design/confirm.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Section } from '../../design/page.tsx';
import { useWorkspace } from '../../shell/workspace-context.ts';

/** Whether the operating system's keychain opens the catalog. */
export function KeychainWay({ isUsed, hasPassphrase }: { isUsed: boolean; hasPassphrase: boolean }) {
  const { keychain } = useWorkspace();
  return (
    <Section title="Keychain">
      {isUsed ? (
        <TurnOff hasPassphrase={hasPassphrase} />
      ) : keychain ? (
        <TurnOn hasPassphrase={hasPassphrase} />
      ) : (
        <Text size="sm">
          This computer has no keychain that keeps what it is given, as is usual on servers and in containers.
          The passphrase and the recovery key open the catalog.
        </Text>
      )}
    </Section>
  );
}

function TurnOn({ hasPassphrase }: { hasPassphrase: boolean }) {
  const api = useApi();
  const refresh = useRefresh();
  const [forgetPassphrase, setForget] = useState(false);
  const use = useMutation(api.engine.catalog.useKeychain.mutationOptions({ onSuccess: refresh }));
  return (
    <Stack gap="sm">
      <Text size="sm">
        Puts a key into the keychain of this computer: for you, the catalog opens here without being asked for
        anything.
      </Text>
      {hasPassphrase && (
        <Checkbox
          label="Take the passphrase away"
          description="then only the keychain of this computer and a recovery key open the catalog"
          checked={forgetPassphrase}
          onChange={({ currentTarget }) => setForget(currentTarget.checked)}
        />
      )}
      <ErrorNotice error={use.error} />
      <Group>
        <Button variant="default" loading={use.isPending} onClick={() => use.mutate({ forgetPassphrase })}>
          Let the keychain open it
        </Button>
      </Group>
    </Stack>
  );
}

function TurnOff({ hasPassphrase }: { hasPassphrase: boolean }) {
  const api = useApi();
  const refresh = useRefresh();
  const [asking, setAsking] = useState(false);
  const [forgetKey, setForget] = useState(false);
  const leave = useMutation(
    api.engine.catalog.leaveKeychain.mutationOptions({
      async onSuccess() {
        setAsking(false);
        await refresh();
      },
    }),
  );
  return (
    <Stack gap="sm">
      <Text size="sm">
        The keychain of this computer opens the catalog.{' '}
        {hasPassphrase
          ? 'Without it, the passphrase is asked for.'
          : 'To do without it, set a passphrase first: the catalog has none.'}
      </Text>
      <Group>
        <Button variant="default" disabled={!hasPassphrase} onClick={() => setAsking(true)}>
          Do without the keychain …
        </Button>
      </Group>
      <Confirm
        opened={asking}
        title="Do without the keychain?"
        action="Do without it"
        pending={leave.isPending}
        error={leave.error}
        onClose={() => setAsking(false)}
        onConfirm={() => leave.mutate({ forgetKey })}
      >
        <Text size="sm">The passphrase is asked for at the next start. Be sure to know it.</Text>
        <Checkbox
          label="Take the key out of the keychain too"
          description="copies of the catalog that were made meanwhile are not opened by it any more"
          checked={forgetKey}
          onChange={({ currentTarget }) => setForget(currentTarget.checked)}
        />
      </Confirm>
    </Stack>
  );
}
