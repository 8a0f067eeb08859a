import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { EnvironmentView, ProbeView } from '../../../../contract/environment.ts';
import { AppError } from '../../../../contract/errors.ts';
import { useClient } from '../../../client/use-client.tsx';
import { inputOf, keptCertificates, type EnvironmentForm } from './environment-form.ts';
import { blameOf } from './probe-blame.ts';
import { settingRefused } from './refused-setting.ts';

interface Asked {
  readonly form: EnvironmentForm;
  readonly signal: AbortSignal;
}

/** A test of what is typed, which stores nothing: its steps as they are taken, what it found, and which fields are to blame. */
export function useTest(stored: EnvironmentView | undefined) {
  const client = useClient();
  const [stop, setStop] = useState<AbortController>();
  const [steps, setSteps] = useState<ProbeView['steps']>([]);
  const test = useMutation({
    async mutationFn({ form, signal }: Asked): Promise<ProbeView> {
      setSteps([]);
      const input = {
        environment: inputOf(form),
        ...(stored && { keepSecretsOf: stored.name, keepCertificates: keptCertificates(form) }),
      };
      for await (const event of await client.engine.environments.tryOutSteps(input, { signal })) {
        if ('result' in event) return event.result;
        setSteps((before) => [...before, event.step]);
      }
      throw new AppError('CANCELED', 'The test was stopped.', { notChanged: 'Nothing was stored.' });
    },
    gcTime: 0,
  });
  const refused = test.error ? settingRefused(test.error) : undefined;
  const { api, postgres } = test.variables?.form ?? {};
  const channels = { api: api?.used === true, postgres: postgres?.used === true };
  const wasStopped = stop?.signal.aborted === true;
  return {
    isPending: test.isPending,
    steps,
    found: test.data,
    error: wasStopped || refused ? undefined : test.error,
    blame: refused ?? (test.data && blameOf(test.data, channels)),
    /** Undefined: it could not be made; then `error` or `blame` says why. */
    async run(form: EnvironmentForm): Promise<ProbeView | undefined> {
      const abort = new AbortController();
      setStop(abort);
      const found = await test.mutateAsync({ form, signal: abort.signal }).catch(() => undefined);
      // What was changed meanwhile was not tested.
      return abort.signal.aborted ? undefined : found;
    },
    cancel: () => stop?.abort(),
    forget() {
      stop?.abort();
      test.reset();
    },
  };
}
