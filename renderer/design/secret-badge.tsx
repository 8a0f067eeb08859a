import { Badge, Tooltip } from '@mantine/core';

export type SecretState = 'present' | 'redacted' | 'absent';

const MEANINGS: Readonly<Record<SecretState, { color: string; text: string }>> = {
  present: { color: 'moat', text: 'It is in the snapshot. Drawbridge does not show it.' },
  redacted: { color: 'amber', text: 'There is one, and the server did not tell it.' },
  absent: { color: 'slate', text: 'There is none.' },
};

/** What is known of a secret. The secret itself never comes into a window. */
export function SecretBadge({ state }: { state: SecretState }) {
  const { color, text } = MEANINGS[state];
  return (
    <Tooltip label={text} events={{ hover: true, focus: true, touch: true }}>
      <Badge color={color} variant="light" size="sm" radius="xs" tt="none" tabIndex={0}>
        {state}
      </Badge>
    </Tooltip>
  );
}

/** As the engine writes the states of secrets into shown records. */
const STATES: ReadonlyMap<unknown, SecretState> = new Map([
  ['<present, not shown>', 'present'],
  ['<redacted by the server>', 'redacted'],
]);

/** The state that stands in the place of a secret; undefined for any other value. */
export function secretState(value: unknown): SecretState | undefined {
  return STATES.get(value);
}
