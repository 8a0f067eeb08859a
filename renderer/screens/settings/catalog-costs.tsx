import { Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { CatalogStats } from '../../../contract/catalog.ts';
import { seriesName } from '../../../contract/series.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { bytes, count, counted, decimal } from '../../design/moments.ts';
import { Moment } from '../../design/moment.tsx';
import { Section, Waiting } from '../../design/page.tsx';
import classes from './catalog-costs.module.css';
import { WideTable } from '../../design/wide-table.tsx';

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
        {times > 1.05 && `, ${decimal(times)} times less`}. Storing equal records once saved{' '}
        {bytes(total.saved.deduplication)}, storing changes and compressing {bytes(total.saved.compression)}.
      </Text>
      <Text size="sm" mt={4}>
        {trash.snapshots === 0
          ? 'The trash is empty.'
          : `${bytes(trash.bytes)} are needed only by ${counted(trash.snapshots, 'snapshot')} in the trash, and become free when it is emptied.`}{' '}
        {total.unneeded > 0 &&
          `No snapshot needs ${bytes(total.unneeded)} any more: the next retention run frees them. `}
        The catalog takes {bytes(file.bytes)}: besides the records their lists, the environments, the previews
        and the record of every job
        {file.free > 0 && `, and ${bytes(file.free)} of empty space, which is filled before it grows`}.
        {file.log > 0 && ` What was written last, ${bytes(file.log)}, still stands in a file beside it.`}
        {!file.shrinks &&
          ' It does not become smaller, since an older Drawbridge made it: its empty space is filled again.'}
      </Text>
      {damaged.length > 0 && (
        <Text size="sm" mt={4} c="var(--remove)" role="alert">
          {counted(damaged.length, 'snapshot is', 'snapshots are')} damaged:{' '}
          <Foreign>{damaged.join(', ')}</Foreign>. What they need is not known, so nothing is freed.
        </Text>
      )}
      <WideTable minWidth={600} mt="sm">
        <Table verticalSpacing={5} aria-label="What each realm costs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Realm</Table.Th>
              <Table.Th ta="right">Snapshots</Table.Th>
              {SIZES.map(([name]) => (
                <Table.Th key={name} ta="right">
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {realms.slice(0, SHOWN).map((realm) => (
              <Table.Tr key={seriesName(realm)}>
                <Table.Td>
                  <Foreign>{seriesName(realm)}</Foreign>
                  <Text size="xs" c="dimmed">
                    newest <Moment at={realm.newest} />
                  </Text>
                </Table.Td>
                <Table.Td ta="right">
                  {count(realm.snapshots)}
                  {realm.around > 0 && ` + ${count(realm.around)} around jobs`}
                </Table.Td>
                <Size>{realm.content}</Size>
                <Size>{realm.own}</Size>
                <Size>{realm.shared}</Size>
                <Size>{realm.saved.deduplication + realm.saved.compression}</Size>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </WideTable>
      {realms.length > SHOWN && (
        <Text size="xs" c="dimmed">
          The first {SHOWN} of {count(realms.length)} realms.
        </Text>
      )}
      <WhatSizesMean />
    </>
  );
}

function Size({ children }: { children: number }) {
  return (
    <Table.Td ta="right" className={classes.size}>
      {bytes(children)}
    </Table.Td>
  );
}

/** The columns of the table that are sizes, and what each is. */
const SIZES = [
  ['Records', 'everything in the realm’s snapshots, as if each snapshot were a file of its own'],
  [
    'Its own on disk',
    'what is stored for this realm alone: so much would become free if all its snapshots were deleted for good',
  ],
  [
    'Shared with others',
    'what is stored once and needed by snapshots of other realms as well: it stays as long as any of them needs it',
  ],
  [
    'Saved',
    'what did not have to be stored, since equal records are stored once, changes as changes, and all is compressed',
  ],
] as const;

function WhatSizesMean() {
  return (
    <dl className={classes.meanings} aria-label="What the sizes mean">
      {SIZES.map(([name, meaning]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{meaning}.</dd>
        </div>
      ))}
    </dl>
  );
}
