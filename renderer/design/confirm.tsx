import { Button, Group, Modal, Stack, TextInput, type MantineColor } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { ErrorNotice } from './error-notice.tsx';

interface Question {
  /** What the button that does it says. */
  readonly action: string;
  readonly typed?: { readonly label: string; readonly text: string } | undefined;
  /** There is nothing to do: it cannot be done. */
  readonly impossible?: boolean;
  readonly color?: MantineColor;
  readonly pending?: boolean;
  readonly error?: unknown;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  /** What will be gone, and what stays. */
  readonly children: ReactNode;
}

/** Asks before something is lost. Cancel is what Enter and Esc do; `typed` must be typed before the other can be done. */
export function Confirm({ opened, title, ...question }: Question & { opened: boolean; title: string }) {
  return (
    <Modal
      opened={opened}
      onClose={question.onClose}
      title={title}
      centered
      closeButtonProps={{ 'aria-label': 'Close without doing it' }}
    >
      {/* Made anew whenever it opens: what was typed to an earlier question does not answer this one. */}
      <Asked {...question} />
    </Modal>
  );
}

function Asked({
  action,
  typed,
  impossible = false,
  color = 'brick',
  pending = false,
  error,
  onConfirm,
  onClose,
  children,
}: Question) {
  const [text, setText] = useState('');
  return (
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
        <Button variant="default" onClick={onClose} data-autofocus>
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
  );
}
