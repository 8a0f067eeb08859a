import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import type { TypedKey } from '../../../contract/catalog-folder.ts';
import { RecoveryKeyMaker } from '../../features/recovery-key/recovery-key-maker.tsx';

/** @param presentKey what was typed when the catalog was made */
export function RecoveryStep({
  presentKey,
  onNext,
}: {
  presentKey: TypedKey | undefined;
  onNext: () => void;
}) {
  const [skipping, setSkipping] = useState(false);
  return (
    <Stack gap="lg">
      <RecoveryKeyMaker
        presentKey={presentKey}
        onKept={onNext}
        aside={
          !skipping && (
            <Button variant="subtle" onClick={() => setSkipping(true)}>
              Skip for now…
            </Button>
          )
        }
      />
      {skipping && (
        <Alert
          color="amber"
          variant="light"
          role="alert"
          icon={<IconAlertTriangle aria-hidden />}
          title="Without a recovery key there is one way in only"
        >
          <Stack gap="sm">
            <Text size="sm">
              If that is lost, every backup in the catalog is lost with it. Home goes on reminding you, and a
              key can be made there at any time.
            </Text>
            <Group>
              <Button size="xs" onClick={() => setSkipping(false)}>
                Make one now
              </Button>
              <Button size="xs" variant="default" onClick={onNext}>
                Go on without a recovery key
              </Button>
            </Group>
          </Stack>
        </Alert>
      )}
    </Stack>
  );
}
