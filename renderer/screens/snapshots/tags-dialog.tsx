import { Button, Group, TagsInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { useApi, useRefresh } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Dialog } from './dialog.tsx';

export function TagsDialog({ snapshot, onClose }: { snapshot: SnapshotView; onClose: () => void }) {
  const api = useApi();
  const refresh = useRefresh();
  const [tags, setTags] = useState(snapshot.tags);
  const [typed, setTyped] = useState('');
  const others = useQuery(api.engine.snapshots.list.queryOptions({ input: { all: true } }));
  const change = useMutation(
    api.engine.snapshots.tag.mutationOptions({
      async onSuccess() {
        await refresh();
        onClose();
      },
    }),
  );
  const known = [...new Set(others.data?.flatMap(({ tags: of }) => of))].toSorted();
  const save = (): void =>
    change.mutate({
      snapshot: snapshot.id,
      add: tags.filter((tag) => !snapshot.tags.includes(tag)),
      remove: snapshot.tags.filter((tag) => !tags.includes(tag)),
    });
  return (
    <Dialog title="Tags of the snapshot" onClose={onClose} size="md">
      <TagsInput
        label="Tags"
        description="Words to find it by. Retention can keep snapshots by their tags. Enter adds one."
        data={known}
        value={tags}
        onChange={setTags}
        searchValue={typed}
        onSearchChange={setTyped}
        // Known ones are offered while one is typed, and lie over the buttons no longer than that.
        dropdownOpened={typed !== '' && known.some((tag) => tag.includes(typed))}
        data-autofocus
        clearable
        clearButtonProps={{ 'aria-label': 'Remove all tags' }}
      />
      <ErrorNotice error={change.error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={change.isPending} onClick={save}>
          Save the tags
        </Button>
      </Group>
    </Dialog>
  );
}
