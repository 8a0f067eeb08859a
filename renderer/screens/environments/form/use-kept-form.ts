import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useApi } from '../../../client/use-client.tsx';
import type { EnvironmentForm } from './environment-form.ts';
import { withoutSecrets } from './without-secrets.ts';

/** What is typed, which is there again after a look at another screen; secrets have to be typed again. */
export function useKeptForm(
  name = '',
  initial: EnvironmentForm,
): readonly [form: EnvironmentForm, set: (form: EnvironmentForm) => void, forget: () => void] {
  const begun = useBegun(name);
  const [form, setForm] = useState(() => begun.get() ?? initial);
  // Nothing where nothing was typed: then what is stored is shown anew.
  const kept = useRef(begun.get());
  useEffect(
    () => () => begun.set(kept.current && withoutSecrets(kept.current)),
    // `begun` is written anew at each drawing.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [name],
  );
  return [
    form,
    (next) => {
      kept.current = next;
      setForm(next);
    },
    () => {
      kept.current = undefined;
    },
  ];
}

/** What was begun and left, in this window; it stands with what the engine told of the catalog, and goes with that. */
function useBegun(name: string): {
  get: () => EnvironmentForm | undefined;
  set: (form: EnvironmentForm | undefined) => void;
} {
  const api = useApi();
  const queries = useQueryClient();
  const queryKey = [...api.engine.environments.key(), 'begun', name];
  return {
    get: () => queries.getQueryData(queryKey),
    set(form) {
      queries.removeQueries({ queryKey, exact: true });
      if (form) queries.getQueryCache().build(queries, { queryKey, gcTime: Infinity }).setData(form);
    },
  };
}
