import { PasswordInput, SegmentedControl, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import type { WorkspaceView } from '../../../contract/workspace.ts';

/** The easiest first. */
const WAYS = ['keychain', 'passphrase', 'recovery'] as const;
export type Way = (typeof WAYS)[number];

export interface TypedKey {
  readonly way: Way;
  readonly text: string;
}

const NAMES = {
  passphrase: 'Passphrase',
  recovery: 'Recovery key',
  keychain: 'Keychain',
} as const satisfies Record<Way, string>;

/**
 * Those that open the catalog, the easiest first. Where it is too damaged to tell, what people have.
 *
 * @param keychain whether this computer has one
 */
export function waysInto({
  opensWith,
  keychain,
}: Pick<WorkspaceView, 'opensWith' | 'keychain'>): readonly Way[] {
  const untold: readonly Way[] = keychain ? WAYS : ['passphrase', 'recovery'];
  return WAYS.filter((way) => (opensWith.length > 0 ? opensWith : untold).includes(way));
}

/** A key as the contract takes it; the keychain's is asked for where none is given. */
export function keyOf({ way, text }: TypedKey): { passphrase: string } | { recoveryKey: string } | undefined {
  if (way === 'keychain') return undefined;
  return way === 'passphrase' ? { passphrase: text } : { recoveryKey: text };
}

/** The key of a catalog that there is, by one of the ways that open it. */
export function KeyInput({
  ways,
  value,
  error,
  onChange,
}: {
  ways: readonly Way[];
  value: TypedKey;
  error?: ReactNode;
  onChange: (value: TypedKey) => void;
}) {
  return (
    <Stack gap="sm">
      {ways.length > 1 && (
        <SegmentedControl
          w="fit-content"
          size="xs"
          aria-label="What to open it with"
          data={ways.map((way) => ({ value: way, label: NAMES[way] }))}
          value={value.way}
          onChange={(way) => onChange({ way, text: '' })}
        />
      )}
      {value.way !== 'keychain' && (
        <PasswordInput
          key={value.way}
          label={NAMES[value.way]}
          description={
            value.way === 'recovery'
              ? '36 letters and digits, in either case, with or without hyphens'
              : undefined
          }
          autoComplete={value.way === 'passphrase' ? 'current-password' : 'off'}
          value={value.text}
          error={error}
          aria-invalid={Boolean(error)}
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide what is typed' }}
          onChange={(event) => onChange({ ...value, text: event.currentTarget.value })}
        />
      )}
    </Stack>
  );
}
