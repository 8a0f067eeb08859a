import { Anchor, Button, Group, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { asAppError } from '../../../contract/wire.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { FolderField } from '../../design/path-field.tsx';
import { useWorkspace } from '../../shell/workspace-context.ts';
import { windowText } from '../../wording/window-words.ts';

/** Another catalog, or a new one: whatever is in the folder that is named. Nothing where the folder is fixed. */
export function OtherFolder() {
  const api = useApi();
  const { dir, usualDir, fixed } = useWorkspace();
  const [shown, setShown] = useState(false);
  const [wanted, setWanted] = useState('');
  const choose = useMutation(api.workspace.choose.mutationOptions());
  if (fixed) return null;
  if (!shown)
    return (
      <Stack gap="sm" maw={480}>
        <Group gap="lg">
          <Anchor
            component="button"
            type="button"
            size="sm"
            onClick={() => {
              choose.reset();
              setShown(true);
            }}
          >
            Use another folder…
          </Anchor>
          {dir !== usualDir && (
            <Anchor
              component="button"
              type="button"
              size="sm"
              onClick={() => choose.mutate({ dir: usualDir })}
            >
              Back to the usual folder
            </Anchor>
          )}
        </Group>
        <ErrorNotice error={choose.error} />
      </Stack>
    );
  const refused = choose.error ? asAppError(choose.error) : undefined;
  return (
    <Stack
      component="form"
      maw={480}
      gap="sm"
      onSubmit={(event) => {
        event.preventDefault();
        choose.mutate({ dir: wanted.trim() });
      }}
    >
      <FolderField
        label="Another folder: its whole path"
        value={wanted}
        onChange={(value) => {
          choose.reset();
          setWanted(value);
        }}
        error={refused && windowText(`${refused.message} ${refused.remedy}`)}
      />
      <Group>
        <Button
          type="submit"
          size="xs"
          variant="default"
          loading={choose.isPending}
          disabled={wanted.trim() === ''}
        >
          Look into it
        </Button>
        <Button
          size="xs"
          variant="subtle"
          onClick={() => {
            choose.reset();
            setShown(false);
          }}
        >
          Stay with this one
        </Button>
      </Group>
    </Stack>
  );
}
