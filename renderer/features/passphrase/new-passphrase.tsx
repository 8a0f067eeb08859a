import { PasswordInput, Stack } from '@mantine/core';
import { StrengthHint } from './strength-hint.tsx';

export interface TypedTwice {
  readonly first: string;
  readonly second: string;
}

export const NOTHING_TYPED: TypedTwice = { first: '', second: '' };

/** What is wrong with it, once it is to be used; undefined: nothing. */
export function objection({ first, second }: TypedTwice): { at: keyof TypedTwice; text: string } | undefined {
  if (first === '') return { at: 'first', text: 'An empty passphrase protects nothing.' };
  if (first !== second) return { at: 'second', text: 'These two are not the same.' };
  return undefined;
}

/** A new passphrase, typed twice, and what it is worth. */
export function NewPassphrase({
  value,
  onChange,
  submitted,
  label = 'Passphrase',
}: {
  value: TypedTwice;
  onChange: (value: TypedTwice) => void;
  /** Somebody tried to go on: from now on what is wrong is said. */
  submitted: boolean;
  label?: string;
}) {
  const wrong = submitted ? objection(value) : undefined;
  return (
    <Stack gap="sm">
      <PasswordInput
        label={label}
        autoComplete="new-password"
        value={value.first}
        error={wrong?.at === 'first' && wrong.text}
        visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the passphrase' }}
        onChange={(event) => onChange({ ...value, first: event.currentTarget.value })}
      />
      <StrengthHint passphrase={value.first} />
      <PasswordInput
        label="The same again"
        autoComplete="new-password"
        value={value.second}
        error={wrong?.at === 'second' && wrong.text}
        visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the repeated passphrase' }}
        onChange={(event) => onChange({ ...value, second: event.currentTarget.value })}
      />
    </Stack>
  );
}
