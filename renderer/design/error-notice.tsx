import { Alert, Anchor, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { ERROR_HELP } from '../../contract/error-help.ts';
import type { ErrorCode } from '../../contract/errors.ts';
import type { ErrorView } from '../../contract/job.ts';
import { asAppError } from '../../contract/wire.ts';
import { useReach } from './reach.ts';
import { Told } from './told.tsx';

/** An error where it happened: what happened, what was not changed, what to do. Nothing where there is none. */
export function ErrorNotice({ error, children }: { error: unknown; children?: ReactNode }) {
  if (error === undefined || error === null) return null;
  const { code, message, notChanged, remedy } = isView(error) ? error : asAppError(error);
  return (
    <Alert
      // What somebody wished is no failure.
      color={code === 'CANCELED' ? 'slate' : 'brick'}
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      role="alert"
      data-error={code}
    >
      <Stack gap={4}>
        <Text fw={600} size="sm">
          <Told>{message}</Told>
        </Text>
        {notChanged && (
          <Text size="sm">
            <Told>{notChanged}</Told>
          </Text>
        )}
        {remedy && (
          <Text size="sm">
            <Told>{remedy}</Told>
          </Text>
        )}
        <Help code={code}>{children}</Help>
      </Stack>
    </Alert>
  );
}

/** What is behind the code, beside what else can be done. */
function Help({ code, children }: { code: ErrorCode; children: ReactNode }) {
  const { canGo, place } = useReach();
  const [shown, setShown] = useState(false);
  const { cause, remedy } = ERROR_HELP[code];
  return (
    <div ref={place}>
      <Group gap="sm" mt={4}>
        {children}
        {canGo ? (
          <Anchor href={`#/help/errors/${code}`} size="xs" c="inherit" underline="always">
            {code}
          </Anchor>
        ) : (
          <Anchor
            component="button"
            type="button"
            size="xs"
            c="inherit"
            underline="always"
            aria-expanded={shown}
            onClick={() => setShown(!shown)}
          >
            {code}
          </Anchor>
        )}
      </Group>
      {!canGo && shown && (
        <Text size="xs" mt={4}>
          <Told whole>{`${cause} ${remedy}`}</Told>
        </Text>
      )}
    </div>
  );
}

function isView(error: unknown): error is ErrorView {
  return typeof error === 'object' && error !== null && !(error instanceof Error) && 'code' in error;
}
