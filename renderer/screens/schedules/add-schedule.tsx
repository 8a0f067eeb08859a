import { Anchor, Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useLocation, useSearchParams } from 'wouter';
import { useBegun } from '../../client/use-begun.ts';
import { useApi, useRefresh } from '../../client/use-client.tsx';
import { Empty } from '../../design/empty.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Page, Waiting } from '../../design/page.tsx';
import { HERE } from '../../design/time-zone-select.tsx';
import { ScheduleFields } from './form/schedule-fields.tsx';
import { ScheduleFormFrame } from './form/schedule-form-frame.tsx';
import { inputOf, withoutSecrets, type ScheduleForm } from './form/schedule-form.ts';
import { NOTHING_ASIDE } from './form/set-aside.ts';
import { PRESETS } from './presets.ts';

/** A new schedule. What is wrong with it is said at the field, by the same rules that the engine has. */
export function AddSchedule() {
  const api = useApi();
  const { data: environments, error } = useQuery(api.engine.environments.list.queryOptions());
  return (
    <Page
      title="Add a schedule"
      lead={
        <Anchor component={Link} href="/schedules" size="sm">
          All schedules
        </Anchor>
      }
    >
      <ErrorNotice error={error} />
      {!environments && !error && <Waiting lines={6} />}
      {environments?.length === 0 && (
        <Empty
          title="There is no environment to back up"
          actions={
            <Button component={Link} href="/environments">
              Add an environment
            </Button>
          }
        >
          A schedule backs up an OpenGate environment: Drawbridge has to know one first.
        </Empty>
      )}
      {environments && environments.length > 0 && (
        <NewSchedule environments={environments.map(({ name }) => name)} />
      )}
    </Page>
  );
}

function NewSchedule({ environments }: { environments: readonly string[] }) {
  const api = useApi();
  const refresh = useRefresh();
  const [, navigate] = useLocation();
  const [query] = useSearchParams();
  const asked = query.get('environment');
  const [form, setForm, forget] = useBegun<ScheduleForm>({
    queryKey: [...api.engine.schedules.key(), 'begun', asked ?? ''],
    initial: () => ({
      name: '',
      environment: asked ?? (environments.length === 1 ? environments[0]! : ''),
      realms: undefined,
      sections: undefined,
      credentials: true,
      tags: [],
      cron: PRESETS[0]!.cron,
      timeZone: HERE,
      retention: undefined,
      program: '',
      args: '',
      webhookUrl: '',
      forgetsWebhook: false,
      aside: NOTHING_ASIDE,
    }),
    kept: withoutSecrets,
  });
  const add = useMutation(
    api.engine.schedules.add.mutationOptions({
      // The webhook's address is a secret: it is not kept in the page's memory.
      gcTime: 0,
      async onSuccess() {
        forget();
        await refresh();
        navigate('/schedules');
      },
    }),
  );
  return (
    <ScheduleFormFrame
      form={form}
      action="Add the schedule"
      back="/schedules"
      pending={add.isPending}
      error={add.error}
      onSubmit={() => add.mutate(inputOf(form))}
      onLeave={forget}
    >
      {(issues) => (
        <ScheduleFields
          form={form}
          issues={issues}
          environments={environments}
          onChange={(part) => {
            add.reset();
            setForm({ ...form, ...part });
          }}
        />
      )}
    </ScheduleFormFrame>
  );
}
