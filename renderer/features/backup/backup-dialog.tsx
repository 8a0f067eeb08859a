import { Modal } from '@mantine/core';
import { useState } from 'react';
import type { BackupWish } from './backup-context.tsx';
import { BackupForm } from './backup-form.tsx';
import { BackupLive } from './backup-live.tsx';

/** From the choice of realms to the end of their backup. Closed meanwhile, the backup goes on. */
export function BackupDialog({
  wish,
  opened,
  onClose,
}: {
  wish: BackupWish;
  opened: boolean;
  onClose: () => void;
}) {
  const [job, setJob] = useState<string>();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="lg"
      title={job === undefined ? 'Back up' : 'Backup'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {job === undefined ? (
        <BackupForm wish={wish} onStarted={setJob} onCancel={onClose} />
      ) : (
        <BackupLive id={job} onClose={onClose} onRetried={setJob} />
      )}
    </Modal>
  );
}
