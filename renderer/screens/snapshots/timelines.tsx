import { Anchor, Button, Group } from '@mantine/core';
import { IconFileImport, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { seriesKey, seriesName, seriesOf, takenAt, type Series } from '../../../contract/series.ts';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { useApi } from '../../client/use-client.tsx';
import { Empty } from '../../design/empty.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { count, counted } from '../../design/moments.ts';
import { Page, Waiting } from '../../design/page.tsx';
import { BackUpNow } from './back-up-now.tsx';
import { Filters, filterOf } from './filters.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { RealmTimeline } from './realm-timeline.tsx';
import { VerifyButton } from './verify.tsx';

/** What is in the catalog, realm by realm, newest first. */
export function Timelines() {
  const api = useApi();
  const [query] = useSearchParams();
  const [importing, setImporting] = useState(false);
  const filter = filterOf(query);
  const snapshots = useQuery(
    api.engine.snapshots.list.queryOptions({ input: filter, placeholderData: (before) => before }),
  );
  const trashed = useQuery(api.engine.snapshots.trashed.queryOptions());
  const groups = snapshots.data && byRealm(snapshots.data, filter.environment === '');
  const isFiltered = query.size > 0;
  const inTrash = trashed.data ?? 0;
  return (
    <Page
      title="Snapshots"
      lead={
        groups
          ? `Each is one realm at one moment. ${counted(groups.flatMap(({ snapshots: of }) => of).length, 'snapshot')} of ${counted(groups.length, 'realm')}.`
          : 'Each is one realm at one moment.'
      }
      actions={
        <>
          <VerifyButton />
          {/* Where there is nothing yet, what there is to do is said there. */}
          {groups && (groups.length > 0 || isFiltered) && (
            <>
              <Button
                variant="default"
                leftSection={<IconFileImport size={16} aria-hidden />}
                onClick={() => setImporting(true)}
              >
                Import a file
              </Button>
              <BackUpNow environment={filter.environment} realm={filter.realm} />
            </>
          )}
        </>
      }
    >
      <Group justify="space-between" align="flex-end" gap="md">
        <Filters />
        <Anchor component={Link} href="/snapshots/trash" size="sm" pb={8}>
          <Group gap={6} component="span">
            <IconTrash size={16} aria-hidden />
            {inTrash === 0 ? 'Trash' : `Trash (${count(inTrash)})`}
          </Group>
        </Anchor>
      </Group>
      <ErrorNotice error={snapshots.error ?? trashed.error} />
      {snapshots.isPending && <Waiting lines={8} />}
      {groups?.length === 0 &&
        (isFiltered ? <NothingFits /> : <NothingYet onImport={() => setImporting(true)} />)}
      {groups?.map((group) => (
        <RealmTimeline key={seriesName(group.series)} group={group} alone={groups.length === 1} />
      ))}
      <ImportDialog opened={importing} onClose={() => setImporting(false)} />
    </Page>
  );
}

export interface RealmGroup {
  /** Of which environment or archives, and which realm. */
  readonly series: Series;
  /** Newest first. */
  readonly snapshots: readonly SnapshotView[];
}

/** @param filesOnly only those that no environment was read for */
function byRealm(snapshots: readonly SnapshotView[], filesOnly: boolean): RealmGroup[] {
  const groups = new Map<string, SnapshotView[]>();
  for (const snapshot of snapshots) {
    if (filesOnly && snapshot.environment !== undefined) continue;
    const key = seriesKey(snapshot);
    const group = groups.get(key);
    if (group) group.push(snapshot);
    else groups.set(key, [snapshot]);
  }
  return [...groups.values()].map((of) => ({
    series: seriesOf(of[0]!),
    snapshots: of.toSorted((a, b) => Date.parse(takenAt(b)) - Date.parse(takenAt(a))),
  }));
}

function NothingYet({ onImport }: { onImport: () => void }) {
  return (
    <Empty
      title="No snapshots yet"
      actions={
        <>
          <BackUpNow />
          <Button variant="default" onClick={onImport}>
            Import a file
          </Button>
        </>
      }
    >
      A backup reads a realm and keeps it here as a snapshot: encrypted, and what did not change is stored
      only once. From a snapshot you can restore a realm or a single user, compare what changed, or bring a
      realm to another environment. An export document or an archive becomes a snapshot as well when it is
      imported.
    </Empty>
  );
}

function NothingFits() {
  const [, setQuery] = useSearchParams();
  return (
    <Empty
      title="No snapshot fits"
      actions={
        <Button variant="default" onClick={() => setQuery({})}>
          Show all
        </Button>
      }
    >
      There are none of this environment, realm and tag. What was taken around jobs is only shown when it is
      asked for.
    </Empty>
  );
}
