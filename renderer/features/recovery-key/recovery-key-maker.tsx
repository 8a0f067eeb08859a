import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconDownload, IconEye, IconPrinter } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { asAppError } from '../../../contract/wire.ts';
import { saveBlob } from '../../client/save-blob.ts';
import { useApi, useRefresh } from '../../client/use-client.tsx';
import { CopyText } from '../../design/copy-text.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import classes from './recovery-key-maker.module.css';
import { windowText } from '../../wording/window-words.ts';

/**
 * Shows a new recovery key once, and keeps it when it was typed again. Until then it opens nothing, and an earlier one
 * goes on opening the catalog.
 */
export function RecoveryKeyMaker({ onKept, aside }: { onKept: () => void; aside?: ReactNode }) {
  const api = useApi();
  const refresh = useRefresh();
  const [typed, setTyped] = useState('');
  const propose = useMutation(api.engine.catalog.proposeRecoveryKey.mutationOptions({ gcTime: 0 }));
  const keep = useMutation(
    api.engine.catalog.keepRecoveryKey.mutationOptions({
      // What was typed is not kept in the page's memory.
      gcTime: 0,
      async onSuccess() {
        propose.reset();
        await refresh();
        onKept();
      },
    }),
  );
  const key = propose.data?.recoveryKey;
  if (key === undefined)
    return (
      <Stack>
        <ErrorNotice error={propose.error} />
        <Group>
          <Button
            leftSection={<IconEye size={16} aria-hidden />}
            loading={propose.isPending}
            onClick={() => propose.mutate(undefined)}
          >
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
        keep.mutate({ recoveryKey: typed });
      }}
    >
      <div className={classes.sheet}>
        <Text size="sm" c="dimmed" className={classes.what}>
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
