import { useEffect, useRef, useState } from 'react';
import type { EnvironmentForm } from './environment-form.ts';

/** What was begun and left, by the environment's name; a new one's is empty. Of this window, and without secrets. */
const begun = new Map<string, EnvironmentForm>();

/** What is typed, which is there again after a look at another screen; secrets have to be typed again. */
export function useKeptForm(
  name = '',
  initial: EnvironmentForm,
): readonly [form: EnvironmentForm, set: (form: EnvironmentForm) => void, forget: () => void] {
  const [form, setForm] = useState(() => begun.get(name) ?? initial);
  const kept = useRef<EnvironmentForm>(undefined);
  useEffect(
    () => () => {
      if (kept.current) begun.set(name, withoutSecrets(kept.current));
      else begun.delete(name);
    },
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

function withoutSecrets({ api, postgres, ...rest }: EnvironmentForm): EnvironmentForm {
  return {
    ...rest,
    api: { ...api, clientSecret: '' },
    postgres: {
      ...postgres,
      // A password may stand in it.
      address: postgres.by === 'address' ? '' : postgres.address,
      password: '',
      passwords: { user: '', rbac: '', client: '', realm: '' },
      key: '',
    },
  };
}
