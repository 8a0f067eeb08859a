import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { WayIn } from '../../../contract/catalog-folder.ts';
import { useApi, useRefresh } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Section } from '../../design/page.tsx';
import { NewPassphrase, NOTHING_TYPED, objection } from '../../features/passphrase/new-passphrase.tsx';
import { PresentKeyField, usePresentKey } from '../../features/present-key/present-key.tsx';

/** Sets a passphrase, in place of an earlier one. */
export function ChangePassphrase({ waysIn }: { waysIn: readonly WayIn[] }) {
  const api = useApi();
  const refresh = useRefresh();
  const present = usePresentKey(waysIn);
  const [typed, setTyped] = useState(NOTHING_TYPED);
  const [submitted, setSubmitted] = useState(false);
  const [isSet, setIsSet] = useState(false);
  const set = useMutation(
    api.engine.catalog.setPassphrase.mutationOptions({
      // What was typed is not kept in the page's memory.
      gcTime: 0,
      onError: present.refused,
      async onSuccess() {
        present.setText('');
        setTyped(NOTHING_TYPED);
        setSubmitted(false);
        setIsSet(true);
        await refresh();
      },
    }),
  );
  const hasOne = waysIn.some(({ kind }) => kind === 'passphrase');
  const wrong = objection(typed);
  return (
    <Section title={hasOne ? 'Change the passphrase' : 'Set a passphrase'}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setSubmitted(true);
          setIsSet(false);
          // Reset with what was typed.
          if (!wrong && !present.isMissing)
            set.mutate({ passphrase: typed.first, ...present.input }, { onSuccess: () => set.reset() });
        }}
      >
        <Stack gap="sm" maw={460}>
          <Text size="sm">
            {hasOne
              ? 'The earlier one opens this catalog no more, as soon as the new one has opened it. Copies that were made before keep the earlier one.'
              : 'It opens the catalog on any computer.'}
          </Text>
          <PresentKeyField
            value={present}
            purpose="change the passphrase"
            error={set.error}
            submitted={submitted}
            onTyped={set.reset}
          />
          <NewPassphrase label="New passphrase" value={typed} onChange={setTyped} submitted={submitted} />
          <ErrorNotice error={present.besides(set.error)} />
          {isSet && (
            <Text size="sm" role="status">
              The new passphrase has opened the catalog, and is the one from now on.
            </Text>
          )}
          <Group>
            <Button type="submit" loading={set.isPending}>
              {hasOne ? 'Change the passphrase' : 'Set the passphrase'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
