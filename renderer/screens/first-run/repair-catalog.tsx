import { Button, Group, List, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { RepairView } from '../../../contract/maintenance.ts';
import { asAppError } from '../../../contract/wire.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { andMore } from '../../design/and-more.ts';
import { Foreign } from '../../design/foreign.tsx';
import { counted } from '../../design/moments.ts';
import { MoreOptions } from '../../design/more-options.tsx';
import { ProgressBar } from '../../features/jobs/progress-bar.tsx';
import { FolderField } from '../../design/path-field.tsx';
import { Told } from '../../design/told.tsx';
import { useWorkspace } from '../../shell/workspace-context.ts';
import { KeyInput, keyOf, waysInto, type TypedKey } from './key-input.tsx';
import { useRepair } from './use-repair.ts';
import { windowText } from '../../wording/window-words.ts';

/** How much that is lost is listed here; the rest is counted. */
const MOST = 20;

export function RepairCatalog({ dir }: { dir: string }) {
  const api = useApi();
  const workspace = useWorkspace();
  const { fixed } = workspace;
  const ways = waysInto(workspace);
  const [typed, setTyped] = useState<TypedKey>({ way: ways[0] ?? 'passphrase', text: '' });
  const [to, setTo] = useState(`${dir}-repaired`);
  const { working, progress, result, error, start, cancel } = useRepair();
  const choose = useMutation(api.workspace.choose.mutationOptions());
  const refused = error ? asAppError(error) : undefined;
  const isWrong = refused?.code === 'WRONG_KEY';
  const begin = (dryRun: boolean): void =>
    start({ key: keyOf(typed), dryRun, ...(!dryRun && { to: to.trim() }) });
  const notReady = typed.way !== 'keychain' && typed.text === '';
  if (result?.to)
    return (
      <Stack gap="md">
        <RepairResult result={result} />
        <ErrorNotice error={choose.error} />
        {fixed ? (
          <Text size="sm">
            The folder of this Drawbridge was given when it was started. End it, and start it with the new
            one: --catalog <Foreign whole>{result.to}</Foreign>
          </Text>
        ) : (
          <Button
            w="fit-content"
            loading={choose.isPending}
            onClick={() => choose.mutate({ dir: result.to! })}
          >
            Open the repaired catalog
          </Button>
        )}
      </Stack>
    );
  return (
    <Stack
      component="form"
      gap="md"
      onSubmit={(event) => {
        event.preventDefault();
        begin(false);
      }}
    >
      <KeyInput
        ways={ways}
        value={typed}
        onChange={setTyped}
        error={isWrong && windowText(`${refused.message} Nothing was changed.`)}
      />
      <FolderField label="Folder of the new catalog" value={to} onChange={setTo} />
      {refused && !isWrong && <ErrorNotice error={refused} />}
      {result && <RepairResult result={result} />}
      {working && <ProgressBar progress={progress} label="Repair" />}
      <Group>
        {working ? (
          <Button variant="default" onClick={cancel}>
            Cancel
          </Button>
        ) : (
          <>
            <Button type="submit" disabled={notReady || to.trim() === ''}>
              Repair into the new folder
            </Button>
            <Button variant="default" disabled={notReady} onClick={() => begin(true)}>
              Only look what can be saved
            </Button>
          </>
        )}
      </Group>
    </Stack>
  );
}

function RepairResult({ result: { to, kept, damage, lost } }: { result: RepairView }) {
  const { snapshots, environments, plans, jobs, schedules } = kept;
  const lines = damage.flatMap((text) => text.split('\n'));
  return (
    <Stack gap="xs" role="status">
      <Text size="sm" fw={600}>
        {to === null ? 'Can be saved' : 'Saved'}: {counted(snapshots, 'snapshot')},{' '}
        {counted(environments, 'environment')}, {counted(plans, 'plan')}, {counted(jobs, 'job')} and{' '}
        {counted(schedules, 'schedule')}.{' '}
        {lost.length === 0 ? 'Nothing is lost.' : `${counted(lost.length, 'thing')} cannot be saved:`}
      </Text>
      {lost.length > 0 && (
        <List size="sm">
          {lost.slice(0, MOST).map(({ snapshot, id, text }, at) => (
            <List.Item key={`${snapshot}${id}${at}`}>
              <Told>{text}</Told>
            </List.Item>
          ))}
          {lost.length > MOST && <List.Item>{andMore(lost.length, MOST)}</List.Item>}
        </List>
      )}
      {damage.length > 0 && (
        <MoreOptions label="What is wrong with the damaged one">
          <List size="xs">
            {lines.slice(0, MOST).map((line) => (
              <List.Item key={line}>
                <Told>{line}</Told>
              </List.Item>
            ))}
            {lines.length > MOST && <List.Item>{andMore(lines.length, MOST)}</List.Item>}
          </List>
        </MoreOptions>
      )}
    </Stack>
  );
}
