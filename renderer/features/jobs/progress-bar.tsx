import { Group, Progress, Text } from '@mantine/core';
import type { JobProgress } from '../../../contract/job.ts';
import { Foreign } from '../../design/foreign.tsx';
import { bytes, count, duration } from '../../design/moments.ts';
import { comeSoFar } from './job-words.ts';

/** What is being done, how far it has come, how fast, and how long it still takes, as far as that is known. */
export function ProgressBar({ progress, label }: { progress: JobProgress | undefined; label: string }) {
  const { phase = 'Beginning', done = 0, of, unit = 'records', rate, left, waited } = progress ?? {};
  const amount = (number: number): string => (unit === 'bytes' ? bytes(number) : count(number));
  const share = of === undefined || of === 0 ? undefined : Math.min(100, (done / of) * 100);
  const facts =
    waited !== undefined
      ? [`waiting for ${duration(waited)}`]
      : [
          ...(progress ? [comeSoFar({ done, of, unit })] : []),
          ...(rate === undefined ? [] : [`${amount(Math.round(rate))}/s`]),
          ...(left === undefined ? [] : [`about ${duration(left)} left`]),
        ];
  return (
    <div>
      <Progress value={share ?? 100} animated={share === undefined} aria-label={label} mb={6} />
      <Group justify="space-between" gap="sm">
        <Text size="xs">
          <Foreign>{phase}</Foreign>
        </Text>
        <Text size="xs" c="dimmed">
          {facts.join(' · ')}
        </Text>
      </Group>
    </div>
  );
}
