import { Alert, Button, Group, Radio, Stack, Text } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { TypedKey } from '../../../contract/catalog-folder.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { NewPassphrase, NOTHING_TYPED, objection } from '../../features/passphrase/new-passphrase.tsx';
import { useWorkspace } from '../../shell/workspace-context.ts';

export function EncryptionStep({
  onBack,
  onCreated,
}: {
  onBack: () => void;
  /** With what was typed. */
  onCreated: (key: TypedKey | undefined) => void;
}) {
  const api = useApi();
  const { keychain } = useWorkspace();
  const [way, setWay] = useState<'keychain' | 'passphrase'>(keychain ? 'keychain' : 'passphrase');
  const [typed, setTyped] = useState(NOTHING_TYPED);
  const [submitted, setSubmitted] = useState(false);
  const create = useMutation(
    api.workspace.create.mutationOptions({
      gcTime: 0,
      onSuccess: (_, { key }) => onCreated(key === 'keychain' ? undefined : key),
    }),
  );
  return (
    <Stack
      component="form"
      gap="lg"
      onSubmit={(event) => {
        event.preventDefault();
        setSubmitted(true);
        if (way === 'keychain') create.mutate({ key: 'keychain' });
        else if (!objection(typed)) create.mutate({ key: { passphrase: typed.first } });
      }}
    >
      {keychain ? (
        <Radio.Group label="Protected by" value={way} onChange={(value) => setWay(value)}>
          <Stack gap="sm" mt="xs">
            <Radio
              value="keychain"
              label="This computer’s keychain"
              description="Opens by itself while you are logged in. It belongs to you on this computer: a copy of the catalog elsewhere needs the recovery key."
            />
            <Radio
              value="passphrase"
              label="A passphrase"
              description="You type it whenever Drawbridge starts. It opens the catalog on any computer."
            />
          </Stack>
        </Radio.Group>
      ) : (
        <Text size="sm" c="dimmed">
          This computer has no keychain that Drawbridge can use, so a passphrase protects the catalog. You
          type it whenever Drawbridge starts.
        </Text>
      )}
      {way === 'passphrase' && <NewPassphrase value={typed} onChange={setTyped} submitted={submitted} />}
      <Alert color="amber" variant="light" icon={<IconKey aria-hidden />}>
        <Text size="sm">
          {way === 'passphrase'
            ? 'Nobody can reset a lost passphrase. Without it, and without a recovery key, nothing in the catalog can be read again, by anybody.'
            : 'When the keychain is gone, with this computer or with your account on it, only a recovery key opens the catalog. Without one nothing in it can be read again, by anybody.'}{' '}
          The next step makes a recovery key.
        </Text>
      </Alert>
      <ErrorNotice error={create.error} />
      <Group>
        <Button type="submit" loading={create.isPending}>
          Create the catalog
        </Button>
        <Button variant="subtle" disabled={create.isPending} onClick={onBack}>
          Back
        </Button>
      </Group>
    </Stack>
  );
}
