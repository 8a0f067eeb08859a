import { Button, Center, Progress, Stack, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { WorkspaceView } from '../../contract/workspace.ts';
import { useApi } from '../client/use-client.tsx';
import { ErrorNotice } from '../design/error-notice.tsx';
import { Foreign } from '../design/foreign.tsx';
import { Mark } from '../design/mark.tsx';
import { bytes, count } from '../design/moments.ts';

/** While the catalog is moved into another folder: nothing else can be done with it. */
export function Moving({ moving: { to, progress } }: { moving: NonNullable<WorkspaceView['moving']> }) {
  const api = useApi();
  const stop = useMutation(api.workspace.stopMoving.mutationOptions());
  const of = progress?.of ?? 0;
  const percent = progress && of > 0 ? Math.min(100, (progress.done / of) * 100) : 0;
  const amount = progress?.unit === 'bytes' ? bytes : count;
  return (
    <Center h="100%">
      <Stack w={460} gap="sm">
        <Mark size={40} />
        <Title order={1} size="h3">
          Your catalog is being moved
        </Title>
        <Text size="sm">
          To <Foreign>{to}</Foreign>. The old one is removed when every byte of the new one has been proved;
          whenever this is broken off, there is a whole one.
        </Text>
        <Progress value={percent} aria-label="How far the move is" />
        <Text size="sm" role="status">
          {progress
            ? `${progress.phase}: ${amount(progress.done)} of ${amount(of)}${progress.unit === 'bytes' ? '' : ` ${progress.unit}`}`
            : 'Closing the catalog …'}
        </Text>
        <ErrorNotice error={stop.error} />
        <Button
          w="fit-content"
          variant="default"
          loading={stop.isPending || stop.isSuccess}
          onClick={() => stop.mutate(undefined)}
        >
          Leave it where it is
        </Button>
      </Stack>
    </Center>
  );
}
