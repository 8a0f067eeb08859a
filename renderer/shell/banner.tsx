import { Alert } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useConnection, useHost } from '../client/use-client.tsx';

/** What concerns every screen: the engine is gone for the moment. */
export function Banner() {
  const { state } = useConnection();
  const isDesktop = useHost().kind === 'desktop';
  if (state !== 'lost') return null;
  return (
    <Alert
      color="amber"
      radius={0}
      icon={<IconPlugConnectedX aria-hidden />}
      role="alert"
      title="The engine stopped"
    >
      {isDesktop
        ? 'It is being started again.'
        : 'If “drawbridge serve” has ended, start it again and follow the link that it prints; else this page finds it again by itself.'}{' '}
      Jobs that ran in it are marked as interrupted within half a minute; none goes on writing by itself:
      resume them under Jobs.
    </Alert>
  );
}
