import { useQuery } from '@tanstack/react-query';
import type { DifferenceView } from '../../../contract/comparison.ts';
import type { Section } from '../../../contract/sections.ts';
import { useApi, useClient } from '../../client/use-client.tsx';
import { Empty } from '../../design/empty.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { counted } from '../../design/moments.ts';
import { SECTION_NAMES } from '../../design/sections.ts';
import { VirtualTable, type TableColumn } from '../../design/virtual-table.tsx';
import classes from './compare.module.css';

export interface DifferenceFilter {
  readonly left: string;
  readonly right: string;
  readonly sections?: Section[];
  readonly kinds?: DifferenceView['kind'][];
  readonly text?: string;
  readonly declaredOnly?: { readonly extra: boolean };
}

const SIGNS = { added: '+', removed: '−', changed: '~' } as const;

const COLUMNS: readonly TableColumn<DifferenceView>[] = [
  {
    id: 'kind',
    title: 'What',
    width: '110px',
    cell: ({ kind }) => (
      <span className={classes[kind]}>
        <span aria-hidden>{SIGNS[kind]} </span>
        {kind}
      </span>
    ),
  },
  { id: 'section', title: 'Section', width: '120px', cell: ({ section }) => SECTION_NAMES[section] },
  { id: 'key', title: 'Record', width: 'minmax(180px, 2fr)', cell: ({ key }) => <Foreign>{key}</Foreign> },
  {
    id: 'members',
    title: 'What differs',
    width: 'minmax(200px, 3fr)',
    cell: ({ changes }) => <Foreign>{changesText(changes)}</Foreign>,
  },
];

/** How often the list is asked whether it knows its length by now, while it is being made. Milliseconds. */
const ASK_AGAIN = 1_000;

export function DifferenceTable({
  filter,
  total,
  onOpen,
}: {
  filter: DifferenceFilter;
  /** Undefined: the list has to be asked. */
  total: number | undefined;
  onOpen: (difference: DifferenceView) => void;
}) {
  const api = useApi();
  const client = useClient();
  const first = useQuery({
    ...api.engine.snapshots.differences.queryOptions({
      input: { ...filter, limit: 1 },
      enabled: total === undefined,
    }),
    refetchInterval: ({ state }) => (state.data && state.data.total === undefined ? ASK_AGAIN : false),
  });
  // Until it is known: the first page, if there is any.
  const known = total ?? first.data?.total ?? (first.data?.truncated ? 100 : first.data?.differences.length);
  return (
    <VirtualTable<DifferenceView>
      label="Differences"
      columns={COLUMNS}
      total={known}
      source={{
        key: ['differences', filter],
        staleTime: Number.POSITIVE_INFINITY,
        async load(from, limit, signal) {
          const page = await client.engine.snapshots.differences({ ...filter, from, limit }, { signal });
          return { rows: page.differences, total: page.total };
        },
      }}
      rowClass={({ kind }) =>
        kind === 'added' ? classes.addedRow : kind === 'removed' ? classes.removedRow : undefined
      }
      onOpen={onOpen}
      empty={
        <Empty title="Nothing fits">There are differences, but none of this kind, section and name.</Empty>
      }
    />
  );
}

/** The first change in one line, and how many there are besides. */
function changesText([first, ...others]: DifferenceView['changes']): string {
  if (!first) return '';
  const { member, from, to, unknown } = first;
  const before = shortly(from);
  const after = shortly(to);
  const what =
    unknown !== undefined ? 'unknown to one side' : `${before} → ${before === after ? 'another' : after}`;
  const rest = others.length === 0 ? '' : `, and ${counted(others.length, 'other member')}`;
  return `${member}: ${what}${rest}`;
}

/** Characters of a value. */
const SHORT = 60;

function shortly(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > SHORT ? `${text.slice(0, SHORT)}…` : text;
}
