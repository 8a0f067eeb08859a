import { Badge } from '@mantine/core';
import type { ScheduleRun } from '../../../contract/schedule.ts';
import { RUN_LOOKS } from './schedule-texts.ts';

export function RunBadge({ state }: { state: ScheduleRun['state'] }) {
  const [text, color] = RUN_LOOKS[state];
  return (
    <Badge variant="light" color={color} tt="none" radius="xs">
      {text}
    </Badge>
  );
}
