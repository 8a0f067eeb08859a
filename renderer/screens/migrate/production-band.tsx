import { Alert } from '@mantine/core';
import { IconShieldLock } from '@tabler/icons-react';
import { quoted } from '../../../contract/visible.ts';
import { Foreign } from '../../design/foreign.tsx';

/** Production is not to be mistaken for anything else. */
export function ProductionBand({ name, stage }: { name: string; stage: string }) {
  if (stage !== 'production') return null;
  return (
    <Alert
      color="brick"
      variant="filled"
      icon={<IconShieldLock aria-hidden />}
      title={<Foreign>{`${quoted(name)} is production`}</Foreign>}
      role="note"
      data-production
    >
      People use it now. Previews change nothing. Whatever is written to it must be confirmed by the
      environment’s name, and what destroys or undoes something by the realm’s name as well.
    </Alert>
  );
}
