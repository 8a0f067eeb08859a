import { Alert, Anchor, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { ErrorView } from '../../contract/job.ts';
import { asAppError } from '../../contract/wire.ts';
import { Foreign } from './foreign.tsx';

/** An error where it happened: what happened, what was not changed, what to do. Nothing where there is none. */
export function ErrorNotice({ error, children }: { error: unknown; children?: ReactNode }) {
  if (error === undefined || error === null) return null;
  const { code, message, notChanged, remedy } = isView(error) ? error : asAppError(error);
  return (
    <Alert
      color="brick"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      role="alert"
      data-error={code}
    >
      <Stack gap={4}>
        <Text fw={600} size="sm">
          <Foreign>{message}</Foreign>
        </Text>
        {notChanged && (
          <Text size="sm">
            <Foreign>{notChanged}</Foreign>
          </Text>
        )}
        {remedy && (
          <Text size="sm">
            <Foreign>{remedy}</Foreign>
          </Text>
        )}
        <Group gap="sm" mt={4}>
          {children}
          <Anchor href={`#/help/errors/${code}`} size="xs" c="inherit" underline="always">
            {code}
          </Anchor>
        </Group>
      </Stack>
    </Alert>
  );
}

function isView(error: unknown): error is ErrorView {
  return typeof error === 'object' && error !== null && !(error instanceof Error) && 'code' in error;
}
