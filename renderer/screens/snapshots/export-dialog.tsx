import {
  Alert,
  Button,
  Checkbox,
  Group,
  List,
  PasswordInput,
  Radio,
  Stack,
  Text,
  TextInput,
  Textarea,
} from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { takenAt } from '../../../contract/series.ts';
import type { JobInput, JobView } from '../../../contract/job.ts';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { useHost } from '../../client/use-client.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { bytes, momentText } from '../../design/moments.ts';
import { Told } from '../../design/told.tsx';
import { Dialog } from './dialog.tsx';
import { StartJob } from './start-job.tsx';
import { suggestedName, type ExportFormat } from './suggested-name.ts';

const FORMATS: readonly { value: ExportFormat; label: string; description: string }[] = [
  {
    value: 'opengate',
    label: 'OpenGate document',
    description: 'The whole realm, as its own export writes it.',
  },
  { value: 'users', label: 'Users', description: 'As OpenGate’s import of users takes them.' },
  { value: 'roles', label: 'Roles', description: 'The roles alone.' },
  { value: 'clients', label: 'Clients', description: 'The clients alone.' },
  {
    value: 'archive',
    label: 'Archive',
    description: 'Everything that the snapshot has, in one file that opens without Drawbridge.',
  },
];

type Encryption = 'recipients' | 'passphrase' | 'none';

