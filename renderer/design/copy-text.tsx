import { Button, VisuallyHidden, type ButtonProps } from '@mantine/core';
import { IconCheck, IconCopy, IconX } from '@tabler/icons-react';
import { useState } from 'react';

/** Puts a text on the clipboard, and says whether that worked. */
export function CopyText({
  text,
  label,
  of,
  ...look
}: {
  text: string;
  label: string;
  /** Whose it is, where there are several. */
  of?: string;
} & ButtonProps) {
  const [copied, setCopied] = useState<boolean>();
  const Icon = copied === undefined ? IconCopy : copied ? IconCheck : IconX;
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={<Icon size={16} aria-hidden />}
      onClick={() => {
        navigator.clipboard.writeText(text).then(
          () => setCopied(true),
          () => setCopied(false),
        );
      }}
      onBlur={() => setCopied(undefined)}
      {...look}
    >
      <span aria-live="polite">
        {copied === undefined ? label : copied ? 'Copied' : 'Not allowed here: select it and copy'}
        {of !== undefined && <VisuallyHidden> {of}</VisuallyHidden>}
      </span>
    </Button>
  );
}
