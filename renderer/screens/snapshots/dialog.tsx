import { Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';

/** A window within the window: what is to be done, and beside it the way out. */
export function Dialog({
  title,
  onClose,
  size = 'lg',
  children,
}: {
  title: string;
  onClose: () => void;
  size?: 'md' | 'lg' | 'xl';
  children: ReactNode;
}) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size={size}
      centered
      closeButtonProps={{ 'aria-label': `Close: ${title}` }}
    >
      <Stack gap="md">{children}</Stack>
    </Modal>
  );
}
