import { Button, Group, Modal, Stack, TextInput, type MantineColor } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { ErrorNotice } from './error-notice.tsx';

/** Asks before something is lost. Cancel is what Enter and Esc do; `typed` must be typed before the other can be done. */
export function Confirm({
  opened,
  title,
  action,
  typed,
  impossible = false,
  color = 'brick',
  pending = false,
  error,
  onConfirm,
  onClose,
  children,
}: {
  opened: boolean;
  title: string;
  /** What the button that does it says. */
  action: string;
  typed?: { readonly label: string; readonly text: string } | undefined;
  /** There is nothing to do: it cannot be done. */
  impossible?: boolean;
  color?: MantineColor;
  pending?: boolean;
  error?: unknown;
  onConfirm: () => void;
  onClose: () => void;
  /** What will be gone, and what stays. */
  children: ReactNode;
}) {
  const [text, setText] = useState('');
  const close = (): void => {
    setText('');
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={title}
      centered
      closeButtonProps={{ 'aria-label': 'Close without doing it' }}
    >
      <Stack gap="md">
        {children}
        {typed && (
          <TextInput
            label={typed.label}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            autoComplete="off"
          />
        )}
        <ErrorNotice error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            Cancel
          </Button>
          <Button
            color={color}
            loading={pending}
            disabled={impossible || (typed !== undefined && text.trim() !== typed.text)}
            onClick={onConfirm}
          >
            {action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
