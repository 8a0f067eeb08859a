import { Progress } from '@mantine/core';
import { useMemo } from 'react';
import { SECTIONS } from '../../../contract/sections.ts';
import { Empty } from '../../design/empty.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { foundPlace } from '../../design/found-place.ts';
import { Highlighted } from '../../design/highlighted.tsx';
import { count, counted } from '../../design/moments.ts';
import { SECTION_NAMES } from '../../design/sections.ts';
import { VirtualTable, type TableColumn } from '../../design/virtual-table.tsx';
import classes from './snapshot.module.css';
import { MOST_MATCHES, type SearchMatch, type SearchState } from './use-snapshot-search.ts';

/** What was found so far, in the order of sections and keys. */
export function SearchResults({
  search,
  onOpen,
}: {
  search: SearchState;
  onOpen: (match: SearchMatch) => void;
}) {
  const { text, matches, searched, of, done, error } = search;
  // Rows are drawn anew with other columns.
  const columns = useMemo(() => columnsFor(text), [text]);
  return (
    <div className={classes.panel}>
      <div className={classes.status}>
        <span role="status" data-search-done={done || undefined}>
          {statusText(search)}
        </span>
        {!done && (
          <Progress
            w={180}
            size="sm"
            value={of === undefined || of === 0 ? 0 : (100 * searched) / of}
            aria-label="How much has been searched"
          />
        )}
      </div>
      <ErrorNotice error={error} />
      <VirtualTable<SearchMatch>
        label="What was found"
        columns={columns}
        source={{ key: ['search', text], rows: matches, loading: !done }}
        onOpen={onOpen}
        empty={
          done &&
          error === null && (
            <Empty title="Nothing was found">
              No record of this snapshot has <Foreign>{`“${text}”`}</Foreign> in it. Secrets are not searched,
              and capital letters make no difference.
            </Empty>
          )
        }
      />
    </div>
  );
}

function statusText({ matches, searched, of, done, truncated }: SearchState): string {
  const bySection = SECTIONS.flatMap((section) => {
    const number = matches.filter((match) => match.section === section).length;
    return number === 0 ? [] : [`${count(number)} in ${SECTION_NAMES[section].toLowerCase()}`];
  });
  const where = bySection.length === 0 ? '' : `: ${bySection.join(', ')}`;
  if (truncated)
    return `More than ${count(MOST_MATCHES)} records found; these are the first${where}. Another letter narrows them down.`;
  const found = `${counted(matches.length, 'record')} found${where}`;
  if (done) return `${found}.`;
  return of === undefined
    ? 'Searching …'
    : `${found}. ${count(searched)} of ${count(of)} records were searched …`;
}

function columnsFor(text: string): readonly TableColumn<SearchMatch>[] {
  return [
    { id: 'section', title: 'Section', width: '120px', cell: ({ section }) => SECTION_NAMES[section] },
    {
      id: 'key',
      title: 'Record',
      width: 'minmax(160px, 2fr)',
      cell: ({ key }) => <Highlighted found={text}>{key}</Highlighted>,
    },
    {
      id: 'where',
      title: 'Found in',
      width: 'minmax(200px, 3fr)',
      cell: ({ record }) => {
        const place = foundPlace(record, text);
        if (!place) return '';
        return (
          <>
            <Foreign>{place.member}</Foreign>: <Highlighted found={text}>{place.value}</Highlighted>
          </>
        );
      },
    },
  ];
}
