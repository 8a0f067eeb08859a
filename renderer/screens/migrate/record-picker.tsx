import { ActionIcon, Button, Group, Select, Stack, Text, TextInput, VisuallyHidden } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch, IconX } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { SECTION_WORDS, SECTIONS, type Section } from '../../../contract/sections.ts';
import { asAppError } from '../../../contract/wire.ts';
import type { AppClient } from '../../client/connection.ts';
import { useApi, useClient } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { foundPlace, placeIn } from '../../design/found-place.ts';
import { Highlighted } from '../../design/highlighted.tsx';
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

/** Where records are looked for: the snapshot, or, of a live realm, its newest whole backup. */
function useLookedIn() {
  const api = useApi();
  const { draft } = useWizard();
  const { source } = draft;
  const live = source?.kind === 'live' ? source : undefined;
  const { data: latest, error } = useQuery({
    ...api.engine.snapshots.latest.queryOptions({
      input: { environment: live?.environment ?? '', realm: live?.realm ?? '' },
    }),
    enabled: live !== undefined,
  });
  return {
    snapshot: source?.kind === 'snapshot' ? source.snapshot : latest?.id,
    /** Of a live realm: the backup that stands for it. */
    latest,
    hasNoBackup: error !== null && asAppError(error).code === 'NOT_FOUND',
    error,
  };
}

function Search({ chosen, onAdd }: { chosen: readonly string[]; onAdd: (entry: string) => void }) {
  const api = useApi();
  const { snapshot, latest, hasNoBackup, error } = useLookedIn();
  const [typed, setTyped] = useState('');
  const [text] = useDebouncedValue(typed.trim(), 250);
  const found = useQuery({
    ...api.engine.snapshots.search.queryOptions({
      input: { snapshot: snapshot ?? '', text, limit: MOST_FOUND },
    }),
    enabled: snapshot !== undefined && text !== '',
  });
  if (hasNoBackup)
    return (
      <Text size="sm" c="dimmed">
        There is no backup of this realm to search in, nor to look up names in. Name the records below just as
        they are written, or take a backup first and migrate from that.
      </Text>
    );
  if (error) return <ErrorNotice error={error} />;
  return (
    <Stack gap="xs">
      <TextInput
        label="Search for records"
        description={
          latest
            ? `In the newest backup of this realm, of ${momentText(latest.startedAt)}`
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
              ? `More than ${MOST_FOUND} records were found; these are the first. Another letter narrows them down.`
              : `${counted(found.data.matches.length, 'record')} found.`}
          </Text>
          <ul className={classes.found} aria-label="Found records">
            {found.data.matches.map(({ section, key, record }) => {
              const entry = `${section}/${key}`;
              const isChosen = chosen.includes(entry);
              return (
                <li key={entry}>
                  <span>
                    <Text span size="xs" c="dimmed" mr="xs">
                      {SECTION_NAMES[section]}
                    </Text>
                    <Highlighted found={text}>{key}</Highlighted>
                    {placeIn(key, text) === undefined && <WhyFound record={record} text={text} />}
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

/** Of one whose name does not have what was looked for: in which member it stands. */
function WhyFound({ record, text }: { record: unknown; text: string }) {
  const place = foundPlace(record, text);
  if (!place) return null;
  return (
    <Text span size="xs" c="dimmed" className={classes.why}>
      <Foreign>{place.member}</Foreign>: <Highlighted found={text}>{place.value}</Highlighted>
    </Text>
  );
}

interface Named {
  readonly section: Section;
  readonly key: string;
}

/** What is named is looked up, so that a slip of the pen is not taken for a record. */
function ByName({ onAdd }: { onAdd: (entry: string) => void }) {
  const client = useClient();
  const { snapshot, latest, hasNoBackup } = useLookedIn();
  const [section, setSection] = useState<Section>('users');
  const [name, setName] = useState('');
  const key = keyOf(section, name);
  const add = (named: Named): void => {
    onAdd(`${named.section}/${named.key}`);
    setName((now) => (keyOf(named.section, now) === named.key ? '' : now));
  };
  const look = useMutation({
    mutationFn: async (named: Named) =>
      snapshot === undefined || (await isThere(client, { snapshot, ...named })),
    onSuccess: (found, named) => found && add(named),
  });
  const canLook = snapshot !== undefined || hasNoBackup;
  const isMissing = look.data === false;
  const retype = (change: () => void): void => {
    look.reset();
    change();
  };
  const lookUp = (): void => {
    if (name !== '' && canLook && !look.isPending) look.mutate({ section, key });
  };
  return (
    <Stack gap="xs">
      <Group align="flex-end" gap="xs">
        <Select
          label="Section"
          data={SECTIONS.map((value) => ({ value, label: SECTION_NAMES[value] }))}
          value={section}
          onChange={(value) => value !== null && retype(() => setSection(value))}
          allowDeselect={false}
          w={170}
        />
        <TextInput
          label="Name of a record"
          value={name}
          error={isMissing}
          aria-describedby={isMissing ? 'no-such-record' : undefined}
          onChange={({ currentTarget: { value } }) => retype(() => setName(value))}
          onKeyDown={(event) => event.key === 'Enter' && lookUp()}
          spellCheck={false}
          w={260}
        />
        <Button variant="default" disabled={name === '' || !canLook} onClick={lookUp}>
          Add by name
        </Button>
      </Group>
      {isMissing && (
        <Text id="no-such-record" role="alert" size="sm" c="var(--mantine-color-error)">
          <Foreign>
            {latest
              ? `The newest backup of this realm, of ${momentText(latest.startedAt)}, has no “${key}” among its ${SECTION_WORDS[section][1]}.`
              : `The snapshot has no “${key}” among its ${SECTION_WORDS[section][1]}. Correct the name, or search for it above.`}
          </Foreign>
        </Text>
      )}
      {isMissing && latest && (
        <Group gap="xs">
          <Text size="sm">If it has come since,</Text>
          <Button size="compact-sm" variant="default" onClick={() => retype(() => add({ section, key }))}>
            Add it all the same
          </Button>
        </Group>
      )}
      <ErrorNotice error={look.error} />
    </Stack>
  );
}

/** A group’s path begins with a slash, whether or not it was typed. */
function keyOf(section: Section, name: string): string {
  return section === 'groups' && !name.startsWith('/') ? `/${name}` : name;
}

/** @throws what the engine says where it cannot look, such as in a snapshot that was deleted meanwhile */
async function isThere(client: AppClient, record: Named & { readonly snapshot: string }): Promise<boolean> {
  try {
    await client.engine.snapshots.record(record);
    return true;
  } catch (thrown) {
    const error = asAppError(thrown);
    if (error.code === 'NOT_FOUND' && error.details['key'] !== undefined) return false;
    throw thrown;
  }
}
