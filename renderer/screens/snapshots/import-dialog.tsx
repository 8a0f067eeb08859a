import { Anchor, Checkbox, Group, List, PasswordInput, TagsInput, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import { takenAt } from '../../../contract/series.ts';
import type { JobView } from '../../../contract/job.ts';
import { FileField } from '../../design/file-field.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { momentText } from '../../design/moments.ts';
import { contents } from '../../design/sections.ts';
import { openingKeys } from '../../features/archive-keys/identities.ts';
import { IdentityField } from '../../features/archive-keys/identity-field.tsx';
import { AlreadyThere } from '../../features/snapshots/already-there.tsx';
import { placeText } from '../../features/snapshots/snapshot-texts.ts';
import { Dialog } from './dialog.tsx';
import { StartJob } from './start-job.tsx';

export function ImportDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return opened ? <Import onClose={onClose} /> : null;
}

/** An export document or an archive becomes one snapshot, or several. */
function Import({ onClose }: { onClose: () => void }) {
  const [path, setPath] = useState('');
  const [tags, setTags] = useState<string[]>([]);
  const [variables, setVariables] = useState(false);
  const [isEncrypted, setEncrypted] = useState(false);
  const [passphrase, setPassphrase] = useState('');
  const [identities, setIdentities] = useState('');
  const keys = openingKeys(passphrase, identities);
  return (
    <Dialog title="Import a file" onClose={onClose}>
      <Text size="sm" c="dimmed">
        An OpenGate export document (a whole realm, or its users, roles or clients) or a Drawbridge archive.
        It becomes a snapshot here; no environment is changed.
      </Text>
      <FileField
        label="File"
        description="Its path on this computer."
        path={path}
        onChange={(chosen, name) => {
          setPath(chosen);
          setEncrypted(/\.age$/i.test(name));
        }}
      />
      <Checkbox
        label="It is an encrypted archive"
        checked={isEncrypted}
        onChange={({ currentTarget: { checked } }) => setEncrypted(checked)}
      />
      {isEncrypted ? (
        <Group grow align="flex-start">
          <PasswordInput
            label="Passphrase"
            description="If it was encrypted with one."
            value={passphrase}
            onChange={({ currentTarget: { value } }) => setPassphrase(value)}
            autoComplete="off"
            visibilityToggleButtonProps={{ 'aria-label': 'Show or hide: Passphrase' }}
          />
          <IdentityField value={identities} onChange={setIdentities} />
        </Group>
      ) : (
        <Checkbox
          label="${NAME} in its texts stands for environment variables"
          description="Of the program that Drawbridge’s engine runs in. All that are not set are named."
          checked={variables}
          onChange={({ currentTarget: { checked } }) => setVariables(checked)}
        />
      )}
      <TagsInput label="Tags" value={tags} onChange={setTags} />
      <StartJob
        action="Import"
        isReady={path.trim() !== ''}
        input={{
          kind: 'import-file',
          path: path.trim(),
          tags,
          variables: variables && !isEncrypted,
          ...(isEncrypted && keys && { keys }),
        }}
        onClose={onClose}
      >
        {(job) => <Imported job={job} />}
      </StartJob>
    </Dialog>
  );
}

function Imported({ job: { result } }: { job: JobView }) {
  if (result?.kind !== 'import-file') return null;
  return (
    <List size="sm">
      {result.snapshots.map((snapshot) => (
        <List.Item key={snapshot.id}>
          <Anchor component={Link} href={`/snapshots/${snapshot.id}`}>
            <Foreign>{placeText(snapshot)}</Foreign>, {momentText(takenAt(snapshot))}
          </Anchor>
          : {contents(snapshot.counts)}
        </List.Item>
      ))}
      <AlreadyThere of={result.alreadyThere} />
    </List>
  );
}
