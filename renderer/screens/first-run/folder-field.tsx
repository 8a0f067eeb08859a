import { Button, Group, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useHost } from '../../client/use-client.tsx';

/** A folder of this computer: chosen in the desktop program, typed in a browser, which knows no paths. */
export function FolderField({
  label,
  value,
  error,
  autoFocus = false,
  onChange,
}: {
  label: string;
  value: string;
  error?: ReactNode;
  autoFocus?: boolean;
  onChange: (dir: string) => void;
}) {
  const host = useHost();
  return (
    <Group align="flex-end" wrap="nowrap" gap="xs">
      <TextInput
        flex={1}
        label={label}
        value={value}
        error={error}
        data-autofocus={autoFocus || undefined}
        spellCheck={false}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {host.kind === 'desktop' && (
        <Button
          variant="default"
          onClick={() => void host.chooseFolder().then((chosen) => chosen !== undefined && onChange(chosen))}
        >
          Choose…
        </Button>
      )}
    </Group>
  );
}
