import { Button, FileButton, PasswordInput, Stack } from '@mantine/core';
import { useRef, useState } from 'react';
import { visible } from '../../../contract/visible.ts';
import { identitiesOf, withPasted } from './identities.ts';

/**
 * Identities of age, which open an archive that is encrypted for recipients: typed, pasted, or read from a file by this
 * window. They are nowhere but in the form around this.
 */
export function IdentityField({
  value,
  onChange,
}: {
  /** Several with spaces between. */
  value: string;
  onChange: (value: string) => void;
}) {
  const [unfit, setUnfit] = useState<string>();
  // The same file can be chosen again after it was corrected.
  const again = useRef<() => void>(null);
  const change = (next: string): void => {
    setUnfit(undefined);
    onChange(next);
  };
  const read = async (file: File): Promise<void> => {
    again.current?.();
    const found = await identitiesOf(file);
    if ('unfit' in found) setUnfit(visible(found.unfit));
    else change(found.identities.join(' '));
  };
  return (
    <Stack gap={6} align="flex-start">
      <PasswordInput
        label="Identity"
        description="If it is for recipients: AGE-SECRET-KEY-1…"
        value={value}
        error={unfit}
        onChange={(event) => change(event.currentTarget.value)}
        onPaste={(event) => {
          // A field of one line would run a whole file of them together.
          const pasted = event.clipboardData.getData('text');
          if (!pasted.trim().includes('\n')) return;
          event.preventDefault();
          const { selectionStart, selectionEnd } = event.currentTarget;
          change(withPasted(value, [selectionStart ?? 0, selectionEnd ?? value.length], pasted));
        }}
        autoComplete="off"
        spellCheck={false}
        w="100%"
        maw={420}
        visibilityToggleButtonProps={{ 'aria-label': 'Show or hide: Identity' }}
      />
      <FileButton
        resetRef={again}
        inputProps={{ 'aria-label': 'A file with identities of age', tabIndex: -1 }}
        onChange={(file) => {
          if (file) void read(file);
        }}
      >
        {(props) => (
          <Button {...props} size="compact-xs" variant="default">
            Read it from a file …
          </Button>
        )}
      </FileButton>
    </Stack>
  );
}
