import { useQueryClient, type QueryKey } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

interface Begun<Form> {
  /** Stands with what the engine told of the catalog, and goes with that. */
  readonly queryKey: QueryKey;
  readonly initial: () => Form;
  /** What may be kept of it: secrets have to be typed again. */
  readonly kept: (form: Form) => Form;
}

/** What is typed into a form, which is there again after a look at another screen. */
export function useBegun<Form>({
  queryKey,
  initial,
  kept,
}: Begun<Form>): readonly [form: Form, set: (form: Form) => void, forget: () => void] {
  const queries = useQueryClient();
  const read = (): Form | undefined => queries.getQueryData(queryKey);
  const [form, setForm] = useState(() => read() ?? initial());
  // Nothing where nothing was typed: then what is stored is shown anew.
  const typed = useRef(read());
  const name = JSON.stringify(queryKey);
  useEffect(
    () => () => {
      queries.removeQueries({ queryKey, exact: true });
      const begun = typed.current;
      if (begun !== undefined)
        queries.getQueryCache().build(queries, { queryKey, gcTime: Infinity }).setData(kept(begun));
    },
    // The key is written anew at each drawing.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [name],
  );
  return [
    form,
    (next) => {
      typed.current = next;
      setForm(next);
    },
    () => {
      typed.current = undefined;
    },
  ];
}
