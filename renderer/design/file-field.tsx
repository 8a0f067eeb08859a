import { Button, CloseButton, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useEffect, useRef, useState, type DragEvent } from 'react';
import { visible } from '../../contract/visible.ts';
import { useHost } from '../client/use-client.tsx';
import type { ChosenFile } from '../client/host.ts';
import { ErrorNotice } from './error-notice.tsx';
import classes from './file-field.module.css';

/** A file for the engine to read: dropped, chosen, or its path typed. */
export function FileField({
  label,
  description,
  path,
  onChange,
}: {
  label: string;
  description?: string;
  /** Empty: none yet. */
  path: string;
  onChange: (path: string, name: string) => void;
}) {
  const host = useHost();
  const [over, setOver] = useState(false);
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const copied = host.nameOfCopy(path);
  // A large file takes a while to be handed over: what was chosen or typed since is not replaced by it.
  const latest = useRef<Promise<unknown>>(undefined);
  useEffect(() => () => void (latest.current = undefined), []);
  const take = async (asked: Promise<ChosenFile | undefined>): Promise<void> => {
    latest.current = asked;
    setPending(true);
    setError(undefined);
    try {
      const chosen = await asked;
      if (chosen && latest.current === asked) onChange(chosen.path, chosen.name);
    } catch (thrown) {
      if (latest.current === asked) setError(thrown);
    } finally {
      if (latest.current === asked) setPending(false);
    }
  };
  const type = (path: string, name: string): void => {
    latest.current = undefined;
    setPending(false);
    onChange(path, name);
  };
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer.files;
    if (file) void take(host.dropped(file));
  };
  return (
    <Stack gap="xs">
      {/* A shorter way for the mouse: the button and the field below do the same. */}
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div
        className={classes.drop}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
      >
        <Group gap="sm" wrap="nowrap">
          <IconFileUpload size={22} stroke={1.5} aria-hidden />
          <Text size="sm">Drop a file here, or</Text>
          <Button
            size="compact-sm"
            variant="default"
            loading={pending}
            aria-label={`Choose a file … (${label})`}
            onClick={() => void take(host.chooseFile())}
          >
            Choose a file …
          </Button>
        </Group>
      </div>
      <TextInput
        label={label}
        description={description}
        value={copied === undefined ? path : visible(copied)}
        readOnly={copied !== undefined}
        rightSection={
          copied !== undefined && (
            <CloseButton
              size="sm"
              aria-label={`Type a path instead (${label})`}
              onClick={() => type('', '')}
            />
          )
        }
        placeholder="/path/to/file.json"
        spellCheck={false}
        onChange={({ currentTarget: { value } }) => type(value, value.split(/[/\\]/).at(-1) ?? value)}
      />
      <ErrorNotice error={error} />
    </Stack>
  );
}
