import { PasswordInput } from '@mantine/core';
import type { ReactNode } from 'react';

/** A secret goes in and never comes back: what is stored is not shown, and stays unless something is typed. */
export function SecretField({
  label,
  description,
  stored,
  value,
  error,
  onChange,
}: {
  label: string;
  description?: ReactNode;
  stored: boolean;
  value: string;
  error?: ReactNode;
  onChange: (value: string) => void;
}) {
  return (
    <PasswordInput
      label={label}
      description={description}
      placeholder={stored ? 'Stored; type to replace' : undefined}
      autoComplete="off"
      value={value}
      error={error}
      aria-invalid={Boolean(error)}
      visibilityToggleButtonProps={{ 'aria-label': `Show or hide: ${label}` }}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
