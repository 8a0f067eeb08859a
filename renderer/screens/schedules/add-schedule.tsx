import {
  Anchor,
  Button,
  Checkbox,
  Group,
  PasswordInput,
  Radio,
  Select,
  Stack,
  Switch,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useRef, useState, type FormEvent } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import { scheduleInput, type ScheduleInput } from '../../../contract/schedule.ts';
import { SECTIONS, type Section as RealmSection } from '../../../contract/sections.ts';
import type { RetentionPolicyInput } from '../../../contract/retention.ts';
import { useBegun } from '../../client/use-begun.ts';
import { useApi, useRefresh } from '../../client/use-client.tsx';
import { Empty } from '../../design/empty.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Page, Section, Waiting } from '../../design/page.tsx';
import { HERE } from '../../design/time-zone-select.tsx';
import { PolicyForm, USUAL_POLICY } from '../../retention/policy-form.tsx';
import { PRESETS } from './presets.ts';
import { RetentionPreview } from './retention-preview.tsx';
import { TimetableFields } from './timetable-fields.tsx';

interface Form {
  readonly name: string;
  readonly environment: string;
  /** Undefined: every realm. */
  readonly realms: readonly string[] | undefined;
  readonly sections: readonly RealmSection[] | undefined;
  readonly credentials: boolean;
  readonly tags: readonly string[];
  readonly cron: string;
  readonly timeZone: string;
  readonly retention: RetentionPolicyInput | undefined;
  readonly program: string;
  /** One on each line. */
  readonly args: string;
  readonly webhookUrl: string;
}

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
        <ScheduleForm environments={environments.map(({ name }) => name)} />
      )}
    </Page>
  );
}

