import { useQueries, useQueryClient, type QueryClient, type QueryKey } from '@tanstack/react-query';
import { useThrottledValue } from '@mantine/hooks';
import { useEffect, useRef } from 'react';

/** Where a table's rows come from: some of them at a time, by their places. */
export interface RowSource<Row> {
  /** Names the whole list: another key is another list, from its top. */
  readonly key: QueryKey;
  /** Rows from the place `from`, at most `limit` of them, and how many there are in all, unless the table is told. */
  readonly load: (from: number, limit: number, signal: AbortSignal) => Promise<LoadedPage<Row>>;
  /** For how long a page holds, in milliseconds: `Infinity` for what never changes, as snapshots. By default a second. */
  readonly staleTime?: number;
}

/** Rows that are in the window already: some hundreds, such as what a search has found. */
export interface RowsAtHand<Row> {
  readonly key: QueryKey;
  readonly rows: readonly Row[];
  /** More may come. */
  readonly loading?: boolean;
}

export interface TablePages<Row> {
  /** Undefined while nobody knows it. */
  readonly total: number | undefined;
  readonly rowAt: (index: number) => Row | undefined;
  readonly loading: boolean;
  readonly error: unknown;
  readonly retry: () => void;
}

export const PAGE_ROWS = 100;
/** Of one table: 6,000 rows at most are held, however long it is. */
const PAGES_KEPT = 60;
/** Whoever drags the scroll bar passes by thousands of pages that nobody looks at. Milliseconds. */
const LOAD_EVERY = 80;

interface LoadedPage<Row> {
  readonly rows: readonly Row[];
  readonly total?: number | undefined;
}

/** The rows around those that are seen, loaded page by page; what was seen longest ago is let go. */
export function useTablePages<Row>(
  source: RowSource<Row> | RowsAtHand<Row>,
  seen: { readonly first: number; readonly last: number },
  given: number | undefined,
): TablePages<Row> {
  const client = useQueryClient();
  const first = useThrottledValue(Math.floor(seen.first / PAGE_ROWS), LOAD_EVERY);
  const last = Math.max(useThrottledValue(Math.floor(seen.last / PAGE_ROWS), LOAD_EVERY), first);
  const loader = 'load' in source ? source : undefined;
  const wanted = loader ? Array.from({ length: Math.min(last - first + 1, 4) }, (_, nth) => first + nth) : [];
  const keyOf = (page: number): QueryKey => [...source.key, 'page', page];
  const queries = useQueries({
    queries: wanted.map((page) => ({
      queryKey: keyOf(page),
      queryFn: ({ signal }: { signal: AbortSignal }) => loader!.load(page * PAGE_ROWS, PAGE_ROWS, signal),
      staleTime: loader?.staleTime ?? 1_000,
      gcTime: 60_000,
    })),
  });
  useLetGo(client, source.key, wanted);
  if ('rows' in source)
    return {
      total: source.rows.length,
      rowAt: (index) => source.rows[index],
      loading: source.loading ?? false,
      error: null,
      retry: () => undefined,
    };
  const loaded = (page: number) => client.getQueryData<LoadedPage<Row>>(keyOf(page));
  const total =
    queries.find(({ data }) => data?.total !== undefined)?.data?.total ?? loaded(0)?.total ?? given;
  const failed = queries.find(({ error }) => error);
  return {
    total,
    rowAt: (index) => loaded(Math.floor(index / PAGE_ROWS))?.rows[index % PAGE_ROWS],
    loading: queries.some(({ isPending }) => isPending),
    error: failed?.error ?? null,
    retry: () => void failed?.refetch(),
  };
}

/** Removes the pages that were wanted longest ago, once there are more than are kept. */
function useLetGo(client: QueryClient, key: QueryKey, wanted: readonly number[]): void {
  const kept = useRef(new Set<string>());
  const names = wanted.map((page) => JSON.stringify([...key, 'page', page]));
  const all = names.join();
  useEffect(() => {
    const pages = kept.current;
    for (const name of names) {
      pages.delete(name);
      pages.add(name);
    }
    for (const oldest of pages) {
      if (pages.size <= PAGES_KEPT) break;
      pages.delete(oldest);
      client.removeQueries({ queryKey: JSON.parse(oldest) as QueryKey, exact: true });
    }
    // `all` says what `names` are.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [client, all]);
}
