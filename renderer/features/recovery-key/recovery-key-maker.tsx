import { Box, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconDownload, IconEye, IconPrinter } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { TypedKey, WayIn } from '../../../contract/catalog-folder.ts';
import { asAppError } from '../../../contract/wire.ts';
import { saveBlob } from '../../client/save-blob.ts';
import { useApi, useRefresh } from '../../client/use-client.tsx';
import { CopyText } from '../../design/copy-text.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Waiting } from '../../design/page.tsx';
import { PresentKeyField, usePresentKey } from '../present-key/present-key.tsx';
import classes from './recovery-key-maker.module.css';
import { windowText } from '../../wording/window-words.ts';

interface Making {
  /** Typed a moment ago, when the catalog was made: it is not asked for again. */
  readonly presentKey?: TypedKey | undefined;
  /** Another one is shown, which opens nothing yet. */
  readonly onShown?: () => void;
  readonly onKept: () => void;
  readonly aside?: ReactNode;
}

/**
 * Shows a new recovery key once, and keeps it when it was typed again. Until then it opens nothing, and an earlier one
 * goes on opening the catalog. Whoever asks for one shows first that the catalog is theirs.
 */
export function RecoveryKeyMaker(making: Making) {
  const api = useApi();
  const { data: catalog, error } = useQuery(api.engine.catalog.show.queryOptions());
  if (!catalog) return error ? <ErrorNotice error={error} /> : <Waiting lines={1} />;
  return <Maker waysIn={catalog.waysIn} {...making} />;
}

function Maker({ waysIn, presentKey, onShown, onKept, aside }: Making & { waysIn: readonly WayIn[] }) {
  const api = useApi();
  const refresh = useRefresh();
  const [typed, setTyped] = useState('');
  const present = usePresentKey(presentKey ? [] : waysIn);
  const [submitted, setSubmitted] = useState(false);
  const propose = useMutation(
    api.engine.catalog.proposeRecoveryKey.mutationOptions({
      gcTime: 0,
      onSuccess: onShown,
      onError: present.refused,
    }),
  );
  const keep = useMutation(
    api.engine.catalog.keepRecoveryKey.mutationOptions({
      // What was typed is not kept in the page's memory.
      gcTime: 0,
      async onSuccess() {
        propose.reset();
        setTyped('');
        setSubmitted(false);
        await refresh();
        onKept();
      },
    }),
  );
  const key = propose.data?.recoveryKey;
  if (key === undefined)
    return (
      <Stack
        component="form"
        gap="md"
        onSubmit={(event) => {
          event.preventDefault();
          setSubmitted(true);
          if (presentKey) propose.mutate({ presentKey });
          else if (!present.isMissing)
            propose.mutate(present.input, { onSuccess: () => present.setText('') });
        }}
      >
        {!presentKey && (
          <Box maw={460}>
            <PresentKeyField
              value={present}
              purpose="make a recovery key"
              error={propose.error}
              submitted={submitted}
              onTyped={propose.reset}
            />
          </Box>
        )}
        <ErrorNotice error={presentKey ? propose.error : present.besides(propose.error)} />
        <Group>
          <Button type="submit" leftSection={<IconEye size={16} aria-hidden />} loading={propose.isPending}>
            Show a recovery key
          </Button>
          {aside}
        </Group>
      </Stack>
    );
  const refused = keep.error === null ? undefined : asAppError(keep.error);
  const mistyped = refused?.code === 'WRONG_KEY';
  return (
    <Stack
      component="form"
      gap="md"
      onSubmit={(event) => {
        event.preventDefault();
        // Reset with what was typed.
        keep.mutate({ recoveryKey: typed }, { onSuccess: () => keep.reset() });
      }}
    >
      <div className={classes.sheet}>
        <Text size="sm" c="dimmed">
          Recovery key of a Drawbridge catalog
        </Text>
        <Text component="output" className={classes.key} data-testid="recovery-key">
          {key}
        </Text>
      </div>
      <Group gap="xs">
        <CopyText text={key} label="Copy" />
        <Button
          variant="default"
          size="xs"
          leftSection={<IconDownload size={16} aria-hidden />}
          onClick={() =>
            saveBlob('drawbridge-recovery-key.txt', new Blob([`${key}\n`], { type: 'text/plain' }))
          }
        >
          Save to a file
        </Button>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPrinter size={16} aria-hidden />}
          onClick={() => window.print()}
        >
          Print
        </Button>
      </Group>
      <Text size="sm" c="dimmed" maw="60ch">
        It is shown this once and stored nowhere. Keep it apart from the catalog and from this computer: in a
        safe, or in your organisation’s password manager.
      </Text>
      <TextInput
        label="Type it again, from where you keep it"
        description="In either case, with or without hyphens"
        classNames={{ input: classes.typed ?? '' }}
        value={typed}
        autoComplete="off"
        spellCheck={false}
        error={mistyped && windowText(`${refused.message} ${refused.remedy}`)}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {refused && !mistyped && <ErrorNotice error={refused} />}
      <Group>
        <Button type="submit" loading={keep.isPending} disabled={typed.trim() === ''}>
          Keep this key
        </Button>
        {aside}
      </Group>
    </Stack>
  );
}
