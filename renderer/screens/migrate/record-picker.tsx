import { ActionIcon, Button, Group, Select, Stack, Text, TextInput, VisuallyHidden } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { isAppError } from '../../../contract/errors.ts';
import { SECTIONS, type Section } from '../../../contract/sections.ts';
import { asAppError } from '../../../contract/wire.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { counted, momentText } from '../../design/moments.ts';
import { Waiting } from '../../design/page.tsx';
import { SECTION_NAMES } from '../../design/sections.ts';
import classes from './record-picker.module.css';
import { useWizard } from './use-wizard.ts';

/** Beyond what can be told of a choice by names: exclusions by the plan's table are the better way then. */
const MOST_FOUND = 50;

/** Single records, found by search in what the catalog has of the source, or named. */
export function RecordPicker() {
  const { draft, change } = useWizard();
  const { what } = draft;
  const set = (only: string[]): void => change({ what: { ...what, only } });
  const add = (entry: string): void => {
    if (!what.only.includes(entry)) set([...what.only, entry]);
  };
  return (
    <Stack gap="md">
      <Chosen only={what.only} onRemove={(entry) => set(what.only.filter((one) => one !== entry))} />
      <Search chosen={what.only} onAdd={add} />
      <ByName onAdd={add} />
    </Stack>
  );
}

function Chosen({ only, onRemove }: { only: readonly string[]; onRemove: (entry: string) => void }) {
  if (only.length === 0)
    return (
      <Text size="sm" c="dimmed">
        No record is chosen yet.
      </Text>
    );
  return (
    <ul className={classes.chosen} aria-label="Chosen records">
      {only.map((entry) => (
        <li key={entry}>
          <Foreign>{entry}</Foreign>
          <ActionIcon
            size="xs"
            variant="subtle"
            color="slate"
            aria-label={`Remove ${entry}`}
            onClick={() => onRemove(entry)}
          >
            <IconX size={12} aria-hidden />
          </ActionIcon>
        </li>
      ))}
    </ul>
  );
}

/** In the snapshot, or, of a live realm, in its newest whole backup. */
function Search({ chosen, onAdd }: { chosen: readonly string[]; onAdd: (entry: string) => void }) {
  const api = useApi();
  const { draft } = useWizard();
  const { source } = draft;
  const [typed, setTyped] = useState('');
  const [text] = useDebouncedValue(typed.trim(), 250);
  const live = source?.kind === 'live' ? source : undefined;
  const latest = useQuery({
    ...api.engine.snapshots.latest.queryOptions({
      input: { environment: live?.environment ?? '', realm: live?.realm ?? '' },
    }),
    enabled: live !== undefined,
  });
  const snapshot = source?.kind === 'snapshot' ? source.snapshot : latest.data?.id;
  const found = useQuery({
    ...api.engine.snapshots.search.queryOptions({
      input: { snapshot: snapshot ?? '', text, limit: MOST_FOUND },
    }),
    enabled: snapshot !== undefined && text !== '',
  });
  if (live && latest.error) {
    if (!isAppError(asAppError(latest.error), 'NOT_FOUND')) return <ErrorNotice error={latest.error} />;
    return (
      <Text size="sm" c="dimmed">
        There is no backup of this realm to search in. Name the records below, or take a backup first and
        migrate from that.
      </Text>
    );
  }
  return (
    <Stack gap="xs">
      <TextInput
        label="Search for records"
        description={
          latest.data
            ? `In the newest backup of this realm, of ${momentText(latest.data.startedAt)}`
            : 'By anything that stands in them'
        }
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        maw={420}
      />
      <ErrorNotice error={found.error} />
      {text !== '' && found.isPending && <Waiting lines={3} />}
      {found.data && (
        <>
          <Text size="sm" c="dimmed" role="status">
            {found.data.truncated
              ? `The first ${MOST_FOUND} records:`
              : `${counted(found.data.matches.length, 'record')} found.`}
          </Text>
          <ul className={classes.found} aria-label="Found records">
            {found.data.matches.map(({ section, key }) => {
              const entry = `${section}/${key}`;
              const isChosen = chosen.includes(entry);
              return (
                <li key={entry}>
                  <span>
                    <Text span size="xs" c="dimmed" mr="xs">
                      {SECTION_NAMES[section]}
                    </Text>
                    <Foreign>{key}</Foreign>
                  </span>
                  <Button
                    size="compact-xs"
                    variant="default"
                    disabled={isChosen}
                    onClick={() => onAdd(entry)}
                  >
                    {isChosen ? 'Added' : 'Add'} <VisuallyHidden>{entry}</VisuallyHidden>
                  </Button>
                </li>
              );
            })}
          </ul>
        </>
      )}
    </Stack>
  );
}

function ByName({ onAdd }: { onAdd: (entry: string) => void }) {
  const [section, setSection] = useState<Section>('users');
  const [name, setName] = useState('');
  const add = (): void => {
    if (name === '') return;
    onAdd(`${section}/${name}`);
    setName('');
  };
  return (
    <Group align="flex-end" gap="xs">
      <Select
        label="Section"
        data={SECTIONS.map((value) => ({ value, label: SECTION_NAMES[value] }))}
        value={section}
        onChange={(value) => value !== null && setSection(value)}
        allowDeselect={false}
        w={170}
      />
      <TextInput
        label="Name of a record"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Enter' && add()}
        w={260}
      />
      <Button variant="default" disabled={name === ''} onClick={add}>
        Add by name
      </Button>
    </Group>
  );
}