function ScheduleForm({ environments }: { environments: readonly string[] }) {
  const api = useApi();
  const refresh = useRefresh();
  const [, navigate] = useLocation();
  const [query] = useSearchParams();
  const [tried, setTried] = useState(false);
  const asked = query.get('environment');
  const fields = useRef<HTMLFormElement>(null);
  const [form, setForm, forget] = useBegun<Form>({
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
    }),
    // Whoever knows the address may post there.
    kept: (begun) => ({ ...begun, webhookUrl: '' }),
  });
  const change = (part: Partial<Form>): void => setForm({ ...form, ...part });
  const issues = tried ? issuesOf(form) : {};
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
  const realms = useQuery(
    api.engine.environments.realms.queryOptions({
      input: { name: form.environment },
      enabled: form.environment !== '' && form.realms !== undefined,
    }),
  );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(issuesOf(form)).length === 0) add.mutate(inputOf(form));
    // The form is longer than the window: whoever presses its button at the end is led to what is missing, once it is marked.
    else requestAnimationFrame(() => leadToFirst(fields.current));
  };
  return (
    <form ref={fields} onSubmit={submit} noValidate>
      <Stack gap="lg">
        <Section title="What is backed up">
          <Stack gap="sm">
            <Group grow align="flex-start">
              <TextInput
                label="Name"
                placeholder="nightly"
                value={form.name}
                error={issues['name']}
                onChange={({ currentTarget }) => change({ name: currentTarget.value })}
                autoComplete="off"
              />
              <Select
                label="Environment"
                data={environments}
                value={form.environment === '' ? null : form.environment}
                error={issues['environment']}
                onChange={(environment) => change({ environment: environment ?? '', realms: undefined })}
                allowDeselect={false}
                placeholder="Choose one"
              />
            </Group>
            <Radio.Group
              label="Realms"
              value={form.realms === undefined ? 'all' : 'some'}
              onChange={(which) => change({ realms: which === 'all' ? undefined : [] })}
            >
              <Group mt={6} gap="lg">
                <Radio value="all" label="Every realm that there is when it runs" />
                <Radio
                  value="some"
                  label={form.environment === '' ? 'Only some (choose the environment first)' : 'Only some'}
                  disabled={form.environment === ''}
                />
              </Group>
            </Radio.Group>
            {form.realms !== undefined && (
              <TagsInput
                label="Names of realms"
                description={
                  realms.error
                    ? 'The environment could not be asked for its realms now: write their names.'
                    : 'Choose, or write one and press Enter.'
                }
                data={realms.data?.map(({ name }) => name) ?? []}
                value={[...form.realms]}
                error={issues['realms']}
                onChange={(names) => change({ realms: names })}
              />
            )}
            <Switch
              label="Only some sections"
              description="Such a snapshot is not a whole backup."
              checked={form.sections !== undefined}
              onChange={({ currentTarget }) =>
                change({ sections: currentTarget.checked ? [...SECTIONS] : undefined })
              }
            />
            {form.sections !== undefined && (
              <Checkbox.Group
                label="Sections"
                value={[...form.sections]}
                error={issues['sections']}
                onChange={(sections) => change({ sections })}
              >
                <Group mt={6}>
                  {SECTIONS.map((section) => (
                    <Checkbox key={section} value={section} label={section} />
                  ))}
                </Group>
              </Checkbox.Group>
            )}
            <Switch
              label="Password hashes and client secrets"
              description="Without them no backup is whole: people could not log in after a restore."
              checked={form.credentials}
              onChange={({ currentTarget }) => change({ credentials: currentTarget.checked })}
            />
            <TagsInput
              label="Tags"
              description="Words to find the snapshots by; press Enter after each."
              value={[...form.tags]}
              error={issues['tags']}
              onChange={(tags) => change({ tags })}
            />
          </Stack>
        </Section>
        <Section title="When">
          <TimetableFields
            cron={form.cron}
            timeZone={form.timeZone}
            onCron={(cron) => change({ cron })}
            onTimeZone={(timeZone) => change({ timeZone })}
          />
          {issues['cron'] && <FieldError>{issues['cron']}</FieldError>}
        </Section>
        <Section title="What is kept">
          <Stack gap="sm">
            <Switch
              label="Let older snapshots go after each run that did not fail"
              description="Off: everything stays. What goes, goes to the trash first."
              checked={form.retention !== undefined}
              onChange={({ currentTarget }) =>
                change({
                  retention: currentTarget.checked ? { ...USUAL_POLICY, timeZone: form.timeZone } : undefined,
                })
              }
            />
            {form.retention && (
              <>
                <PolicyForm value={form.retention} onChange={(retention) => change({ retention })} />
                <RetentionPreview
                  policy={form.retention}
                  environment={form.environment}
                  realms={form.realms}
                />
              </>
            )}
          </Stack>
        </Section>
        <Section title="When a run fails">
          <Stack gap="sm">
            <Text size="sm" c="dimmed">
              Drawbridge tells of it on this page and at every command until somebody confirms having seen it.
              Besides that it can run a program and post to an address.
            </Text>
            <Group grow align="flex-start">
              <TextInput
                label="Program"
                description="Run without a shell; the facts are in variables such as DRAWBRIDGE_ERROR_MESSAGE."
                value={form.program}
                onChange={({ currentTarget }) => change({ program: currentTarget.value })}
                spellCheck={false}
              />
              <Textarea
                label="Its arguments"
                description="One on each line."
                autosize
                minRows={1}
                maxRows={6}
                value={form.args}
                error={issues['onFailure.command']}
                onChange={({ currentTarget }) => change({ args: currentTarget.value })}
                spellCheck={false}
              />
            </Group>
            <PasswordInput
              label="Webhook"
              description="The address is kept as a secret: whoever knows it may post there."
              placeholder="https://…"
              value={form.webhookUrl}
              error={issues['onFailure.webhookUrl']}
              onChange={({ currentTarget }) => change({ webhookUrl: currentTarget.value })}
              autoComplete="off"
              visibilityToggleButtonProps={{ 'aria-label': 'Show the address of the webhook' }}
            />
          </Stack>
        </Section>
        <ErrorNotice error={add.error} />
        <Group>
          <Button type="submit" loading={add.isPending}>
            Add the schedule
          </Button>
          {Object.keys(issues).length > 0 && (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              Something is missing or not right yet: it stands at its field.
            </Text>
          )}
          <Button variant="default" component={Link} href="/schedules" onClick={forget}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function leadToFirst(form: HTMLFormElement | null): void {
  const first = form?.querySelector<HTMLElement>('[aria-invalid="true"], [role="alert"]');
  first?.focus();
  first?.scrollIntoView({ block: 'center' });
}

function FieldError({ children }: { children: string }) {
  return (
    <Text size="sm" c="var(--mantine-color-error)" mt="xs" role="alert">
      {children}
    </Text>
  );
}

function inputOf(form: Form): ScheduleInput {
  const args = form.args.split('\n').filter((line) => line !== '');
  const program = form.program.trim();
  return {
    name: form.name.trim(),
    cron: form.cron.trim(),
    timeZone: form.timeZone,
    environment: form.environment,
    ...(form.realms && { realms: [...form.realms] }),
    ...(form.sections && { sections: [...form.sections] }),
    credentials: form.credentials,
    tags: [...form.tags],
    ...(form.retention && { retention: form.retention }),
    onFailure: {
      ...(program !== '' && { command: { program, args } }),
      ...(form.webhookUrl.trim() !== '' && { webhookUrl: form.webhookUrl.trim() }),
    },
  };
}

/** What is wrong, by field, in plain words; nothing where the engine would take it. */
function issuesOf(form: Form): Readonly<Record<string, string>> {
  const issues: Record<string, string> = {};
  if (form.environment === '') issues['environment'] = 'Choose the environment.';
  if (form.realms?.length === 0) issues['realms'] = 'Name at least one realm, or choose every realm.';
  if (form.sections?.length === 0) issues['sections'] = 'Choose at least one section.';
  if (form.args.trim() !== '' && form.program.trim() === '')
    issues['onFailure.command'] = 'Arguments need a program.';
  if (form.cron.trim() === '') issues['cron'] = 'Choose how often, or write an expression.';
  const { error } = scheduleInput.safeParse(inputOf(form));
  for (const { path, message } of error?.issues ?? []) {
    const name = path
      .slice(0, path[0] === 'onFailure' ? 2 : 1)
      .map(String)
      .join('.');
    issues[name] ??= NAMED[name] ?? message;
  }
  return issues;
}

const NAMED: Readonly<Record<string, string>> = {
  name: 'Lower-case letters, digits and hyphens, at most 63.',
  'onFailure.webhookUrl': 'An address that begins with http:// or https://.',
};
