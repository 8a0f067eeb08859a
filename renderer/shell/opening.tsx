import { Center, Stack, Text } from '@mantine/core';
import { Mark } from '../design/mark.tsx';

/** Before there is a line to the engine: half a second, as a rule. */
export function Opening() {
  return (
    <Center h="100%">
      <Stack align="center" gap="sm" role="status" aria-busy="true">
        <Mark size={56} />
        <Text c="dimmed" size="sm">
          Opening Drawbridge …
        </Text>
      </Stack>
    </Center>
  );
}
