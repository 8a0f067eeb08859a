import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import type { Section } from '../../../contract/sections.ts';
import { useClient } from '../../client/use-client.tsx';

export interface SearchMatch {
  readonly section: Section;
  readonly key: string;
  readonly record: Readonly<Record<string, unknown>>;
}

export interface SearchState {
  /** What was looked for; empty: nothing is. */
  readonly text: string;
  readonly matches: readonly SearchMatch[];
  readonly searched: number;
  readonly of: number | undefined;
  readonly done: boolean;
  /** There are more than are told. */
  readonly truncated: boolean;
  readonly error: unknown;
}

/** More are not read by anybody: another letter says more. */
export const MOST_MATCHES = 1_000;
/** A pause in typing. Milliseconds. */
const PAUSE = 120;

const begun = (text: string): SearchState => ({
  text,
  matches: [],
  searched: 0,
  of: undefined,
  done: text === '',
  truncated: false,
  error: null,
});

/** Looks for a text as it is typed. What was looked for before is given up; its matches stay until there are new ones. */
export function useSnapshotSearch(snapshot: string, typed: string): SearchState {
  const client = useClient();
  const [text] = useDebouncedValue(typed, PAUSE);
  const [state, setState] = useState(begun(''));
  useEffect(() => {
    if (text === '') return;
    const stop = new AbortController();
    const search = async (): Promise<void> => {
      const matches: SearchMatch[] = [];
      let named: readonly SearchMatch[] = [];
      try {
        const batches = await client.engine.snapshots.searchStream(
          { snapshot, text, limit: MOST_MATCHES },
          { signal: stop.signal },
        );
        for await (const { matches: more, named: first, ...rest } of batches) {
          if (stop.signal.aborted) return;
          if (first) named = first;
          for (const match of more) {
            matches.push(match);
            named = named.filter(({ section, key }) => section !== match.section || key !== match.key);
          }
          // Whose name was typed stands in front until the search comes to them.
          setState({ text, matches: [...named, ...matches], error: null, ...rest });
        }
      } catch (error) {
        if (!stop.signal.aborted) setState({ ...begun(text), done: true, error });
      }
    };
    void search();
    return () => stop.abort();
  }, [client, snapshot, text]);
  // Empty at once: whoever empties the field wants the tables back.
  if (typed === '') return begun('');
  if (state.text === '') return begun(typed);
  return state.text === typed ? state : { ...state, done: false };
}
