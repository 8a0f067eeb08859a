import { Button, Group, SegmentedControl, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import {
  STAGES,
  type EnvironmentInput,
  type EnvironmentView,
  type ProbeView,
} from '../../../contract/environment.ts';
import { useApi, useClient, useRefresh } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Page, Section, Waiting } from '../../design/page.tsx';
import type { Stage } from '../../design/stage-badge.tsx';
import { useStoredProbe } from '../../features/environment/health.ts';
import { ApiFields } from './form/api-fields.tsx';
import {
  EMPTY_FORM,
  errorsOf,
  formOf,
  inputOf,
  keptCertificates,
  type EnvironmentForm,
  type FieldErrors,
} from './form/environment-form.ts';
import classes from './form/form.module.css';
import { PostgresFields } from './form/postgres-fields.tsx';
import { settingRefused } from './form/refused-setting.ts';
import { useKeptForm } from './form/use-kept-form.ts';
import { useTest } from './form/use-test.ts';
import { NoSuchEnvironment } from './no-such-environment.tsx';
import { ProbeSteps, StepList } from './probe-steps.tsx';

export function AddEnvironment() {
  const api = useApi();
  const { data, error } = useQuery(api.engine.environments.list.queryOptions());
  if (!data) return <Loading title="Add an environment" error={error} />;
  return <Editor title="Add an environment" known={data} stored={undefined} />;
}

export function EditEnvironment({ name }: { name: string }) {
  const api = useApi();
  const { data, error } = useQuery(api.engine.environments.list.queryOptions());
  if (!data) return <Loading title={name} error={error} />;
  const stored = data.find((environment) => environment.name === name);
  if (!stored) return <NoSuchEnvironment name={name} />;
  return <Editor title={`Edit ${name}`} known={data} stored={stored} />;
}

function Loading({ title, error }: { title: string; error: unknown }) {
  return <Page title={title}>{error ? <ErrorNotice error={error} /> : <Waiting lines={6} />}</Page>;
}

const STAGE_SAYS: Readonly<Record<Stage, string>> = {
  development: 'To try things out in.',
  staging: 'To try what is meant for production.',
  production:
    'Marked wherever it stands. Whatever is written to it is confirmed by its name, what destroys by the realm’s as well, and its API is asked gently.',
};

