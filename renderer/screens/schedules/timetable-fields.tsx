import { Alert, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { fromWire } from '../../../contract/wire.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { TimeZoneSelect } from '../../design/time-zone-select.tsx';
import { Told } from '../../design/told.tsx';
import { DATES } from '../../wording/system-locale.ts';
import { PRESETS } from './presets.ts';
import classes from './schedules.module.css';

/** When it runs: by a usual time or an expression, which is said back in words, with its next times, while it is typed. */
export function TimetableFields({
  cron,
  timeZone,
  issues,
  children,
  onCron,
  onTimeZone,
}: {
  cron: string;
  timeZone: string;
  /** What is wrong with either. */
  issues: { readonly cron: string | undefined; readonly timeZone: string | undefined };
  /** What else is to be known of the times, where there are any. */
  children?: ReactNode;
  onCron: (cron: string) => void;
  onTimeZone: (zone: string) => void;
}) {
  return (
    <Stack gap="sm">
      <Group grow align="flex-start" gap="sm">
        <Select
          label="How often"
          data={[
            ...PRESETS.map(({ name, cron }) => ({ value: cron, label: name })),
            { value: '', label: 'As the expression says' },
          ]}
          value={PRESETS.some((preset) => preset.cron === cron) ? cron : ''}
          onChange={(chosen) => {
            if (chosen) onCron(chosen);
          }}
          allowDeselect={false}
          description="Fills in the expression."
          inputWrapperOrder={['label', 'input', 'description']}
        />
        <TextInput
          label="Cron expression"
          description="Minute, hour, day, month, day of the week."
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={cron}
          error={issues.cron}
          onChange={({ currentTarget }) => onCron(currentTarget.value)}
          classNames={{ input: classes.cron ?? '' }}
          spellCheck={false}
          autoComplete="off"
        />
        <TimeZoneSelect
          label="By the clock of"
          value={timeZone}
          error={issues.timeZone}
          onChange={onTimeZone}
        />
      </Group>
      {/* What the field says is not said twice. */}
      {!issues.cron && !issues.timeZone && (
        <Echo cron={cron} timeZone={timeZone}>
          {children}
        </Echo>
      )}
    </Stack>
  );
}

function Echo({ cron, timeZone, children }: { cron: string; timeZone: string; children: ReactNode }) {
  const api = useApi();
  const [asked] = useDebouncedValue(cron, 250);
  const [zone] = useDebouncedValue(timeZone, 250);
  const { data, error } = useQuery(
    api.engine.schedules.explain.queryOptions({
      input: { cron: asked, timeZone: zone },
      enabled: asked.trim() !== '',
      placeholderData: (before) => before,
    }),
  );
  if (asked.trim() === '')
    return (
      <Text size="sm" c="dimmed">
        Choose how often, or write an expression.
      </Text>
    );
  // It is being typed: what is wrong with it is said, and no more.
  const told = error ? fromWire(error) : undefined;
  if (told?.code === 'USAGE')
    return (
      <Text size="sm" c="var(--mantine-color-error)" role="status">
        <Told>{told.message}</Told>
      </Text>
    );
  if (error) return <ErrorNotice error={error} />;
  if (!data) return null;
  const moment = new Intl.DateTimeFormat(DATES, {
    timeZone: zone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  return (
    <>
      <Alert color="moat" variant="light" role="status" aria-label="What the expression means">
        <Text size="sm" fw={600}>
          {data.says}
        </Text>
        <Text size="sm" mt={4}>
          By the clock of {zone}, next: {data.next.map((at) => moment.format(new Date(at))).join(' · ')}
        </Text>
      </Alert>
      {children}
    </>
  );
}
