import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import { RecoveryKeyMaker } from '../../../features/recovery-key/recovery-key-maker.tsx';
import { AttentionItem } from './attention-item.tsx';

export function NoRecoveryKey() {
  const [opened, setOpened] = useState(false);
  return (
    <AttentionItem
      severity="notice"
      title="The catalog has no recovery key"
      actions={
        <Button size="xs" variant="default" onClick={() => setOpened(true)}>
          Make one…
        </Button>
      }
    >
      If its passphrase or its keychain is lost, every backup is lost with it.
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        size="lg"
        title="A recovery key"
        closeButtonProps={{ 'aria-label': 'Close' }}
        // What is shown once is not to vanish by a click beside it.
        closeOnClickOutside={false}
      >
        <RecoveryKeyMaker onKept={() => setOpened(false)} />
      </Modal>
    </AttentionItem>
  );
}
