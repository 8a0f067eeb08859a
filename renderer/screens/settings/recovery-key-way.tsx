import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Section } from '../../design/page.tsx';
import { RecoveryKeyMaker } from '../../features/recovery-key/recovery-key-maker.tsx';

/** Makes a recovery key, and checks one that somebody keeps. */
export function RecoveryKeyWay({ hasOne }: { hasOne: boolean }) {
  const [kept, setKept] = useState(false);
  return (
    <Section title="Recovery key">
      <Stack gap="md">
        <Text size="sm">
          {hasOne
            ? 'There is one. A new one takes its place when it was typed again; the old one opens only copies of the catalog then that were made before.'
            : 'Opens the catalog when the passphrase or the keychain is lost. It is shown once, typed again to be sure that it was written down, and stored nowhere.'}
        </Text>
        {kept && (
          <Text size="sm" role="status">
            This recovery key opens the catalog from now on.
          </Text>
        )}
        <RecoveryKeyMaker onShown={() => setKept(false)} onKept={() => setKept(true)} />
        {hasOne && <Check />}
      </Stack>
    </Section>
  );
}

function Check() {
  const api = useApi();
  const [key, setKey] = useState('');
  const [opens, setOpens] = useState(false);
  const check = useMutation(api.maintenance.checkRecoveryKey.mutationOptions({ gcTime: 0 }));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const onSuccess = (): void => {
          setKey('');
          setOpens(true);
          // With what was typed.
          check.reset();
        };
        check.mutate({ recoveryKey: key }, { onSuccess });
      }}
    >
      <Stack gap="xs" maw={460}>
        <Group align="flex-end" wrap="nowrap">
          <PasswordInput
            label="Check the one that you keep"
            description="does it open this catalog? nothing is changed"
            flex={1}
            value={key}
            onChange={({ currentTarget }) => {
              check.reset();
              setOpens(false);
              setKey(currentTarget.value);
            }}
            visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the key to check' }}
            autoComplete="off"
          />
          <Button type="submit" variant="default" loading={check.isPending} disabled={key.trim() === ''}>
            Check
          </Button>
        </Group>
        {opens && (
          <Text size="sm" role="status">
            It opens this catalog.
          </Text>
        )}
        <ErrorNotice error={check.error} />
      </Stack>
    </form>
  );
}
