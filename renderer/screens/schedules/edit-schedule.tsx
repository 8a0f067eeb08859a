import { Anchor } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import type { ScheduleUpdate, ScheduleView } from '../../../contract/schedule.ts';
import { useBegun } from '../../client/use-begun.ts';
import { useApi, useRefresh } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Page, Waiting } from '../../design/page.tsx';
import { ScheduleFields } from './form/schedule-fields.tsx';
import { ScheduleFormFrame } from './form/schedule-form-frame.tsx';
import { formOf, updateOf, withoutSecrets, type ScheduleForm } from './form/schedule-form.ts';

/** A schedule that there is: everything as it is stored, to be changed. Its runs stay. */
export function EditSchedule({ name }: { name: string }) {
  const api = useApi();
  const schedule = useQuery(api.engine.schedules.get.queryOptions({ input: { name } }));
  const environments = useQuery(api.engine.environments.list.queryOptions());
  const error = schedule.error ?? environments.error;
  return (
    <Page
      title={`Edit ${name}`}
      lead={
        <Anchor component={Link} href={pageOf(name)} size="sm">
          Back to the schedule
        </Anchor>
      }
    >
      <ErrorNotice error={error} />
      {!(schedule.data && environments.data) && !error && <Waiting lines={6} />}
      {schedule.data && environments.data && (
        <StoredSchedule
          key={name}
          schedule={schedule.data}
          environments={environments.data.map((environment) => environment.name)}
        />
      )}
    </Page>
  );
}

/** What is typed, and what the form was filled with: what others change meanwhile is no change of this form. */
interface Edited {
  readonly form: ScheduleForm;
  readonly before: ScheduleView;
}

function StoredSchedule({
  schedule,
  environments,
}: {
  schedule: ScheduleView;
  environments: readonly string[];
}) {
  const api = useApi();
  const refresh = useRefresh();
  const [, navigate] = useLocation();
  const [{ form, before }, setEdited, forget] = useBegun<Edited>({
    queryKey: [...api.engine.schedules.key(), 'begun', 'edit', schedule.name],
    initial: () => ({ form: formOf(schedule), before: schedule }),
    kept: (edited) => ({ ...edited, form: withoutSecrets(edited.form) }),
  });
  const leave = async ({ name }: Pick<ScheduleView, 'name'>): Promise<void> => {
    forget();
    navigate(pageOf(name));
    await refresh();
  };
  const save = useMutation(
    api.engine.schedules.update.mutationOptions({
      // The webhook's address is a secret: it is not kept in the page's memory.
      gcTime: 0,
      onSuccess: leave,
    }),
  );
  const submit = (change: ScheduleUpdate | undefined): void => {
    if (change) save.mutate(change);
    else void leave(before);
  };
  return (
    <ScheduleFormFrame
      form={form}
      action="Save"
      back={pageOf(schedule.name)}
      pending={save.isPending}
      error={save.error}
      onSubmit={() => submit(updateOf(before, form))}
      onLeave={forget}
    >
      {(issues) => (
        <ScheduleFields
          form={form}
          issues={issues}
          stored={before}
          // One that was removed is shown as what it is until another is chosen.
          environments={
            environments.includes(before.environment) ? environments : [before.environment, ...environments]
          }
          onChange={(part) => {
            save.reset();
            setEdited({ before, form: { ...form, ...part } });
          }}
        />
      )}
    </ScheduleFormFrame>
  );
}

function pageOf(name: string): string {
  return `/schedules/named/${name}`;
}
