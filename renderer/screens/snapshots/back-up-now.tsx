import { Button } from '@mantine/core';
import { IconDatabaseExport } from '@tabler/icons-react';
import { useBackUp } from '../../features/backup/backup-context.tsx';

/** @param environment what is chosen already; empty: files, which are not backed up */
export function BackUpNow({
  environment = '',
  realm,
}: {
  environment?: string | undefined;
  realm?: string | undefined;
}) {
  const backUp = useBackUp();
  return (
    <Button
      leftSection={<IconDatabaseExport size={16} aria-hidden />}
      onClick={() =>
        backUp({
          ...(environment !== '' && { environment }),
          ...(realm !== undefined && { realms: [realm] }),
        })
      }
    >
      Back up now
    </Button>
  );
}
