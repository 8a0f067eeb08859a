import { Group, Progress, Stack, Text } from '@mantine/core';
import type { JobProgress as Progressing } from '../../contract/job.ts';
import { Foreign } from '../design/foreign.tsx';
import { bytes, count, counted, duration } from '../design/moments.ts';

const ONE = {
  records: 'record',
  users: 'user',
  chunks: 'chunk',
  realms: 'realm',
  items: 'record',
} as const;

/** How far a job is: what it does now, a bar where the end is known, rate and time left. */
export function JobProgress({ progress, compact }: { progress: Progressing | undefined; compact?: boolean }) {
  if (!progress)
    return (
      <Text size="sm" c="dimmed">
        Beginning …
      </Text>
    );
  const { phase, done, of, waited } = progress;
  const share =
    of === undefined || of === 0 || waited !== undefined ? undefined : Math.min(100, (100 * done) / of);
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="md" wrap="nowrap">
        <Text size="sm" fw={compact ? 400 : 500} lineClamp={2}>
          <Foreign>{phase}</Foreign>
        </Text>
        {share !== undefined && (
          <Text size="sm" c="dimmed">
            {Math.floor(share)} %
          </Text>
        )}
      </Group>
      <Progress.Root size={compact ? 'xs' : 'sm'} radius="xs">
        {share === undefined ? (
          <Progress.Section value={100} striped animated aria-label="Under way" aria-valuetext="Under way" />
        ) : (
          <Progress.Section value={share} aria-label={`${Math.floor(share)} per cent`} />
        )}
      </Progress.Root>
      <Text size="xs" c="dimmed">
        {amountText(progress)}
      </Text>
    </Stack>
  );
}

/** "1,200 of 300,000 records · 2,100 a second · about 2 min left". */
function amountText({ done, of, unit, rate, left, waited }: Progressing): string {
  if (waited !== undefined) return `for ${duration(waited)}`;
  const one = unit === 'bytes' ? undefined : ONE[unit];
  const amount = (number: number): string => (one === undefined ? bytes(number) : counted(number, one));
  return [
    of === undefined ? amount(done) : `${one === undefined ? bytes(done) : count(done)} of ${amount(of)}`,
    ...(rate === undefined || rate === 0
      ? []
      : [`${one === undefined ? bytes(rate) : count(rate)} a second`]),
    ...(left === undefined ? [] : [`about ${duration(left)} left`]),
  ].join(' · ');
}
