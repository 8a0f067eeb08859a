import { Button, Stack, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { useApi } from '../../client/use-client.tsx';
import { Empty } from '../../design/empty.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { counted } from '../../design/moments.ts';
import { Waiting } from '../../design/page.tsx';
import { ChoiceCards } from './choice-cards.tsx';
import type { ChosenSource } from './draft.ts';
import { snapshotSource } from './presets.ts';
import { shownSnapshots, textOf, titleOf } from './snapshot-choice.ts';
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
  const { shown, more } = shownSnapshots(snapshots, { text, chosen, most: SHOWN });
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
      {shown.length === 0 && (
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
        choices={shown.map((snapshot) => ({
          value: snapshot.id,
          title: <Foreign>{titleOf(snapshot)}</Foreign>,
          text: <Foreign>{textOf(snapshot)}</Foreign>,
        }))}
      />
      {more > 0 && (
        <Text size="sm" c="dimmed">
          And {counted(more, 'older one', 'older ones')}: type to find them.
        </Text>
      )}
    </Stack>
  );
}
