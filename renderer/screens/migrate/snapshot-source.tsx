import { Button, Stack, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { listed } from '../../../contract/numbers.ts';
import { useApi } from '../../client/use-client.tsx';
import { Empty } from '../../design/empty.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { counted, momentText } from '../../design/moments.ts';
import { Waiting } from '../../design/page.tsx';
import { countedRecords } from '../../features/plans/section-words.ts';
import { ChoiceCards } from './choice-cards.tsx';
import type { ChosenSource } from './draft.ts';
import { snapshotSource } from './presets.ts';
import { TrashedSnapshot } from './trashed-source.tsx';

/** Shown at once: who has more looks for it. */
const SHOWN = 30;

/** A snapshot of the catalog. */
export function SnapshotSource({
  source,
  onChoose,
}: {
  source: ChosenSource | undefined;
  onChoose: (source: ChosenSource | undefined) => void;
}) {
  const api = useApi();
  const { data: snapshots, error } = useQuery(
    api.engine.snapshots.list.queryOptions({ input: { all: true } }),
  );
  const [text, setText] = useState('');
  if (!snapshots) return error ? <ErrorNotice error={error} /> : <Waiting />;
  const chosen = source?.kind === 'snapshot' ? source.snapshot : undefined;
  const unlisted = chosen !== undefined && !snapshots.some(({ id }) => id === chosen) && (
    <TrashedSnapshot id={chosen} />
  );
  if (snapshots.length === 0)
    return (
      unlisted || (
        <Empty
          title="No snapshot yet"
          actions={
            <Button component={Link} href="/snapshots">
              Take a backup
            </Button>
          }
        >
          A snapshot is a realm at one moment, kept in your catalog. Every backup makes one.
        </Empty>
      )
    );
  const found = snapshots.filter((snapshot) => snapshot.id === chosen || isFound(snapshot, text));
  return (
    <Stack gap="sm">
      <TextInput
        label="Search in the snapshots"
        description="By realm, environment, tag, note or id"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        maw={420}
      />
      {unlisted}
      {found.length === 0 && (
        <Text size="sm" c="dimmed" role="status">
          No snapshot is like that.
        </Text>
      )}
      <ChoiceCards
        label="Snapshot"
        columns={2}
        value={chosen}
        onChange={(id) => {
          const snapshot = snapshots.find((one) => one.id === id);
          if (snapshot) onChoose(snapshotSource(snapshot));
        }}
        choices={found.slice(0, SHOWN).map((snapshot) => ({
          value: snapshot.id,
          title: <Foreign>{titleOf(snapshot)}</Foreign>,
          text: <Foreign>{textOf(snapshot)}</Foreign>,
        }))}
      />
      {found.length > SHOWN && (
        <Text size="sm" c="dimmed">
          And {counted(found.length - SHOWN, 'older one', 'older ones')}: type to find them.
        </Text>
      )}
    </Stack>
  );
}

function isFound({ id, realm, environment = '', tags, note = '' }: SnapshotView, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  return [id, realm, environment, note, ...tags].some((part) => part.toLowerCase().includes(wanted));
}

const PURPOSES = {
  backup: 'Backup',
  import: 'Imported',
  target: 'Read for a preview',
  safety: 'Safety snapshot',
  verification: 'Read after an apply',
} as const;

function titleOf({ realm, environment, startedAt }: SnapshotView): string {
  return `${environment === undefined ? realm : `${environment}/${realm}`}, ${momentText(startedAt)}`;
}

function textOf({ id, purpose, counts, complete, pseudonymized, tags }: SnapshotView): string {
  return [
    `${pseudonymized ? 'Pseudonymised copy' : PURPOSES[purpose]} ${id}`,
    ...(counts.users === undefined ? [] : [countedRecords('users', counts.users)]),
    ...(complete ? [] : ['not whole']),
    ...(tags.length > 0 ? [listed(tags)] : []),
  ].join(' · ');
}
