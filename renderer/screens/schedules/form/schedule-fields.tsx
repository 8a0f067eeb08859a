import {
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
import { useQuery } from '@tanstack/react-query';
import type { ScheduleView } from '../../../../contract/schedule.ts';
import { narrowed, SECTIONS } from '../../../../contract/sections.ts';
import { useApi } from '../../../client/use-client.tsx';
import { Section } from '../../../design/page.tsx';
import { SECTION_NAMES } from '../../../design/sections.ts';
import { PolicyForm, USUAL_POLICY } from '../../../features/retention/policy-form.tsx';
import { RetentionPreview } from '../retention-preview.tsx';
import { TimetableFields } from '../timetable-fields.tsx';
import { type ScheduleForm, type ScheduleIssues } from './schedule-form.ts';
import { withEnvironment, withRealms, withRetention, withSections } from './set-aside.ts';

type Change = (part: Partial<ScheduleForm>) => void;

/** Everything that is to be said of a schedule, and what is wrong with it at its field. */
export function ScheduleFields({
  form,
  issues,
  environments,
  stored,
  onChange: change,
}: {
  form: ScheduleForm;
  issues: ScheduleIssues;
  environments: readonly string[];
  /** The one that is changed; undefined: a new one. */
  stored?: ScheduleView;
  onChange: Change;
}) {
  const api = useApi();
  const realms = useQuery(
    api.engine.environments.realms.queryOptions({
      input: { name: form.environment },
      enabled: form.environment !== '' && form.realms !== undefined,
    }),
  );
  return (
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
              onChange={(environment) => change(withEnvironment(form, environment ?? ''))}
              allowDeselect={false}
              placeholder="Choose one"
            />
          </Group>
          <Radio.Group
            label="Realms"
            value={form.realms === undefined ? 'all' : 'some'}
            onChange={(which) => change(withRealms(form, which))}
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
            description={
              form.sections && narrowed(form.sections) === undefined
                ? 'As long as all are chosen, it is a whole backup.'
                : 'Such a snapshot is not a whole backup.'
            }
            checked={form.sections !== undefined}
            onChange={({ currentTarget }) => change(withSections(form, currentTarget.checked))}
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
                  <Checkbox
                    key={section}
                    value={section}
                    label={SECTION_NAMES[section]}
                    aria-invalid={issues['sections'] ? true : undefined}
                  />
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
          issues={{ cron: issues['cron'], timeZone: issues['timeZone'] }}
          onCron={(cron) => change({ cron })}
          onTimeZone={(timeZone) => change({ timeZone })}
        >
          {stored && <OtherTimes before={stored} form={form} />}
        </TimetableFields>
      </Section>
      <Section title="What is kept">
        <Stack gap="sm">
          <Switch
            label="Let older snapshots go after each run that did not fail"
            description="Off: everything stays. What goes, goes to the trash first."
            checked={form.retention !== undefined}
            onChange={({ currentTarget }) =>
              change(withRetention(form, currentTarget.checked, { ...USUAL_POLICY, timeZone: form.timeZone }))
            }
          />
          {form.retention && (
            <>
              <PolicyForm value={form.retention} onChange={(retention) => change({ retention })} />
              <RetentionPreview policy={form.retention} environment={form.environment} realms={form.realms} />
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
          <WebhookField
            form={form}
            stored={stored?.onFailure.webhook === true}
            error={issues['onFailure.webhookUrl']}
            onChange={change}
          />
        </Stack>
      </Section>
    </Stack>
  );
}

/** What is stored is not shown, and stays unless something is typed in its place or it is to go. */
function WebhookField({
  form: { webhookUrl, forgetsWebhook },
  stored,
  error,
  onChange: change,
}: {
  form: ScheduleForm;
  stored: boolean;
  error: string | undefined;
  onChange: Change;
}) {
  return (
    <>
      <PasswordInput
        label="Webhook"
        description={
          stored
            ? 'The address is stored as a secret and is not shown. It stays unless another one is typed.'
            : 'The address is kept as a secret: whoever knows it may post there.'
        }
        placeholder={stored ? 'Stored; type to replace' : 'https://…'}
        value={forgetsWebhook ? '' : webhookUrl}
        error={error}
        disabled={forgetsWebhook}
        onChange={({ currentTarget }) => change({ webhookUrl: currentTarget.value })}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': 'Show the address of the webhook' }}
      />
      {stored && (
        <Checkbox
          label="Post nowhere any more, and forget the stored address"
          checked={forgetsWebhook}
          onChange={({ currentTarget }) => change({ forgetsWebhook: currentTarget.checked })}
        />
      )}
    </>
  );
}

/** What becomes of the times that it had. */
function OtherTimes({ before, form }: { before: ScheduleView; form: ScheduleForm }) {
  if (form.cron.trim() === before.cron && form.timeZone === before.timeZone) return null;
  return (
    <Text size="sm">
      It begins with the next of these times.
      {before.missed && ' What it has missed by the earlier ones is not caught up with.'}
    </Text>
  );
}
