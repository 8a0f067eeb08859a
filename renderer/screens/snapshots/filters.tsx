import { Checkbox, Group, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { visible } from '../../../contract/visible.ts';
import { useApi } from '../../client/use-client.tsx';

export interface SnapshotFilter {
  /** Empty: of no environment, as files are. */
  readonly environment?: string;
  readonly realm?: string;
  readonly tag?: string;
  readonly all?: boolean;
}

/** As the window's address has it: a filtered list can be come back to. */
export function filterOf(query: URLSearchParams): SnapshotFilter {
  const [environment, realm, tag] = ['environment', 'realm', 'tag'].map((name) => query.get(name));
  return {
    ...(typeof environment === 'string' && { environment }),
    ...(realm && { realm }),
    ...(tag && { tag }),
    ...(query.has('all') && { all: true }),
  };
}

/** What there is to choose from comes from what is in the catalog. */
export function Filters() {
  const api = useApi();
  const [query, setQuery] = useSearchParams();
  const everything = useQuery(api.engine.snapshots.list.queryOptions({ input: { all: true } }));
  const environments = useQuery(api.engine.environments.list.queryOptions());
  const snapshots: readonly SnapshotView[] = everything.data ?? [];
  const change = (name: string, value: string | null): void =>
    setQuery(
      (before) => {
        const after = new URLSearchParams(before);
        if (value === null) after.delete(name);
        else after.set(name, value);
        return after;
      },
      { replace: true },
    );
  const environmentNames = distinct([
    ...(environments.data ?? []).map(({ name }) => name),
    ...snapshots.flatMap(({ environment }) => environment ?? []),
  ]);
  return (
    <Group gap="sm" align="flex-end">
      <Select
        label="Environment"
        placeholder="All"
        clearable
        w={150}
        data={[
          ...environmentNames.map(option),
          ...(snapshots.some(({ environment }) => environment === undefined)
            ? [{ value: '', label: 'Files and archives' }]
            : []),
        ]}
        value={query.get('environment')}
        onChange={(value) => change('environment', value)}
        clearButtonProps={{ 'aria-label': 'Any environment' }}
      />
      <Select
        label="Realm"
        placeholder="All"
        clearable
        searchable
        w={150}
        data={distinct(snapshots.map(({ realm }) => realm)).map(option)}
        value={query.get('realm')}
        onChange={(value) => change('realm', value)}
        clearButtonProps={{ 'aria-label': 'Any realm' }}
      />
      <Select
        label="Tag"
        placeholder="Any"
        clearable
        searchable
        w={130}
        data={distinct(snapshots.flatMap(({ tags }) => tags)).map(option)}
        value={query.get('tag')}
        onChange={(value) => change('tag', value)}
        nothingFoundMessage="No such tag"
        clearButtonProps={{ 'aria-label': 'Any tag' }}
      />
      <Checkbox
        label="Also those taken around jobs"
        pb={8}
        checked={query.has('all')}
        onChange={({ currentTarget: { checked } }) => change('all', checked ? 'yes' : null)}
      />
    </Group>
  );
}

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)].toSorted();

/** Mantine draws the label as text; a realm's name of 10,000 characters is cut. */
function option(value: string): { value: string; label: string } {
  return { value, label: visible(value).slice(0, 120) };
}
