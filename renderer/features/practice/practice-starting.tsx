import { Group, Progress, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { duration } from '../../design/moments.ts';

/** While the stand-ins start: nothing can be counted in that, so it says what happens and since when. */
export function PracticeStarting() {
  const [since] = useState(() => Date.now());
  const [now, setNow] = useState(since);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <div role="status">
      <Progress value={100} animated aria-label="Starting the sandbox" mb={6} />
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Text size="xs" c="dimmed">
          Two databases are made, filled with people, and served by two stand-ins. That takes some ten
          seconds.
        </Text>
        <Text size="xs" c="dimmed" aria-hidden>
          {duration((now - since) / 1_000)}
        </Text>
      </Group>
    </div>
  );
}