function Editor({
  title,
  known,
  stored,
}: {
  title: string;
  known: readonly EnvironmentView[];
  stored: EnvironmentView | undefined;
}) {
  const [, navigate] = useLocation();
  const [form, setForm, forget] = useKeptForm(stored?.name, stored ? formOf(stored) : EMPTY_FORM);
  const [submitted, setSubmitted] = useState(false);
  const test = useTest(stored);
  const save = useSave(stored);
  const taken = known.map(({ name }) => name).filter((name) => name !== stored?.name);
  const objections = errorsOf(form, { taken, stored });
  const refused = save.error ? settingRefused(save.error) : undefined;
  const errors: FieldErrors = {
    ...test.blame,
    ...refused,
    ...(submitted && objections),
  };
  const change = (next: EnvironmentForm): void => {
    test.forget();
    save.reset();
    setForm(next);
  };
  const isSound = Object.keys(objections).length === 0;
  const leave = (path: string): void => {
    forget();
    navigate(path);
  };
  const keep = async (found?: ProbeView): Promise<void> => {
    // What it fails with is shown from the call's own state.
    const saved = await save.mutateAsync({ form, found }).catch(() => undefined);
    if (saved) leave(`/environments/${saved.name}`);
  };
  const testAndSave = async (): Promise<void> => {
    setSubmitted(true);
    if (!isSound) return;
    const found = await test.run(form);
    if (found?.usable) await keep(found);
  };
  const verb = stored ? 'save' : 'add';
  const back = stored ? `/environments/${stored.name}` : '/environments';
  return (
    <Page title={title}>
      <form
        className={classes.columns}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void testAndSave();
        }}
      >
        <Stack gap="lg">
          <Section title="What it is">
            <Stack gap="md">
              <TextInput
                label="Name"
                description="What you call it: lower-case letters, digits and hyphens"
                value={form.name}
                disabled={stored !== undefined}
                error={errors['name']}
                spellCheck={false}
                autoComplete="off"
                onChange={(event) => change({ ...form, name: event.currentTarget.value })}
              />
              <div>
                <Text size="sm" fw={500} mb={4} id="stage-label">
                  Stage
                </Text>
                <SegmentedControl
                  aria-labelledby="stage-label"
                  data={[...STAGES]}
                  value={form.stage}
                  color={form.stage === 'production' ? 'brick' : form.stage === 'staging' ? 'amber' : 'moat'}
                  autoContrast
                  onChange={(stage) => change({ ...form, stage })}
                />
                <Text size="xs" c="dimmed" mt={4}>
                  {STAGE_SAYS[form.stage]}
                </Text>
              </div>
            </Stack>
          </Section>
          <Section
            title="Admin API"
            actions={
              <Switch
                label="Use it"
                aria-label="Use the Admin API"
                checked={form.api.used}
                onChange={(event) =>
                  change({ ...form, api: { ...form.api, used: event.currentTarget.checked } })
                }
              />
            }
          >
            {form.api.used ? (
              <ApiFields
                value={form.api}
                stage={form.stage}
                errors={errors}
                secretStored={stored?.api !== undefined}
                onChange={(api) => change({ ...form, api })}
              />
            ) : (
              <Text size="sm" c="dimmed">
                {stored?.api
                  ? 'Its addresses and its secret are forgotten when this is saved.'
                  : 'Reads and writes what the server’s own interface tells and takes. It tells no password hashes.'}
              </Text>
            )}
          </Section>
          <Section
            title="PostgreSQL"
            actions={
              <Switch
                label="Use it"
                aria-label="Use the databases"
                checked={form.postgres.used}
                onChange={(event) =>
                  change({ ...form, postgres: { ...form.postgres, used: event.currentTarget.checked } })
                }
              />
            }
          >
            {form.postgres.used ? (
              <PostgresFields
                value={form.postgres}
                stored={stored?.postgres}
                errors={errors}
                onChange={(postgres) => change({ ...form, postgres })}
              />
            ) : (
              <Text size="sm" c="dimmed">
                {stored?.postgres
                  ? 'Its address and its passwords are forgotten when this is saved.'
                  : 'Everything, with password hashes, client secrets and ids, at the speed of the databases. Needs a login with few rights.'}
              </Text>
            )}
          </Section>
        </Stack>
        <div className={classes.beside}>
          <Section title="Test">
            <Stack gap="md">
              <ErrorNotice error={test.error} />
              {save.error && !refused && <ErrorNotice error={save.error} />}
              {submitted && !isSound && (
                <Text size="sm" c="var(--mantine-color-error)" role="alert">
                  {objections[''] ?? 'Something is missing or not right yet: it stands at its field.'}
                </Text>
              )}
              <Stack gap="xs">
                <Button type="submit" loading={test.isPending || save.isPending}>
                  Test and {verb}
                </Button>
                {test.isPending && (
                  <Button variant="default" onClick={test.cancel}>
                    Stop the test
                  </Button>
                )}
                {test.found && !test.found.usable && (
                  <Button variant="default" loading={save.isPending} onClick={() => void keep(test.found)}>
                    {stored ? 'Save it anyway' : 'Add it anyway'}
                  </Button>
                )}
                <Group grow gap="xs">
                  <Button
                    variant="subtle"
                    disabled={test.isPending || save.isPending}
                    onClick={() => {
                      setSubmitted(true);
                      if (isSound) void test.run(form);
                    }}
                  >
                    Only test
                  </Button>
                  <Button component={Link} href={back} variant="subtle" onClick={forget}>
                    Cancel
                  </Button>
                </Group>
              </Stack>
              {test.isPending ? (
                <div>
                  <Text size="sm" mb="xs" role="status">
                    Connecting, and looking at one thing after the other …
                  </Text>
                  <StepList steps={test.steps} going />
                </div>
              ) : test.found ? (
                <ProbeSteps probe={test.found} />
              ) : (
                <Text size="sm" c="dimmed">
                  Whether it is reachable, lets Drawbridge in, what it speaks, what it exports, and what may
                  be done there. Nothing is written.
                </Text>
              )}
            </Stack>
          </Section>
        </div>
      </form>
    </Page>
  );
}

function useSave(stored: EnvironmentView | undefined) {
  const client = useClient();
  const refresh = useRefresh();
  const keepProbe = useStoredProbe();
  return useMutation({
    mutationFn: ({ form }: { form: EnvironmentForm; found: ProbeView | undefined }) => {
      const input = inputOf(form);
      if (!stored) return client.engine.environments.add(input as EnvironmentInput);
      const { stage, api, postgres } = input;
      return client.engine.environments.update({
        name: stored.name,
        ...(stage && { stage }),
        api: api ?? (stored.api ? null : undefined),
        postgres: postgres ?? (stored.postgres ? null : undefined),
        keepCertificates: keptCertificates(form),
      });
    },
    async onSuccess(saved, { found }) {
      await refresh();
      keepProbe(saved, found);
    },
    gcTime: 0,
  });
}
