import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { ErrorNotice } from './error-notice.tsx';
import { useHost } from '../client/use-client.tsx';

/** A file or a folder of this computer: chosen in the desktop program, typed in a browser, which knows no paths. */
export function PathField({
  label,
  description,
  value,
  error,
  focused = false,
  choose,
  onChange,
}: {
  label: string;
  description?: ReactNode;
  value: string;
  error?: ReactNode;
  /** In a dialog: typing begins here. */
  focused?: boolean;
  /** Asks the host for one; undefined: none was chosen. */
  choose: () => Promise<string | undefined>;
  onChange: (path: string) => void;
}) {
  const host = useHost();
  const [failed, setFailed] = useState<unknown>();
  const ask = async (): Promise<void> => {
    setFailed(undefined);
    try {
      const chosen = await choose();
      if (chosen !== undefined) onChange(chosen);
    } catch (thrown) {
      setFailed(thrown);
    }
  };
  return (
    <Stack gap="xs" flex={1}>
      <Group align="flex-end" wrap="nowrap" gap="xs">
        <TextInput
          flex={1}
          label={label}
          description={description}
          value={value}
          error={error}
          data-autofocus={focused || undefined}
          spellCheck={false}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
        {host.kind === 'desktop' && (
          <Button variant="default" onClick={() => void ask()}>
            Choose …
          </Button>
        )}
      </Group>
      <ErrorNotice error={failed} />
    </Stack>
  );
}

export function FolderField(field: Omit<Parameters<typeof PathField>[0], 'choose'>) {
  const host = useHost();
  return <PathField {...field} choose={() => host.chooseFolder()} />;
}