export function ExportDialog({ snapshot, onClose }: { snapshot: SnapshotView; onClose: () => void }) {
  const host = useHost();
  const [format, setFormat] = useState<ExportFormat>('opengate');
  const [encryption, setEncryption] = useState<Encryption>('passphrase');
  const [recipients, setRecipients] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const [again, setAgain] = useState('');
  const [onPurpose, setOnPurpose] = useState(false);
  const [secrets, setSecrets] = useState(false);
  const [credentials, setCredentials] = useState(true);
  const [typed, setTyped] = useState<string>();
  // What is allowed is allowed of one file: not of another one that is suggested, or named, afterwards.
  const [replaced, setReplaced] = useState<string>();
  const [noPlace, setNoPlace] = useState<unknown>();
  const isEncrypted = encryption !== 'none';
  const suggested = suggestedName(snapshot, format, isEncrypted);
  const path = (typed ?? suggested).trim();
  const replace = replaced === path;
  const to = recipients.split(/[\s,]+/).filter((one) => one !== '');
  const keys = { recipients: { recipients: to }, passphrase: { passphrase }, none: 'none' as const }[
    encryption
  ];
  const isReady =
    path !== '' &&
    (format !== 'archive' ||
      {
        recipients: to.length > 0,
        passphrase: passphrase !== '' && passphrase === again,
        none: onPurpose,
      }[encryption]);
  const input: JobInput =
    format === 'archive'
      ? { kind: 'export-archive', snapshots: [snapshot.id], path, credentials, replace, keys }
      : { kind: 'export-file', snapshot: snapshot.id, path, format, includeSecrets: secrets, replace };
  const choosePlace = async (): Promise<void> => {
    setNoPlace(undefined);
    try {
      const place = await host.choosePlace(suggested);
      if (place === undefined) return;
      setTyped(place);
      // The system's own dialog has asked whether a file that is there is to be replaced.
      setReplaced(place.trim());
    } catch (thrown) {
      setNoPlace(thrown);
    }
  };
  return (
    <Dialog title={`Export the snapshot of ${momentText(takenAt(snapshot))}`} onClose={onClose} size="xl">
      <Radio.Group label="What to write" value={format} onChange={setFormat}>
        <Stack gap={6} mt={6}>
          {FORMATS.map(({ value, label, description }) => (
            <Radio key={value} value={value} label={label} description={description} />
          ))}
        </Stack>
      </Radio.Group>
      {format === 'archive' ? (
        <Stack gap="sm">
          <Radio.Group label="Who can open it" value={encryption} onChange={setEncryption}>
            <Group mt={6}>
              <Radio value="passphrase" label="Whoever knows a passphrase" />
              <Radio value="recipients" label="Recipients, by their age keys" />
              <Radio value="none" label="Everybody: not encrypted" />
            </Group>
          </Radio.Group>
          {encryption === 'passphrase' && (
            <Group grow align="flex-start">
              <PasswordInput
                label="Passphrase of the archive"
                value={passphrase}
                onChange={({ currentTarget: { value } }) => setPassphrase(value)}
                autoComplete="new-password"
                visibilityToggleButtonProps={{ 'aria-label': 'Show or hide: Passphrase of the archive' }}
              />
              <PasswordInput
                label="The passphrase again"
                value={again}
                onChange={({ currentTarget: { value } }) => setAgain(value)}
                error={again !== '' && again !== passphrase ? 'It is another one.' : undefined}
                autoComplete="new-password"
                visibilityToggleButtonProps={{ 'aria-label': 'Show or hide: The passphrase again' }}
              />
            </Group>
          )}
          {encryption === 'recipients' && (
            <Textarea
              label="Recipients"
              description="age1…, one a line."
              value={recipients}
              onChange={({ currentTarget: { value } }) => setRecipients(value)}
              autosize
              minRows={2}
              spellCheck={false}
            />
          )}
          {encryption === 'none' && (
            <Warning text="Anybody who gets hold of the file reads everybody in it, and the hashes of their passwords.">
              <Checkbox
                label="Write it without encryption, on purpose"
                checked={onPurpose}
                onChange={({ currentTarget: { checked } }) => setOnPurpose(checked)}
              />
            </Warning>
          )}
          <Checkbox
            label="With password hashes and secrets"
            description="Without them users have to set new passwords where it is restored."
            checked={credentials}
            onChange={({ currentTarget: { checked } }) => setCredentials(checked)}
          />
        </Stack>
      ) : (
        <Stack gap="sm">
          <Checkbox
            label="With the secrets and hashes that the snapshot holds"
            description="Without them they are left out, as OpenGate’s own export does."
            checked={secrets}
            onChange={({ currentTarget: { checked } }) => setSecrets(checked)}
          />
          {secrets && (
            <Warning text="The file will hold secrets in plain text. Whoever reads it can act as every client in it. Only its owner may read it; keep it so, and delete it when it has served its purpose." />
          )}
        </Stack>
      )}
      <Group align="flex-end" wrap="nowrap" gap="xs">
        <TextInput
          flex={1}
          label="File"
          description={
            host.kind === 'desktop'
              ? 'Where to write it.'
              : 'On this computer: a whole path, or a name in the folder that Drawbridge was started in.'
          }
          value={typed ?? suggested}
          onChange={({ currentTarget: { value } }) => setTyped(value)}
          spellCheck={false}
        />
        {host.kind === 'desktop' && (
          <Button variant="default" onClick={() => void choosePlace()}>
            Choose a place …
          </Button>
        )}
      </Group>
      <Checkbox
        label="Replace a file that is there"
        checked={replace}
        onChange={({ currentTarget: { checked } }) => setReplaced(checked ? path : undefined)}
      />
      <StartJob action="Export" input={input} isReady={isReady} error={noPlace} onClose={onClose}>
        {(job) => <Exported job={job} />}
      </StartJob>
    </Dialog>
  );
}

function Warning({ text, children }: { text: string; children?: React.ReactNode }) {
  return (
    <Alert color="amber" icon={<IconAlertTriangle aria-hidden />}>
      <Stack gap="xs">
        <Text size="sm">{text}</Text>
        {children}
      </Stack>
    </Alert>
  );
}

function Exported({ job: { result } }: { job: JobView }) {
  const { showInFolder } = useHost();
  if (result?.kind !== 'export-file' && result?.kind !== 'export-archive') return null;
  const { path, bytes: size, notes } = result;
  return (
    <Alert color="moss" title={`Written: ${bytes(size)}`}>
      <Group justify="space-between">
        <Text size="sm">
          <Foreign whole>{path}</Foreign>
        </Text>
        {showInFolder && (
          <Button size="compact-sm" variant="default" onClick={() => showInFolder(path)}>
            Show in its folder
          </Button>
        )}
      </Group>
      {notes.length > 0 && (
        <List size="sm" mt="xs">
          {notes.map((note) => (
            <List.Item key={note}>
              <Told>{note}</Told>
            </List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}
