import { useApi } from '../../../client/use-client.tsx';
import { useBegun } from '../../../client/use-begun.ts';
import type { EnvironmentForm } from './environment-form.ts';
import { withoutSecrets } from './without-secrets.ts';

/** What is typed, which is there again after a look at another screen; secrets have to be typed again. */
export function useKeptForm(
  name = '',
  initial: EnvironmentForm,
): readonly [form: EnvironmentForm, set: (form: EnvironmentForm) => void, forget: () => void] {
  const api = useApi();
  return useBegun({
    queryKey: [...api.engine.environments.key(), 'begun', name],
    initial: () => initial,
    kept: withoutSecrets,
  });
}
