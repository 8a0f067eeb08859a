import { Box, Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { WayIn } from '../../../contract/catalog-folder.ts';
import { useApi, useRefresh } from '../../client/use-client.tsx';
import { Confirm } from '../../design/confirm.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Section, Waiting } from '../../design/page.tsx';
import { PresentKeyField, usePresentKey } from '../../features/present-key/present-key.tsx';

/** Whether the operating system's keychain opens the catalog. */
export function KeychainWay({ waysIn }: { waysIn: readonly WayIn[] }) {
  const opens = (way: WayIn['kind']): boolean => waysIn.some(({ kind, damaged }) => kind === way && !damaged);
  return (
    <Section title="Keychain">
      {waysIn.some(({ kind }) => kind === 'keychain') ? (
        <TurnOff waysIn={waysIn} hasPassphrase={opens('passphrase')} />
      ) : (
        <Unused waysIn={waysIn} hasPassphrase={opens('passphrase')} hasRecoveryKey={opens('recovery')} />
      )}
    </Section>
  );
}

interface Ways {
  readonly waysIn: readonly WayIn[];
  readonly hasPassphrase: boolean;
  readonly hasRecoveryKey: boolean;
}

function Unused(ways: Ways) {
  const api = useApi();
  const { data, error } = useQuery(api.workspace.keepsKeys.queryOptions({ staleTime: Infinity }));
  if (error) return <ErrorNotice error={error} />;
  if (!data) return <Waiting lines={1} />;
  if (data.keeps) return <TurnOn {...ways} />;
  return (
    <Text size="sm">
      This computer has no keychain that keeps what it is given, as is usual on servers and in containers. The
      passphrase and the recovery key open the catalog.
    </Text>
  );
}

function TurnOn({ waysIn, hasPassphrase, hasRecoveryKey }: Ways) {
  const api = useApi();
  const refresh = useRefresh();
  const present = usePresentKey(waysIn);
  const [submitted, setSubmitted] = useState(false);
  const [forgetPassphrase, setForget] = useState(false);
  const [asking, setAsking] = useState(false);
  const use = useMutation(
    api.engine.catalog.useKeychain.mutationOptions({
      // What was typed is not kept in the page's memory.
      gcTime: 0,
      async onSuccess() {
        setAsking(false);
        present.setText('');
        await refresh();
      },
      // It is said at the field, which is not in the question.
      onError: (error) => asking && present.besides(error) === undefined && setAsking(false),
    }),
  );
  return (
    <Stack gap="sm">
      <Text size="sm">
        Puts a key into the keychain of this computer: for you, the catalog opens here without being asked for
        anything.
      </Text>
      {hasPassphrase && (
        <Checkbox
          label="Take the passphrase away"
          description={
            hasRecoveryKey
              ? 'then only the keychain of this computer and the recovery key open the catalog'
              : 'make a recovery key first: with the keychain, every backup would be lost'
          }
          disabled={!hasRecoveryKey}
          checked={forgetPassphrase}
          onChange={({ currentTarget }) => setForget(currentTarget.checked)}
        />
      )}
      <Box maw={460}>
        <PresentKeyField
          value={present}
          purpose="let the keychain open it"
          error={use.error}
          submitted={submitted}
          onTyped={use.reset}
        />
      </Box>
      {!asking && <ErrorNotice error={present.besides(use.error)} />}
      <Group>
        <Button
          variant="default"
          loading={use.isPending}
          onClick={() => {
            use.reset();
            setSubmitted(true);
            if (present.isMissing) return;
            if (forgetPassphrase) setAsking(true);
            else use.mutate({ forgetPassphrase, ...present.input }, { onSuccess: () => use.reset() });
          }}
        >
          {forgetPassphrase ? 'Let the keychain open it …' : 'Let the keychain open it'}
        </Button>
      </Group>
      <Confirm
        opened={asking}
        title="Take the passphrase away?"
        action="Take it away"
        pending={use.isPending}
        error={use.error}
        onClose={() => {
          use.reset();
          setAsking(false);
        }}
        onConfirm={() => use.mutate({ forgetPassphrase, ...present.input }, { onSuccess: () => use.reset() })}
      >
        <Text size="sm">
          The passphrase opens this catalog no more. What opens it then: here, the keychain of this computer;
          anywhere else, and when the keychain is lost, the recovery key alone. Be sure to have it: it can be
          checked on this page.
        </Text>
      </Confirm>
    </Stack>
  );
}

function TurnOff({ waysIn, hasPassphrase }: Pick<Ways, 'waysIn' | 'hasPassphrase'>) {
  const api = useApi();
  const refresh = useRefresh();
  const [asking, setAsking] = useState(false);
  const present = usePresentKey(waysIn);
  const [forgetKey, setForget] = useState(false);
  const leave = useMutation(
    api.engine.catalog.leaveKeychain.mutationOptions({
      // What was typed is not kept in the page's memory.
      gcTime: 0,
      async onSuccess() {
        close();
        await refresh();
      },
    }),
  );
  const close = (): void => {
    setAsking(false);
    present.setText('');
  };
  return (
    <Stack gap="sm">
      <Text size="sm">
        The keychain of this computer opens the catalog.{' '}
        {hasPassphrase
          ? 'Without it, the passphrase is asked for.'
          : 'To do without it, set a passphrase first: the catalog has none.'}
      </Text>
      <Group>
        <Button
          variant="default"
          disabled={!hasPassphrase}
          onClick={() => {
            leave.reset();
            setForget(false);
            setAsking(true);
          }}
        >
          Do without the keychain …
        </Button>
      </Group>
      <Confirm
        opened={asking}
        title="Do without the keychain?"
        action="Do without it"
        impossible={present.isMissing}
        pending={leave.isPending}
        error={present.besides(leave.error)}
        onClose={close}
        onConfirm={() => leave.mutate({ forgetKey, ...present.input }, { onSuccess: () => leave.reset() })}
      >
        <Text size="sm">The passphrase is asked for at the next start.</Text>
        <PresentKeyField
          value={present}
          purpose="do without the keychain"
          error={leave.error}
          submitted={false}
          onTyped={leave.reset}
        />
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
