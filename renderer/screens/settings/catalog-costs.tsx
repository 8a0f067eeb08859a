import { Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { CatalogStats } from '../../../contract/catalog.ts';
import { seriesName } from '../../../contract/series.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { bytes, count, counted } from '../../design/moments.ts';
import { Moment } from '../../design/moment.tsx';
import { Section, Waiting } from '../../design/page.tsx';

/** How many realms are drawn; the others are summed up in the sentence above. */
const SHOWN = 200;

/** What each realm costs on the disk, and what was saved. */
export function CatalogCosts() {
  const api = useApi();
  const { data: stats, error } = useQuery(api.engine.catalog.stats.queryOptions({ staleTime: 10_000 }));
  return (
    <Section title="What it costs">
      <ErrorNotice error={error} />
      {!stats && !error && <Waiting lines={4} />}
      {stats && stats.realms.length === 0 && (
        <Text size="sm">
          There are no snapshots yet. Here it will stand what each realm costs on the disk, and what storing
          equal records once saves.
        </Text>
      )}
      {stats && stats.realms.length > 0 && <Costs stats={stats} />}
    </Section>
  );
}

function Costs({ stats: { realms, total, file, trash, damaged } }: { stats: CatalogStats }) {
  const times = total.stored > 0 ? total.content / total.stored : 1;
  return (
    <>
      <Text size="sm">
        {counted(total.snapshots, 'snapshot')} with {bytes(total.content)} of records are stored in{' '}
        {bytes(total.stored)}
        {times > 1.05 && `, ${times.toFixed(1)} times less`}. Storing equal records once saved{' '}
        {bytes(total.saved.deduplication)}, storing changes and compressing {bytes(total.saved.compression)}.
      </Text>
      <Text size="sm" mt={4}>
        {trash.snapshots === 0
          ? 'The trash is empty.'
          : `${bytes(trash.bytes)} are needed only by ${counted(trash.snapshots, 'snapshot')} in the trash.`}{' '}
        {total.unneeded > 0 &&
          `No snapshot needs ${bytes(total.unneeded)} any more: the next retention run frees them. `}
        The file has {bytes(file.bytes)}
        {file.free > 0 && `, of which ${bytes(file.free)} are free`}.
        {!file.shrinks &&
          ' It does not become smaller, since an older Drawbridge made it: its free space is filled again.'}
      </Text>
      {damaged.length > 0 && (
        <Text size="sm" mt={4} c="var(--remove)" role="alert">
          {counted(damaged.length, 'snapshot is', 'snapshots are')} damaged:{' '}
          <Foreign>{damaged.join(', ')}</Foreign>. What they need is not known, so nothing is freed.
        </Text>
      )}
      <Table.ScrollContainer minWidth={700} type="native" mt="sm">
        <Table verticalSpacing={5} aria-label="What each realm costs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Realm</Table.Th>
              <Table.Th ta="right">Snapshots</Table.Th>
              <Table.Th ta="right">Newest</Table.Th>
              <Table.Th ta="right">Records</Table.Th>
              <Table.Th ta="right">Its own on disk</Table.Th>
              <Table.Th ta="right">Shared with others</Table.Th>
              <Table.Th ta="right">Saved</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {realms.slice(0, SHOWN).map((realm) => (
              <Table.Tr key={seriesName(realm)}>
                <Table.Td>
                  <Foreign>{seriesName(realm)}</Foreign>
                </Table.Td>
                <Table.Td ta="right">
                  {count(realm.snapshots)}
                  {realm.around > 0 && ` + ${count(realm.around)} around jobs`}
                </Table.Td>
                <Table.Td ta="right">
                  <Moment at={realm.newest} />
                </Table.Td>
                <Table.Td ta="right">{bytes(realm.content)}</Table.Td>
                <Table.Td ta="right">{bytes(realm.own)}</Table.Td>
                <Table.Td ta="right">{bytes(realm.shared)}</Table.Td>
                <Table.Td ta="right">{bytes(realm.saved.deduplication + realm.saved.compression)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {realms.length > SHOWN && (
        <Text size="xs" c="dimmed">
          The first {SHOWN} of {count(realms.length)} realms.
        </Text>
      )}
    </>
  );
}
