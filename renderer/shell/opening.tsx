import { Center, Stack, Text } from '@mantine/core';
import { ErrorNotice } from '../design/error-notice.tsx';
import { Mark } from '../design/mark.tsx';

/** Before there is a line to the engine: half a second, as a rule. @param error why there will be nothing to draw */
export function Opening({ error }: { error?: unknown }) {
  if (error)
    return (
      <Center h="100%" p="xl">
        <ErrorNotice error={error} />
      </Center>
    );
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
