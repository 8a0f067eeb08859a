import { Group, NumberInput, SimpleGrid, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { retentionPolicy, type RetentionPolicyInput } from '../../../contract/retention.ts';
import { TimeZoneSelect } from '../../design/time-zone-select.tsx';

const COUNTS = [
  ['keepLast', 'Last', 'the newest, whenever they were taken'],
  ['keepHourly', 'Hourly', 'the newest of each hour'],
  ['keepDaily', 'Daily', 'the newest of each day'],
  ['keepWeekly', 'Weekly', 'of each week, from Monday on'],
  ['keepMonthly', 'Monthly', 'of each month'],
  ['keepYearly', 'Yearly', 'of each year'],
] as const;

/** What most want: two weeks of days, two months of weeks, a year of months. */
export const USUAL_POLICY: RetentionPolicyInput = {
  keepLast: 3,
  keepDaily: 14,
  keepWeekly: 8,
  keepMonthly: 12,
};

/** Which snapshots are kept. A snapshot stays when any of these keeps it. */
export function PolicyForm({
  value,
  onChange,
}: {
  value: RetentionPolicyInput;
  onChange: (policy: RetentionPolicyInput) => void;
}) {
  const issues = policyIssues(value);
  const change = (part: Partial<RetentionPolicyInput>): void => onChange({ ...value, ...part });
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm" verticalSpacing="sm">
        {COUNTS.map(([name, label, description]) => (
          <NumberInput
            key={name}
            label={label}
            description={description}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            min={0}
            max={100_000}
            allowDecimal={false}
            allowNegative={false}
            // A form can be sent before the field is left.
            clampBehavior="strict"
            value={value[name] ?? 0}
            onChange={(number) => change({ [name]: Number(number) || 0 })}
          />
        ))}
      </SimpleGrid>
      <Group align="flex-start" grow preventGrowOverflow={false} gap="sm">
        <TextInput
          label="Everything within"
          description="of the newest one: 90d, 12h, 2w, 1y6m"
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={value.keepWithin ?? ''}
          error={issues['keepWithin']}
          onChange={({ currentTarget }) =>
            change({ keepWithin: currentTarget.value.trim() === '' ? undefined : currentTarget.value.trim() })
          }
        />
        <TagsInput
          label="Everything tagged"
          description="press Enter after each tag"
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={value.keepTags ?? []}
          onChange={(keepTags) => change({ keepTags })}
        />
        <TextInput
          label="Safety snapshots for"
          description="so long a job can be undone"
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={value.keepSafety ?? '90d'}
          error={issues['keepSafety']}
          onChange={({ currentTarget }) => change({ keepSafety: currentTarget.value.trim() })}
        />
        <TimeZoneSelect
          label="Days and weeks of"
          value={value.timeZone ?? 'UTC'}
          onChange={(timeZone) => change({ timeZone })}
        />
      </Group>
      {issues[''] && (
        // Where the button of a form leads to.
        <Text size="sm" c="var(--mantine-color-error)" role="alert" tabIndex={-1} data-wrong>
          The policy needs {issues['']}.
        </Text>
      )}
    </Stack>
  );
}

/** What is wrong with a policy, by member; under '' what is wrong with it as a whole. */
export function policyIssues(policy: RetentionPolicyInput): Readonly<Record<string, string>> {
  const { success, error } = retentionPolicy.safeParse(policy);
  if (success) return {};
  return Object.fromEntries(error.issues.map(({ path, message }) => [path.map(String).join('.'), message]));
}
