import { Alert } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useConnection } from '../client/use-client.tsx';

/** What concerns every screen: the engine is gone for the moment. */
export function Banner() {
  const { state } = useConnection();
  if (state !== 'lost') return null;
  return (
    <Alert
      color="amber"
      radius={0}
      icon={<IconPlugConnectedX aria-hidden />}
      role="alert"
      title="The engine stopped"
    >
      It is being started again. Jobs that ran are marked as interrupted within half a minute; none goes on
      writing by itself: resume them under Jobs.
    </Alert>
  );
}
