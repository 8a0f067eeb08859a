import { SegmentedControl, Select, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { takenAt } from '../../../contract/series.ts';
import { visible } from '../../../contract/visible.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { FileField } from '../../design/file-field.tsx';
import { count, momentText } from '../../design/moments.ts';
import { contents } from '../../design/sections.ts';
import { placeText } from '../../features/snapshots/snapshot-texts.ts';
import classes from './compare.module.css';
import type { Side } from './side.ts';

const NONE: Readonly<Record<Side['kind'], Side>> = {
  snapshot: { kind: 'snapshot', id: null },
  latest: { kind: 'latest', place: null },
  live: { kind: 'live', environment: null, realm: null },
  file: { kind: 'file', path: '' },
};

/** Of the snapshots to choose from. */
const LISTED = 200;

export function SidePicker({
  label,
  hint,
  side,
  onChange,
}: {
  label: string;
  hint: string;
  side: Side;
  onChange: (side: Side) => void;
}) {
  return (
    <fieldset className={classes.side}>
      <legend className={classes.legend}>{label}</legend>
      <Stack gap="sm">
        <Text size="xs" c="dimmed">
          {hint}
        </Text>
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label={`${label}: what kind of source`}
          value={side.kind}
          onChange={(kind) => onChange(NONE[kind])}
          data={[
            { value: 'snapshot', label: 'A snapshot' },
            { value: 'latest', label: 'The latest' },
            { value: 'live', label: 'As it is now' },
            { value: 'file', label: 'A file' },
          ]}
        />
        <Choice label={label} side={side} onChange={onChange} />
      </Stack>
    </fieldset>
  );
}

function Choice({ label, side, onChange }: { label: string; side: Side; onChange: (side: Side) => void }) {
  switch (side.kind) {
    case 'snapshot':
      return <SnapshotChoice label={label} id={side.id} onChange={onChange} />;
    case 'latest':
      return <LatestChoice label={label} place={side.place} onChange={onChange} />;
    case 'live':
      return <LiveChoice label={label} side={side} onChange={onChange} />;
    case 'file':
      return (
        <FileField
          label={`${label}: path of the file`}
          description="An OpenGate export document. It is kept as a snapshot."
          path={side.path}
          onChange={(path) => onChange({ kind: 'file', path })}
        />
      );
  }
}

function SnapshotChoice({
  label,
  id,
  onChange,
}: {
  label: string;
  id: string | null;
  onChange: (side: Side) => void;
}) {
  const api = useApi();
  const snapshots = useQuery(api.engine.snapshots.list.queryOptions({ input: { all: true } }));
  // What a link has named may lie in the trash, which is not listed: it is the choice all the same.
  const isUnlisted = id !== null && snapshots.data?.some((snapshot) => snapshot.id === id) === false;
  return (
    <>
      <Select
        label={`${label}: snapshot`}
        placeholder="Environment, realm or date"
        searchable
        limit={LISTED}
        description={
          snapshots.data && snapshots.data.length > LISTED
            ? `The newest ${count(LISTED)} of ${count(snapshots.data.length)} are listed: type to find another.`
            : undefined
        }
        nothingFoundMessage="No such snapshot"
        value={id}
        onChange={(chosen) => onChange({ kind: 'snapshot', id: chosen })}
        data={[
          ...(isUnlisted ? [{ value: id, label: `Snapshot ${visible(id)}, which is not listed` }] : []),
          ...(snapshots.data ?? [])
            .toSorted((a, b) => Date.parse(takenAt(b)) - Date.parse(takenAt(a)))
            .map((snapshot) => ({
              value: snapshot.id,
              label: `${visible(placeText(snapshot)).slice(0, 80)}, ${momentText(takenAt(snapshot))} (${snapshot.id}): ${contents(snapshot.counts)}`,
            })),
        ]}
      />
      <ErrorNotice error={snapshots.error} />
    </>
  );
}

function LatestChoice({
  label,
  place,
  onChange,
}: {
  label: string;
  place: string | null;
  onChange: (side: Side) => void;
}) {
  const api = useApi();
  const snapshots = useQuery(api.engine.snapshots.list.queryOptions({ input: {} }));
  const places = new Set(
    (snapshots.data ?? []).flatMap(({ environment, realm, complete }) =>
      environment !== undefined && complete ? [`${environment}/${realm}`] : [],
    ),
  );
  return (
    <>
      <Select
        label={`${label}: realm`}
        description="Its newest whole snapshot."
        placeholder="Environment and realm"
        searchable
        value={place}
        onChange={(chosen) => onChange({ kind: 'latest', place: chosen })}
        data={[...places].toSorted().map((value) => ({ value, label: visible(value).slice(0, 120) }))}
        nothingFoundMessage="No whole snapshot of such a realm"
      />
      <ErrorNotice error={snapshots.error} />
    </>
  );
}

function LiveChoice({
  label,
  side,
  onChange,
}: {
  label: string;
  side: Extract<Side, { kind: 'live' }>;
  onChange: (side: Side) => void;
}) {
  const api = useApi();
  const environments = useQuery(api.engine.environments.list.queryOptions());
  const { environment, realm } = side;
  const realms = useQuery(
    api.engine.environments.realms.queryOptions({
      input: { name: environment ?? '' },
      enabled: environment !== null,
      staleTime: 30_000,
    }),
  );
  return (
    <>
      <Select
        label={`${label}: environment`}
        placeholder={environments.data?.length === 0 ? 'There are no environments yet' : 'Choose'}
        value={environment}
        onChange={(chosen) => onChange({ kind: 'live', environment: chosen, realm: null })}
        data={(environments.data ?? []).map(({ name }) => name)}
      />
      <Select
        label={`${label}: realm`}
        description="It is read when the comparison begins; nothing is written to it."
        placeholder={realms.isFetching ? 'Asking the environment …' : 'Choose'}
        disabled={environment === null}
        searchable
        value={realm}
        onChange={(chosen) => onChange({ kind: 'live', environment, realm: chosen })}
        data={(realms.data ?? []).map(({ name }) => ({ value: name, label: visible(name).slice(0, 120) }))}
      />
      <ErrorNotice error={environments.error ?? realms.error} />
    </>
  );
}
