import { Button, Checkbox, Group, PasswordInput, SimpleGrid, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { ErrorView, JobView } from '../../../contract/job.ts';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { useApi, useClient, useHost } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { FileField } from '../../design/file-field.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { openingKeys } from '../../features/archive-keys/identities.ts';
import { IdentityField } from '../../features/archive-keys/identity-field.tsx';
import { ProgressBar } from '../../features/jobs/progress-bar.tsx';
import { isUnderWay, useFollowedJob } from '../../features/jobs/use-job.ts';
import { ChoiceCards } from './choice-cards.tsx';
import type { ChosenSource } from './draft.ts';
import { snapshotSource } from './presets.ts';
import { titleOf } from './snapshot-choice.ts';

/** An export document or an archive, which becomes a snapshot when it is read. */
export function FileSource({
  source,
  path,
  onPath,
  onChoose,
}: {
  source: ChosenSource | undefined;
  /** Empty: none yet. */
  path: string;
  /** There is a file to be read: what was read before is not the source any more. */
  onPath: (path: string) => void;
  onChoose: (source: ChosenSource | undefined) => void;
}) {
  const api = useApi();
  const host = useHost();
  const [variables, setVariables] = useState(false);
  // They are nowhere but here, and go with this form.
  const [passphrase, setPassphrase] = useState('');
  const [identities, setIdentities] = useState('');
  // What it is given has secrets: nothing keeps it longer than this form.
  const start = useMutation(api.engine.jobs.start.mutationOptions({ gcTime: 0 }));
  const { job, error } = useFollowedJob(start.data?.id);
  const reading = start.isPending || (job !== undefined && !error && isUnderWay(job));

  /** Whatever is being read, or was, is not what the form asks for now. */
  function ask(asked: string): void {
    start.reset();
    onPath(asked);
  }

  const named = path.trim();
  const isSurelyArchive = /\.(?:age|zst|tar)$/i.test(named);
  const keys = openingKeys(passphrase, identities);
  const isArchive = named !== '' && !/\.(?:json|ndjson)$/i.test(named);
  return (
    <Stack gap="md">
      <FileField
        label="Path"
        description="Of an export document (JSON) or an archive, on the computer that Drawbridge runs on"
        path={path}
        onChange={ask}
      />
      {!isSurelyArchive && (
        <Checkbox
          label="Put environment variables in the place of ${NAME} in the file’s texts"
          checked={variables}
          onChange={(event) => {
            setVariables(event.currentTarget.checked);
            ask(path);
          }}
        />
      )}
      {isArchive && (
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
          <PasswordInput
            label="Passphrase of the archive"
            description="Only for an archive that is encrypted with one"
            value={passphrase}
            onChange={(event) => setPassphrase(event.currentTarget.value)}
            autoComplete="off"
            maw={420}
            visibilityToggleButtonProps={{ 'aria-label': 'Show or hide: Passphrase of the archive' }}
          />
          <IdentityField value={identities} onChange={setIdentities} />
        </SimpleGrid>
      )}
      <ErrorNotice error={start.error ?? error ?? told(job?.error, host.nameOfCopy(path))} />
      {reading && <ProgressBar progress={job?.progress} label="Reading the file" />}
      <Group>
        <Button
          variant="light"
          disabled={named === '' || reading}
          onClick={() => {
            onPath(path);
            start.mutate({
              kind: 'import-file',
              path: named,
              variables: variables && !isSurelyArchive,
              ...(isArchive && keys && { keys }),
            });
          }}
        >
          Read the file
        </Button>
      </Group>
      {job && (
        <Read
          key={job.id}
          job={job}
          file={host.nameOfCopy(path) ?? nameOf(path)}
          source={source}
          onChoose={onChoose}
        />
      )}
      {!job && source?.kind === 'snapshot' && source.file !== undefined && (
        <Text size="sm" role="status">
          <Foreign>{`Read from ${source.file}: realm “${source.realm}”.`}</Foreign>
        </Text>
      )}
    </Stack>
  );
}

/** A file that was handed over is kept only as long as the program runs that it was given to. */
function told(error: ErrorView | undefined, copied: string | undefined): ErrorView | undefined {
  if (copied === undefined || error?.code !== 'FILE_FAILED' || error.details['code'] !== 'ENOENT')
    return error;
  return {
    ...error,
    message: `The copy of “${copied}” that was handed over is gone.`,
    notChanged: 'Nothing was read.',
    remedy:
      'Drawbridge was started anew since then, and keeps such copies only until it ends: drop the file again.',
  };
}

function nameOf(path: string): string {
  return path.trim().split(/[/\\]/).at(-1) ?? '';
}

/** What was in the file: one realm, or several to choose from. */
function Read({
  job: { result },
  file,
  source,
  onChoose,
}: {
  job: JobView;
  file: string;
  source: ChosenSource | undefined;
  onChoose: (source: ChosenSource) => void;
}) {
  const client = useClient();
  const [error, setError] = useState<unknown>();
  const choose = (chosen: SnapshotView): void =>
    onChoose({ ...snapshotSource(chosen), ...(file !== '' && { file }) });
  const only =
    result?.kind === 'import-file' && result.snapshots.length <= 1 && result.alreadyThere.length <= 1
      ? result.snapshot
      : undefined;
  useEffect(() => {
    if (only) choose(only);
    // What a document holds is chosen by having been read, once.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [only?.id]);
  if (result?.kind !== 'import-file') return null;
  const { snapshot, snapshots, alreadyThere } = result;
  const others = alreadyThere.filter(({ snapshot: id }) => id !== snapshot.id);
  return (
    <Stack gap="sm">
      <ChoiceCards
        label="What the file holds"
        value={source?.kind === 'snapshot' ? source.snapshot : undefined}
        onChange={(id) => {
          const known = [snapshot, ...snapshots].find((one) => one.id === id);
          if (known) choose(known);
          else client.engine.snapshots.get({ snapshot: id }).then(choose, setError);
        }}
        choices={[
          ...(snapshots.length === 0 ? [snapshot] : snapshots).map((one) => ({
            value: one.id,
            title: <Foreign>{`Realm “${one.realm}”`}</Foreign>,
            text: <Foreign>{`Snapshot ${one.id} of ${titleOf(one)}`}</Foreign>,
          })),
          ...others.map(({ snapshot: id }) => ({
            value: id,
            title: `Snapshot ${id}`,
            text: 'It is in the catalog already, and was not stored again.',
          })),
        ]}
      />
      <ErrorNotice error={error} />
    </Stack>
  );
}
