import { Button, Code, Group, Radio, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { asAppError } from '../../../contract/wire.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { FolderField } from '../../design/path-field.tsx';
import { useWorkspace } from '../../shell/workspace-context.ts';
import { windowText } from '../../wording/window-words.ts';

export function StorageStep({ onBack, onNext }: { onBack: () => void; onNext: () => void }) {
  const api = useApi();
  const { dir, usualDir, fixed } = useWorkspace();
  const [place, setPlace] = useState<'usual' | 'other'>(dir === usualDir || fixed ? 'usual' : 'other');
  const [other, setOther] = useState(dir === usualDir ? '' : dir);
  // Where there is a catalog in it already, the workspace is locked then, and the window asks for its key.
  const choose = useMutation(api.workspace.choose.mutationOptions({ onSuccess: onNext }));
  const wanted = fixed ? dir : place === 'usual' ? usualDir : other.trim();
  const refused = choose.error ? asAppError(choose.error) : undefined;
  return (
    <Stack
      component="form"
      gap="lg"
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted === dir) onNext();
        else choose.mutate({ dir: wanted });
      }}
    >
      {fixed ? (
        <Stack gap={4}>
          <Text size="sm">The folder was given when Drawbridge was started, and cannot be changed here:</Text>
          <Code block>{dir}</Code>
        </Stack>
      ) : (
        <Radio.Group
          label="Folder"
          value={place}
          onChange={(value) => {
            choose.reset();
            setPlace(value);
          }}
        >
          <Stack gap="sm" mt="xs">
            <Radio value="usual" label="The usual place" description={<Foreign whole>{usualDir}</Foreign>} />
            <Radio
              value="other"
              label="Another folder"
              description="On a disk of this computer; a network share is not fit for it. A folder that holds a catalog already is opened."
            />
          </Stack>
        </Radio.Group>
      )}
      {!fixed && place === 'other' && (
        <FolderField
          label="Its whole path"
          value={other}
          onChange={(value) => {
            choose.reset();
            setOther(value);
          }}
          error={refused && windowText(`${refused.message} ${refused.remedy}`)}
        />
      )}
      {(fixed || place === 'usual') && <ErrorNotice error={choose.error} />}
      <Group>
        <Button type="submit" loading={choose.isPending} disabled={wanted === ''}>
          Continue
        </Button>
        <Button variant="subtle" onClick={onBack}>
          Back
        </Button>
      </Group>
    </Stack>
  );
}
