import { Alert, Button, Code, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi, useHost } from '../../client/use-client.tsx';
import { CopyText } from '../../design/copy-text.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { bytes, count, counted } from '../../design/moments.ts';
import { Section, Waiting } from '../../design/page.tsx';
import { FolderField } from '../../design/path-field.tsx';
import { Told } from '../../design/told.tsx';
import { isOfPresentKey } from '../../features/present-key/present-key.tsx';
import { useWorkspace } from '../../shell/workspace-context.ts';

/** The catalog's folder, how large it is, and how it comes into another one. */
export function CatalogPlace() {
  const api = useApi();
  const host = useHost();
  const { dir, fixed, lastMove } = useWorkspace();
  const { data: catalog, error } = useQuery(api.engine.catalog.show.queryOptions());
  const [moving, setMoving] = useState(false);
  const counts = catalog?.counts;
  return (
    <Section
      title="The catalog"
      actions={
        !fixed && (
          <Button size="compact-sm" variant="default" onClick={() => setMoving(true)}>
            Move it …
          </Button>
        )
      }
    >
      <Stack gap="xs">
        <LastMove lastMove={lastMove} dir={dir} />
        <Group gap="xs">
          <Code>
            <Foreign whole>{dir}</Foreign>
          </Code>
          <CopyText text={dir} label="Copy" />
          {host.showInFolder && (
            <Button size="xs" variant="default" onClick={() => host.showInFolder?.(dir)}>
              Show in its folder
            </Button>
          )}
        </Group>
        <ErrorNotice error={error} />
        {!catalog && !error && <Waiting lines={1} />}
        {catalog && counts && (
          <Text size="sm">
            {bytes(catalog.bytes)} on the disk: {counted(counts.snapshots, 'snapshot')}
            {counts.trash > 0 && ` and ${count(counts.trash)} in the trash`},{' '}
            {counted(counts.environments, 'environment')}, {counted(counts.plans, 'plan')},{' '}
            {counted(counts.jobs, 'job')}.
          </Text>
        )}
        {fixed && (
          <Text size="sm" c="dimmed">
            This folder was given when Drawbridge was started, and cannot be changed here. To move the
            catalog, close Drawbridge and run <Code>drawbridge catalog move &lt;folder&gt;</Code>.
          </Text>
        )}
      </Stack>
      {moving && <MoveDialog onClose={() => setMoving(false)} />}
    </Section>
  );
}

function LastMove({ lastMove, dir }: { lastMove: ReturnType<typeof useWorkspace>['lastMove']; dir: string }) {
  if (!lastMove) return null;
  if (lastMove.error)
    return (
      <Stack gap={4}>
        <Text size="sm" fw={600}>
          The catalog was not moved to <Foreign>{lastMove.to}</Foreign>.
        </Text>
        <ErrorNotice error={lastMove.error} />
      </Stack>
    );
  if (lastMove.to !== dir) return null;
  return (
    <Alert color="moss" variant="light" role="status">
      <Text size="sm">The catalog was moved here, and every byte of it proved.</Text>
      {lastMove.leftBehind && (
        <Text size="sm">
          <Told>{lastMove.leftBehind}</Told>
        </Text>
      )}
    </Alert>
  );
}

function MoveDialog({ onClose }: { onClose: () => void }) {
  const api = useApi();
  const { opensWith } = useWorkspace();
  const { data: catalog } = useQuery(api.engine.catalog.show.queryOptions());
  const ways = catalog?.waysIn.filter(({ damaged }) => !damaged).map(({ kind }) => kind) ?? opensWith;
  const [to, setTo] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const [keychainRefused, setRefused] = useState(false);
  const byKeychain = ways.includes('keychain') && !keychainRefused;
  const move = useMutation(
    api.workspace.move.mutationOptions({
      // What was typed is not kept in the page's memory.
      gcTime: 0,
      onError(error) {
        // The keychain may be another computer's: then a key is typed.
        if (byKeychain && isOfPresentKey(error)) setRefused(true);
      },
    }),
  );
  return (
    <Modal
      opened
      onClose={onClose}
      title="Move the catalog to another folder"
      centered
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close without moving' }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          move.mutate({ to: to.trim(), ...(!byKeychain && { key: { passphrase } }) });
        }}
      >
        <Stack gap="md">
          <Text size="sm">
            The catalog is closed, copied, proved byte by byte, opened in its new place, and only then removed
            from the old one. Jobs must have ended, and no other Drawbridge may have it open. Schedules that
            this computer starts by itself need the new folder too: install them anew.
          </Text>
          <FolderField
            label="New folder"
            description="its whole path; it is made if it is not there"
            value={to}
            focused
            onChange={setTo}
          />
          {!byKeychain && (
            <PasswordInput
              label="Passphrase or recovery key"
              description="to open it again in its new place"
              value={passphrase}
              onChange={({ currentTarget }) => setPassphrase(currentTarget.value)}
              visibilityToggleButtonProps={{ 'aria-label': 'Show or hide what is typed' }}
              autoComplete="current-password"
            />
          )}
          <ErrorNotice error={move.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              loading={move.isPending}
              disabled={to.trim() === '' || (!byKeychain && passphrase === '')}
            >
              Move the catalog
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
