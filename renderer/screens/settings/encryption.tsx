import { Button, Group, Stack } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Section, Waiting } from '../../design/page.tsx';
import { ChangePassphrase } from './change-passphrase.tsx';
import { KeychainWay } from './keychain-way.tsx';
import { RecoveryKeyWay } from './recovery-key-way.tsx';
import { WaysIn } from './ways-in.tsx';

/** What opens the catalog, and how that is changed. */
export function Encryption() {
  const api = useApi();
  const { data: catalog, error } = useQuery(api.engine.catalog.show.queryOptions());
  return (
    <Stack gap="lg">
      <ErrorNotice error={error} />
      {!catalog && !error && <Waiting lines={6} />}
      {catalog && (
        <>
          <Section title="What opens this catalog" actions={<Lock />}>
            <WaysIn catalog={catalog} />
          </Section>
          <ChangePassphrase waysIn={catalog.waysIn} />
          <RecoveryKeyWay hasOne={catalog.recoveryKey} />
          <KeychainWay waysIn={catalog.waysIn} />
        </>
      )}
    </Stack>
  );
}

/** Closes the catalog: a key is needed to see anything again. */
function Lock() {
  const api = useApi();
  const lock = useMutation(api.workspace.lock.mutationOptions());
  return (
    <Group gap="sm">
      <ErrorNotice error={lock.error} />
      <Button
        size="compact-sm"
        variant="default"
        loading={lock.isPending}
        onClick={() => lock.mutate(undefined)}
      >
        Lock now
      </Button>
    </Group>
  );
}
